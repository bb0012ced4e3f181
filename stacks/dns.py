"""The records of an environment's domain, the same on every target; who keeps them differs."""

import pulumi

from components.dns import Record, address_records, service_records, zone_file
from components.ports import exposed
from components.prerequisites import Prerequisites, PublicAddresses
from stacks import existing, sections
from stacks.config import CommonConfig
from stacks.existing import Promised, promised

# For records that a person enters: an hour, so that a mistake does not last.
_PRINTED_TTL_SECONDS = 3600


def records(
    config: CommonConfig, public: PublicAddresses[Promised]
) -> tuple[Record[Promised], ...]:
    """What is to be in the zone; nothing where it is left alone or the entry has no addresses."""
    if not public.ingress or not isinstance(config.dns, sections.ZoneDns) or not config.dns.records:
        return ()
    found = _services(config, udp=bool(public.udp))
    return (
        *address_records(config.domain, existing.tenancy(config), public),
        *(
            Record(key=it.key, name=it.name, type=it.type, values=tuple(map(promised, it.values)))
            for it in found
        ),
    )


def provision_cloudflare_records(
    config: CommonConfig, section: sections.CloudflareDns, found: tuple[Record[Promised], ...]
) -> None:
    """The records at Cloudflare, which serves any target."""
    # The SDK is there only where a stack file asks for it.
    from components.cloudflare.dns import DnsRecords, DnsRecordsArgs, provider

    token = existing.secret(config, "cloudflareApiToken")
    DnsRecords(
        "dns",
        DnsRecordsArgs(zone_id=section.zone_id, records=found, ttl_seconds=section.ttl_seconds),
        pulumi.ResourceOptions(provider=provider("cloudflare", token)),
    )


def printed_zone(config: CommonConfig, facts: Prerequisites[str]) -> str | None:
    """A zone-file fragment, where no zone is named and the entry's addresses are known."""
    public = facts.public
    if not public.ingress or isinstance(config.dns, sections.ZoneDns):
        return None
    addresses = address_records(facts.domain, facts.tenancy, public)
    services = _services(config, udp=bool(public.udp))
    return zone_file((*addresses, *services), _PRINTED_TTL_SECONDS)


def _services(config: CommonConfig, *, udp: bool) -> tuple[Record[str], ...]:
    ports = exposed(production=config.protection.guarded, udp=udp)
    return service_records(config.domain, ports)
