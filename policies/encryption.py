"""Encrypted where it lies, and on its way."""

from collections.abc import Iterator, Sequence
from typing import Any

from policies.rule import Rule
from policies.sources import AWS
from policies.subject import Hidden, Subject, items, mapping
from policies.wanted import (
    Want,
    at_least,
    false,
    includes,
    none_of,
    one_of,
    parsed,
    true,
    wants,
)

_GROUP = "aws:rds/parameterGroup:ParameterGroup"


def _parameter(given: Any, name: str) -> Any:
    """The value of a parameter in a list of them."""
    return next(
        (it.get("value") for it in map(mapping, items(given)) if it.get("name") == name), None
    )


AT_REST = Rule(
    name="encrypted-at-rest",
    says="Databases, caches, volumes and the cluster's secrets are encrypted where they lie.",
    remedy="Switch the encryption on before the resource is made; most cannot be switched later.",
    source=AWS,
    table=wants(
        true("aws:rds/instance:Instance", "storageEncrypted"),
        true("aws:elasticache/replicationGroup:ReplicationGroup", "atRestEncryptionEnabled"),
        includes("aws:eks/cluster:Cluster", "encryptionConfig.resources", "secrets"),
        true("aws:ebs/volume:Volume", "encrypted"),
        true("aws:ec2/launchTemplate:LaunchTemplate", "blockDeviceMappings[].ebs.encrypted"),
        at_least("aws:ec2/launchTemplate:LaunchTemplate", "blockDeviceMappings", 1),
        at_least(
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            "rules",
            1,
        ),
        Want(
            type="kubernetes:storage.k8s.io/v1:StorageClass",
            path="",
            says="have parameters.encrypted: 'true', as EBS volumes are not encrypted otherwise",
            test=lambda it: (
                it.get("provisioner") != "ebs.csi.aws.com"
                or mapping(it.get("parameters")).get("encrypted") == "true"
                or isinstance(it.get("parameters"), Hidden)
            ),
        ),
    ),
)
ON_THE_WAY = Rule(
    name="tls-only",
    says="Databases, caches and buckets are reached by TLS alone.",
    remedy="Require TLS; The Things Stack speaks it to each of them.",
    source=AWS,
    table=wants(
        true("aws:elasticache/replicationGroup:ReplicationGroup", "transitEncryptionEnabled"),
        one_of(
            "aws:elasticache/replicationGroup:ReplicationGroup", "transitEncryptionMode", "required"
        ),
        Want(
            type=_GROUP,
            path="parameters",
            says="set rds.force_ssl to 1",
            test=lambda it: _parameter(it, "rds.force_ssl") == "1",
        ),
        true("azure-native:storage:StorageAccount", "enableHttpsTrafficOnly"),
        one_of("azure-native:storage:StorageAccount", "minimumTlsVersion", "TLS1_2", "TLS1_3"),
        one_of("azure-native:redisenterprise:Database", "clientProtocol", "Encrypted"),
        one_of(
            "azure-native:redisenterprise:RedisEnterprise", "minimumTlsVersion", None, "1.2", "1.3"
        ),
        false("azure-native:redis:Redis", "enableNonSslPort"),
        Want(
            type="azure-native:dbforpostgresql:Configuration",
            path="",
            says="leave require_secure_transport on",
            test=lambda it: (
                it.get("configurationName") != "require_secure_transport"
                or str(it.get("value")).lower() == "on"
                or isinstance(it.get("value"), Hidden)
            ),
        ),
        one_of(
            "gcp:sql/databaseInstance:DatabaseInstance",
            "settings.ipConfiguration.sslMode",
            "ENCRYPTED_ONLY",
            "TRUSTED_CLIENT_CERTIFICATE_REQUIRED",
        ),
        none_of(
            "gcp:memorystore/instance:Instance",
            "transitEncryptionMode",
            "TRANSIT_ENCRYPTION_DISABLED",
            None,
        ),
    ),
)
# Memorystore's certificates are signed by an authority of its own, which not every client takes.
MEMORYSTORE = Rule(
    name="memorystore-tls",
    says="Memorystore for Redis is reached by TLS and with a password.",
    remedy="Switch TLS on in the stack file; without it the private network is all that guards the data.",
    source="https://cloud.google.com/memorystore/docs/redis/about-in-transit-encryption",
    mandatory=False,
    table=wants(
        one_of("gcp:redis/instance:Instance", "transitEncryptionMode", "SERVER_AUTHENTICATION"),
        true("gcp:redis/instance:Instance", "authEnabled"),
    ),
)


def _buckets_without_tls(stack: Sequence[Subject]) -> Iterator[tuple[Subject, str]]:
    policies = [it for it in stack if it.type == "aws:s3/bucketPolicy:BucketPolicy"]
    for bucket in stack:
        if bucket.type == "aws:s3/bucket:Bucket":
            mine = [it for it in policies if same_bucket(bucket, it)]
            if not any(_refuses_plain_http(parsed(it.one("policy"))) for it in mine):
                yield bucket, "no bucket policy refuses requests without TLS (aws:SecureTransport)"


def same_bucket(bucket: Subject, companion: Subject) -> bool:
    """Whether a resource is about this bucket; what is not known yet may be."""
    name, other = bucket.one("bucket"), companion.one("bucket")
    return name == other or name is None or isinstance(name, Hidden) or isinstance(other, Hidden)


def _refuses_plain_http(policy: Any) -> bool:
    if isinstance(policy, Hidden):
        return True
    for it in map(mapping, items(mapping(policy).get("Statement"))):
        if it.get("Effect") != "Deny":
            continue
        everything = it.get("Action") in ("s3:*", "*") and it.get("Principal") in (
            "*",
            {"AWS": "*"},
        )
        secure = mapping(mapping(it.get("Condition")).get("Bool")).get("aws:SecureTransport")
        if everything and str(secure).lower() == "false" and len(items(it.get("Resource"))) > 1:
            return True
    return False


BUCKETS = Rule(
    name="bucket-tls-only",
    says="Buckets refuse requests without TLS.",
    remedy="Deny s3:* on the bucket and its objects where aws:SecureTransport is false.",
    source=AWS,
    stack=_buckets_without_tls,
)
KEYS = Rule(
    name="key-rotation",
    says="Keys of one's own are rotated.",
    remedy="Switch rotation on; what is encrypted already stays readable.",
    source=AWS,
    table=wants(true("aws:kms/key:Key", "enableKeyRotation")),
)
RULES = (AT_REST, ON_THE_WAY, MEMORYSTORE, BUCKETS, KEYS)
