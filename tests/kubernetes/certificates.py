"""Certificates as an authority would give them: a root, an intermediate, and what it signs."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAY = datetime.timedelta(days=1)
Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A certificate with the chain behind it, and its key, both PEM."""

    chain: str
    key: str = field(repr=False)

    def write(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Put both into files of their own."""
        chain, key = folder / f"{name}.crt", folder / f"{name}.key"
        chain.write_text(self.chain, encoding="utf-8")
        key.write_text(self.key, encoding="utf-8")
        return chain, key


class Authority:
    """A certificate authority. Clients trust `root` alone, so servers have to send the chain."""

    def __init__(self) -> None:
        self._root_key, self._key = _key(), _key()
        root = _signed("Root", self._root_key, "Root", self._root_key, authority=True)
        self._issuer = _signed("Intermediate", self._key, "Root", self._root_key, authority=True)
        self.root: str = _pem(root)

    def server(self, names: Sequence[str]) -> Pair:
        """A certificate for these host names."""
        key = _key()
        made = _signed(names[0], key, "Intermediate", self._key, names=names)
        return Pair(chain=_pem(made) + _pem(self._issuer), key=_private(key))

    def client(self, name: str) -> Pair:
        """A certificate by which a client, such as a gateway, is known."""
        key = _key()
        made = _signed(name, key, "Intermediate", self._key)
        return Pair(chain=_pem(made) + _pem(self._issuer), key=_private(key))


def _key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _signed(
    subject: str,
    key: Key,
    issuer: str,
    by: Key,
    *,
    authority: bool = False,
    names: Sequence[str] = (),
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + 30 * _DAY)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if names:
        found = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = builder.add_extension(found, critical=False)
    if not authority:
        purpose = ExtendedKeyUsageOID.SERVER_AUTH if names else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    return builder.sign(by, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _private(key: Key) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
