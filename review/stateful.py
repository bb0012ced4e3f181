"""Resources that hold what cannot be made again, and the properties that guard them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from review.changes import Change, Danger, ResourceChange

# Type token -> what would be lost with the resource. Azure's tokens stand here without API version.
HOLDS: Mapping[str, str] = {
    "aws:backup/vault:Vault": "backups",
    "aws:docdb/cluster:Cluster": "a database",
    "aws:dynamodb/table:Table": "a database",
    "aws:ebs/snapshot:Snapshot": "a snapshot",
    "aws:ebs/volume:Volume": "a volume",
    "aws:ec2/eip:Eip": "a public address",
    "aws:efs/fileSystem:FileSystem": "a file system",
    "aws:eks/cluster:Cluster": "a cluster and all that runs on it",
    "aws:elasticache/cluster:Cluster": "a cache",
    "aws:elasticache/replicationGroup:ReplicationGroup": "a cache",
    "aws:elasticache/serverlessCache:ServerlessCache": "a cache",
    "aws:kms/key:Key": "a key, and all that is encrypted with it",
    "aws:memorydb/cluster:Cluster": "a cache",
    "aws:rds/cluster:Cluster": "a database",
    "aws:rds/clusterInstance:ClusterInstance": "a database server",
    "aws:rds/clusterSnapshot:ClusterSnapshot": "a snapshot",
    "aws:rds/instance:Instance": "a database",
    "aws:rds/snapshot:Snapshot": "a snapshot",
    "aws:route53/zone:Zone": "a DNS zone",
    "aws:s3/bucket:Bucket": "a bucket and its objects",
    "aws:s3/bucketV2:BucketV2": "a bucket and its objects",
    "aws:s3/bucketObject:BucketObject": "an object",
    "aws:s3/bucketObjectv2:BucketObjectv2": "an object",
    "aws:secretsmanager/secret:Secret": "a secret",
    "azure-native:compute:Disk": "a volume",
    "azure-native:compute:Snapshot": "a snapshot",
    "azure-native:containerservice:ManagedCluster": "a cluster and all that runs on it",
    "azure-native:dbforpostgresql:Database": "a database",
    "azure-native:dbforpostgresql:Server": "a database",
    "azure-native:keyvault:Key": "a key, and all that is encrypted with it",
    "azure-native:keyvault:Secret": "a secret",
    "azure-native:keyvault:Vault": "a key vault",
    "azure-native:dns:Zone": "a DNS zone",
    "azure-native:network:PublicIPAddress": "a public address",
    "azure-native:network:PublicIPPrefix": "public addresses",
    "azure-native:redis:Redis": "a cache",
    "azure-native:redisenterprise:Database": "a cache",
    "azure-native:redisenterprise:RedisEnterprise": "a cache",
    "azure-native:resources:ResourceGroup": "a resource group and all that is in it",
    "azure-native:storage:Blob": "an object",
    "azure-native:storage:BlobContainer": "a container and its objects",
    "azure-native:storage:FileShare": "a file share",
    "azure-native:storage:StorageAccount": "a storage account and its objects",
    "gcp:compute/address:Address": "an address",
    "gcp:compute/disk:Disk": "a volume",
    "gcp:compute/globalAddress:GlobalAddress": "an address",
    "gcp:compute/snapshot:Snapshot": "a snapshot",
    "gcp:container/cluster:Cluster": "a cluster and all that runs on it",
    "gcp:dns/managedZone:ManagedZone": "a DNS zone",
    "gcp:filestore/instance:Instance": "a file system",
    "gcp:kms/cryptoKey:CryptoKey": "a key, and all that is encrypted with it",
    "gcp:kms/keyRing:KeyRing": "keys, and all that is encrypted with them",
    "gcp:memorystore/instance:Instance": "a cache",
    "gcp:redis/cluster:Cluster": "a cache",
    "gcp:redis/instance:Instance": "a cache",
    "gcp:secretmanager/secret:Secret": "a secret",
    "gcp:sql/database:Database": "a database",
    "gcp:sql/databaseInstance:DatabaseInstance": "a database",
    "gcp:storage/bucket:Bucket": "a bucket and its objects",
    "gcp:storage/bucketObject:BucketObject": "an object",
    "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition": "all resources of its kind",
    "kubernetes:apps/v1:StatefulSet": "a stateful set",
    "kubernetes:core/v1:Namespace": "a namespace and all that is in it",
    "kubernetes:core/v1:PersistentVolume": "a volume",
    "kubernetes:core/v1:PersistentVolumeClaim": "a volume",
    "kubernetes:postgresql.cnpg.io/v1:Cluster": "a database",
    "random:index/randomBytes:RandomBytes": "a generated secret",
    "random:index/randomId:RandomId": "a generated name",
    "random:index/randomPassword:RandomPassword": "a generated secret",
    "tls:index/privateKey:PrivateKey": "a generated key",
}
_API_VERSION = re.compile(r"^(azure-native:\w+)/v\w+:")


def holds(token: str) -> str | None:
    """What would be lost with a resource of this type; None where it can be made again."""
    return HOLDS.get(_API_VERSION.sub(r"\1:", token))


@dataclass(frozen=True)
class _Guard:
    """A property that guards: its name anywhere in a path, the value that it must not get, and why."""

    name: str
    bad: tuple[str, ...]
    says: str


_OFF, _ON = ("false", "", "disabled", "off"), ("true", "enabled")
_GUARDS: Mapping[str, _Guard] = {
    guard.name: guard
    for guard in (
        _Guard("deletionProtection", _OFF, "can be deleted by anybody with the permission"),
        _Guard("deletionProtectionEnabled", _OFF, "can be deleted by anybody with the permission"),
        _Guard("enablePurgeProtection", _OFF, "can be purged before its time"),
        _Guard("pointInTimeRecoveryEnabled", _OFF, "cannot be restored to a point in time"),
        _Guard("skipFinalSnapshot", _ON, "leaves no last snapshot"),
        _Guard("finalSnapshotIdentifier", ("",), "leaves no last snapshot"),
        _Guard("forceDestroy", _ON, "is deleted with all that is in it"),
        _Guard("backupRetentionPeriod", ("0", ""), "has no backups"),
        _Guard("snapshotRetentionLimit", ("0", ""), "has no backups"),
        _Guard("deleteAutomatedBackups", _ON, "takes its backups with it"),
        _Guard("storageEncrypted", _OFF, "is not encrypted"),
        _Guard("atRestEncryptionEnabled", _OFF, "is not encrypted"),
        _Guard("transitEncryptionEnabled", _OFF, "is reached without TLS"),
    )
}


# What guards others by being there.
GUARDIANS: Mapping[str, str] = {
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": (
        "its bucket is no longer kept from being made public"
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        "its bucket's encryption is no longer determined"
    ),
    "aws:s3/bucketVersioning:BucketVersioning": "its bucket keeps no versions of new objects",
    "azure-native:authorization:ManagementLockByScope": (
        "what it locked can be deleted by anybody with the permission"
    ),
    "azure-native:storage:BlobServiceProperties": "deleted and overwritten blobs are not kept",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy": "its pods can be reached by all others",
}


def dangers(change: ResourceChange) -> Iterator[Danger]:
    """What there is to stop at in a change."""
    lost = change.operation in ("delete", "replace", "forget")
    if change.holds is not None and lost:
        yield _danger(change, grave=True, says=_loss(change))
    guards = GUARDIANS.get(_API_VERSION.sub(r"\1:", change.type))
    if guards is not None and change.operation in ("delete", "forget"):
        yield _danger(change, grave=False, says=guards)
    if change.protection == "lost" and change.operation not in ("delete", "replace"):
        yield _danger(change, grave=False, says="is no longer protected from deletion by Pulumi")
    if change.operation == "update":
        for it in change.changes:
            guard = _GUARDS.get(it.path.rpartition(".")[2])
            known = it.after.kind in ("text", "absent")
            if guard is not None and known and it.after.text.lower() in guard.bad:
                yield _danger(change, grave=False, says=f"{guard.says} ({it.path}: {it.after})")


def _loss(change: ResourceChange) -> str:
    if change.left and change.operation == "replace":
        return f"{change.holds}: a new one is made{_reasons(change.changes)}, the old one is left behind"
    if change.operation == "forget" or change.left:
        return f"{change.holds}: is left behind, and Pulumi no longer manages it"
    reasons = _reasons(change.changes)
    what = "is replaced" if change.operation == "replace" else "is deleted"
    refused = "; it is protected, so Pulumi will refuse" if change.refused else ""
    return f"{change.holds}: {what}{reasons}{refused}"


def _reasons(changes: tuple[Change, ...]) -> str:
    paths = list(dict.fromkeys(it.path for it in changes if it.replaces))
    return f" because of {', '.join(paths[:3])}" if paths else ""


def _danger(change: ResourceChange, *, grave: bool, says: str) -> Danger:
    return Danger(grave=grave, type=change.type, name=change.name, says=says)


def ordered(found: list[Danger]) -> tuple[Danger, ...]:
    """The gravest first; databases and buckets before what can be made again with some effort."""
    return tuple(sorted(found, key=lambda it: (not it.grave, _rank(it.type), it.type, it.name)))


_FIRST: tuple[str, ...] = (
    "rds/", "docdb/", "dynamodb/", "sql/", "dbforpostgresql", "s3/bucket", "storage", "kms", "keyvault",
    "ebs/", "efs/", "volume", "disk", "elasticache", "redis", "cache", "memorystore", "namespace",
)  # fmt: skip


def _rank(token: str) -> int:
    lower = token.lower()
    return next((rank for rank, part in enumerate(_FIRST) if part in lower), len(_FIRST))
