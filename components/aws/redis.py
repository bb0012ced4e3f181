"""Redis on ElastiCache: the replication group in use, and those that it was restored from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.aws.data_access import only_from
from components.generation import generated
from components.maintenance import MaintenanceHour
from components.naming import stack_name
from components.protection import Protection
from components.restores import OldServers, Server, Snapshot, plan_servers

Promised = pulumi.Output[str]
PORT = 6379
_LONGEST_IDENTIFIER = 40
PreviousToken = Literal["accepted", "refused"]


@dataclass(frozen=True, kw_only=True)
class RedisArgs:
    """`version`: of Redis OSS on ElastiCache, such as 7.1. `replicas`: 0 to 5, each in another zone.

    `clients`: the security groups that may connect. `restores` and `old_servers`: see
    `components.restores`; ElastiCache restores from snapshots only. `snapshot_days`: 1 to 35.
    `token_generation`: of the AUTH token, from 1; `previous_token`: whether the token before it still
    opens the door.
    """

    stack: str
    version: str
    node_type: str
    replicas: int
    vpc_id: Promised
    subnet_ids: Sequence[Promised]
    clients: Mapping[str, Promised]
    snapshot_days: int
    maintenance: MaintenanceHour
    token_generation: int
    previous_token: PreviousToken
    restores: Sequence[Snapshot]
    old_servers: OldServers
    protection: Protection


class Redis(pulumi.ComponentResource):
    """A replication group with cluster mode off, which keeps all keys or refuses new ones.

    Encrypted, TLS and AUTH only, a daily snapshot, upgraded only by an edit; with replicas it fails
    over by itself. `reader` is the replicas' address, or None where there are none.
    """

    def __init__(
        self, name: str, args: RedisArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:aws:Redis", name, None, opts)
        self._args = args
        self._name = name
        self._kept = args.protection.data(self)
        self.token: Promised = pulumi.Output.secret(
            generated(
                self,
                f"{name}-token",
                length=32,
                generation=args.token_generation,
                protection=args.protection,
            )
        )
        self._subnets = aws.elasticache.SubnetGroup(
            name,
            name=stack_name(args.stack, "redis", longest=255),
            description="The Things Stack: Redis",
            subnet_ids=list(args.subnet_ids),
            opts=self._kept,
        )
        self._access = only_from(
            self, name, vpc_id=args.vpc_id, port=PORT, clients=args.clients, kept=self._kept
        )
        self._parameters = self._parameter_group()
        made: list[aws.elasticache.ReplicationGroup] = []
        for server in plan_servers(args.restores, args.old_servers):
            made.append(self._server(server, made))
        used = made[-1]
        self.address: Promised = used.primary_endpoint_address.apply(_with_port)
        self.reader: Promised | None = (
            used.reader_endpoint_address.apply(_with_port) if args.replicas else None
        )
        self.register_outputs({"address": self.address})

    def _parameter_group(self) -> aws.elasticache.ParameterGroup:
        """Redis is the product's main store: a key must never be evicted to make room for another."""
        family = parameter_family(self._args.version)
        return aws.elasticache.ParameterGroup(
            f"{self._name}-{family}",
            name=stack_name(self._args.stack, family.replace(".", "-"), longest=255),
            family=family,
            description="The Things Stack: no eviction",
            parameters=[
                aws.elasticache.ParameterGroupParameterArgs(
                    name="maxmemory-policy", value="noeviction"
                )
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _server(
        self, server: Server, before: Sequence[aws.elasticache.ReplicationGroup]
    ) -> aws.elasticache.ReplicationGroup:
        args = self._args
        name = f"{self._name}-{server.number}"
        identifier = stack_name(args.stack, f"redis-{server.number}", longest=_LONGEST_IDENTIFIER)
        several = args.replicas > 0
        origin = server.origin
        guarded = args.protection.guarded and not server.released
        return aws.elasticache.ReplicationGroup(
            name,
            replication_group_id=identifier,
            description="The Things Stack",
            engine="redis",
            engine_version=args.version,
            node_type=args.node_type,
            cluster_mode="disabled",
            num_cache_clusters=args.replicas + 1,
            automatic_failover_enabled=several,
            multi_az_enabled=several,
            port=PORT,
            subnet_group_name=self._subnets.name,
            security_group_ids=[self._access.group.id],
            parameter_group_name=self._parameters.name,
            at_rest_encryption_enabled=True,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            auth_token=self.token,
            auth_token_update_strategy="ROTATE" if args.previous_token == "accepted" else "SET",
            snapshot_name=origin.name if isinstance(origin, Snapshot) else None,
            snapshot_retention_limit=args.snapshot_days,
            snapshot_window=args.maintenance.before(hours=2).daily,
            maintenance_window=args.maintenance.weekly,
            auto_minor_version_upgrade=False,
            # An edit is made when Pulumi runs, not in some later window that no preview shows.
            apply_immediately=True,
            final_snapshot_identifier=self._last_snapshot(name, identifier, guarded=guarded),
            opts=pulumi.ResourceOptions(parent=self, protect=guarded, depends_on=list(before)),
        )

    def _last_snapshot(self, name: str, identifier: str, *, guarded: bool) -> Promised | None:
        """In production, a name that no earlier group's last snapshot has."""
        suffix = random.RandomId(
            name,
            byte_length=4,
            opts=pulumi.ResourceOptions(parent=self, protect=guarded, retain_on_delete=True),
        )
        if not self._args.protection.guarded:
            return None
        return suffix.hex.apply(lambda digits: f"{identifier}-last-{digits}")


def parameter_family(version: str) -> str:
    """The family of parameter groups that a version of Redis OSS takes.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html
    """
    return "redis7" if version.startswith("7") else "redis6.x"


def _with_port(host: str) -> str:
    return f"{host}:{PORT}"
