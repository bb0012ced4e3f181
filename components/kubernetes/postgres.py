"""PostgreSQL in the cluster by CloudNativePG: the server in use, and those that it was restored from.

Fields: https://cloudnative-pg.io/documentation/current/cloudnative-pg.v1/.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.generation import generated
from components.kubernetes.authority import StoreAuthority
from components.kubernetes.backups import Backups, BackupStore
from components.kubernetes.postgres_operator import BACKUP_PLUGIN
from components.protection import Protection
from components.restores import OldServers, PointInTime, Server, plan_servers

Promised = pulumi.Output[str]
PORT = 5432
_API_VERSION = "postgresql.cnpg.io/v1"
_READY = {"pulumi.com/waitFor": "condition=Ready"}
_TIMEOUT = "30m"
# The operator looks at Secrets with this label again when they change.
_RELOAD = {"cnpg.io/reload": "true"}
# Rolling within a major version: https://github.com/cloudnative-pg/postgres-containers
_IMAGE = "ghcr.io/cloudnative-pg/postgresql:{major}-standard-bookworm"
_ORIGIN = "origin"


@dataclass(frozen=True, kw_only=True)
class PostgresArgs:
    """`instances`: one primary, the others standbys, each on a node of its own.

    `reserved`: whether nodes set all of vCPUs and memory aside, or a quarter. `password_generation`: of the
    product's password, from 1. `backups`: None for none. `restores` and `old_servers`: see
    `components.restores`. `after`: what brings the operator and its plugin.
    """

    namespace: pulumi.Input[str]
    major_version: int
    instances: int
    vcpu: int
    memory_gib: int
    storage_gib: int
    storage_class: str | None
    reserved: bool
    database: str
    username: str
    password_generation: int
    backups: Backups | None
    restores: Sequence[PointInTime]
    old_servers: OldServers
    protection: Protection
    after: Sequence[pulumi.Resource] = ()


class Postgres(pulumi.ComponentResource):
    """A server with standbys that takes TLS connections alone; the product's role owns its database.

    The operator issues and renews the server's certificate from an authority that is made here, so what
    the product must trust (`ca_certificate`) is known from the start and lasts. In production it cannot be
    deleted. Raises ValueError where there is something to restore and no backups to restore it from.
    """

    def __init__(
        self, name: str, args: PostgresArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:kubernetes:Postgres", name, None, opts)
        if args.restores and args.backups is None:
            raise ValueError("a restore needs the backups that it is made from")
        self._name, self._args = name, args
        mine = pulumi.ResourceOptions(parent=self)
        self.password: Promised = pulumi.Output.secret(
            generated(
                self,
                f"{name}-application",
                length=32,
                generation=args.password_generation,
                protection=args.protection,
            )
        )
        authority = StoreAuthority(name, mine)
        self._authority = self._secret(
            "ca", "Opaque", {"ca.crt": authority.certificate, "ca.key": authority.private_key}
        )
        self._role = self._secret(
            "application",
            "kubernetes.io/basic-auth",
            {"username": args.username, "password": self.password},
        )
        self._store: BackupStore | None = None
        if args.backups is not None:
            self._store = BackupStore(
                f"{name}-backups", args.namespace, args.backups, args.after, mine
            )
        made = [self._server(it) for it in plan_servers(args.restores, args.old_servers)]
        service = f"{self._of(len(args.restores) + 1)}-rw"
        # Told only once the server is ready.
        self.host: Promised = pulumi.Output.all(args.namespace, made[-1].id).apply(
            lambda known: f"{service}.{known[0]}.svc"
        )
        self.ca_certificate: Promised = authority.certificate
        self.register_outputs({"host": self.host})

    def _of(self, number: int) -> str:
        return f"{self._name}-{number}"

    def _secret(
        self, purpose: str, kind: str, data: Mapping[str, pulumi.Input[str]]
    ) -> kubernetes.core.v1.Secret:
        name = f"{self._name}-{purpose}"
        return kubernetes.core.v1.Secret(
            name,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=name, namespace=self._args.namespace, labels=_RELOAD
            ),
            type=kind,
            string_data=data,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _server(self, server: Server) -> kubernetes.apiextensions.CustomResource:
        name = self._of(server.number)
        guarded = self._args.protection.guarded and not server.released
        before = [] if self._store is None else [self._store.made]
        made = kubernetes.apiextensions.CustomResource(
            name,
            api_version=_API_VERSION,
            kind="Cluster",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=name, namespace=self._args.namespace, annotations=_READY
            ),
            spec=self._spec(server),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=guarded,
                depends_on=[*self._args.after, *before],
                custom_timeouts=pulumi.CustomTimeouts(create=_TIMEOUT, update=_TIMEOUT),
            ),
        )
        if self._store is not None:
            self._store.schedule(name, made, self)
        return made

    def _spec(self, server: Server) -> dict[str, Any]:
        args = self._args
        found: dict[str, Any] = {
            "instances": args.instances,
            "imageName": _IMAGE.format(major=args.major_version),
            "bootstrap": self._bootstrap(server),
            "certificates": {"serverCASecret": self._authority.metadata.name},
            "storage": _storage(args),
            "resources": _resources(args),
            "affinity": {
                "enablePodAntiAffinity": True,
                "topologyKey": "kubernetes.io/hostname",
                "podAntiAffinityType": "required" if args.instances > 1 else "preferred",
            },
            "postgresql": {
                # A quarter of memory, as PostgreSQL's manual has it.
                "parameters": {"shared_buffers": f"{args.memory_gib * 256}MB"},
                "pg_hba": ["hostnossl all all all reject"],
            },
        }
        if self._store is not None:
            found["plugins"] = [
                {
                    "name": BACKUP_PLUGIN,
                    "isWALArchiver": True,
                    "parameters": self._store.parameters(self._of(server.number)),
                }
            ]
            if isinstance(server.origin, PointInTime):
                source = server.origin.source or self._of(server.number - 1)
                found["externalClusters"] = [
                    {
                        "name": _ORIGIN,
                        "plugin": {
                            "name": BACKUP_PLUGIN,
                            "parameters": self._store.parameters(source),
                        },
                    }
                ]
        return found

    def _bootstrap(self, server: Server) -> dict[str, Any]:
        args = self._args
        owned: dict[str, Any] = {
            "database": args.database,
            "owner": args.username,
            "secret": {"name": self._role.metadata.name},
        }
        if not isinstance(server.origin, PointInTime):
            # By the superuser, so that it is there whoever may make extensions.
            extension = "CREATE EXTENSION IF NOT EXISTS pgcrypto"
            return {
                "initdb": {**owned, "dataChecksums": True, "postInitApplicationSQL": [extension]}
            }
        recovery: dict[str, Any] = {**owned, "source": _ORIGIN}
        if server.origin.time is not None:
            recovery["recoveryTarget"] = {"targetTime": server.origin.time}
        return {"recovery": recovery}


def _storage(args: PostgresArgs) -> dict[str, Any]:
    found: dict[str, Any] = {"size": f"{args.storage_gib}Gi"}
    if args.storage_class is not None:
        found["storageClass"] = args.storage_class
    return found


def _resources(args: PostgresArgs) -> dict[str, Any]:
    part = 1 if args.reserved else 4
    return {
        "requests": {
            "cpu": f"{args.vcpu * 1000 // part}m",
            "memory": f"{args.memory_gib * 1024 // part}Mi",
        },
        "limits": {"memory": f"{args.memory_gib * 1024}Mi"},
    }
