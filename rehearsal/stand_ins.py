"""Stand-ins for a stack file's secrets: a rehearsal has no key to them, and needs none.

Each is well formed, so that the program's checks see what they would see, and unmistakable, so that
it can be searched for in everything that is written.
"""

import datetime
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from stacks.secrets import SecretKey

Config = Mapping[str, Any]


def stand_in(key: SecretKey, config: Config) -> str:
    """A stand-in for one secret, fit for the rest of the stack file's config."""
    return _MAKERS.get(key, _text)(key, config)


def certificate_like(pem: str) -> tuple[str, str] | None:
    """A certificate with the names and dates of this one but a key of its own, and that key.

    The real key is encrypted, and a stand-in for it would not match the real certificate. None where
    the certificate cannot be read: then it is left for the configuration's checks to refuse.
    """
    try:
        real = x509.load_pem_x509_certificates(pem.encode())[0]
        names = real.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (ValueError, x509.ExtensionNotFound):
        return None
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        x509.CertificateBuilder()
        .subject_name(real.subject)
        .issuer_name(real.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_utc(real.not_valid_before_utc))
        .not_valid_after(_utc(real.not_valid_after_utc))
        .add_extension(names.value, critical=names.critical)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return made.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


def _utc(moment: datetime.datetime) -> datetime.datetime:
    return moment.astimezone(datetime.timezone.utc)


def _text(key: SecretKey, config: Config) -> str:
    return f"rehearsal-{key}-{secrets.token_hex(12)}"


def _password(key: SecretKey, config: Config) -> str:
    return f"Rehearsal-1-{secrets.token_hex(12)}"


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
    "extraSecrets": _extra_secrets,
}
