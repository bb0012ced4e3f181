"""The domain of an environment on AWS: its records, and the proof that it is ours."""

import pulumi
import pulumi_aws as aws
from typing_extensions import assert_never

from components.aws.dns import DnsRecords, DnsRecordsArgs, proof_policy
from components.aws.pod_identity import PodRole, PodRoleArgs
from components.kubernetes.acme import route53_solver
from components.kubernetes.cert_manager import NAMESPACE, SERVICE_ACCOUNT
from components.naming import aws_partition, iam_name
from components.prerequisites import PublicAddresses
from stacks import dns, sections
from stacks.aws_cluster import RunningCluster
from stacks.config import AwsConfig
from stacks.existing import Promised
from stacks.issuer import Proof, issues


def provision_proof(
    config: AwsConfig, account: aws.Provider, cluster: RunningCluster
) -> Proof | None:
    """A role for cert-manager's pods in the zone, where a certificate is to be got by it."""
    if not isinstance(config.dns, sections.Route53Dns) or not issues(config):
        return None
    role = PodRole(
        "certificates",
        PodRoleArgs(
            role_name=iam_name(config.stack, "certificates"),
            policy=proof_policy(aws_partition(config.region), config.dns.zone_id, config.domain),
            cluster_name=cluster.name,
            namespace=NAMESPACE,
            service_account=SERVICE_ACCOUNT,
        ),
        pulumi.ResourceOptions(provider=account),
    )
    return Proof(
        solver=route53_solver(config.dns.zone_id, config.region), before_pods=(role.association,)
    )


def provision_dns(
    config: AwsConfig, account: aws.Provider, public: PublicAddresses[Promised]
) -> None:
    """The records of the domain."""
    found = dns.records(config, public)
    match config.dns:
        case sections.PrintedDns():
            return
        case sections.Route53Dns() as section:
            if found:
                DnsRecords(
                    "dns",
                    DnsRecordsArgs(
                        zone_id=section.zone_id, records=found, ttl_seconds=section.ttl_seconds
                    ),
                    pulumi.ResourceOptions(provider=account),
                )
        case sections.CloudflareDns() as section:
            if found:
                dns.provision_cloudflare_records(config, section, found)
        case sections.AzureDns() | sections.CloudDns():
            raise NotImplementedError(
                f"dns.mode {config.dns.mode} is refused when the configuration is loaded"
            )
        case _:
            assert_never(config.dns)
