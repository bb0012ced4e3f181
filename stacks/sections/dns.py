"""Where the records of the domain are kept."""

from typing import Annotated, Literal

from pydantic import Field

from stacks.fields import Domain, Section, Text

_Seconds = Annotated[int, Field(ge=60, le=86400)]


class PrintedDns(Section):
    """No zone is touched: the output `dnsZoneFile` has the records, for a person to enter."""

    mode: Literal["print"]


class _Zone(Section):
    """A zone that is there."""

    zone: Domain
    records: bool = True
    ttl_seconds: _Seconds = 300


class Route53Dns(_Zone):
    """A hosted zone in Route 53, of the stack's account.

    `records: false` leaves its records alone; it then only proves the domain to a certificate's issuer.
    """

    mode: Literal["route53"]
    zone_id: Text


class AzureDns(_Zone):
    """A zone in Azure DNS, of the stack's subscription.

    `records: false` leaves its records alone; it then only proves the domain to a certificate's issuer.
    """

    mode: Literal["azure-dns"]
    resource_group: Text


class CloudDns(_Zone):
    """A managed zone in Cloud DNS, of the stack's project unless `project` names another.

    `records: false` leaves its records alone; it then only proves the domain to a certificate's issuer.
    """

    mode: Literal["cloud-dns"]
    managed_zone: Text
    project: Text | None = None


class CloudflareDns(_Zone):
    """A zone at Cloudflare; the secret `cloudflareApiToken` may edit its records.

    `records: false` leaves its records alone; it then only proves the domain to a certificate's issuer.
    """

    mode: Literal["cloudflare"]
    zone_id: Text


ZoneDns = Route53Dns | AzureDns | CloudDns | CloudflareDns
Dns = Annotated[
    PrintedDns | Route53Dns | AzureDns | CloudDns | CloudflareDns, Field(discriminator="mode")
]
