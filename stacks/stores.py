"""What the stores of every target have in common: their records, and the product's own database."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_kubernetes as kubernetes
from typing_extensions import assert_never

from components import prerequisites
from components.kubernetes.database import ApplicationDatabase, ApplicationDatabaseArgs
from components.maintenance import MaintenanceHour
from components.restores import PointInTime, Restore, Snapshot
from stacks import sections
from stacks.config import CommonConfig
from stacks.existing import Promised


@dataclass(frozen=True, kw_only=True)
class PostgresStore:
    """Where the product's database is, and its password.

    `root_cas`: CAs that came with the server, which the product must trust besides the public ones.
    `operator`: what runs it, where it is in the cluster and the stack installed that.
    """

    facts: prerequisites.Postgres[Promised]
    password: Promised
    root_cas: tuple[Promised, ...] = ()
    operator: tuple[pulumi.Resource, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RedisStore:
    """Where Redis is, and its password if it has one. `root_cas` as for PostgreSQL."""

    facts: prerequisites.Redis[Promised]
    password: Promised | None
    root_cas: tuple[Promised, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ManagedServer:
    """A PostgreSQL server that the stack made, before the product's database is on it.

    `number`: which of the servers that restores made, from 1. `ca_certificates`: PEM; with them the
    server is verified, as far as `verification` says. `password`: what the product's role is to have.
    """

    host: Promised
    number: int
    admin_username: str
    admin_password: Promised
    password: Promised
    ca_certificates: pulumi.Input[str] | None
    verification: Literal["verify-ca", "verify-full"] = "verify-full"
    port: int = 5432


def provision_database(
    config: CommonConfig,
    section: sections.ManagedPostgres,
    server: ManagedServer,
    *,
    cluster: kubernetes.Provider,
    namespace: Promised,
    after: Sequence[pulumi.Resource],
) -> PostgresStore:
    """The product's role and its database on a server, made by a Job in the cluster.

    `after`: what must be there before pods run, and before they reach the server.
    """
    ssl_mode = "require" if server.ca_certificates is None else server.verification
    made = ApplicationDatabase(
        "application-database",
        ApplicationDatabaseArgs(
            host=server.host,
            port=server.port,
            database=section.database,
            role=section.username,
            admin_username=server.admin_username,
            admin_password=server.admin_password,
            password=server.password,
            namespace=namespace,
            major_version=section.major_version,
            ssl_mode=ssl_mode,
            ca_certificates=server.ca_certificates,
            revision=_revision(config, server),
            after=after,
        ),
        pulumi.ResourceOptions(provider=cluster),
    )
    return PostgresStore(
        facts=prerequisites.Postgres(
            # Told only once the Job is done, so that nobody installs the product before.
            host=pulumi.Output.all(server.host, made.database).apply(lambda both: both[0]),
            port=server.port,
            database=section.database,
            username=section.username,
            ssl_mode=ssl_mode,
        ),
        password=server.password,
    )


def _revision(config: CommonConfig, server: ManagedServer) -> str:
    """Changes when there is work for the Job: another server, or another password."""
    generations = config.generations
    return (
        f"server {server.number}, administrator's password "
        f"{generations.postgres_admin_password}, password {generations.postgres_password}"
    )


def maintenance_hour(config: CommonConfig) -> MaintenanceHour:
    """When the cloud may work on its databases."""
    return MaintenanceHour(day=config.maintenance.day, hour=config.maintenance.hour)


def restore(section: sections.SnapshotRestore | sections.PointInTimeRestore) -> Restore:
    """What a new server starts from, as the stack file says it."""
    match section:
        case sections.SnapshotRestore(snapshot=name):
            return Snapshot(name=name)
        case sections.PointInTimeRestore(time=time, source=source):
            return PointInTime(time=time, source=source)
        case _:
            assert_never(section)
