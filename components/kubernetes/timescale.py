"""TimescaleDB in the cluster, run by CloudNativePG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.generation import generated
from components.kubernetes.postgres_operator import BACKUP_PLUGIN, NAMESPACE
from components.protection import Protection

# The vendor's own image, of the Community edition: decision 13 tells why, and why by a tag.
IMAGE = "docker.io/timescale/timescaledb-ha:pg17.11-ts2.30.1"
_MAJOR = 17
# https://github.com/timescale/timescaledb-docker-ha/blob/master/Dockerfile
_USER, _GROUP = 1000, 1000
_API, _BACKUP_API = "postgresql.cnpg.io/v1", "barmancloud.cnpg.io/v1"
_PORT, _STATUS_PORT, _METRICS_PORT = 5432, 8000, 9187
_PASSWORD_BYTES = 24
_WAIT = "30m"
_KEY_ID, _KEY = "accessKeyId", "secretAccessKey"
# Seconds first: https://cloudnative-pg.io/documentation/current/backup/#scheduled-backups
_NIGHTLY = "0 0 2 * * *"

Spec = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class BucketBackups:
    """A bucket of a service that speaks S3, and a key for it. `days`: how far back a restore can go.

    `endpoint`: None for Amazon S3.
    """

    bucket: str
    prefix: str
    region: str
    access_key_id: str
    secret_access_key: pulumi.Input[str]
    days: int
    endpoint: str | None = None


@dataclass(frozen=True, kw_only=True)
class TimescaleArgs:
    """`databases`: their names; each is of `role` and has the extension.

    `superuser`: whether the role may do everything on this server. `backups`: None for none, and then
    nothing brings back what a volume loses. `operator`: what runs the objects and must be there first.
    """

    namespace: pulumi.Input[str]
    role: str
    databases: Sequence[str]
    superuser: bool
    instances: int
    storage_gib: int
    storage_class: str | None
    image: str
    generation: int
    protection: Protection
    backups: BucketBackups | None = None
    operator: Sequence[pulumi.Resource] = ()


class Timescale(pulumi.ComponentResource):
    """A server with replicas, databases with TimescaleDB in them, and nightly backups.

    `host` is told once the databases are there. The edition is Community, which the Network Operations
    Center's continuous aggregates and the Storage Integration's retention policies need; a server with
    another does not start. In production Pulumi refuses to delete it, and the databases outlive their
    objects.
    """

    def __init__(
        self, name: str, args: TimescaleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:kubernetes:Timescale", name, None, opts)
        self._name, self._args = name, args
        self.password: pulumi.Output[str] = generated(
            self,
            f"{name}-password",
            length=_PASSWORD_BYTES,
            generation=args.generation,
            protection=args.protection,
        )
        self._access()
        credentials = self._credentials()
        catalog = self._make(_API, "ImageCatalog", name, _catalog(args))
        after = [catalog, *([] if args.backups is None else [self._store(args.backups)])]
        cluster = self._cluster(credentials, after)
        made = [self._database(database, cluster) for database in args.databases]
        if args.backups is not None:
            self._make(_API, "ScheduledBackup", name, _schedule(name), [cluster])
        ready = pulumi.Output.all(args.namespace, *(it.id for it in made))
        self.host: pulumi.Output[str] = ready.apply(lambda found: f"{name}-rw.{found[0]}.svc")
        self.port: int = _PORT
        self.register_outputs({"host": self.host})

    def _metadata(
        self,
        name: str,
        *,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> kubernetes.meta.v1.ObjectMetaArgs:
        return kubernetes.meta.v1.ObjectMetaArgs(
            name=name, namespace=self._args.namespace, labels=labels, annotations=annotations
        )

    def _make(
        self, api: str, kind: str, name: str, spec: Spec, after: Sequence[pulumi.Resource] = ()
    ) -> kubernetes.apiextensions.CustomResource:
        return kubernetes.apiextensions.CustomResource(
            name,
            api_version=api,
            kind=kind,
            metadata=self._metadata(name),
            spec=spec,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*self._args.operator, *after]),
        )

    def _credentials(self) -> pulumi.Output[str]:
        made = kubernetes.core.v1.Secret(
            self._name,
            # The label makes the operator carry a new password to the server.
            metadata=self._metadata(f"{self._name}-role", labels={"cnpg.io/reload": "true"}),
            type="kubernetes.io/basic-auth",
            string_data={
                "username": self._args.role,
                "password": pulumi.Output.secret(self.password),
            },
            opts=pulumi.ResourceOptions(parent=self),
        )
        return made.metadata.name

    def _store(self, backups: BucketBackups) -> kubernetes.apiextensions.CustomResource:
        name = f"{self._name}-backups"
        key = kubernetes.core.v1.Secret(
            name,
            metadata=self._metadata(name),
            string_data={
                _KEY_ID: backups.access_key_id,
                _KEY: pulumi.Output.secret(backups.secret_access_key),
                "region": backups.region,
            },
            opts=pulumi.ResourceOptions(parent=self),
        )
        return self._make(_BACKUP_API, "ObjectStore", name, _store(backups, name), [key])

    def _cluster(
        self, credentials: pulumi.Output[str], after: Sequence[pulumi.Resource]
    ) -> kubernetes.apiextensions.CustomResource:
        args = self._args
        return kubernetes.apiextensions.CustomResource(
            self._name,
            api_version=_API,
            kind="Cluster",
            metadata=self._metadata(
                self._name, annotations={"pulumi.com/waitFor": "condition=Ready"}
            ),
            spec=_cluster(self._name, args, credentials),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.protection.guarded,
                depends_on=[*args.operator, *after],
                custom_timeouts=pulumi.CustomTimeouts(create=_WAIT, update=_WAIT),
            ),
        )

    def _database(
        self, database: str, cluster: pulumi.Resource
    ) -> kubernetes.apiextensions.CustomResource:
        name = f"{self._name}-{database.replace('_', '-')}"
        return kubernetes.apiextensions.CustomResource(
            name,
            api_version=_API,
            kind="Database",
            metadata=self._metadata(
                name, annotations={"pulumi.com/waitFor": "jsonpath={.status.applied}=true"}
            ),
            spec={
                "cluster": {"name": self._name},
                "name": database,
                "owner": self._args.role,
                "extensions": [{"name": "timescaledb", "ensure": "present"}],
                "databaseReclaimPolicy": "retain",
            },
            opts=pulumi.ResourceOptions(
                parent=self, protect=self._args.protection.guarded, depends_on=[cluster]
            ),
        )

    def _access(self) -> None:
        """The product's namespace asks the server, the operator its state, and anyone its metrics."""
        operator = kubernetes.networking.v1.NetworkPolicyPeerArgs(
            namespace_selector=kubernetes.meta.v1.LabelSelectorArgs(
                match_labels={"kubernetes.io/metadata.name": NAMESPACE}
            )
        )
        mine = kubernetes.networking.v1.NetworkPolicyPeerArgs(
            pod_selector=kubernetes.meta.v1.LabelSelectorArgs()
        )
        kubernetes.networking.v1.NetworkPolicy(
            self._name,
            metadata=self._metadata(self._name),
            spec=kubernetes.networking.v1.NetworkPolicySpecArgs(
                pod_selector=kubernetes.meta.v1.LabelSelectorArgs(
                    match_labels={"cnpg.io/cluster": self._name}
                ),
                policy_types=["Ingress"],
                ingress=[
                    _let_in([mine, operator], _PORT, _STATUS_PORT),
                    _let_in([], _METRICS_PORT),
                ],
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )


def _let_in(
    peers: Sequence[kubernetes.networking.v1.NetworkPolicyPeerArgs], *ports: int
) -> kubernetes.networking.v1.NetworkPolicyIngressRuleArgs:
    return kubernetes.networking.v1.NetworkPolicyIngressRuleArgs(
        from_=list(peers) or None,
        ports=[
            kubernetes.networking.v1.NetworkPolicyPortArgs(port=port, protocol="TCP")
            for port in ports
        ],
    )


def _catalog(args: TimescaleArgs) -> Spec:
    # The operator reads versions from tags, and the vendor's tags begin with "pg".
    return {"images": [{"major": _MAJOR, "image": args.image}]}


def _cluster(name: str, args: TimescaleArgs, credentials: pulumi.Output[str]) -> Spec:
    storage: dict[str, object] = {"size": f"{args.storage_gib}Gi"}
    if args.storage_class is not None:
        storage["storageClass"] = args.storage_class
    found: dict[str, object] = {
        "instances": args.instances,
        "imageCatalogRef": {
            "apiGroup": "postgresql.cnpg.io",
            "kind": "ImageCatalog",
            "name": name,
            "major": _MAJOR,
        },
        "postgresUID": _USER,
        "postgresGID": _GROUP,
        "bootstrap": {
            "initdb": {"database": "app", "owner": args.role, "secret": {"name": credentials}}
        },
        "managed": {
            "roles": [
                {
                    "name": args.role,
                    "ensure": "present",
                    "login": True,
                    "superuser": args.superuser,
                    "passwordSecret": {"name": credentials},
                }
            ]
        },
        "postgresql": {
            "shared_preload_libraries": ["timescaledb"],
            "parameters": {
                # The Apache edition refuses to start with it.
                "timescaledb.license": "timescale",
                "timescaledb.telemetry_level": "off",
                "timescaledb.max_background_workers": "16",
                "max_worker_processes": "32",
            },
        },
        "storage": storage,
        "resources": {"requests": {"cpu": "500m", "memory": "2Gi"}, "limits": {"memory": "4Gi"}},
        "affinity": {"enablePodAntiAffinity": True, "topologyKey": "kubernetes.io/hostname"},
        "topologySpreadConstraints": [_zones(name)],
        "inheritedMetadata": {
            "annotations": {
                "prometheus.io/scrape": "true",
                "prometheus.io/port": str(_METRICS_PORT),
            }
        },
    }
    if args.backups is not None:
        parameters = {"barmanObjectName": f"{name}-backups"}
        plugin = {"name": BACKUP_PLUGIN, "isWALArchiver": True, "parameters": parameters}
        found["plugins"] = [plugin]
    return found


def _zones(name: str) -> Spec:
    return {
        "maxSkew": 1,
        "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"cnpg.io/cluster": name}},
    }


def _store(backups: BucketBackups, secret: str) -> Spec:
    def key(of: str) -> Spec:
        return {"name": secret, "key": of}

    configuration: dict[str, object] = {
        "destinationPath": f"s3://{backups.bucket}/{backups.prefix}",
        "s3Credentials": {
            "accessKeyId": key(_KEY_ID),
            "secretAccessKey": key(_KEY),
            "region": key("region"),
        },
        "wal": {"compression": "gzip"},
        "data": {"compression": "gzip"},
    }
    if backups.endpoint is not None:
        configuration["endpointURL"] = backups.endpoint
    return {"retentionPolicy": f"{backups.days}d", "configuration": configuration}


def _schedule(name: str) -> Spec:
    return {
        "schedule": _NIGHTLY,
        "immediate": True,
        "backupOwnerReference": "self",
        "cluster": {"name": name},
        "method": "plugin",
        "pluginConfiguration": {"name": BACKUP_PLUGIN},
    }
