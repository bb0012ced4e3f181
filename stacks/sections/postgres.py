"""PostgreSQL: made or there."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from stacks.fields import (
    CaCertificates,
    Host,
    Port,
    PostgresMajor,
    Section,
    SqlName,
    Text,
    as_tuple,
)
from stacks.sections.in_cluster import InClusterPostgres
from stacks.sections.restores import PointInTimeRestore, SnapshotRestore

PostgresRestore = Annotated[SnapshotRestore | PointInTimeRestore, Field(discriminator="mode")]


class ManagedPostgres(Section):
    """A PostgreSQL server of its own; what is left out follows from `size`.

    Each entry of `restores` makes one more server, and the last is used; `oldServers` says what
    becomes of the others. With `caCertificate`, the product verifies the server's name.
    `geoRedundantBackup` keeps a copy of the backups in the paired region; it cannot change later.
    """

    mode: Literal["managed"]
    major_version: PostgresMajor
    minor_version: Annotated[int, Field(ge=0, le=99)] | None = None
    instance_class: Text | None = None
    max_storage_gib: Annotated[int, Field(ge=22, le=65536)] | None = None
    backup_days: Annotated[int, Field(ge=1, le=35)] = 7
    geo_redundant_backup: bool = False
    database: SqlName = "thethingsstack"
    username: SqlName = "thethingsstack"
    admin_username: SqlName = "ttsadmin"
    ca_certificate: CaCertificates | None = None
    restores: Annotated[tuple[PostgresRestore, ...], BeforeValidator(as_tuple)] = ()
    old_servers: Literal["keep", "release", "remove"] = "keep"


class ExistingPostgres(Section):
    """A PostgreSQL database that is there; the product's user must own it (it makes pgcrypto)."""

    mode: Literal["existing"]
    major_version: PostgresMajor
    host: Host
    port: Port = 5432
    database: Annotated[str, Field(min_length=1, max_length=63)]
    username: Annotated[str, Field(min_length=1, max_length=63)]
    ssl_mode: Literal["disable", "require", "verify-ca", "verify-full"] = "require"
    ca_certificate: CaCertificates | None = None


Postgres = Annotated[
    ManagedPostgres | ExistingPostgres | InClusterPostgres, Field(discriminator="mode")
]
