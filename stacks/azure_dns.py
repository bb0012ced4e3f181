"""The domain of an environment on Azure: its records, and the proof that it is ours."""

import pulumi
import pulumi_azure_native as azure
from typing_extensions import assert_never

from components.azure.dns import DnsProof, DnsProofArgs, DnsRecords, DnsRecordsArgs
from components.azure.resource_group import GroupPlace
from components.kubernetes.acme import azure_dns_solver
from components.kubernetes.cert_manager import NAMESPACE, SERVICE_ACCOUNT
from components.prerequisites import PublicAddresses
from stacks import dns, sections
from stacks.azure_cluster import RunningCluster
from stacks.config import AzureConfig
from stacks.existing import Promised
from stacks.issuer import Proof, issues


def provision_proof(
    config: AzureConfig, account: azure.Provider, group: GroupPlace, cluster: RunningCluster
) -> Proof | None:
    """An identity for cert-manager's pods in the zone, where a certificate is to be got by it."""
    if not isinstance(config.dns, sections.AzureDns) or not issues(config):
        return None
    subscription = config.azure.subscription_id
    made = DnsProof(
        "certificates",
        DnsProofArgs(
            stack=config.stack,
            subscription=subscription,
            group=group,
            zone_group=config.dns.resource_group,
            zone=config.dns.zone,
            issuer_url=cluster.issuer_url,
            namespace=NAMESPACE,
            service_account=SERVICE_ACCOUNT,
        ),
        pulumi.ResourceOptions(provider=account),
    )
    return Proof(
        solver=azure_dns_solver(
            subscription_id=subscription,
            resource_group=config.dns.resource_group,
            zone=config.dns.zone,
            client_id=made.client_id,
        ),
        service_account_labels=made.service_account_labels,
        pod_labels=made.pod_labels,
        before_pods=made.ready,
    )


def provision_dns(
    config: AzureConfig, account: azure.Provider, public: PublicAddresses[Promised]
) -> None:
    """The records of the domain."""
    found = dns.records(config, public)
    match config.dns:
        case sections.PrintedDns():
            return
        case sections.AzureDns() as section:
            if found:
                DnsRecords(
                    "dns",
                    DnsRecordsArgs(
                        resource_group=section.resource_group,
                        zone=section.zone,
                        records=found,
                        ttl_seconds=section.ttl_seconds,
                    ),
                    pulumi.ResourceOptions(provider=account),
                )
        case sections.CloudflareDns() as section:
            if found:
                dns.provision_cloudflare_records(config, section, found)
        case sections.CloudDns() | sections.Route53Dns():
            raise NotImplementedError(
                f"dns.mode {config.dns.mode} is refused when the configuration is loaded"
            )
        case _:
            assert_never(config.dns)
