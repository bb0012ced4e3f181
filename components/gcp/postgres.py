"""PostgreSQL on Cloud SQL: the server in use, and those that it was restored from."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp
import pulumi_random as random

from components.generation import generated
from components.maintenance import DAYS, MaintenanceHour
from components.naming import stack_name
from components.protection import Protection
from components.restores import OldServers, PointInTime, Restore, Server, Snapshot, plan_servers

Promised = pulumi.Output[str]
# The project's ID, which has 30 characters, and the name together may have 98:
# https://cloud.google.com/sql/docs/postgres/instance-settings
_LONGEST_NAME = 60
_LONGEST_LOG_DAYS = {"ENTERPRISE": 7, "ENTERPRISE_PLUS": 35}
# What must be there before server and clients have certificates that match is all part of the server.
CA_MODE = "GOOGLE_MANAGED_INTERNAL_CA"


@dataclass(frozen=True, kw_only=True)
class PostgresArgs:
    """`tier` and `edition`: see `components.gcp.instances`. `storage_gib` grows by itself up to `maximum`.

    `network_id`: who reaches the server; its address is from the range `private_services`. `restores` and
    `old_servers`: see `components.restores`; a snapshot is named `<instance>/<backup run>`. `regional`: a
    standby in another zone. `backup_days`: daily backups that are kept; the log for any point in time
    goes back seven of them, on Enterprise Plus 35. `after`: without which no private address is given out.
    """

    stack: str
    region: str
    major_version: int
    tier: str
    edition: str
    storage_gib: int
    maximum_storage_gib: int
    network_id: Promised
    private_services: Promised | None
    regional: bool
    backup_days: int
    maintenance: MaintenanceHour
    admin_username: str
    admin_generation: int
    password_generation: int
    restores: Sequence[Restore]
    old_servers: OldServers
    after: Sequence[pulumi.Resource]
    protection: Protection


class Postgres(pulumi.ComponentResource):
    """A server with a private address that takes connections with TLS alone.

    Encrypted, backed up with a log to any point in time, its major version changed only by an edit. In
    production it cannot be deleted, and would leave a last backup and the others. `ca_certificates` (PEM) is
    the server's own CA; its certificate names the instance, not the address, so clients can verify who
    signed it and no more.
    """

    def __init__(
        self, name: str, args: PostgresArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:gcp:Postgres", name, None, opts)
        self._args = args
        self._name = name
        self.admin_password: Promised = self._password("admin", args.admin_generation)
        self.password: Promised = self._password("application", args.password_generation)
        made: list[gcp.sql.DatabaseInstance] = []
        users: list[pulumi.Resource] = []
        for server in plan_servers(args.restores, args.old_servers):
            instance = self._server(server, made)
            made.append(instance)
            users.append(self._admin(server, instance))
        self.server_number: int = len(args.restores) + 1
        used = made[-1]
        self.host: Promised = used.private_ip_address
        self.ca_certificates: Promised = used.server_ca_certs.apply(
            lambda certificates: "\n".join(it.cert or "" for it in certificates)
        )
        # Without it nobody can log in.
        self.reachable: tuple[pulumi.Resource, ...] = (users[-1],)
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

    def _guarded(self, server: Server) -> bool:
        return self._args.protection.guarded and not server.released

    def _server(
        self, server: Server, before: Sequence[gcp.sql.DatabaseInstance]
    ) -> gcp.sql.DatabaseInstance:
        args = self._args
        guarded = self._guarded(server)
        origin = server.origin
        return gcp.sql.DatabaseInstance(
            f"{self._name}-{server.number}",
            name=self._physical_name(server.number, guarded=guarded),
            region=args.region,
            database_version=f"POSTGRES_{args.major_version}",
            clone=self._clone(origin, before) if isinstance(origin, PointInTime) else None,
            restore_backup_context=_backup(origin) if isinstance(origin, Snapshot) else None,
            settings=self._settings(guarded=guarded),
            deletion_protection=guarded,
            final_backup_description="The Things Stack" if args.protection.guarded else None,
            opts=pulumi.ResourceOptions(
                parent=self, protect=guarded, depends_on=[*args.after, *before]
            ),
        )

    def _physical_name(self, number: int, *, guarded: bool) -> Promised:
        """A name that no earlier server had: Google keeps it from being used again for a week.

        https://cloud.google.com/sql/docs/postgres/delete-instance
        """
        suffix = random.RandomId(
            f"{self._name}-{number}",
            byte_length=3,
            keepers={"region": self._args.region},
            opts=pulumi.ResourceOptions(parent=self, protect=guarded),
        )
        start = stack_name(self._args.stack, f"postgres-{number}", longest=_LONGEST_NAME)
        return suffix.hex.apply(lambda digits: f"{start}-{digits}")

    def _settings(self, *, guarded: bool) -> gcp.sql.DatabaseInstanceSettingsArgs:
        args = self._args
        production = args.protection.guarded
        return gcp.sql.DatabaseInstanceSettingsArgs(
            tier=args.tier,
            edition=args.edition,
            availability_type="REGIONAL" if args.regional else "ZONAL",
            disk_type="PD_SSD",
            disk_size=args.storage_gib,
            disk_autoresize=True,
            disk_autoresize_limit=args.maximum_storage_gib,
            deletion_protection_enabled=guarded,
            retain_backups_on_delete=production,
            final_backup_config=gcp.sql.DatabaseInstanceSettingsFinalBackupConfigArgs(
                enabled=production, retention_days=args.backup_days if production else None
            ),
            ip_configuration=gcp.sql.DatabaseInstanceSettingsIpConfigurationArgs(
                ipv4_enabled=False,
                private_network=args.network_id,
                allocated_ip_range=args.private_services,
                ssl_mode="ENCRYPTED_ONLY",
                server_ca_mode=CA_MODE,
            ),
            backup_configuration=self._backups(),
            maintenance_window=gcp.sql.DatabaseInstanceSettingsMaintenanceWindowArgs(
                day=DAYS.index(args.maintenance.day) + 1,
                hour=args.maintenance.hour,
                update_track="stable",
            ),
        )

    def _backups(self) -> gcp.sql.DatabaseInstanceSettingsBackupConfigurationArgs:
        args = self._args
        return gcp.sql.DatabaseInstanceSettingsBackupConfigurationArgs(
            enabled=True,
            start_time=f"{args.maintenance.before(hours=2).hour:02}:00",
            location=args.region,
            point_in_time_recovery_enabled=True,
            transaction_log_retention_days=min(args.backup_days, _LONGEST_LOG_DAYS[args.edition]),
            backup_retention_settings=(
                gcp.sql.DatabaseInstanceSettingsBackupConfigurationBackupRetentionSettingsArgs(
                    retained_backups=args.backup_days, retention_unit="COUNT"
                )
            ),
        )

    def _clone(
        self, origin: PointInTime, before: Sequence[gcp.sql.DatabaseInstance]
    ) -> gcp.sql.DatabaseInstanceCloneArgs:
        source: pulumi.Input[str] = origin.source or before[-1].name
        return gcp.sql.DatabaseInstanceCloneArgs(
            source_instance_name=source,
            point_in_time=origin.time,
            allocated_ip_range=self._args.private_services,
        )

    def _admin(self, server: Server, instance: gcp.sql.DatabaseInstance) -> pulumi.Resource:
        """The administrator, whom only the Job uses that makes the product's role.

        Deleting it is left to the deletion of its server: PostgreSQL drops no role that owns anything.
        """
        return gcp.sql.User(
            f"{self._name}-{server.number}",
            instance=instance.name,
            name=self._args.admin_username,
            password=self.admin_password,
            deletion_policy="ABANDON",
            opts=pulumi.ResourceOptions(parent=self, protect=self._guarded(server)),
        )


def _backup(origin: Snapshot) -> gcp.sql.DatabaseInstanceRestoreBackupContextArgs:
    instance, _, run = origin.name.partition("/")
    return gcp.sql.DatabaseInstanceRestoreBackupContextArgs(
        instance_id=instance, backup_run_id=int(run)
    )
