"""The nodes of a GKE cluster: one pool over its zones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.gcp.instances import disk_type

Promised = pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class NodePoolsArgs:
    """`minimum`, `maximum`: nodes in each of `zones`. `disk_gib`: of each node.

    `account`: the e-mail address of the nodes' service account. `labels` go on instances and disks, which
    the provider's default labels do not reach. `after`: what nodes need to become ready.
    """

    cluster_name: Promised
    region: str
    zones: Sequence[str]
    machine_type: str
    minimum: int
    maximum: int
    disk_gib: int
    account: Promised
    labels: Mapping[str, str]
    after: Sequence[pulumi.Resource]


class NodePools(pulumi.ComponentResource):
    """Container-Optimized OS, shielded, repaired and upgraded by GKE, a new node before an old one goes.

    Pods get their own identities from the metadata server, never that of the node. How many nodes run is
    the autoscaler's business, their version the release channel's: neither is a difference to Pulumi. The
    pool has no name of its own, so that what replaces it can be there first.
    """

    def __init__(
        self, name: str, args: NodePoolsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:gcp:NodePools", name, None, opts)
        pool = gcp.container.NodePool(
            name,
            cluster=args.cluster_name,
            location=args.region,
            node_locations=list(args.zones),
            initial_node_count=args.minimum,
            autoscaling=gcp.container.NodePoolAutoscalingArgs(
                min_node_count=args.minimum,
                max_node_count=args.maximum,
                location_policy="BALANCED",
            ),
            management=gcp.container.NodePoolManagementArgs(auto_repair=True, auto_upgrade=True),
            upgrade_settings=gcp.container.NodePoolUpgradeSettingsArgs(
                strategy="SURGE", max_surge=1, max_unavailable=0
            ),
            node_config=_node(args),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(args.after),
                ignore_changes=["initialNodeCount", "nodeCount", "version"],
            ),
        )
        self.pools: tuple[pulumi.Resource, ...] = (pool,)
        self.register_outputs({})


def _node(args: NodePoolsArgs) -> gcp.container.NodePoolNodeConfigArgs:
    return gcp.container.NodePoolNodeConfigArgs(
        machine_type=args.machine_type,
        image_type="COS_CONTAINERD",
        disk_size_gb=args.disk_gib,
        disk_type=disk_type(args.machine_type),
        service_account=args.account,
        # The service account's roles say what a node may do, as Google advises.
        oauth_scopes=["https://www.googleapis.com/auth/cloud-platform"],
        workload_metadata_config=gcp.container.NodePoolNodeConfigWorkloadMetadataConfigArgs(
            mode="GKE_METADATA"
        ),
        shielded_instance_config=gcp.container.NodePoolNodeConfigShieldedInstanceConfigArgs(
            enable_secure_boot=True, enable_integrity_monitoring=True
        ),
        metadata={"disable-legacy-endpoints": "true"},
        resource_labels=dict(args.labels),
    )
