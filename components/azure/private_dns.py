"""A private DNS zone that one network sees."""

import pulumi
import pulumi_azure_native as azure

from components.azure.resource_group import GroupPlace

Promised = pulumi.Output[str]


def private_zone(
    name: str,
    zone: str,
    *,
    group: GroupPlace,
    vnet_id: Promised,
    kept: pulumi.ResourceOptions,
) -> tuple[azure.privatedns.PrivateZone, azure.privatedns.VirtualNetworkLink]:
    """The zone and its link to the network, without which nobody sees it."""
    made = azure.privatedns.PrivateZone(
        name,
        private_zone_name=zone,
        resource_group_name=group.name,
        location="Global",
        tags=dict(group.tags),
        opts=kept,
    )
    link = azure.privatedns.VirtualNetworkLink(
        name,
        virtual_network_link_name="network",
        private_zone_name=made.name,
        resource_group_name=group.name,
        location="Global",
        registration_enabled=False,
        virtual_network=azure.privatedns.SubResourceArgs(id=vnet_id),
        tags=dict(group.tags),
        opts=kept,
    )
    return made, link
