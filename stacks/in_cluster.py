"""What every target puts into the cluster: the namespace, the TLS Secret, and what issues it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes
from typing_extensions import assert_never

from components.kubernetes.certificates import (
    PrivateCa,
    SelfSignedCertificate,
    TlsSecret,
    TlsSecretArgs,
)
from components.kubernetes.namespace import ProductNamespace
from components.prerequisites import Tls
from stacks import existing, sections
from stacks.certificates import names_to_cover, soon_to_end
from stacks.config import CommonConfig
from stacks.existing import Promised
from stacks.issuer import Proof, provision_cert_manager, provision_certificate


@dataclass(frozen=True, kw_only=True)
class InCluster:
    """The namespace, and the TLS Secret in it.

    `cert_manager`: what brings it, empty where the cluster has it or nothing needs it. `root_ca`: of a
    private CA, what clients must trust.
    """

    namespace: Promised
    tls: Tls[Promised]
    cert_manager: tuple[pulumi.Resource, ...] = ()
    root_ca: Promised | None = None


def provision_in_cluster(
    config: CommonConfig,
    provider: kubernetes.Provider,
    *,
    proof: Proof | None = None,
    after: Sequence[pulumi.Resource] = (),
) -> InCluster:
    """Make the namespace and the TLS Secret, or take over those that are there.

    `proof`: what the target's DNS gives for certificates by ACME. `after`: what must be there before
    pods run.
    """
    opts = pulumi.ResourceOptions(provider=provider)
    namespace = _namespace(config, opts)
    cert_manager = provision_cert_manager(config, provider, proof, after)
    cas = existing.custom_cas(config)
    if isinstance(config.tls, sections.ExistingTls):
        made = Tls(secret_name=existing.promised(config.tls.secret_name), root_cas=cas)
        return InCluster(namespace=namespace, tls=made, cert_manager=cert_manager)
    if isinstance(config.tls, sections.AcmeTls):
        name = provision_certificate(config, config.tls, namespace, provider, proof, cert_manager)
        made = Tls(secret_name=name, root_cas=cas)
        return InCluster(namespace=namespace, tls=made, cert_manager=cert_manager)
    pair = _pair(config, config.tls)
    secret = TlsSecretArgs(
        secret_name=config.tls.secret_name,
        namespace=namespace,
        certificate=pair.certificate,
        private_key=pair.private_key,
    )
    trusted = cas if pair.root is None else (*cas, pair.root)
    return InCluster(
        namespace=namespace,
        tls=Tls(secret_name=TlsSecret("tls", secret, opts).secret_name, root_cas=trusted),
        cert_manager=cert_manager,
        root_ca=pair.root,
    )


def _namespace(config: CommonConfig, opts: pulumi.ResourceOptions) -> Promised:
    if not config.release.create_namespace:
        return existing.promised(config.release.namespace)
    made = ProductNamespace("product", config.release.namespace, config.protection, opts)
    return made.namespace


@dataclass(frozen=True, kw_only=True)
class _Pair:
    """A certificate and its key, and the root that is to be trusted for it."""

    certificate: Promised
    private_key: Promised
    root: Promised | None = None


def _pair(
    config: CommonConfig,
    tls: sections.SuppliedTls | sections.SelfSignedTls | sections.PrivateCaTls,
) -> _Pair:
    hosts = names_to_cover(config.domain, config.tenancy.mode, config.tenancy.tenant_id)
    match tls:
        case sections.SuppliedTls(certificate=certificate):
            warning = soon_to_end(certificate)
            if warning is not None:
                pulumi.log.warn(warning)
            return _Pair(
                certificate=existing.promised(certificate),
                private_key=existing.secret(config, "tlsPrivateKey"),
            )
        case sections.SelfSignedTls():
            signed = SelfSignedCertificate("self-signed", hosts)
            return _Pair(
                certificate=signed.certificate,
                private_key=signed.private_key,
                root=signed.certificate,
            )
        case sections.PrivateCaTls():
            private = PrivateCa("private-ca", hosts, config.protection)
            return _Pair(
                certificate=private.certificate,
                private_key=private.private_key,
                root=private.root,
            )
        case _:
            assert_never(tls)
