"""Who reads which bucket: pictures by name, configuration by nobody but the product."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from policies.encryption import same_bucket
from policies.rule import Rule
from policies.sources import PREREQUISITES
from policies.subject import Hidden, Subject, items, mapping
from policies.wanted import Want, none_of, parsed, true, wants

_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_PRIVATE = ("edcs", "interop", "plugins")


def _listable(subject: Subject) -> Iterator[str]:
    if subject.type == "aws:s3/bucketPolicy:BucketPolicy":
        for it in _allows_everybody(subject):
            actions, resources = items(it.get("Action")), items(it.get("Resource"))
            if actions != ["s3:GetObject"]:
                yield "its policy lets everybody do more than read an object whose name they know"
            if not all(str(each).endswith("/*") for each in resources):
                yield "its policy lets everybody at the bucket itself"


def _allows_everybody(policy: Subject) -> Iterator[Mapping[str, Any]]:
    for it in map(mapping, items(mapping(parsed(policy.one("policy"))).get("Statement"))):
        who = it.get("Principal")
        everybody = who == "*" or "*" in items(mapping(who).get("AWS"))
        if it.get("Effect") == "Allow" and everybody:
            yield it


LISTABLE = Rule(
    name="not-listable",
    says="Public pictures are read by whoever knows their name; nobody can list or write them.",
    remedy="Grant the reading of objects alone, never of the bucket or container.",
    source=PREREQUISITES,
    table=wants(
        none_of("azure-native:storage:BlobContainer", "publicAccess", "Container"),
        Want(
            type="gcp:storage/bucketIAMMember:BucketIAMMember",
            path="",
            says="grant all users roles/storage.legacyObjectReader and nothing else",
            test=lambda it: (
                it.get("member") not in ("allUsers", "allAuthenticatedUsers")
                or (it["member"], it.get("role"))
                == ("allUsers", "roles/storage.legacyObjectReader")
            ),
        ),
        true("gcp:storage/bucket:Bucket", "uniformBucketLevelAccess"),
        true(_BLOCK, "blockPublicAcls"),
        true(_BLOCK, "ignorePublicAcls"),
    ),
    resource=_listable,
)


def _is_private(subject: Subject) -> bool:
    texts = (subject.name, subject.one("bucket"), subject.one("containerName"), subject.one("name"))
    return any(str(it).endswith(_PRIVATE) for it in texts)


def _private_buckets(stack: Sequence[Subject]) -> Iterator[tuple[Subject, str]]:
    blocks = [it for it in stack if it.type == _BLOCK]
    policies = [it for it in stack if it.type == "aws:s3/bucketPolicy:BucketPolicy"]
    members = [it for it in stack if it.type == "gcp:storage/bucketIAMMember:BucketIAMMember"]
    for it in filter(_is_private, stack):
        if it.type == "aws:s3/bucket:Bucket":
            mine = [block for block in blocks if same_bucket(it, block)]
            if not any(_blocks_everything(block) for block in mine):
                yield it, "public access to it is not blocked"
            if any(same_bucket(it, policy) and [*_allows_everybody(policy)] for policy in policies):
                yield it, "its policy lets everybody in"
        elif it.type == "azure-native:storage:BlobContainer":
            if it.one("publicAccess") not in (None, "None", Hidden()):
                yield it, "it is public"
        elif it.type == "gcp:storage/bucket:Bucket":
            if it.one("publicAccessPrevention") not in ("enforced", Hidden()):
                yield it, "public access to it is not prevented"
            for member in members:
                if member.one("bucket") == it.one("name") and member.one("member") == "allUsers":
                    yield it, "all users are granted a role on it"


def _blocks_everything(block: Subject) -> bool:
    names = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    return all(block.one(it) in (True, Hidden()) for it in names)


PRIVATE_BUCKETS = Rule(
    name="private-buckets",
    says="The buckets of edcs, interop and plugins are private, as they contain secrets.",
    remedy="Block every public access to it.",
    source=PREREQUISITES,
    stack=_private_buckets,
)

RULES = (LISTABLE, PRIVATE_BUCKETS)
