"""The network: made or there."""

from typing import Annotated, Literal

from pydantic import Field

from stacks.fields import Cidr, PrivateCidr, Section, Text, Texts


class ManagedNetwork(Section):
    """A network of its own over the zones of the stack.

    `natGateways`: one in the first zone, or one in each, which is the default where `availability` is
    redundant.
    """

    mode: Literal["managed"]
    cidr: PrivateCidr
    nat_gateways: Literal["one", "per-zone"] | None = None


class ExistingNetwork(Section):
    """A network that is there: its identifier and subnets as the cloud writes them.

    Subnets stand in the order of `zones`, where the stack has zones. `cidr` lets overlaps be found.
    """

    mode: Literal["existing"]
    network_id: Text
    cidr: Cidr | None = None
    private_subnet_ids: Texts = ()
    public_subnet_ids: Texts = ()
    data_subnet_ids: Texts = ()


Network = Annotated[ManagedNetwork | ExistingNetwork, Field(discriminator="mode")]
