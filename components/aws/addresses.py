"""Public addresses, reserved before anything listens on them."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.protection import Protection


@dataclass(frozen=True, kw_only=True)
class AddressesArgs:
    """An address for each of `zones`. `name` begins their Name tags."""

    name: str
    zones: Sequence[str]
    protection: Protection


class Addresses(pulumi.ComponentResource):
    """Elastic IP addresses, one for each zone of a load balancer.

    DNS, Helm values and documentation come from them, not from a Service's status. Gateways in the
    field may know an address by heart, so production keeps them like data. An account has five for
    each region unless its quota was raised
    (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html).
    """

    def __init__(
        self, name: str, args: AddressesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:aws:Addresses", name, None, opts)
        made = [
            aws.ec2.Eip(
                f"{name}-{zone}",
                domain="vpc",
                tags={"Name": f"{args.name}-{name}-{zone}"},
                opts=args.protection.data(self),
            )
            for zone in args.zones
        ]
        self.allocation_ids: tuple[pulumi.Output[str], ...] = tuple(it.allocation_id for it in made)
        self.public_ips: tuple[pulumi.Output[str], ...] = tuple(it.public_ip for it in made)
        self.register_outputs({"publicIps": list(self.public_ips)})
