"""The five buckets in S3."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import pulumi
import pulumi_aws as aws

from components.prerequisites import Buckets
from components.protection import Protection
from components.seeds import BUCKETS, BucketKind, BucketPlan


@dataclass(frozen=True, kw_only=True)
class BlobBucketsArgs:
    """`prefix`: what the names of the buckets made here begin with.

    `existing`: buckets that are there and take the place of one made here; nothing is ever written
    to them. `noncurrent_version_days`: how long replaced and deleted versions are kept.
    """

    prefix: str
    existing: Mapping[BucketKind, str]
    noncurrent_version_days: int
    protection: Protection


class BlobBuckets(pulumi.ComponentResource):
    """Five buckets: two whose pictures anyone may read by name but not list, three private.

    All are encrypted, versioned, owner-enforced (no ACLs) and refuse requests without TLS. The
    private three start with the empty file that the product looks for.
    """

    def __init__(
        self, name: str, args: BlobBucketsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:aws:BlobBuckets", name, None, opts)
        self._args = args
        names = {plan.kind: self._bucket(plan) for plan in BUCKETS}
        self.buckets: Buckets[pulumi.Output[str]] = Buckets(**names)
        self.register_outputs(cast("dict[str, pulumi.Output[str]]", names))

    def _bucket(self, plan: BucketPlan) -> pulumi.Output[str]:
        existing = self._args.existing.get(plan.kind)
        if existing is not None:
            return pulumi.Output.from_input(existing)
        bucket = aws.s3.Bucket(
            plan.ending,
            bucket=f"{self._args.prefix}-{plan.ending}",
            force_destroy=not self._args.protection.guarded,
            opts=self._args.protection.data(self),
        )
        settled = self._guard(plan, bucket)
        if plan.seed is not None:
            self._seed(plan, plan.seed, bucket, settled)
        return bucket.bucket

    def _guard(self, plan: BucketPlan, bucket: aws.s3.Bucket) -> list[pulumi.Resource]:
        """Everything that must hold before anything is put into the bucket."""
        opts = self._args.protection.data(self)
        block = aws.s3.BucketPublicAccessBlock(
            plan.ending,
            bucket=bucket.bucket,
            block_public_acls=True,
            ignore_public_acls=True,
            block_public_policy=not plan.public,
            restrict_public_buckets=not plan.public,
            opts=opts,
        )
        ownership = aws.s3.BucketOwnershipControls(
            plan.ending,
            bucket=bucket.bucket,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=opts,
        )
        encryption = aws.s3.BucketServerSideEncryptionConfiguration(
            plan.ending, bucket=bucket.bucket, rules=[_AES256], opts=opts
        )
        versioning = aws.s3.BucketVersioning(
            plan.ending,
            bucket=bucket.bucket,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(
                status="Enabled"
            ),
            opts=opts,
        )
        self._expire_old_versions(plan, bucket, versioning)
        # A public policy is refused while the block that forbids it is still on.
        policy = aws.s3.BucketPolicy(
            plan.ending,
            bucket=bucket.bucket,
            policy=bucket.arn.apply(lambda arn: bucket_policy(arn, public=plan.public)),
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[block])),
        )
        return [block, ownership, encryption, versioning, policy]

    def _expire_old_versions(
        self, plan: BucketPlan, bucket: aws.s3.Bucket, versioning: aws.s3.BucketVersioning
    ) -> None:
        days = self._args.noncurrent_version_days
        expiry = aws.s3.BucketLifecycleConfigurationRuleArgs(
            id="expire-old-versions",
            status="Enabled",
            filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
            noncurrent_version_expiration=(
                aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                    noncurrent_days=days
                )
            ),
            abort_incomplete_multipart_upload=(
                aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                    days_after_initiation=7
                )
            ),
        )
        # S3 wants versioning on before a rule on noncurrent versions.
        aws.s3.BucketLifecycleConfiguration(
            plan.ending,
            bucket=bucket.bucket,
            rules=[expiry],
            opts=pulumi.ResourceOptions.merge(
                self._args.protection.data(self), pulumi.ResourceOptions(depends_on=[versioning])
            ),
        )

    def _seed(
        self, plan: BucketPlan, key: str, bucket: aws.s3.Bucket, settled: list[pulumi.Resource]
    ) -> None:
        """An empty file, placed once.

        From then on it is the operator's. A difference in any of `_UPLOADED` would make the provider
        upload the empty file again, so none is looked at; and the provider's delete, which removes all
        of an object's versions, is never called.
        """
        aws.s3.BucketObjectv2(
            f"{plan.ending}-seed",
            bucket=bucket.bucket,
            key=key,
            content="",
            content_type="application/yaml",
            opts=pulumi.ResourceOptions.merge(
                self._args.protection.made_once(self),
                pulumi.ResourceOptions(depends_on=settled, ignore_changes=list(_UPLOADED)),
            ),
        )


# What the provider uploads an object again for: hasObjectContentChanges in terraform-provider-aws,
# internal/service/s3/object.go.
_UPLOADED = (
    "bucketKeyEnabled",
    "cacheControl",
    "checksumAlgorithm",
    "content",
    "contentBase64",
    "contentDisposition",
    "contentEncoding",
    "contentLanguage",
    "contentType",
    "etag",
    "kmsKeyId",
    "metadata",
    "serverSideEncryption",
    "source",
    "sourceHash",
    "storageClass",
    "websiteRedirect",
)
_AES256 = aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
    apply_server_side_encryption_by_default=(
        aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
            sse_algorithm="AES256"
        )
    )
)


def bucket_policy(arn: str, *, public: bool) -> str:
    """A bucket's policy (JSON): TLS only; if public, anyone may read an object by its name."""
    statements: list[dict[str, object]] = [
        {
            "Sid": "RefusePlainHttp",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]
    if public:
        statements.append(
            {
                "Sid": "AnyoneMayReadByName",
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": f"{arn}/*",
            }
        )
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
