"""The domain of an environment on Google Cloud: its records, and the proof that it is ours."""

import pulumi
import pulumi_gcp as gcp
from typing_extensions import assert_never

from components.gcp.dns import (
    IDENTITY_ANNOTATION,
    DnsProof,
    DnsProofArgs,
    DnsRecords,
    DnsRecordsArgs,
)
from components.kubernetes.acme import cloud_dns_solver
from components.kubernetes.cert_manager import NAMESPACE, SERVICE_ACCOUNT
from components.prerequisites import PublicAddresses
from stacks import dns, sections
from stacks.config import GcpConfig
from stacks.existing import Promised
from stacks.gcp_cluster import RunningCluster
from stacks.issuer import Proof, issues


def provision_proof(
    config: GcpConfig, project: gcp.Provider, cluster: RunningCluster
) -> Proof | None:
    """An account for cert-manager's pods in the zone, where a certificate is to be got by it."""
    if not isinstance(config.dns, sections.CloudDns) or not issues(config):
        return None
    zone_project = config.dns.project or config.gcp.project
    account = DnsProof(
        "certificates",
        DnsProofArgs(
            stack=config.stack,
            project=config.gcp.project,
            zone_project=zone_project,
            managed_zone=config.dns.managed_zone,
            namespace=NAMESPACE,
            service_account=SERVICE_ACCOUNT,
            after=cluster.ready,
        ),
        pulumi.ResourceOptions(provider=project),
    )
    return Proof(
        solver=cloud_dns_solver(project=zone_project, managed_zone=config.dns.managed_zone),
        service_account_annotations={IDENTITY_ANNOTATION: account.email},
        before_pods=account.ready,
    )


def provision_dns(
    config: GcpConfig, project: gcp.Provider, public: PublicAddresses[Promised]
) -> None:
    """The records of the domain."""
    found = dns.records(config, public)
    match config.dns:
        case sections.PrintedDns():
            return
        case sections.CloudDns() as section:
            if found:
                DnsRecords(
                    "dns",
                    DnsRecordsArgs(
                        project=section.project or config.gcp.project,
                        managed_zone=section.managed_zone,
                        records=found,
                        ttl_seconds=section.ttl_seconds,
                    ),
                    pulumi.ResourceOptions(provider=project),
                )
        case sections.CloudflareDns() as section:
            if found:
                dns.provision_cloudflare_records(config, section, found)
        case sections.Route53Dns() | sections.AzureDns():
            raise NotImplementedError(
                f"dns.mode {config.dns.mode} is refused when the configuration is loaded"
            )
        case _:
            assert_never(config.dns)
