"""What every target puts into the cluster: the namespace and the TLS Secret."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes
from typing_extensions import assert_never

from components.kubernetes.certificates import SelfSignedCertificate, TlsSecret, TlsSecretArgs
from components.kubernetes.namespace import ProductNamespace
from components.prerequisites import Tls
from stacks import existing, sections
from stacks.certificates import names_to_cover
from stacks.config import CommonConfig
from stacks.existing import Promised


@dataclass(frozen=True, kw_only=True)
class InCluster:
    """The namespace, and the TLS Secret in it."""

    namespace: Promised
    tls: Tls[Promised]


def provision_in_cluster(config: CommonConfig, provider: kubernetes.Provider) -> InCluster:
    """Make the namespace and the TLS Secret, or take over those that are there."""
    opts = pulumi.ResourceOptions(provider=provider)
    namespace = _namespace(config, opts)
    return InCluster(namespace=namespace, tls=_tls(config, namespace, opts))


def _namespace(config: CommonConfig, opts: pulumi.ResourceOptions) -> Promised:
    if not config.release.create_namespace:
        return existing.promised(config.release.namespace)
    made = ProductNamespace("product", config.release.namespace, config.protection, opts)
    return made.namespace


def _tls(config: CommonConfig, namespace: Promised, opts: pulumi.ResourceOptions) -> Tls[Promised]:
    cas = existing.custom_cas(config)
    match config.tls:
        case sections.ExistingTls(secret_name=name):
            return Tls(secret_name=existing.promised(name), root_cas=cas)
        case sections.SuppliedTls(secret_name=name, certificate=certificate):
            key = existing.secret(config, "tlsPrivateKey")
            chain = existing.promised(certificate)
        case sections.SelfSignedTls(secret_name=name):
            hosts = names_to_cover(config.domain, config.tenancy.mode, config.tenancy.tenant_id)
            signed = SelfSignedCertificate("self-signed", hosts)
            key, chain = signed.private_key, signed.certificate
            cas = (*cas, chain)
        case sections.AcmeTls():
            raise NotImplementedError("tls.mode acme is refused when the configuration is loaded")
        case _:
            assert_never(config.tls)
    args = TlsSecretArgs(secret_name=name, namespace=namespace, certificate=chain, private_key=key)
    return Tls(secret_name=TlsSecret("tls", args, opts).secret_name, root_cas=cas)
