"""The network and the cluster of an environment on Azure, made or taken over."""

from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure
import pulumi_kubernetes as kubernetes
from typing_extensions import assert_never

from components.azure.cluster import Cluster, ClusterArgs
from components.azure.network import Network, NetworkArgs, NetworkPlace
from components.azure.node_pools import NodePools, NodePoolsArgs
from components.azure.resource_group import GroupPlace
from components.azure.storage_class import PremiumStorageClass
from components.kubernetes.cluster import ClusterAccess, cluster_provider
from components.naming import stack_name
from stacks import azure_plan, existing, sections
from stacks.config import AzureConfig
from stacks.existing import Promised, promised
from stacks.plan import node_bounds
from stacks.stores import maintenance_hour

# Of a cluster's DNS prefix, which is its name:
# https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/resource-name-rules
_LONGEST_CLUSTER_NAME = 54


@dataclass(frozen=True, kw_only=True)
class RunningCluster:
    """A cluster that things can be put into.

    `issuer_url`: who vouches for its service accounts. `ready`: what must be there before pods run; empty
    for a cluster that was there before.
    """

    provider: kubernetes.Provider
    issuer_url: Promised
    ready: tuple[pulumi.Resource, ...] = ()


def provision_network(
    config: AzureConfig, account: azure.Provider, group: GroupPlace
) -> NetworkPlace | None:
    """The network, or None where nothing is placed in one."""
    match config.network:
        case None:
            return None
        case sections.ExistingNetwork() as network:
            data = [promised(it) for it in network.data_subnet_ids]
            return NetworkPlace(
                vnet_id=promised(network.network_id),
                nodes=tuple(map(promised, network.private_subnet_ids)),
                postgres=data[0] if data else None,
                endpoints=data[-1] if data else None,
            )
        case sections.ManagedNetwork() as network:
            per_zone = network.nat_gateways == "per-zone"
            if network.nat_gateways is None:
                per_zone = config.redundant
            args = NetworkArgs(
                name=stack_name(config.stack, longest=50),
                group=group,
                cidr=network.cidr,
                zones=config.zones,
                nat_per_zone=per_zone,
                protection=config.protection,
            )
            return Network("network", args, pulumi.ResourceOptions(provider=account)).place
        case _:
            assert_never(config.network)


def provision_cluster(
    config: AzureConfig, account: azure.Provider, group: GroupPlace, place: NetworkPlace | None
) -> RunningCluster:
    """The cluster, with nodes where it is made here."""
    match config.cluster:
        case sections.ExistingCluster() as cluster:
            access = ClusterAccess(
                identifier=cluster.name,
                kubeconfig=existing.secret(config, "kubeconfig"),
                context=cluster.context,
            )
            return RunningCluster(
                provider=cluster_provider("cluster", access),
                issuer_url=promised(cluster.oidc_issuer_url or ""),
            )
        case sections.ManagedCluster() as cluster:
            return _managed(config, cluster, account, group, placed(place))
        case _:
            assert_never(config.cluster)


def placed(place: NetworkPlace | None) -> NetworkPlace:
    """The network that the configuration's checks saw to. Raises TypeError without one."""
    if place is None:
        raise TypeError("a managed part was let through without a network")
    return place


def _managed(
    config: AzureConfig,
    section: sections.ManagedCluster,
    account: azure.Provider,
    group: GroupPlace,
    place: NetworkPlace,
) -> RunningCluster:
    opts = pulumi.ResourceOptions(provider=account)
    made = Cluster("cluster", _cluster_args(config, section, group, place), opts)
    bounds = node_bounds(section.nodes, config.capacity, len(config.zones))
    pools = NodePools(
        "nodes",
        NodePoolsArgs(
            group=group,
            cluster_name=made.name,
            version=section.kubernetes_version,
            subnets=dict(zip(config.zones, place.nodes, strict=True)),
            vm_size=azure_plan.vm_size(section.nodes, config.capacity) or "",
            minimum=bounds.minimum,
            maximum=bounds.maximum,
            disk_gib=section.nodes.disk_gib,
        ),
        opts,
    )
    access = ClusterAccess(identifier=_cluster_name(config), kubeconfig=made.kubeconfig)
    provider = cluster_provider("cluster", access)
    PremiumStorageClass(
        "storage-class", config.protection, pulumi.ResourceOptions(provider=provider)
    )
    return RunningCluster(provider=provider, issuer_url=made.issuer_url, ready=pools.pools)


def _cluster_args(
    config: AzureConfig,
    section: sections.ManagedCluster,
    group: GroupPlace,
    place: NetworkPlace,
) -> ClusterArgs:
    allowed = section.access
    return ClusterArgs(
        stack=config.stack,
        name=_cluster_name(config),
        subscription=config.azure.subscription_id,
        group=group,
        version=section.kubernetes_version,
        admins=section.admins,
        public_cidrs=allowed.cidrs if isinstance(allowed, sections.AllowListAccess) else (),
        egress=place.egress,
        service_cidr=section.service_cidr,
        dns_service_ip=azure_plan.dns_service_ip(section.service_cidr),
        subnets=dict(zip(config.zones, place.nodes, strict=True)),
        system_vm_size=config.azure.system_vm_size,
        redundant=config.redundant,
        maintenance=maintenance_hour(config),
        after=place.routes,
        protection=config.protection,
    )


def _cluster_name(config: AzureConfig) -> str:
    return stack_name(config.stack, longest=_LONGEST_CLUSTER_NAME)
