"""Backups of PostgreSQL in the cluster to a bucket that speaks S3, and restores from it.

Fields: https://cloudnative-pg.io/plugin-barman-cloud/docs/usage/ and
https://cloudnative-pg.io/documentation/current/backup/.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.kubernetes.postgres_operator import BACKUP_PLUGIN

_STORE_VERSION, _SCHEDULE_VERSION = "barmancloud.cnpg.io/v1", "postgresql.cnpg.io/v1"
_KEY_ID, _KEY, _REGION, _CA = "accessKeyId", "secretAccessKey", "region", "ca.crt"
# What newer clients of Amazon's send by default, other services refuse:
# https://github.com/boto/boto3/issues/4392
_PLAIN_CHECKSUMS = (
    {"name": "AWS_REQUEST_CHECKSUM_CALCULATION", "value": "when_required"},
    {"name": "AWS_RESPONSE_CHECKSUM_VALIDATION", "value": "when_required"},
)


@dataclass(frozen=True, kw_only=True)
class Backups:
    """A bucket that is there, and a key to it. `endpoint`: None for Amazon S3.

    `days`: how far back a restore can go. `hour`: of each day, UTC, when a base backup begins; the log in
    between is archived as it is written.
    """

    bucket: str
    prefix: str
    endpoint: str | None
    region: str
    access_key_id: str
    secret_access_key: pulumi.Input[str]
    days: int
    hour: int
    ca_certificates: str | None = None


class BackupStore(pulumi.ComponentResource):
    """Where backups go, as the plugin knows it. Nothing in the bucket is ever deleted by Pulumi."""

    def __init__(
        self,
        name: str,
        namespace: pulumi.Input[str],
        backups: Backups,
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("tts:kubernetes:BackupStore", name, None, opts)
        self._namespace, self._backups = namespace, backups
        metadata = kubernetes.meta.v1.ObjectMetaArgs(name=name, namespace=namespace)
        data: dict[str, pulumi.Input[str]] = {
            _KEY_ID: backups.access_key_id,
            _KEY: pulumi.Output.secret(backups.secret_access_key),
            _REGION: backups.region,
        }
        if backups.ca_certificates is not None:
            data[_CA] = backups.ca_certificates
        secret = kubernetes.core.v1.Secret(
            name, metadata=metadata, string_data=data, opts=pulumi.ResourceOptions(parent=self)
        )
        self._made = kubernetes.apiextensions.CustomResource(
            name,
            api_version=_STORE_VERSION,
            kind="ObjectStore",
            metadata=metadata,
            spec=_spec(backups, secret.metadata.name),
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )
        self.name: str = name
        self.register_outputs({})

    @property
    def made(self) -> pulumi.Resource:
        """What must be there before a server archives to it."""
        return self._made

    def parameters(self, server: str) -> dict[str, str]:
        """What the plugin is told of a server's own place in the bucket."""
        return {"barmanObjectName": self.name, "serverName": server}

    def schedule(
        self, server: str, cluster: pulumi.Resource, parent: pulumi.Resource
    ) -> kubernetes.apiextensions.CustomResource:
        """A base backup each day, and one at once: a restore starts from one."""
        return kubernetes.apiextensions.CustomResource(
            server,
            api_version=_SCHEDULE_VERSION,
            kind="ScheduledBackup",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=server, namespace=self._namespace),
            spec={
                # Seconds come first.
                "schedule": f"0 0 {self._backups.hour} * * *",
                "immediate": True,
                "backupOwnerReference": "self",
                "cluster": {"name": server},
                "method": "plugin",
                "pluginConfiguration": {"name": BACKUP_PLUGIN},
            },
            opts=pulumi.ResourceOptions(parent=parent, depends_on=[cluster]),
        )


def _spec(backups: Backups, secret: pulumi.Input[str]) -> dict[str, Any]:
    def of(key: str) -> dict[str, pulumi.Input[str]]:
        return {"name": secret, "key": key}

    configuration: dict[str, Any] = {
        "destinationPath": f"s3://{backups.bucket}/{backups.prefix}",
        "s3Credentials": {
            "accessKeyId": of(_KEY_ID),
            "secretAccessKey": of(_KEY),
            "region": of(_REGION),
        },
        "wal": {"compression": "gzip"},
        "data": {"compression": "gzip"},
    }
    found: dict[str, Any] = {
        "configuration": configuration,
        "retentionPolicy": f"{backups.days}d",
    }
    if backups.endpoint is not None:
        configuration["endpointURL"] = backups.endpoint
        found["instanceSidecarConfiguration"] = {"env": list(_PLAIN_CHECKSUMS)}
    if backups.ca_certificates is not None:
        configuration["endpointCA"] = of(_CA)
    return found
