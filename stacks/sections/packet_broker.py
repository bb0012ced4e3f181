"""Packet Broker: off, forwarder or home network."""

from typing import Annotated, Literal

from pydantic import Field

from stacks.fields import DevAddrBlock, NetId, Section, Text


class NoPacketBroker(Section):
    """Packet Broker stays off, as it is in the chart."""

    mode: Literal["off"]


class PacketBrokerForwarder(Section):
    """Traffic is forwarded to Packet Broker; the key's secret is `packetBrokerKey`."""

    mode: Literal["forwarder"]
    key_id: Text


class PacketBrokerHomeNetwork(Section):
    """Forwarder and Home Network, which needs a NetID or a leased block of device addresses."""

    mode: Literal["home-network"]
    key_id: Text
    net_id: NetId | None = None
    dev_addr_block: DevAddrBlock | None = None


PacketBroker = Annotated[
    NoPacketBroker | PacketBrokerForwarder | PacketBrokerHomeNetwork,
    Field(discriminator="mode"),
]
