"""PostgreSQL and Redis that run in the cluster itself."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from stacks.fields import (
    BucketName,
    CaCertificates,
    PostgresMajor,
    RedisVersion,
    Section,
    SqlName,
    Text,
    as_tuple,
)
from stacks.sections.restores import PointInTimeRestore
from stacks.storage_fields import Endpoint, ObjectPrefix, StorageClassName

StorageGib = Annotated[int, Field(ge=1, le=65536)]


class S3Backups(Section):
    """Where the backups of PostgreSQL go: a bucket that is there, at a service that speaks S3.

    Without `endpoint`, Amazon S3. The secret of the access key is `backupSecretAccessKey`. `days`: how
    far back a restore can go.
    """

    bucket: BucketName
    prefix: ObjectPrefix = "postgres"
    endpoint: Endpoint | None = None
    region: Text = "us-east-1"
    access_key_id: Text
    days: Annotated[int, Field(ge=1, le=365)] = 30
    ca_certificate: CaCertificates | None = None


class InClusterPostgres(Section):
    """PostgreSQL in the cluster by the operator CloudNativePG.

    `operator: existing` where the cluster has the operator, and its plugin for backups, already.
    `instances` left out: three where `availability` is redundant, else one. `sslMode: verify-full` where
    the product's pods trust `global.tls.rootCA` for databases. Each entry of `restores` makes one more
    server from the backups, and the last is used; `oldServers` says what becomes of the others.
    """

    mode: Literal["in-cluster"]
    major_version: PostgresMajor
    instances: Annotated[int, Field(ge=1, le=9)] | None = None
    operator: Literal["managed", "existing"] = "managed"
    storage_class: StorageClassName | None = None
    database: SqlName = "thethingsstack"
    username: SqlName = "thethingsstack"
    ssl_mode: Literal["require", "verify-full"] = "require"
    backups: S3Backups | None = None
    restores: Annotated[tuple[PointInTimeRestore, ...], BeforeValidator(as_tuple)] = ()
    old_servers: Literal["keep", "release", "remove"] = "keep"


class InClusterRedis(Section):
    """Redis in the cluster, persistent, with Sentinel and a proxy that finds the primary.

    Three servers where `availability` is redundant, else one. `tls` gives it a password too, as the
    product uses the two together or neither.
    """

    mode: Literal["in-cluster"]
    version: RedisVersion = "7.4"
    tls: bool = False
    storage_class: StorageClassName | None = None
    storage_gib: StorageGib | None = None
