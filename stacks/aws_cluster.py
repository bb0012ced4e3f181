"""The network and the cluster of an environment on AWS, made or taken over."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
from typing_extensions import assert_never

from components.aws.add_ons import AddOnArgs, NodeAddOns, WorkloadAddOns
from components.aws.cluster import Cluster, ClusterArgs
from components.aws.cluster_autoscaler import ClusterAutoscaler, ClusterAutoscalerArgs
from components.aws.load_balancer_controller import (
    LoadBalancerController,
    LoadBalancerControllerArgs,
)
from components.aws.network import Network, NetworkArgs, NetworkPlace
from components.aws.node_pools import NodePools, NodePoolsArgs
from components.aws.storage_class import Gp3StorageClass
from components.kubernetes.cluster import ClusterAccess, cluster_provider
from components.naming import aws_partition, stack_name
from stacks import aws_plan, existing, sections
from stacks.config import AwsConfig
from stacks.existing import Promised, promised
from stacks.plan import node_bounds

_LONGEST_CLUSTER_NAME = 100


@dataclass(frozen=True, kw_only=True)
class RunningCluster:
    """A cluster that things can be put into.

    `clients`: the security groups of its nodes, by a word for each. `ready`: what must be there
    before pods run, `load_balancers`: before a Service gets a load balancer; both are empty for a
    cluster that was there before.
    """

    name: Promised
    provider: kubernetes.Provider
    clients: dict[str, Promised]
    ready: tuple[pulumi.Resource, ...] = ()
    load_balancers: tuple[pulumi.Resource, ...] = ()


def provision_network(config: AwsConfig, account: aws.Provider) -> NetworkPlace | None:
    """The network, or None where nothing is placed in one."""
    match config.network:
        case None:
            return None
        case sections.ExistingNetwork() as network:
            return NetworkPlace(
                vpc_id=promised(network.network_id),
                private=tuple(map(promised, network.private_subnet_ids)),
                public=tuple(map(promised, network.public_subnet_ids)),
                data=tuple(map(promised, network.data_subnet_ids)),
            )
        case sections.ManagedNetwork() as network:
            per_zone = network.nat_gateways == "per-zone"
            if network.nat_gateways is None:
                per_zone = config.redundant
            args = NetworkArgs(
                name=stack_name(config.stack, longest=_LONGEST_CLUSTER_NAME),
                region=config.region,
                cidr=network.cidr,
                zones=config.zones,
                nat_per_zone=per_zone,
                protection=config.protection,
            )
            return Network("network", args, pulumi.ResourceOptions(provider=account)).place
        case _:
            assert_never(config.network)


def provision_cluster(
    config: AwsConfig, account: aws.Provider, place: NetworkPlace | None
) -> RunningCluster:
    """The cluster, with nodes and add-ons where it is made here."""
    match config.cluster:
        case sections.ExistingCluster() as cluster:
            access = ClusterAccess(
                identifier=cluster.name,
                kubeconfig=existing.secret(config, "kubeconfig"),
                context=cluster.context,
            )
            group = cluster.security_group_id
            return RunningCluster(
                name=promised(cluster.name),
                provider=cluster_provider("cluster", access),
                clients={} if group is None else {"cluster": promised(group)},
            )
        case sections.ManagedCluster() as cluster:
            return _managed(config, cluster, account, placed(place))
        case _:
            assert_never(config.cluster)


def placed(place: NetworkPlace | None) -> NetworkPlace:
    """The network that the configuration's checks saw to. Raises TypeError without one."""
    if place is None:
        raise TypeError("a managed part was let through without a network")
    return place


def _managed(
    config: AwsConfig,
    section: sections.ManagedCluster,
    account: aws.Provider,
    place: NetworkPlace,
) -> RunningCluster:
    opts = pulumi.ResourceOptions(provider=account)
    partition = aws_partition(config.region)
    made = Cluster("cluster", _cluster_args(config, section, place), opts)
    metrics = config.metrics_server
    add_ons = AddOnArgs(
        stack=config.stack,
        partition=partition,
        cluster_name=made.name,
        versions=section.add_on_versions,
        tags=all_tags(config),
        metrics_server=metrics is None or metrics.mode == "managed",
    )
    before = NodeAddOns("node-add-ons", add_ons, opts)
    bounds = node_bounds(section.nodes, config.capacity, len(config.zones))
    pools = NodePools(
        "nodes",
        NodePoolsArgs(
            stack=config.stack,
            partition=partition,
            cluster_name=made.name,
            version=made.version,
            subnets=dict(zip(config.zones, place.private, strict=True)),
            architecture=section.nodes.architecture,
            instance_types=aws_plan.instance_types(section.nodes, config.capacity),
            minimum=bounds.minimum,
            maximum=bounds.maximum,
            disk_gib=section.nodes.disk_gib,
            tags=all_tags(config),
            after=(*before.ready, *place.routes),
        ),
        opts,
    )
    workload = WorkloadAddOns("add-ons", add_ons, pools.groups, opts)
    ready = (*pools.groups, *workload.ready)
    access = ClusterAccess(
        identifier=stack_name(config.stack, longest=_LONGEST_CLUSTER_NAME),
        kubeconfig=made.kubeconfig,
    )
    provider = cluster_provider("cluster", access, after=made.access)
    controller = _controllers(config, section, made.name, place, account, provider, ready)
    return RunningCluster(
        name=made.name,
        provider=provider,
        clients={"cluster": made.security_group_id},
        ready=ready,
        load_balancers=(controller.release,),
    )


def _controllers(
    config: AwsConfig,
    section: sections.ManagedCluster,
    cluster_name: Promised,
    place: NetworkPlace,
    account: aws.Provider,
    provider: kubernetes.Provider,
    ready: tuple[pulumi.Resource, ...],
) -> LoadBalancerController:
    """What runs in the cluster to make load balancers, nodes and volumes; gives back the first."""
    both = pulumi.ResourceOptions(providers=[account, provider])
    replicas = 2 if config.redundant else 1
    Gp3StorageClass("storage-class", config.protection, pulumi.ResourceOptions(provider=provider))
    ClusterAutoscaler(
        "autoscaler",
        ClusterAutoscalerArgs(
            stack=config.stack,
            region=config.region,
            account_id=config.aws.account_id,
            cluster_name=cluster_name,
            kubernetes_version=section.kubernetes_version,
            replicas=replicas,
            after=ready,
        ),
        both,
    )
    return LoadBalancerController(
        "load-balancer-controller",
        LoadBalancerControllerArgs(
            stack=config.stack,
            region=config.region,
            account_id=config.aws.account_id,
            cluster_name=cluster_name,
            vpc_id=place.vpc_id,
            replicas=replicas,
            tags=all_tags(config),
            after=ready,
        ),
        both,
    )


def _cluster_args(
    config: AwsConfig, section: sections.ManagedCluster, place: NetworkPlace
) -> ClusterArgs:
    allowed = section.access
    return ClusterArgs(
        stack=config.stack,
        name=stack_name(config.stack, longest=_LONGEST_CLUSTER_NAME),
        region=config.region,
        partition=aws_partition(config.region),
        version=section.kubernetes_version,
        admins=section.admins,
        public_cidrs=allowed.cidrs if isinstance(allowed, sections.AllowListAccess) else (),
        service_cidr=section.service_cidr,
        subnet_ids=place.private,
        log_retention_days=config.aws.log_retention_days,
        protection=config.protection,
    )


def all_tags(config: AwsConfig) -> dict[str, str]:
    """The tags of everything that can bear them."""
    return {"Project": "the-things-stack", "Stack": config.stack, **config.tags}
