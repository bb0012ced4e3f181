"""The DNS records of an environment: where it is reached, and what is found by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Literal

from components.ports import Port
from components.prerequisites import PublicAddresses, S, Tenancy

# Where clients of UDP 1700 are led, for it has a load balancer of its own.
UDP_LABEL = "udp"


@dataclass(frozen=True, kw_only=True)
class Record(Generic[S]):
    """`key`: a word for it, unique among the records. `name`: in full, without a dot at the end.

    `values`: addresses, or for SRV `priority weight port target.`
    """

    key: str
    name: str
    type: Literal["A", "SRV"]
    values: tuple[S, ...]


def address_records(
    domain: str, tenancy: Tenancy, public: PublicAddresses[S]
) -> tuple[Record[S], ...]:
    """The domain and its tenants, all or the one, and the UDP entry if there is one."""
    tenants = "*" if tenancy.mode == "multi" else tenancy.tenant_id
    names = (("domain", domain, public.ingress), ("tenants", f"{tenants}.{domain}", public.ingress))
    udp = ("udp", f"{UDP_LABEL}.{domain}", public.udp)
    return tuple(
        Record(key=key, name=name, type="A", values=values)
        for key, name, values in (*names, udp)
        if values
    )


def service_records(domain: str, ports: Sequence[Port]) -> tuple[Record[str], ...]:
    """By which clients find a port: https://www.thethingsindustries.com/docs/concepts/networking/."""
    return tuple(
        Record(
            key=service,
            name=f"_{service}._{port.transport}.{domain}",
            type="SRV",
            values=(f"0 5 {port.number} {_target(domain, port)}.",),
        )
        for port in ports
        for service in port.srv
    )


def _target(domain: str, port: Port) -> str:
    return f"{UDP_LABEL}.{domain}" if port.transport == "udp" else domain


def zone_file(records: Sequence[Record[str]], ttl_seconds: int) -> str:
    """The records as lines of a zone file (RFC 1035, section 5)."""
    return "".join(
        f"{record.name}. {ttl_seconds} IN {record.type} {value}\n"
        for record in records
        for value in record.values
    )


def relative(name: str, zone: str) -> str:
    """A record's name within its zone, `@` for the zone's own."""
    return "@" if name == zone else name.removesuffix(f".{zone}")


def contains(zone: str, domain: str) -> bool:
    """Whether names of the domain can be in the zone."""
    return domain == zone or domain.endswith(f".{zone}")
