"""The TLS Secret for the ingress controller: from a supplied certificate, self-signed, or of a private CA."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_tls as tls

from components.protection import Protection

_ONE_YEAR_HOURS = 365 * 24
_CA_HOURS = 10 * _ONE_YEAR_HOURS
_RENEW_BEFORE_HOURS = 30 * 24


@dataclass(frozen=True, kw_only=True)
class TlsSecretArgs:
    """A certificate chain and its private key, both PEM, and where the Secret goes."""

    secret_name: str
    namespace: pulumi.Input[str]
    certificate: pulumi.Input[str]
    private_key: pulumi.Input[str]


class TlsSecret(pulumi.ComponentResource):
    """A Secret of type kubernetes.io/tls in the product's namespace."""

    def __init__(
        self, name: str, args: TlsSecretArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:kubernetes:TlsSecret", name, None, opts)
        made = kubernetes.core.v1.Secret(
            name,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=args.secret_name, namespace=args.namespace
            ),
            type="kubernetes.io/tls",
            string_data={
                "tls.crt": args.certificate,
                "tls.key": pulumi.Output.secret(args.private_key),
            },
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.secret_name: pulumi.Output[str] = made.metadata.name
        self.register_outputs({"secretName": self.secret_name})


class SelfSignedCertificate(pulumi.ComponentResource):
    """A certificate for these DNS names that signs itself; for disposable environments.

    It lasts a year; the first `pulumi up` in its last 30 days makes a new one.
    """

    def __init__(
        self, name: str, dns_names: Sequence[str], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:kubernetes:SelfSignedCertificate", name, None, opts)
        mine = pulumi.ResourceOptions(parent=self)
        key = _key(name, mine)
        signed = tls.SelfSignedCert(
            name,
            private_key_pem=key.private_key_pem,
            # A common name holds 64 characters at most; a domain may be longer.
            subject=tls.SelfSignedCertSubjectArgs(organization="Self-signed, not for production"),
            dns_names=list(dns_names),
            validity_period_hours=_ONE_YEAR_HOURS,
            early_renewal_hours=_RENEW_BEFORE_HOURS,
            allowed_uses=["digital_signature", "key_encipherment", "server_auth"],
            opts=mine,
        )
        self.certificate: pulumi.Output[str] = signed.cert_pem
        self.private_key: pulumi.Output[str] = pulumi.Output.secret(key.private_key_pem)
        self.register_outputs({"certificate": self.certificate})


class PrivateCa(pulumi.ComponentResource):
    """A certificate for these DNS names, by a certificate authority made for them alone.

    `root` is what clients must trust; it lasts ten years and is guarded like data, for a new one must be
    carried to every gateway. The certificate lasts a year; the first `pulumi up` in its last 30 days makes
    a new one, with the same key. `certificate` is the chain without the root.
    """

    def __init__(
        self,
        name: str,
        dns_names: Sequence[str],
        protection: Protection,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("tts:kubernetes:PrivateCa", name, None, opts)
        guarded, mine = protection.data(self), pulumi.ResourceOptions(parent=self)
        ca_key = _key(f"{name}-root", guarded)
        ca = tls.SelfSignedCert(
            f"{name}-root",
            private_key_pem=ca_key.private_key_pem,
            is_ca_certificate=True,
            subject=tls.SelfSignedCertSubjectArgs(
                organization="The Things Stack", common_name="Private root"
            ),
            validity_period_hours=_CA_HOURS,
            allowed_uses=["cert_signing", "crl_signing"],
            set_subject_key_id=True,
            opts=guarded,
        )
        key = _key(name, mine)
        request = tls.CertRequest(
            name,
            private_key_pem=key.private_key_pem,
            subject=tls.CertRequestSubjectArgs(organization="The Things Stack"),
            dns_names=list(dns_names),
            opts=mine,
        )
        signed = tls.LocallySignedCert(
            name,
            cert_request_pem=request.cert_request_pem,
            ca_private_key_pem=ca_key.private_key_pem,
            ca_cert_pem=ca.cert_pem,
            validity_period_hours=_ONE_YEAR_HOURS,
            early_renewal_hours=_RENEW_BEFORE_HOURS,
            allowed_uses=["digital_signature", "key_encipherment", "server_auth", "client_auth"],
            opts=mine,
        )
        self.root: pulumi.Output[str] = ca.cert_pem
        self.certificate: pulumi.Output[str] = signed.cert_pem
        self.private_key: pulumi.Output[str] = pulumi.Output.secret(key.private_key_pem)
        self.register_outputs({"root": self.root})


def _key(name: str, opts: pulumi.ResourceOptions) -> tls.PrivateKey:
    return tls.PrivateKey(name, algorithm="ECDSA", ecdsa_curve="P256", opts=opts)
