"""Records at Cloudflare."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_cloudflare as cloudflare

from components.dns import Record


@dataclass(frozen=True, kw_only=True)
class DnsRecordsArgs:
    """`zone_id`: a zone that is there and contains the records' names."""

    zone_id: str
    records: Sequence[Record[pulumi.Output[str]]]
    ttl_seconds: int


class DnsRecords(pulumi.ComponentResource):
    """Records in a zone, none of them through Cloudflare's proxy: it serves none of the product's ports.

    One for each value. Where an address is not known yet, its place in the list names the record.
    """

    def __init__(
        self, name: str, args: DnsRecordsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:cloudflare:DnsRecords", name, None, opts)
        for record in args.records:
            for place, value in enumerate(record.values, start=1):
                cloudflare.DnsRecord(
                    f"{name}-{record.key}-{place}",
                    zone_id=args.zone_id,
                    name=record.name,
                    type=record.type,
                    ttl=args.ttl_seconds,
                    proxied=False,
                    content=value if record.type == "A" else None,
                    data=value.apply(_service) if record.type == "SRV" else None,
                    opts=pulumi.ResourceOptions(parent=self),
                )
        self.register_outputs({})


def _service(value: str) -> cloudflare.DnsRecordDataArgs:
    """The parts of an SRV record, which Cloudflare takes one by one."""
    priority, weight, port, target = value.split()
    return cloudflare.DnsRecordDataArgs(
        priority=int(priority), weight=int(weight), port=int(port), target=target.removesuffix(".")
    )


def provider(name: str, token: pulumi.Input[str]) -> cloudflare.Provider:
    """An explicit provider with an API token, never the ambient one."""
    return cloudflare.Provider(name, api_token=pulumi.Output.secret(token))
