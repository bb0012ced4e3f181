"""Stand-ins for a stack file's secrets: a rehearsal has no key to them, and needs none.

Each is well formed, so that the program's checks see what they would see, and unmistakable, so that
it can be searched for in everything that is written.
"""

import base64
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from stacks.secrets import SecretKey

Config = Mapping[str, Any]
_LONG_WORD = 24


def stand_in(key: SecretKey, config: Config) -> str:
    """A stand-in for one secret, fit for the rest of the stack file's config."""
    return _MAKERS.get(key, _text)(key, config)


def certificate_like(pem: str) -> tuple[str, str] | None:
    """A certificate with the names and dates of this one but a key of its own, and that key.

    The real key is encrypted, and a stand-in for it would not match the real certificate. None where
    the certificate cannot be read: then it is left for the configuration's checks to refuse.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    try:
        real = x509.load_pem_x509_certificates(pem.encode())[0]
        builder = (
            x509.CertificateBuilder()
            .subject_name(real.subject)
            .issuer_name(real.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(real.not_valid_before_utc)
            .not_valid_after(real.not_valid_after_utc)
        )
        made = _with_names_of(real, builder).sign(key, hashes.SHA256())
    except (ValueError, x509.DuplicateExtension):
        return None
    return made.public_bytes(serialization.Encoding.PEM).decode(), _pem(key)


def traces(secret: str) -> frozenset[str]:
    """What of a stand-in would show in a file that held it, whole, in base64 or in a part.

    The parts are its long words, such as the token in a kubeconfig or the lines of a key.
    """
    words = {word for word in re.findall(rf"\S{{{_LONG_WORD},}}", secret) if "://" not in word}
    return frozenset({secret, base64.b64encode(secret.encode()).decode(), *words})


def _with_names_of(
    real: x509.Certificate, builder: x509.CertificateBuilder
) -> x509.CertificateBuilder:
    try:
        names = real.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return builder
    return builder.add_extension(names.value, critical=names.critical)


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _text(key: SecretKey, config: Config) -> str:
    return f"rehearsal-{key}-{secrets.token_hex(12)}"


def _password(key: SecretKey, config: Config) -> str:
    return f"Rehearsal-1-{secrets.token_hex(12)}"


def _private_key(key: SecretKey, config: Config) -> str:
    """A sound key, so that a certificate that cannot be read is the only thing complained of."""
    return _pem(ec.generate_private_key(ec.SECP256R1()))


def _kubeconfig(key: SecretKey, config: Config) -> str:
    cluster = config.get("tts:cluster")
    name = cluster.get("context") if isinstance(cluster, Mapping) else None
    context = name if isinstance(name, str) else "rehearsal"
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": context,
            "clusters": [
                {"name": context, "cluster": {"server": "https://kubernetes.example.com"}}
            ],
            "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
            "users": [{"name": context, "user": {"token": _text(key, config)}}],
        }
    )


def _extra_secrets(key: SecretKey, config: Config) -> str:
    return yaml.safe_dump({"rehearsal": {"extraSecret": _text(key, config)}})


_MAKERS: Mapping[SecretKey, Callable[[SecretKey, Config], str]] = {
    "adminPassword": _password,
    "kubeconfig": _kubeconfig,
    "tlsPrivateKey": _private_key,
    "extraSecrets": _extra_secrets,
}
