"""A certificate authority for stores in the cluster, and certificates from it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_tls as tls

_ONE_YEAR_HOURS = 365 * 24
_LIFE_HOURS = 10 * _ONE_YEAR_HOURS
_SUBJECT = "The Things Stack, stores"


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A certificate and its private key, both PEM; the key is secret."""

    certificate: pulumi.Output[str]
    private_key: pulumi.Output[str]


class StoreAuthority(pulumi.ComponentResource):
    """An authority that only the product need trust: it signs for one store and for nothing else.

    It lasts ten years, because whoever trusts it must be told of a new one. Any `up` in its last year makes
    a new one; the Helm release then needs the new values.
    """

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tts:kubernetes:StoreAuthority", name, None, opts)
        self._name = name
        self._mine = pulumi.ResourceOptions(parent=self)
        key = _key(f"{name}-ca", self._mine)
        made = tls.SelfSignedCert(
            f"{name}-ca",
            private_key_pem=key.private_key_pem,
            is_ca_certificate=True,
            subject=tls.SelfSignedCertSubjectArgs(organization=_SUBJECT, common_name=name),
            validity_period_hours=_LIFE_HOURS,
            early_renewal_hours=_ONE_YEAR_HOURS,
            allowed_uses=["cert_signing", "crl_signing"],
            set_subject_key_id=True,
            opts=self._mine,
        )
        self.certificate: pulumi.Output[str] = made.cert_pem
        self.private_key: pulumi.Output[str] = pulumi.Output.secret(key.private_key_pem)
        self.register_outputs({"certificate": self.certificate})

    def issue(self, name: str, dns_names: Sequence[pulumi.Input[str]]) -> Issued:
        """A server's certificate for these names, which lasts as long as the authority."""
        key = _key(name, self._mine)
        request = tls.CertRequest(
            name,
            private_key_pem=key.private_key_pem,
            subject=tls.CertRequestSubjectArgs(organization=_SUBJECT),
            dns_names=list(dns_names),
            opts=self._mine,
        )
        signed = tls.LocallySignedCert(
            name,
            cert_request_pem=request.cert_request_pem,
            ca_private_key_pem=self.private_key,
            ca_cert_pem=self.certificate,
            validity_period_hours=_LIFE_HOURS,
            early_renewal_hours=_ONE_YEAR_HOURS,
            allowed_uses=["digital_signature", "key_encipherment", "server_auth"],
            opts=self._mine,
        )
        return Issued(
            certificate=signed.cert_pem, private_key=pulumi.Output.secret(key.private_key_pem)
        )


def self_signed(name: str, dns_names: Sequence[str], use: str, parent: pulumi.Resource) -> Issued:
    """A certificate that signs itself, for a peer that is told to trust just this one."""
    mine = pulumi.ResourceOptions(parent=parent)
    key = _key(name, mine)
    made = tls.SelfSignedCert(
        name,
        private_key_pem=key.private_key_pem,
        subject=tls.SelfSignedCertSubjectArgs(common_name=name),
        dns_names=list(dns_names),
        validity_period_hours=_LIFE_HOURS,
        early_renewal_hours=_ONE_YEAR_HOURS,
        allowed_uses=["digital_signature", "key_encipherment", use],
        opts=mine,
    )
    return Issued(certificate=made.cert_pem, private_key=pulumi.Output.secret(key.private_key_pem))


def _key(name: str, opts: pulumi.ResourceOptions) -> tls.PrivateKey:
    return tls.PrivateKey(name, algorithm="ECDSA", ecdsa_curve="P256", opts=opts)
