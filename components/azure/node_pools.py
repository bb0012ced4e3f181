"""The nodes that the product runs on: a pool in each zone."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.azure.names import pool_name
from components.azure.resource_group import GroupPlace

Promised = pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class NodePoolsArgs:
    """`version`: a Kubernetes minor version, not above the control plane's. `subnets`: by zone.

    `minimum`, `maximum`: nodes in each zone.
    """

    group: GroupPlace
    cluster_name: Promised
    version: str
    subnets: Mapping[str, Promised]
    vm_size: str
    minimum: int
    maximum: int
    disk_gib: int


class NodePools(pulumi.ComponentResource):
    """Azure Linux on managed disks, scaled by the cluster's autoscaler.

    One pool for each zone, because a volume is in one zone and the autoscaler must be able to add a node
    there. How many nodes run is the autoscaler's business and no difference to Pulumi. What AKS cannot
    change in a pool is part of its names, Pulumi's included: another size makes a new pool before the old
    one goes. A replacement would delete first, as azure-native always does with names of one's own.
    """

    def __init__(
        self, name: str, args: NodePoolsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:azure:NodePools", name, None, opts)
        self._args = args
        self.pools: tuple[azure.containerservice.AgentPool, ...] = tuple(
            self._pool(zone, subnet) for zone, subnet in args.subnets.items()
        )
        self.register_outputs({"pools": [it.name for it in self.pools]})

    def _pool(self, zone: str, subnet: Promised) -> azure.containerservice.AgentPool:
        args = self._args
        name = pool_name(zone, args.vm_size, str(args.disk_gib))
        return azure.containerservice.AgentPool(
            f"zone-{zone}-{name}",
            agent_pool_name=name,
            resource_group_name=args.group.name,
            resource_name_=args.cluster_name,
            mode="User",
            type="VirtualMachineScaleSets",
            vm_size=args.vm_size,
            vnet_subnet_id=subnet,
            availability_zones=[zone],
            orchestrator_version=args.version,
            enable_auto_scaling=True,
            count=args.minimum,
            min_count=args.minimum,
            max_count=args.maximum,
            os_type="Linux",
            os_sku="AzureLinux",
            os_disk_type="Managed",
            os_disk_size_gb=args.disk_gib,
            upgrade_settings=azure.containerservice.AgentPoolUpgradeSettingsArgs(max_surge="1"),
            tags=dict(args.group.tags),
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["count"]),
        )
