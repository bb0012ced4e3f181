"""The parts of an environment, on any target, put together to what the product needs to know."""

from dataclasses import dataclass, replace

from components.prerequisites import Credentials, Prerequisites, PublicAddresses, Tls
from stacks import existing, generated
from stacks.config import CommonConfig
from stacks.entry import Entry
from stacks.existing import Promised
from stacks.in_cluster import InCluster
from stacks.portable_blobs import BlobStore
from stacks.provisioned import Provisioned
from stacks.stores import PostgresStore, RedisStore
from stacks.timescale import TimescaleStore


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a target made or took over."""

    in_cluster: InCluster
    postgres: PostgresStore
    redis: RedisStore
    timescale: TimescaleStore
    blobs: BlobStore
    entry: Entry
    public: PublicAddresses[Promised]


def fulfilled(config: CommonConfig, parts: Parts) -> Provisioned:
    """The filled contract, the generated secrets made for it."""
    return Provisioned(
        prerequisites=Prerequisites(
            domain=config.domain,
            tenancy=existing.tenancy(config),
            admin=existing.admin(config),
            postgres=parts.postgres.facts,
            redis=parts.redis.facts,
            blobs=parts.blobs.facts,
            ingress=parts.entry.facts,
            tls=_tls(parts),
            gateway_controller=existing.gateway_controller(config),
            public=parts.public,
            timescale=parts.timescale.facts,
            packet_broker=existing.packet_broker(config.packet_broker),
        ),
        credentials=Credentials(
            license_key=existing.secret(config, "licenseKey"),
            admin_password=existing.secret(config, "adminPassword"),
            postgres_password=parts.postgres.password,
            redis_password=parts.redis.password,
            timescale_password=parts.timescale.password,
            packet_broker_key=existing.optional_secret(config, "packetBrokerKey"),
            blob_secret_access_key=parts.blobs.secret_access_key,
            gcp_credentials=parts.blobs.gcp_credentials,
            product=generated.product_secrets(config),
        ),
        root_ca=parts.in_cluster.root_ca,
    )


def _tls(parts: Parts) -> Tls[Promised]:
    """The authorities that came with the stores are among those to trust."""
    tls = parts.in_cluster.tls
    return replace(tls, root_cas=(*tls.root_cas, *parts.postgres.root_cas, *parts.redis.root_cas))
