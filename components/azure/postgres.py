"""PostgreSQL on Azure Database, flexible server: the server in use, and those it was restored from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_azure_native as azure

from components.azure.locks import no_delete
from components.azure.names import public_name
from components.azure.private_dns import private_zone
from components.azure.resource_group import GroupPlace
from components.generation import generated
from components.maintenance import DAYS, MaintenanceHour
from components.naming import stack_name
from components.protection import Protection
from components.restores import OldServers, PointInTime, Restore, Server, plan_servers

Promised = pulumi.Output[str]
PORT = 5432
# Public roots, so that a client which knows no roots by itself verifies the server's name too.
ROOTS = (Path(__file__).parent / "postgres_roots.pem").read_text(encoding="utf-8")
_LONGEST_NAME = 63
# PGCRYPTO: the product makes the extension itself (pkg/identityserver/bunstore/store.go in
# https://github.com/TheThingsNetwork/lorawan-stack), and Azure refuses those that are not listed.
PARAMETERS: Mapping[str, str] = {
    "azure.extensions": "PGCRYPTO",
    "require_secure_transport": "on",
    "ssl_min_protocol_version": "TLSv1.2",
}


@dataclass(frozen=True, kw_only=True)
class PostgresArgs:
    """`major_version`: 14 to 18. `size` and `tier`: such as Standard_D2ds_v5 and GeneralPurpose.

    `storage_gib`: what it starts with, one of Azure's sizes; it grows by itself. `subnet_id`: delegated to
    PostgreSQL. `zones`: of the server and of its standby; none leaves them to Azure. `standby`: in another
    zone. `backup_days`: 7 to 35. `restores` and `old_servers`: see `components.restores`; Azure restores to
    a point in time only. `admin_generation`, `password_generation`: of the administrator's password and of
    the product's, from 1; the server itself knows only the first.
    """

    stack: str
    subscription: str
    group: GroupPlace
    major_version: int
    size: str
    tier: str
    storage_gib: int
    vnet_id: Promised
    subnet_id: Promised
    zones: Sequence[str]
    standby: bool
    backup_days: int
    geo_redundant_backup: bool
    maintenance: MaintenanceHour
    admin_username: str
    admin_generation: int
    password_generation: int
    restores: Sequence[Restore]
    old_servers: OldServers
    protection: Protection


class Postgres(pulumi.ComponentResource):
    """A server in a subnet of its own, without a public address, that takes TLS alone.

    Encrypted, backed up to any point in time. Minor versions come by themselves in the hour of
    maintenance, a major one only by an edit. In production it cannot be deleted. `reachable`: what must be
    there before anybody connects.
    """

    def __init__(
        self, name: str, args: PostgresArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:azure:Postgres", name, None, opts)
        self._args = args
        self._name = name
        self._kept = args.protection.data(self)
        self.admin_password: Promised = self._password("admin", args.admin_generation)
        self.password: Promised = self._password("application", args.password_generation)
        self._zone, self._link = private_zone(
            name,
            f"{stack_name(args.stack, longest=50)}.private.postgres.database.azure.com",
            group=args.group,
            vnet_id=args.vnet_id,
            kept=self._kept,
        )
        made: list[azure.dbforpostgresql.Server] = []
        for server in plan_servers(args.restores, args.old_servers):
            made.append(self._server(server, made))
        self.server_number: int = len(args.restores) + 1
        self.server: azure.dbforpostgresql.Server = made[-1]
        self.host: Promised = self.server.fully_qualified_domain_name
        self.register_outputs({"host": self.host})

    def _password(self, whose: str, generation: int) -> Promised:
        made = generated(
            self,
            f"{self._name}-{whose}",
            length=32,
            generation=generation,
            protection=self._args.protection,
        )
        return pulumi.Output.secret(made)

    def _server(
        self, server: Server, before: Sequence[azure.dbforpostgresql.Server]
    ) -> azure.dbforpostgresql.Server:
        args = self._args
        postgres = azure.dbforpostgresql
        guarded = args.protection.guarded and not server.released
        protection = Protection.PRODUCTION if guarded else Protection.DISPOSABLE
        point = server.origin if isinstance(server.origin, PointInTime) else None
        made = postgres.Server(
            f"{self._name}-{server.number}",
            server_name=self._server_name(server.number),
            resource_group_name=args.group.name,
            location=args.group.location,
            create_mode="Default" if point is None else "PointInTimeRestore",
            source_server_resource_id=None if point is None else self._source(point, server.number),
            point_in_time_utc=None if point is None else point.time,
            version=str(args.major_version),
            sku=postgres.SkuArgs(name=args.size, tier=args.tier),
            administrator_login=args.admin_username,
            administrator_login_password=self.admin_password,
            auth_config=postgres.AuthConfigArgs(
                password_auth=postgres.PasswordBasedAuth.ENABLED, active_directory_auth="Disabled"
            ),
            network=postgres.NetworkArgs(
                delegated_subnet_resource_id=args.subnet_id,
                private_dns_zone_arm_resource_id=self._zone.id,
                public_network_access="Disabled",
            ),
            storage=postgres.StorageArgs(storage_size_gb=args.storage_gib, auto_grow="Enabled"),
            availability_zone=next(iter(args.zones), None),
            high_availability=self._availability(),
            backup=postgres.BackupArgs(
                backup_retention_days=args.backup_days,
                geo_redundant_backup="Enabled" if args.geo_redundant_backup else "Disabled",
            ),
            maintenance_window=postgres.MaintenanceWindowArgs(
                custom_window="Enabled",
                day_of_week=_day_number(args.maintenance),
                start_hour=args.maintenance.hour,
                start_minute=0,
            ),
            tags=dict(args.group.tags),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=guarded,
                depends_on=[self._link, *before],
                # A failover changes places, and the storage grows: neither is to be undone.
                ignore_changes=[
                    "availabilityZone",
                    "highAvailability.standbyAvailabilityZone",
                    "storage.storageSizeGB",
                ],
            ),
        )
        no_delete(self, f"{self._name}-{server.number}", made.id, protection)
        self.reachable: tuple[pulumi.Resource, ...] = (
            self._link,
            *self._parameters(server, made),
        )
        return made

    def _availability(self) -> azure.dbforpostgresql.HighAvailabilityArgs:
        if not self._args.standby:
            return azure.dbforpostgresql.HighAvailabilityArgs(mode="Disabled")
        return azure.dbforpostgresql.HighAvailabilityArgs(
            mode="ZoneRedundant", standby_availability_zone=next(iter(self._args.zones[1:]), None)
        )

    def _server_name(self, number: int) -> str:
        args = self._args
        return public_name(
            args.subscription, args.stack, f"postgres-{number}", longest=_LONGEST_NAME
        )

    def _source(self, point: PointInTime, number: int) -> pulumi.Input[str]:
        if point.source is not None:
            return point.source
        name = self._server_name(number - 1)
        return self._args.group.id.apply(
            lambda group: f"{group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/{name}"
        )

    def _parameters(
        self, server: Server, made: azure.dbforpostgresql.Server
    ) -> list[pulumi.Resource]:
        """The last of the server's parameters; Azure sets one of them at a time."""
        guarded = self._args.protection.guarded and not server.released
        last: list[pulumi.Resource] = []
        for parameter, value in PARAMETERS.items():
            last = [
                azure.dbforpostgresql.Configuration(
                    f"{self._name}-{server.number}-{parameter}",
                    configuration_name=parameter,
                    resource_group_name=self._args.group.name,
                    server_name=made.name,
                    value=value,
                    source="user-override",
                    opts=pulumi.ResourceOptions(parent=self, protect=guarded, depends_on=last),
                )
            ]
        return last


def _day_number(maintenance: MaintenanceHour) -> int:
    """As Azure counts: 0 is Sunday."""
    return (DAYS.index(maintenance.day) + 1) % len(DAYS)
