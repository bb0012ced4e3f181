"""TimescaleDB in the cluster, run by CloudNativePG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.generation import generated
from components.kubernetes.backups import Backups, BackupStore
from components.kubernetes.postgres_operator import BACKUP_PLUGIN, NAMESPACE
from components.protection import Protection

# The vendor's own image, of the Community edition: decision 19 tells why, and why by a tag.
IMAGE = "docker.io/timescale/timescaledb-ha:pg17.11-ts2.30.1"
_MAJOR = 17
# https://github.com/timescale/timescaledb-docker-ha/blob/master/Dockerfile
_USER, _GROUP = 1000, 1000
_API = "postgresql.cnpg.io/v1"
_PORT, _STATUS_PORT, _METRICS_PORT = 5432, 8000, 9187
_PASSWORD_BYTES = 24
_WAIT = "30m"

Spec = Mapping[str, object]


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
    backups: Backups | None = None
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
        catalog = self._catalog()
        store = self._store()
        cluster = self._cluster(credentials, catalog, store)
        made = [self._database(database, cluster) for database in args.databases]
        if store is not None:
            store.schedule(name, cluster, self)
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

    def _catalog(self) -> pulumi.Resource:
        # The operator reads versions from tags, and the vendor's tags begin with "pg".
        return kubernetes.apiextensions.CustomResource(
            self._name,
            api_version=_API,
            kind="ImageCatalog",
            metadata=self._metadata(self._name),
            spec={"images": [{"major": _MAJOR, "image": self._args.image}]},
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(self._args.operator)),
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

    def _store(self) -> BackupStore | None:
        args = self._args
        if args.backups is None:
            return None
        opts = pulumi.ResourceOptions(parent=self)
        name = f"{self._name}-backups"
        return BackupStore(name, args.namespace, args.backups, args.operator, opts)

    def _cluster(
        self, credentials: pulumi.Output[str], catalog: pulumi.Resource, store: BackupStore | None
    ) -> kubernetes.apiextensions.CustomResource:
        args = self._args
        before = [catalog] if store is None else [catalog, store.made]
        return kubernetes.apiextensions.CustomResource(
            self._name,
            api_version=_API,
            kind="Cluster",
            metadata=self._metadata(
                self._name, annotations={"pulumi.com/waitFor": "condition=Ready"}
            ),
            spec=_cluster(self._name, args, credentials, store),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.protection.guarded,
                depends_on=[*args.operator, *before],
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


def _cluster(
    name: str,
    args: TimescaleArgs,
    credentials: pulumi.Output[str],
    store: BackupStore | None,
) -> Spec:
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
            "pg_hba": ["hostnossl all all all reject"],
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
    if store is not None:
        plugin = {
            "name": BACKUP_PLUGIN,
            "isWALArchiver": True,
            "parameters": store.parameters(name),
        }
        found["plugins"] = [plugin]
    return found


def _zones(name: str) -> Spec:
    return {
        "maxSkew": 1,
        "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"cnpg.io/cluster": name}},
    }
