"""The way into an environment on AWS: its addresses first, then what listens on them."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from typing_extensions import assert_never

from components import prerequisites
from components.aws.addresses import Addresses, AddressesArgs
from components.aws.network import NetworkPlace
from components.naming import stack_name
from stacks import existing, sections
from stacks.aws_cluster import RunningCluster
from stacks.config import AwsConfig
from stacks.existing import Promised


@dataclass(frozen=True, kw_only=True)
class ReservedAddresses:
    """Addresses for each of the two load balancers; none where there is none."""

    ingress: Addresses | None = None
    udp: Addresses | None = None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What the product needs to know of its ingress controller, and the public IP addresses."""

    facts: prerequisites.Ingress
    ingress: tuple[Promised, ...] = ()
    udp: tuple[Promised, ...] = ()


def provision_addresses(config: AwsConfig, account: aws.Provider) -> ReservedAddresses:
    """Reserve the addresses; nothing else is needed for that."""
    if not isinstance(config.ingress, sections.ManagedIngress):
        return ReservedAddresses()
    wanted = ("ingress", "udp") if config.ingress.udp is not None else ("ingress",)
    opts = pulumi.ResourceOptions(provider=account)
    made = {
        name: Addresses(
            name,
            AddressesArgs(
                name=stack_name(config.stack, longest=100),
                zones=_zones(config),
                protection=config.protection,
            ),
            opts,
        )
        for name in wanted
    }
    return ReservedAddresses(ingress=made["ingress"], udp=made.get("udp"))


def _zones(config: AwsConfig) -> tuple[str, ...]:
    """A word for each public subnet: its zone, or its place in the list where it is not known."""
    if isinstance(config.network, sections.ExistingNetwork):
        return tuple(str(n + 1) for n in range(len(config.network.public_subnet_ids)))
    return config.zones


def provision_entry(
    config: AwsConfig,
    addresses: ReservedAddresses,
    place: NetworkPlace | None,
    cluster: RunningCluster,
    namespace: Promised,
) -> Entry:
    """The ingress controller behind its load balancer, made or taken over."""
    match config.ingress:
        case sections.ExistingIngress() as section:
            return Entry(facts=existing.ingress(section))
        case sections.ManagedIngress():
            return Entry(
                facts=prerequisites.Ingress(
                    controller="traefik",
                    annotations=prerequisites.IngressAnnotations(),
                    service_annotations={},
                )
            )
        case _:
            assert_never(config.ingress)
