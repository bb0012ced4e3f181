"""The public address, reserved before anything listens on it."""

from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.azure.resource_group import GroupPlace
from components.protection import Protection


@dataclass(frozen=True, kw_only=True)
class AddressesArgs:
    """`zones`: those over which the address is spread; none leaves it to Azure."""

    name: str
    group: GroupPlace
    zones: tuple[str, ...]
    protection: Protection


class Addresses(pulumi.ComponentResource):
    """A static public address of the Standard SKU, for all load balancers of the stack.

    DNS, Helm values and documentation come from it, not from a Service's status. Gateways in the field
    may know it by heart, so production keeps it like data. TCP and UDP share it, as their ports differ
    (https://cloud-provider-azure.sigs.k8s.io/topics/shared-ip/).
    """

    def __init__(
        self, name: str, args: AddressesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:azure:Addresses", name, None, opts)
        made = public_address(self, name, args)
        self.name: pulumi.Output[str] = made.name
        self.public_ip: pulumi.Output[str] = made.ip_address.apply(lambda it: it or "")
        self.register_outputs({"publicIp": self.public_ip})


def public_address(
    parent: pulumi.Resource, name: str, args: AddressesArgs
) -> azure.network.PublicIPAddress:
    """An address that stays; others may have it in an allow-list, so it is kept like data."""
    return azure.network.PublicIPAddress(
        name,
        public_ip_address_name=f"{args.name}-{name}",
        resource_group_name=args.group.name,
        location=args.group.location,
        sku=azure.network.PublicIPAddressSkuArgs(name="Standard", tier="Regional"),
        public_ip_allocation_method="Static",
        public_ip_address_version="IPv4",
        idle_timeout_in_minutes=30,
        zones=list(args.zones) or None,
        tags=dict(args.group.tags),
        # Zones of an address are fixed; more zones for the nodes are no reason to give it up.
        opts=pulumi.ResourceOptions.merge(
            args.protection.data(parent), pulumi.ResourceOptions(ignore_changes=["zones"])
        ),
    )
