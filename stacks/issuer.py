"""Certificates by ACME: cert-manager, who issues, and how the domain is proved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.kubernetes.acme import (
    AcmeIssuer,
    AcmeIssuerArgs,
    Certificate,
    CertificateArgs,
    Solver,
    cloudflare_solver,
)
from components.kubernetes.cert_manager import CertManager, CertManagerArgs
from stacks import existing, sections
from stacks.certificates import names_to_cover
from stacks.config import CommonConfig
from stacks.existing import Promised

# https://letsencrypt.org/docs/acme-protocol-updates/ and https://letsencrypt.org/docs/staging-environment/
_DIRECTORY = "https://acme-v02.api.letsencrypt.org/directory"
_STAGING_DIRECTORY = "https://acme-staging-v02.api.letsencrypt.org/directory"


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What a target's own DNS gives: the solver, and the identity of cert-manager's pods for it.

    `before_pods`: what must be there before they run.
    """

    solver: Solver
    service_account_annotations: Mapping[str, pulumi.Input[str]] | None = None
    service_account_labels: Mapping[str, str] | None = None
    pod_labels: Mapping[str, str] | None = None
    before_pods: Sequence[pulumi.Resource] = ()


def issues(config: CommonConfig) -> bool:
    """Whether the stack makes an issuer of its own."""
    return isinstance(config.tls, sections.AcmeTls) and config.tls.issuer is None


def provision_cert_manager(
    config: CommonConfig,
    provider: kubernetes.Provider,
    proof: Proof | None,
    after: Sequence[pulumi.Resource],
) -> tuple[pulumi.Resource, ...]:
    """What brings cert-manager, where something needs it; nothing where the cluster has it."""
    if not wants_cert_manager(config):
        return ()
    args = CertManagerArgs(
        replicas=2 if config.redundant else 1,
        service_account_annotations=None if proof is None else proof.service_account_annotations,
        service_account_labels=None if proof is None else proof.service_account_labels,
        pod_labels=None if proof is None else proof.pod_labels,
        after=(*after, *(() if proof is None else proof.before_pods)),
    )
    made = CertManager("cert-manager", args, pulumi.ResourceOptions(provider=provider))
    return (made.release,)


def wants_cert_manager(config: CommonConfig) -> bool:
    """Whether the stack is to install it."""
    if config.cert_manager is not None:
        return config.cert_manager.mode == "managed"
    return issues(config)


def provision_certificate(
    config: CommonConfig,
    section: sections.AcmeTls,
    namespace: Promised,
    provider: kubernetes.Provider,
    proof: Proof | None,
    cert_manager: Sequence[pulumi.Resource],
) -> Promised:
    """The name of the Secret, told once the certificate is there."""
    opts = pulumi.ResourceOptions(provider=provider)
    issuer, after = section.issuer, tuple(cert_manager)
    if issuer is None:
        made = AcmeIssuer("issuer", _issuer(config, section, provider, proof, after), opts)
        issuer, after = made.name, (*after, made.issuer)
    args = CertificateArgs(
        issuer=issuer,
        secret_name=section.secret_name,
        namespace=namespace,
        dns_names=names_to_cover(config.domain, config.tenancy.mode, config.tenancy.tenant_id),
        after=after,
    )
    return Certificate("certificate", args, opts).secret_name


def _issuer(
    config: CommonConfig,
    section: sections.AcmeTls,
    provider: kubernetes.Provider,
    proof: Proof | None,
    cert_manager: tuple[pulumi.Resource, ...],
) -> AcmeIssuerArgs:
    if section.email is None:
        raise TypeError("tls.email was let through empty")
    if isinstance(config.dns, sections.CloudflareDns):
        token = existing.secret(config, "cloudflareApiToken")
        opts = pulumi.ResourceOptions(provider=provider, depends_on=list(cert_manager))
        solver = cloudflare_solver("cloudflare-token", token, opts)
    elif proof is not None:
        solver = proof.solver
    else:
        raise TypeError("a certificate by ACME was let through without a zone")
    ours = _STAGING_DIRECTORY if section.staging else _DIRECTORY
    return AcmeIssuerArgs(
        name=f"the-things-stack{'-staging' if section.staging else ''}",
        directory=section.directory or ours,
        email=section.email,
        zone=config.domain,
        solver=solver,
        after=cert_manager,
    )
