"""Data outlives mistakes: backups, versions, and guards against deletion."""

from collections.abc import Iterator, Sequence

from policies.encryption import same_bucket
from policies.rule import Rule
from policies.sources import AWS, PREREQUISITES
from policies.subject import Hidden, Subject
from policies.wanted import Want, at_least, false, one_of, true, wants

_DAYS = 7
_RDS, _SQL = "aws:rds/instance:Instance", "gcp:sql/databaseInstance:DatabaseInstance"
_REDIS = "aws:elasticache/replicationGroup:ReplicationGroup"
_BUCKET, _VERSIONING = "aws:s3/bucket:Bucket", "aws:s3/bucketVersioning:BucketVersioning"

BACKUPS = Rule(
    name="backups",
    says="Databases and caches have backups; in production for a week or longer.",
    remedy="Raise the retention in the component's arguments or in the stack file.",
    source=PREREQUISITES,
    table=wants(
        at_least(_RDS, "backupRetentionPeriod", 1),
        at_least(_RDS, "backupRetentionPeriod", _DAYS, protected=True),
        false(_RDS, "deleteAutomatedBackups", given=True, protected=True),
        at_least(_REDIS, "snapshotRetentionLimit", 1, protected=True),
        # Azure's default, and its least, is 7 days.
        at_least(
            "azure-native:dbforpostgresql:Server", "backup.backupRetentionDays", _DAYS, absent=True
        ),
        true(_SQL, "settings.backupConfiguration.enabled", protected=True),
        true(_SQL, "settings.backupConfiguration.pointInTimeRecoveryEnabled", protected=True),
        one_of(
            "gcp:redis/instance:Instance",
            "persistenceConfig.persistenceMode",
            "RDB",
            protected=True,
        ),
    ),
)
DELETION = Rule(
    name="deletion-protection",
    says="In production the cloud itself refuses to delete what holds data, and takes a last snapshot.",
    remedy="Leave it on; to remove the environment set tts:protection to disposable first.",
    source=AWS,
    table=wants(
        true(_RDS, "deletionProtection", protected=True),
        false(_RDS, "skipFinalSnapshot", given=True, protected=True),
        true("aws:eks/cluster:Cluster", "deletionProtection", protected=True),
        false(_BUCKET, "forceDestroy", protected=True),
        Want(
            type=_REDIS,
            path="finalSnapshotIdentifier",
            says="name a last snapshot",
            test=bool,
            protected=True,
        ),
        true(_SQL, "deletionProtection", protected=True),
        true(_SQL, "settings.deletionProtectionEnabled", protected=True),
        true("gcp:container/cluster:Cluster", "deletionProtection", protected=True),
        true("gcp:redis/instance:Instance", "deletionProtection", protected=True),
        false("gcp:storage/bucket:Bucket", "forceDestroy", protected=True),
    ),
)


def _buckets_without_versions(stack: Sequence[Subject]) -> Iterator[tuple[Subject, str]]:
    versioned = [it for it in stack if it.type == _VERSIONING]
    for bucket in stack:
        if bucket.type == _BUCKET and not any(
            same_bucket(bucket, it)
            and it.one("versioningConfiguration.status") in ("Enabled", Hidden())
            for it in versioned
        ):
            yield bucket, "its objects have no versions"


VERSIONS = Rule(
    name="versioned",
    says="Objects of buckets have versions, so that an overwritten configuration can be had back.",
    remedy="Switch versioning on.",
    source=PREREQUISITES,
    table=wants(
        one_of(_VERSIONING, "versioningConfiguration.status", "Enabled"),
        true("azure-native:storage:BlobServiceProperties", "isVersioningEnabled"),
        true("gcp:storage/bucket:Bucket", "versioning.enabled"),
    ),
    stack=_buckets_without_versions,
)
_DATA = frozenset(
    {
        _RDS,
        _REDIS,
        _BUCKET,
        _SQL,
        "aws:eks/cluster:Cluster",
        "aws:kms/key:Key",
        "aws:ec2/eip:Eip",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "azure-native:containerservice:ManagedCluster",
        "azure-native:dbforpostgresql:Server",
        "azure-native:redisenterprise:Database",
        "azure-native:redisenterprise:RedisEnterprise",
        "azure-native:storage:BlobContainer",
        "azure-native:storage:StorageAccount",
        "gcp:container/cluster:Cluster",
        "gcp:redis/instance:Instance",
        "gcp:storage/bucket:Bucket",
        "kubernetes:core/v1:PersistentVolumeClaim",
        "random:index/randomBytes:RandomBytes",
        "random:index/randomPassword:RandomPassword",
    }
)


# A restore leaves the server before it to be released, which takes its protection away.
_RELEASED = frozenset({_RDS, _SQL, "azure-native:dbforpostgresql:Server"})


def _unprotected(stack: Sequence[Subject]) -> Iterator[tuple[Subject, str]]:
    """Either all that holds data is protected or nothing is; a mixture is a slip."""
    data = [it for it in stack if it.type in _DATA]
    successors = {it.type for it in data if it.protected} & _RELEASED
    if any(it.protected for it in data):
        for it in data:
            if not it.protected and it.type not in successors:
                yield it, "Pulumi would delete it, though it protects other data of this stack"


PROTECTED = Rule(
    name="data-is-protected",
    says="Pulumi protects all that holds data or guards it, or, in a trial, nothing.",
    remedy="Take the options of the resource from Protection.data or Protection.made_once.",
    source="https://www.pulumi.com/docs/iac/concepts/resources/options/protect/",
    stack=_unprotected,
)
RULES = (BACKUPS, DELETION, VERSIONS, PROTECTED)
