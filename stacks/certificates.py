"""What a supplied certificate covers and until when; nothing here asks a server."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from stacks.problems import Problem, key_of

_CERTIFICATE = key_of("tls", "certificate")
_WARN_BEFORE = datetime.timedelta(days=30)


def names_to_cover(domain: str, tenancy_mode: str, tenant_id: str) -> tuple[str, ...]:
    """The names a certificate needs: the domain, and the tenant's or all tenants' below it.

    The product's prerequisites ask for `domain` with `*.domain` (multi-tenant) or with
    `<default tenant>.domain` (single tenant).
    """
    return (domain, f"*.{domain}" if tenancy_mode == "multi" else f"{tenant_id}.{domain}")


def covers(names: Iterable[str], host: str) -> bool:
    """Whether one of the names matches the host; a wildcard stands for one label (RFC 6125)."""
    parent = host.partition(".")[2]
    folded = {name.lower() for name in names}
    return host in folded or (not host.startswith("*") and f"*.{parent}" in folded)


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """The first certificate of a chain: the names it is for, from when to when, and its key (DER)."""

    names: tuple[str, ...]
    not_before: datetime.datetime
    not_after: datetime.datetime
    public_key: bytes


def read_leaf(pem: str) -> Leaf:
    """The leaf of a PEM chain. Raises ValueError where there is none."""
    leaf = x509.load_pem_x509_certificates(pem.encode())[0]
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        dns_names = tuple(names.get_values_for_type(x509.DNSName))
    except x509.ExtensionNotFound:
        dns_names = ()
    return Leaf(
        names=dns_names,
        not_before=leaf.not_valid_before_utc,
        not_after=leaf.not_valid_after_utc,
        public_key=_spki(leaf.public_key()),
    )


def check_certificate(pem: str, required: Iterable[str], now: datetime.datetime) -> list[Problem]:
    """What keeps this certificate from serving the required names today."""
    try:
        leaf = read_leaf(pem)
    except ValueError:
        return [
            Problem(
                key=_CERTIFICATE,
                allowed="certificates in PEM, the server's own first",
                remedy="paste the whole file, from -----BEGIN CERTIFICATE----- on, as a block (|)",
            )
        ]
    missing = [name for name in required if not covers(leaf.names, name)]
    problems = []
    if missing:
        problems.append(
            Problem(
                key=_CERTIFICATE,
                value=f"covers {', '.join(leaf.names) or 'no DNS name'}",
                allowed=f"a certificate that covers {' and '.join(required)}",
                remedy=f"have one issued that also names {' and '.join(missing)}",
            )
        )
    if leaf.not_before > now:
        problems.append(
            Problem(
                key=_CERTIFICATE,
                value=f"begins on {leaf.not_before:%Y-%m-%d}",
                allowed="a certificate that holds today",
                remedy="wait for that day, or paste the one in use with its key",
            )
        )
    if leaf.not_after <= now:
        problems.append(
            Problem(
                key=_CERTIFICATE,
                value=f"ended on {leaf.not_after:%Y-%m-%d}",
                allowed="a certificate that has not ended",
                remedy="renew it and paste the new one with its key",
            )
        )
    return problems


def soon_to_end(pem: str) -> str | None:
    """A sentence of warning where a certificate ends within a month."""
    left = read_leaf(pem).not_after - datetime.datetime.now(datetime.timezone.utc)
    if left > _WARN_BEFORE:
        return None
    return (
        f"tls.certificate ends in {left.days} days: renew it, and paste the new one with its key."
    )


def check_private_key(certificate: str, private_key: str) -> list[Problem]:
    """Whether the key is readable, without a passphrase, and belongs to the certificate."""
    key = key_of("tlsPrivateKey")
    try:
        loaded = serialization.load_pem_private_key(private_key.encode(), password=None)
    except (ValueError, TypeError):
        return [
            Problem(
                key=key,
                allowed="a private key in PEM without a passphrase",
                remedy="pulumi config set --secret tlsPrivateKey < tls.key",
            )
        ]
    try:
        matches = _spki(loaded.public_key()) == read_leaf(certificate).public_key
    except ValueError:
        return []
    if matches:
        return []
    return [
        Problem(
            key=key,
            allowed="the private key of tls.certificate",
            remedy="set the key and the certificate that were made together",
        )
    ]


def _spki(public_key: PublicKeyTypes) -> bytes:
    return public_key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
