"""The secrets of a stack: flat keys, so that `pulumi config set --secret` is all there is to know.

They are keys of their own, not parts of the sections, because Pulumi tells a program only whether
a whole key is secret: a plaintext password inside an object could not be told from an encrypted one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

SecretKey = Literal[
    "licenseKey",
    "adminPassword",
    "kubeconfig",
    "postgresPassword",
    "redisPassword",
    "blobSecretAccessKey",
    "blobCredentials",
    "backupSecretAccessKey",
    "tlsPrivateKey",
    "cloudflareApiToken",
    "timescalePassword",
    "timescaleBackupSecretAccessKey",
    "packetBrokerKey",
    "extraSecrets",
]


@dataclass(frozen=True, kw_only=True)
class Secret:
    """One secret key of a stack file and what it is for."""

    key: SecretKey
    purpose: str

    def command(self, stack: str) -> str:
        """What an operator types to set it; the value is read from standard input."""
        return f"pulumi config set --secret {self.key} --stack {stack}"


SECRETS: Mapping[SecretKey, Secret] = MappingProxyType(
    {
        secret.key: secret
        for secret in (
            Secret(key="licenseKey", purpose="the license key of The Things Stack"),
            Secret(key="adminPassword", purpose="the initial administrator's password"),
            Secret(key="kubeconfig", purpose="the kubeconfig of the existing cluster, its content"),
            Secret(key="postgresPassword", purpose="the password of the existing PostgreSQL user"),
            Secret(key="redisPassword", purpose="the password of the existing Redis"),
            Secret(key="blobSecretAccessKey", purpose="the secret of the existing S3 access key"),
            Secret(
                key="blobCredentials",
                purpose="the JSON of existing Google Cloud credentials for the buckets",
            ),
            Secret(
                key="backupSecretAccessKey",
                purpose="the secret of the S3 access key for backups of PostgreSQL",
            ),
            Secret(key="tlsPrivateKey", purpose="the private key (PEM) of tls.certificate"),
            Secret(
                key="cloudflareApiToken",
                purpose="a Cloudflare API token with the permission Zone: DNS: Edit for the zone",
            ),
            Secret(key="timescalePassword", purpose="the password of the TimescaleDB user"),
            Secret(
                key="timescaleBackupSecretAccessKey",
                purpose="the secret of the access key for TimescaleDB's backups",
            ),
            Secret(key="packetBrokerKey", purpose="the secret of the Packet Broker credentials"),
            Secret(
                key="extraSecrets",
                purpose="YAML merged into the secret Helm values, for what the chart does not document",
            ),
        )
    }
)
