"""Redis: made or there."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from stacks.fields import (
    Address,
    CaCertificates,
    ClusterModeOff,
    RedisVersion,
    Section,
    Text,
    as_tuple,
)
from stacks.sections.in_cluster import InClusterRedis
from stacks.sections.restores import SnapshotRestore


class ManagedRedis(Section):
    """A Redis of its own, cluster mode off; what is left out follows from `size` and `availability`.

    Each entry of `restores` makes one more server, and the last is used; `oldServers` says what
    becomes of the others. `previousAuthToken` says whether the token of the generation before is
    still good.
    """

    mode: Literal["managed"]
    version: RedisVersion
    node_type: Text | None = None
    replicas: Annotated[int, Field(ge=0, le=5)] | None = None
    snapshot_days: Annotated[int, Field(ge=1, le=35)] = 7
    previous_auth_token: Literal["accepted", "refused"] = "accepted"
    restores: Annotated[tuple[SnapshotRestore, ...], BeforeValidator(as_tuple)] = ()
    old_servers: Literal["keep", "release", "remove"] = "keep"


class ExistingRedis(Section):
    """A Redis that is there. `clusterMode` is stated, as the product cannot use a Redis Cluster."""

    mode: Literal["existing"]
    version: RedisVersion
    address: Address
    read_only_address: Address | None = None
    cluster_mode: ClusterModeOff
    tls: bool
    ca_certificate: CaCertificates | None = None


Redis = Annotated[ManagedRedis | ExistingRedis | InClusterRedis, Field(discriminator="mode")]
