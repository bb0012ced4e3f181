"""Stack files for tests: the shipped one, changed as a test needs it."""

import copy
import datetime
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from stacks.raw import RawConfig

ROOT = Path(__file__).parent.parent
KUBECONFIG = yaml.safe_dump(
    {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "a", "cluster": {"server": "https://kubernetes.example.com"}}],
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "users": [{"name": "a", "user": {"token": "kubeconfig-token"}}],
    }
)
SECRETS: Mapping[str, str] = {
    "licenseKey": "license-key-text",
    "adminPassword": "Admin-password-1",
    "kubeconfig": KUBECONFIG,
    "postgresPassword": "postgres-password",
    "redisPassword": "redis-password",
}


@cache
def _shipped(name: str) -> str:
    return (ROOT / "stacks" / f"Pulumi.{name}.yaml").read_text(encoding="utf-8")


def stack_file(
    changes: Mapping[str, Any] | None = None, name: str = "aws-existing"
) -> dict[str, Any]:
    """The shipped file's config with dotted keys changed; None takes a key out."""
    config: dict[str, Any] = copy.deepcopy(yaml.safe_load(_shipped(name))["config"])
    for dotted, value in (changes or {}).items():
        *parents, last = dotted.split(".")
        node, last = (config, f"tts:{last}") if not parents else (config[f"tts:{parents[0]}"], last)
        for parent in parents[1:]:
            node = node[parent]
        if value is None:
            del node[last]
        else:
            node[last] = value
    return config


def raw(
    tmp_path: Path,
    changes: Mapping[str, Any] | None = None,
    *,
    secrets: Mapping[str, str] = SECRETS,
    name: str = "aws-existing",
) -> RawConfig:
    """The same as a file read back, with these secrets set."""
    path = tmp_path / "Pulumi.sample.yaml"
    path.write_text(yaml.safe_dump({"config": stack_file(changes, name)}), encoding="utf-8")
    return RawConfig.from_file(path, secrets)


def certificate(names: list[str], days: int = 30) -> tuple[str, str]:
    """A self-signed certificate for these names that ends in so many days, and its key, both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=60))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return made.public_bytes(serialization.Encoding.PEM).decode(), private.decode()
