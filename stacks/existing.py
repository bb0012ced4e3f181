"""What you provide yourself fills the same records as what the stack makes."""

from collections.abc import Mapping

import pulumi

from components.prerequisites import (
    AdminUser,
    GatewayController,
    Ingress,
    IngressAnnotations,
    PacketBroker,
    Postgres,
    Redis,
    Tenancy,
    Timescale,
)
from components.seeds import BUCKETS, BucketKind
from stacks import sections
from stacks.config import CommonConfig
from stacks.secrets import SecretKey

Promised = pulumi.Output[str]


def promised(text: str) -> Promised:
    """A text that is known now, where the contract has room for one that comes later."""
    return pulumi.Output.from_input(text)


def secret(config: CommonConfig, key: SecretKey) -> Promised:
    """A secret of the stack file, marked so that state and output show it encrypted."""
    return pulumi.Output.secret(config.secret(key))


def optional_secret(config: CommonConfig, key: SecretKey) -> Promised | None:
    """A secret where this configuration has a use for it."""
    return secret(config, key) if key in config.secrets else None


def tenancy(config: CommonConfig) -> Tenancy:
    """How tenants are addressed."""
    return Tenancy(mode=config.tenancy.mode, tenant_id=config.tenancy.tenant_id)


def admin(config: CommonConfig) -> AdminUser:
    """The first administrator."""
    return AdminUser(user_id=config.admin_user.user_id, email=config.admin_user.email)


def postgres(section: sections.ExistingPostgres) -> Postgres[Promised]:
    """A PostgreSQL database that is there."""
    return Postgres(
        host=promised(section.host),
        port=section.port,
        database=section.database,
        username=section.username,
        ssl_mode=section.ssl_mode,
    )


def redis(section: sections.ExistingRedis) -> Redis[Promised]:
    """A Redis that is there."""
    reader = section.read_only_address
    return Redis(
        address=promised(section.address),
        read_only_address=None if reader is None else promised(reader),
    )


def ingress(section: sections.ExistingIngress, defaults: Ingress | None) -> Ingress:
    """An ingress controller that is there; annotations given for a kind of route replace the default ones."""
    given = section.annotations.model_dump()
    service = section.service_annotations
    if defaults is not None:
        given = {kind: it or getattr(defaults.annotations, kind) for kind, it in given.items()}
        service = service or dict(defaults.service_annotations)
    return Ingress(
        controller=section.controller,
        annotations=IngressAnnotations(**given),
        service_annotations=service,
    )


def timescale(section: sections.ExistingTimescale) -> Timescale[Promised]:
    """A TimescaleDB that is there."""
    return Timescale(
        host=promised(section.host),
        port=section.port,
        username=section.username,
        storage_database=section.storage_database,
        noc_database=section.noc_database,
    )


def packet_broker(section: object) -> PacketBroker | None:
    """The Packet Broker credentials' public part, or none."""
    if isinstance(section, sections.PacketBrokerForwarder):
        return PacketBroker(mode="forwarder", key_id=section.key_id)
    if isinstance(section, sections.PacketBrokerHomeNetwork):
        return PacketBroker(
            mode="home-network",
            key_id=section.key_id,
            net_id=section.net_id,
            dev_addr_block=section.dev_addr_block,
        )
    return None


def gateway_controller(config: CommonConfig) -> GatewayController:
    """Whether The Things Gateway Controller is used, and where it is."""
    section = config.gateway_controller
    return GatewayController(enabled=section.enabled, address=section.address)


def custom_cas(config: CommonConfig) -> tuple[Promised, ...]:
    """The CAs behind which stores stand, where the product does not know them by itself."""
    sources = (config.postgres, config.redis, config.blobs)
    found = [getattr(source, "ca_certificate", None) for source in sources]
    return tuple(promised(ca) for ca in found if ca is not None)


def bucket_names(names: sections.BucketNames) -> Mapping[BucketKind, str]:
    """The buckets that are there, by what the product keeps in them."""
    kinds = (plan.kind for plan in BUCKETS)
    return {kind: name for kind in kinds if (name := getattr(names, kind)) is not None}
