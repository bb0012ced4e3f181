"""PostgreSQL on RDS: the server in use, and those that it was restored from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.aws.data_access import only_from
from components.generation import generated
from components.maintenance import MaintenanceHour
from components.naming import stack_name
from components.protection import Protection
from components.restores import OldServers, PointInTime, Restore, Server, Snapshot, plan_servers

Promised = pulumi.Output[str]
PORT = 5432
_LONGEST_IDENTIFIER = 63
_LOGS = ("postgresql", "upgrade")


@dataclass(frozen=True, kw_only=True)
class PostgresArgs:
    """`version`: a major version, or major and minor; `storage_gib` grows by itself up to `maximum`.

    `clients`: the security groups that may connect. `restores` and `old_servers`: see
    `components.restores`. `multi_az`: a standby in another zone. `backup_days`: 1 to 35.
    `admin_generation`, `password_generation`: of the administrator's password and of the product's, from
    1; the server itself knows only the first.
    """

    stack: str
    major_version: int
    version: str
    instance_class: str
    storage_gib: int
    maximum_storage_gib: int
    vpc_id: Promised
    subnet_ids: Sequence[Promised]
    clients: Mapping[str, Promised]
    multi_az: bool
    backup_days: int
    maintenance: MaintenanceHour
    admin_username: str
    admin_generation: int
    password_generation: int
    log_retention_days: int
    restores: Sequence[Restore]
    old_servers: OldServers
    protection: Protection


class Postgres(pulumi.ComponentResource):
    """A server that takes connections from its clients alone, and only with TLS.

    Encrypted, backed up with a log to any point in time, upgraded only by an edit. In production it
    cannot be deleted, and would leave a last snapshot and its backups. `reachable`: what must be there
    before a client gets through.
    """

    def __init__(
        self, name: str, args: PostgresArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:aws:Postgres", name, None, opts)
        self._args = args
        self._name = name
        self._kept = args.protection.data(self)
        self.admin_password: Promised = self._password("admin", args.admin_generation)
        self.password: Promised = self._password("application", args.password_generation)
        self._subnets = aws.rds.SubnetGroup(
            name,
            name=stack_name(args.stack, "postgres", longest=255),
            description="The Things Stack: PostgreSQL",
            subnet_ids=list(args.subnet_ids),
            opts=self._kept,
        )
        self._access = only_from(
            self, name, vpc_id=args.vpc_id, port=PORT, clients=args.clients, kept=self._kept
        )
        self._parameters = self._parameter_group()
        made: list[aws.rds.Instance] = []
        for server in plan_servers(args.restores, args.old_servers):
            made.append(self._server(server, made))
        self.server_number: int = len(args.restores) + 1
        self.instance: aws.rds.Instance = made[-1]
        self.host: Promised = self.instance.address
        self.reachable: tuple[pulumi.Resource, ...] = self._access.rules
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

    def _parameter_group(self) -> aws.rds.ParameterGroup:
        """One for each major version, so that an upgrade finds the new one before it needs it."""
        major = self._args.major_version
        return aws.rds.ParameterGroup(
            f"{self._name}-{major}",
            name=stack_name(self._args.stack, f"postgres-{major}", longest=255),
            family=f"postgres{major}",
            description=f"The Things Stack: PostgreSQL {major}, TLS only",
            parameters=[
                # The default only from PostgreSQL 15 on:
                # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
                aws.rds.ParameterGroupParameterArgs(
                    name="rds.force_ssl", value="1", apply_method="pending-reboot"
                )
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _server(self, server: Server, before: Sequence[aws.rds.Instance]) -> aws.rds.Instance:
        args = self._args
        name = f"{self._name}-{server.number}"
        identifier = self._identifier(server.number)
        guarded = args.protection.guarded and not server.released
        opts = pulumi.ResourceOptions(parent=self, protect=guarded)
        return aws.rds.Instance(
            name,
            identifier=identifier,
            engine="postgres",
            engine_version=args.version,
            instance_class=args.instance_class,
            username=args.admin_username,
            password=self.admin_password,
            snapshot_identifier=_snapshot(server),
            restore_to_point_in_time=self._point_in_time(server),
            allocated_storage=args.storage_gib,
            max_allocated_storage=args.maximum_storage_gib,
            storage_type="gp3",
            storage_encrypted=True,
            multi_az=args.multi_az,
            port=PORT,
            db_subnet_group_name=self._subnets.name,
            vpc_security_group_ids=[self._access.group.id],
            publicly_accessible=False,
            parameter_group_name=self._parameters.name,
            ca_cert_identifier="rds-ca-rsa2048-g1",
            enabled_cloudwatch_logs_exports=list(_LOGS),
            backup_retention_period=args.backup_days,
            backup_window=args.maintenance.before(hours=2).daily,
            maintenance_window=args.maintenance.weekly,
            auto_minor_version_upgrade=False,
            allow_major_version_upgrade=True,
            # An edit is made when Pulumi runs, not in some later window that no preview shows.
            apply_immediately=True,
            copy_tags_to_snapshot=True,
            deletion_protection=guarded,
            delete_automated_backups=not args.protection.guarded,
            skip_final_snapshot=not args.protection.guarded,
            final_snapshot_identifier=self._last_snapshot(name, identifier, guarded=guarded),
            opts=pulumi.ResourceOptions.merge(
                opts,
                pulumi.ResourceOptions(depends_on=[*self._log_groups(name, identifier), *before]),
            ),
        )

    def _identifier(self, number: int) -> str:
        return stack_name(self._args.stack, f"postgres-{number}", longest=_LONGEST_IDENTIFIER)

    def _point_in_time(self, server: Server) -> aws.rds.InstanceRestoreToPointInTimeArgs | None:
        if not isinstance(server.origin, PointInTime):
            return None
        time = server.origin.time
        source = server.origin.source or self._identifier(server.number - 1)
        # Backups that outlived their server have an ARN of their own.
        outlived = source if ":auto-backup:" in source else None
        return aws.rds.InstanceRestoreToPointInTimeArgs(
            source_db_instance_identifier=None if outlived else source,
            source_db_instance_automated_backups_arn=outlived,
            restore_time=time,
            use_latest_restorable_time=True if time is None else None,
        )

    def _log_groups(self, name: str, identifier: str) -> list[pulumi.Resource]:
        """Made before RDS would make them itself, to keep their lines for ever."""
        return [
            aws.cloudwatch.LogGroup(
                f"{name}-{log}",
                name=f"/aws/rds/instance/{identifier}/{log}",
                retention_in_days=self._args.log_retention_days,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for log in _LOGS
        ]

    def _last_snapshot(self, name: str, identifier: str, *, guarded: bool) -> Promised | None:
        """In production, a name that no earlier server's last snapshot has."""
        suffix = random.RandomId(
            name,
            byte_length=4,
            opts=pulumi.ResourceOptions(parent=self, protect=guarded, retain_on_delete=True),
        )
        if not self._args.protection.guarded:
            return None
        return suffix.hex.apply(lambda digits: f"{identifier}-last-{digits}")


def _snapshot(server: Server) -> str | None:
    return server.origin.name if isinstance(server.origin, Snapshot) else None
