"""The domain of an environment on Google Cloud."""

from typing_extensions import assert_never

from components.prerequisites import PublicAddresses
from stacks import dns, sections
from stacks.config import GcpConfig
from stacks.existing import Promised


def provision_dns(config: GcpConfig, public: PublicAddresses[Promised]) -> None:
    """The records of the domain."""
    found = dns.records(config, public)
    match config.dns:
        case sections.PrintedDns():
            return
        case sections.CloudflareDns() as section:
            if found:
                dns.provision_cloudflare_records(config, section, found)
        case sections.Route53Dns() | sections.AzureDns() | sections.CloudDns():
            raise NotImplementedError(
                f"dns.mode {config.dns.mode} is refused when the configuration is loaded"
            )
        case _:
            assert_never(config.dns)
