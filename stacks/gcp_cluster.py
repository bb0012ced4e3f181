"""The network and the cluster of an environment on Google Cloud, made or taken over."""

from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp
import pulumi_kubernetes as kubernetes
from typing_extensions import assert_never

from components.gcp.cluster import LONGEST_NAME, Cluster, ClusterArgs
from components.gcp.cluster_admins import ClusterAdmins
from components.gcp.network import Network, NetworkArgs, NetworkPlace
from components.gcp.node_account import NodeAccount
from components.gcp.node_pools import NodePools, NodePoolsArgs
from components.gcp.storage_class import BalancedStorageClass
from components.kubernetes.cluster import ClusterAccess, cluster_provider
from components.naming import slug, stack_name
from stacks import existing, gcp_plan, sections
from stacks.config import GcpConfig
from stacks.existing import Promised, promised
from stacks.plan import node_bounds
from stacks.stores import maintenance_hour

_LONGEST_NETWORK_NAME = 40


@dataclass(frozen=True, kw_only=True)
class RunningCluster:
    """A cluster that things can be put into.

    `ready`: what must be there before pods run and until load balancers are gone; empty for a cluster that
    was there before.
    """

    provider: kubernetes.Provider
    ready: tuple[pulumi.Resource, ...] = ()


def provision_network(config: GcpConfig, project: gcp.Provider) -> NetworkPlace | None:
    """The network, or None where nothing is placed in one."""
    match config.network:
        case None:
            return None
        case sections.ExistingNetwork() as network:
            return NetworkPlace(
                network_id=promised(network.network_id),
                subnetwork_id=_only(network.private_subnet_ids),
                pod_range=config.gcp.pod_range,
                service_range=config.gcp.service_range,
                private_services=_only(network.data_subnet_ids),
            )
        case sections.ManagedNetwork() as network:
            args = NetworkArgs(
                name=stack_name(config.stack, longest=_LONGEST_NETWORK_NAME),
                region=config.region,
                cidr=network.cidr,
                service_cidr=_service_cidr(config),
                egress_addresses=2 if config.redundant else 1,
                protection=config.protection,
            )
            return Network("network", args, pulumi.ResourceOptions(provider=project)).place
        case _:
            assert_never(config.network)


def _only(names: tuple[str, ...]) -> Promised | None:
    """The checks see to it that there is at most one, and one where it is needed."""
    return promised(names[0]) if names else None


def _service_cidr(config: GcpConfig) -> str:
    if isinstance(config.cluster, sections.ManagedCluster):
        return config.cluster.service_cidr
    return str(sections.ManagedCluster.model_fields["service_cidr"].default)


def provision_cluster(
    config: GcpConfig, project: gcp.Provider, place: NetworkPlace | None
) -> RunningCluster:
    """The cluster, with nodes and a storage class where it is made here."""
    match config.cluster:
        case sections.ExistingCluster() as cluster:
            access = ClusterAccess(
                identifier=cluster.name,
                kubeconfig=existing.secret(config, "kubeconfig"),
                context=cluster.context,
            )
            return RunningCluster(provider=cluster_provider("cluster", access))
        case sections.ManagedCluster() as cluster:
            return _managed(config, cluster, project, placed(place))
        case _:
            assert_never(config.cluster)


def placed(place: NetworkPlace | None) -> NetworkPlace:
    """The network that the configuration's checks saw to. Raises TypeError without one."""
    if place is None:
        raise TypeError("a managed part was let through without a network")
    return place


def _managed(
    config: GcpConfig,
    section: sections.ManagedCluster,
    project: gcp.Provider,
    place: NetworkPlace,
) -> RunningCluster:
    opts = pulumi.ResourceOptions(provider=project)
    account = NodeAccount("node-account", stack=config.stack, project=config.gcp.project, opts=opts)
    made = Cluster("cluster", _cluster_args(config, section, place, account), opts)
    bounds = node_bounds(section.nodes, config.capacity, len(config.zones))
    pools = NodePools(
        "nodes",
        NodePoolsArgs(
            cluster_name=made.name,
            region=config.region,
            zones=config.zones,
            machine_type=gcp_plan.machine_type(section.nodes, config.capacity) or "",
            minimum=bounds.minimum,
            maximum=bounds.maximum,
            disk_gib=section.nodes.disk_gib,
            account=account.email,
            labels=all_labels(config),
            after=(*account.ready, *place.routes),
        ),
        opts,
    )
    access = ClusterAccess(
        identifier=stack_name(config.stack, longest=LONGEST_NAME), kubeconfig=made.kubeconfig
    )
    provider = cluster_provider("cluster", access, after=(made.cluster,))
    ClusterAdmins(
        "cluster-admins",
        project=config.gcp.project,
        members=section.admins,
        opts=pulumi.ResourceOptions(providers=[project, provider]),
    )
    BalancedStorageClass(
        "storage-class", config.protection, pulumi.ResourceOptions(provider=provider)
    )
    return RunningCluster(provider=provider, ready=pools.pools)


def _cluster_args(
    config: GcpConfig,
    section: sections.ManagedCluster,
    place: NetworkPlace,
    account: NodeAccount,
) -> ClusterArgs:
    allowed = section.access
    return ClusterArgs(
        name=stack_name(config.stack, longest=LONGEST_NAME),
        project=config.gcp.project,
        region=config.region,
        zones=config.zones,
        version=section.kubernetes_version,
        release_channel=config.gcp.release_channel.upper(),
        security_group=config.gcp.security_group,
        public_cidrs=allowed.cidrs if isinstance(allowed, sections.AllowListAccess) else (),
        place=place,
        node_account=account.email,
        maintenance=maintenance_hour(config),
        after=account.ready,
        protection=config.protection,
    )


def all_labels(config: GcpConfig) -> dict[str, str]:
    """The labels of everything that can bear them."""
    return {"project": "the-things-stack", "stack": slug(config.stack)[:63], **config.tags}
