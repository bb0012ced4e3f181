"""TimescaleDB: off, made or there."""

from typing import Annotated, Literal

from pydantic import Field

from stacks.fields import Host, Port, Section, Text
from stacks.sections.in_cluster import S3Backups
from stacks.storage_fields import ObjectPrefix, StorageClassName


class NoTimescale(Section):
    """Neither Storage Integration nor Network Operations Center."""

    mode: Literal["off"]


class TimescaleBackups(S3Backups):
    """As those of PostgreSQL in the cluster; the secret of the key is `timescaleBackupSecretAccessKey`."""

    prefix: ObjectPrefix = "timescale"


class ManagedTimescale(Section):
    """A TimescaleDB of its own, in the cluster, of the Community edition.

    A database each for the Storage Integration and the Network Operations Center, as far as they are
    wanted. `superuser`: its user may do everything on this server, which the Network Operations Center's
    migrations want. `operator: existing` where the cluster has CloudNativePG, and its plugin for backups,
    already. `instances` left out: three where `availability` is redundant, else one.
    """

    mode: Literal["managed"]
    storage_integration: bool = True
    network_operations_center: bool = True
    superuser: bool = True
    instances: Annotated[int, Field(ge=1, le=9)] | None = None
    storage_gib: Annotated[int, Field(ge=5, le=65536)] = 50
    storage_class: StorageClassName | None = None
    image: Text | None = None
    operator: Literal["managed", "existing"] = "managed"
    backups: TimescaleBackups | None = None


class ExistingTimescale(Section):
    """A TimescaleDB that is there, with a database for each of the two that use it.

    `edition: none` is plain PostgreSQL, which does for the Storage Integration.
    """

    mode: Literal["existing"]
    host: Host
    port: Port = 5432
    username: Text
    edition: Literal["community", "apache", "none"] = "community"
    storage_database: Text | None = None
    noc_database: Text | None = None


Timescale = Annotated[
    NoTimescale | ManagedTimescale | ExistingTimescale, Field(discriminator="mode")
]
