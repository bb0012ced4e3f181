"""S3 and CloudWatch Logs: what depends on more than one resource."""

import re
from collections import Counter
from collections.abc import Mapping

from rehearsal.refusals.case import Case, Check, at, called, refusal, values
from rehearsal.refusals.identity import listed, statements

BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
_OF_A_CLUSTER = re.compile(r"/aws/eks/(.+)/cluster")
_OF_A_DATABASE = re.compile(r"/aws/rds/instance/(.+)/([^/]+)")


def _public_policy(case: Case) -> str | None:
    """S3 blocks public policies of each new bucket, until a public access block says otherwise.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    bucket, policy = case.text("bucket"), case.text("policy")
    if case.operation.elsewhere:
        return None
    if bucket is None or policy is None or not any(map(_is_public, statements(policy))):
        return None
    if case.find("bucket", bucket) is None:
        return None
    blocks = [it for it in case.of(BLOCK) if bucket in at(it.inputs, "bucket")]
    if blocks and all(True not in at(it.inputs, "blockPublicPolicy") for it in blocks):
        return None
    why = "blockPublicPolicy is on" if blocks else "blockPublicPolicy is on for every new bucket"
    return refusal("AccessDenied", f"the policy of bucket {bucket} is public, and {why}")


def _is_public(statement: Mapping[str, object]) -> bool:
    """Whether it lets anyone in; what a condition makes of it is not looked at."""
    principal = statement.get("Principal")
    anyone = principal == "*" or (
        isinstance(principal, Mapping) and "*" in listed(principal.get("AWS"))
    )
    return statement.get("Effect") == "Allow" and anyone and not statement.get("Condition")


def _policy_statements(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html."""
    policy = case.text("policy")
    if policy is None or all(
        "Principal" in it or "NotPrincipal" in it for it in statements(policy)
    ):
        return None
    return refusal("MalformedPolicy", "each statement of a bucket's policy needs a Principal")


def _versioning_back(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html."""
    path = "versioningConfiguration.status"
    before = values(case.before, path)
    if case.text(path) != "Disabled" or not {"Enabled", "Suspended"} & set(before):
        return None
    what = f"{path} was {before[0]}; from there it can only be Enabled or Suspended"
    return refusal("InvalidArgument", what)


def _rule_twice(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html."""
    for name, times in Counter(case.texts("rules[].id")).items():
        if times > 1:
            return refusal("InvalidArgument", f"rules[].id {name!r} is given {times} times")
    return None


def _key_without_algorithm(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionByDefault.html."""
    for it in at(case.inputs, "rules[].applyServerSideEncryptionByDefault"):
        if it.get("kmsMasterKeyId") and it.get("sseAlgorithm") == "AES256":
            what = "kmsMasterKeyId is given with sseAlgorithm AES256; it is for aws:kms"
            return refusal("InvalidArgument", what)
    return None


def _made_by_the_service(case: Case) -> str | None:
    """A cluster or server that writes logs makes their group itself where there is none yet.

    https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html,
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Procedural.UploadtoCloudWatch.html
    """
    name = case.text("name") or ""
    maker, writes = None, False
    if of_cluster := _OF_A_CLUSTER.fullmatch(name):
        maker = case.find("EKS cluster", of_cluster[1])
        writes = bool(values(maker, "enabledClusterLogTypes[]"))
    elif of_database := _OF_A_DATABASE.fullmatch(name):
        maker = case.find("DB instance", of_database[1])
        writes = of_database[2] in values(maker, "enabledCloudwatchLogsExports[]")
    if maker is None or not case.making or not writes:
        return None
    what = f"{name} is there: {called(maker)} made it itself; make the log group first"
    return refusal("ResourceAlreadyExistsException", what)


WRITES: Mapping[str, tuple[Check, ...]] = {
    "aws:s3/bucketPolicy:BucketPolicy": (_policy_statements, _public_policy),
    "aws:s3/bucketVersioning:BucketVersioning": (_versioning_back,),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": (_rule_twice,),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        _key_without_algorithm,
    ),
    "aws:cloudwatch/logGroup:LogGroup": (_made_by_the_service,),
}
DELETES: Mapping[str, tuple[Check, ...]] = {}
