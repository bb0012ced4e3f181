"""A public address, reserved before anything listens on it."""

from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.protection import Protection


@dataclass(frozen=True, kw_only=True)
class AddressesArgs:
    """`name`: the address's own, at most 63 characters."""

    name: str
    region: str
    protection: Protection


class Addresses(pulumi.ComponentResource):
    """One regional address: a load balancer of Google's has one for all zones.

    DNS, Helm values and documentation come from it, not from a Service's status. Gateways in the field may
    know it by heart, so production keeps it like data.
    """

    def __init__(
        self, name: str, args: AddressesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:gcp:Addresses", name, None, opts)
        made = gcp.compute.Address(
            name,
            name=args.name,
            region=args.region,
            address_type="EXTERNAL",
            network_tier="PREMIUM",
            opts=args.protection.data(self),
        )
        self.name: pulumi.Output[str] = made.name
        self.public_ips: tuple[pulumi.Output[str], ...] = (made.address,)
        self.register_outputs({"publicIps": list(self.public_ips)})
