"""Redis on Memorystore."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.maintenance import MaintenanceHour
from components.naming import stack_name
from components.protection import Protection

Promised = pulumi.Output[str]
_LONGEST_NAME = 40


@dataclass(frozen=True, kw_only=True)
class RedisArgs:
    """`version`: of Redis on Memorystore, such as 7.2. `replicas`: 0 to 5, each in another zone.

    From two replicas on, which need 5 GiB, they can be read from. `network_id`: who reaches the server; its
    address is from the range `private_services`. `tls`: with a password, without it none. `after`: without
    which no private address is given out.
    """

    stack: str
    region: str
    version: str
    memory_gib: int
    replicas: int
    tls: bool
    network_id: Promised
    private_services: Promised | None
    maintenance: MaintenanceHour
    after: Sequence[pulumi.Resource]
    protection: Protection


class Redis(pulumi.ComponentResource):
    """One server with cluster mode off, which keeps all keys or refuses new ones.

    A snapshot each hour brings the data back after a crash; with replicas it fails over by itself. The
    password and the port are Memorystore's. With TLS it has a CA of its own, `ca_certificates` (PEM), and
    its certificate is for an IP address. Whether the product accepts that is not settled: certificates of
    Memorystore were seen with the address in the common name alone, which Go's TLS does not look at
    (https://github.com/envoyproxy/ratelimit/issues/409). Without `tls` there is neither TLS nor password,
    and the network alone guards the server. `reader` is None where replicas cannot be read from.
    """

    def __init__(
        self, name: str, args: RedisArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:gcp:Redis", name, None, opts)
        readable = args.replicas > 1
        made = gcp.redis.Instance(
            name,
            name=stack_name(args.stack, "redis", longest=_LONGEST_NAME),
            region=args.region,
            redis_version=f"REDIS_{args.version.replace('.', '_')}",
            tier="STANDARD_HA" if args.replicas else "BASIC",
            memory_size_gb=args.memory_gib,
            replica_count=args.replicas or None,
            read_replicas_mode="READ_REPLICAS_ENABLED" if readable else "READ_REPLICAS_DISABLED",
            authorized_network=args.network_id,
            connect_mode="PRIVATE_SERVICE_ACCESS",
            reserved_ip_range=args.private_services,
            auth_enabled=args.tls,
            transit_encryption_mode="SERVER_AUTHENTICATION" if args.tls else "DISABLED",
            # Redis is the product's main store: a key must never be evicted to make room for another.
            redis_configs={"maxmemory-policy": "noeviction"},
            persistence_config=gcp.redis.InstancePersistenceConfigArgs(
                persistence_mode="RDB", rdb_snapshot_period="ONE_HOUR"
            ),
            maintenance_policy=gcp.redis.InstanceMaintenancePolicyArgs(
                weekly_maintenance_windows=[_window(args.maintenance)]
            ),
            deletion_protection=args.protection.guarded,
            opts=pulumi.ResourceOptions.merge(
                args.protection.data(self), pulumi.ResourceOptions(depends_on=list(args.after))
            ),
        )
        self.address: Promised = _address(made.host, made.port)
        self.reader: Promised | None = (
            _address(made.read_endpoint, made.read_endpoint_port) if readable else None
        )
        self.password: Promised | None = (
            pulumi.Output.secret(made.auth_string) if args.tls else None
        )
        self.ca_certificates: Promised | None = (
            made.server_ca_certs.apply(
                lambda certificates: "\n".join(it.cert or "" for it in certificates)
            )
            if args.tls
            else None
        )
        self.register_outputs({"address": self.address})


def _window(
    hour: MaintenanceHour,
) -> gcp.redis.InstanceMaintenancePolicyWeeklyMaintenanceWindowArgs:
    return gcp.redis.InstanceMaintenancePolicyWeeklyMaintenanceWindowArgs(
        day=hour.day.upper(),
        start_time=gcp.redis.InstanceMaintenancePolicyWeeklyMaintenanceWindowStartTimeArgs(
            hours=hour.hour, minutes=0, seconds=0, nanos=0
        ),
    )


def _address(host: pulumi.Output[str], port: pulumi.Output[int]) -> Promised:
    return pulumi.Output.all(host, port).apply(lambda known: f"{known[0]}:{int(known[1])}")
