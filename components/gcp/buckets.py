"""The five buckets in Cloud Storage."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import pulumi
import pulumi_gcp as gcp

from components.prerequisites import Buckets
from components.protection import Protection
from components.seeds import BUCKETS, BucketKind, BucketPlan

# A line end is as empty to YAML as nothing is. The provider takes nothing for no content
# (google-beta/services/storage/resource_storage_bucket_object.go in
# https://github.com/hashicorp/terraform-provider-google-beta), and Pulumi's SDK for Python cannot read back
# an asset with an empty text (pulumi/runtime/rpc.py in https://github.com/pulumi/pulumi).
EMPTY = "\n"
_SOFT_DELETE_SECONDS = 7 * 24 * 60 * 60
# To read an object by its name. roles/storage.objectViewer would let anyone list them, too:
# https://cloud.google.com/storage/docs/access-control/iam-roles
PUBLIC_ROLE = "roles/storage.legacyObjectReader"


@dataclass(frozen=True, kw_only=True)
class BlobBucketsArgs:
    """`prefix`: what the names of the buckets made here begin with. `location`: a region.

    `existing`: buckets that are there and take the place of one made here. `public_pictures`: whether
    anyone may read the two with pictures; many organisations forbid it. `noncurrent_version_days`: how
    long replaced and deleted versions are kept.
    """

    prefix: str
    location: str
    existing: Mapping[BucketKind, str]
    public_pictures: bool
    noncurrent_version_days: int
    protection: Protection


class BlobBuckets(pulumi.ComponentResource):
    """Five buckets: two whose pictures anyone may read by name but not list, three private.

    All have uniform access (no ACLs), versions, and encryption by Google. Public access to the private ones
    is prevented whatever is granted later. In production deleted objects, and a deleted bucket, can be
    brought back for a week. The private three start with the file that the product looks for, without
    content.
    """

    def __init__(
        self, name: str, args: BlobBucketsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:gcp:BlobBuckets", name, None, opts)
        self._args = args
        names = {plan.kind: self._bucket(plan) for plan in BUCKETS}
        self.buckets: Buckets[pulumi.Output[str]] = Buckets(**names)
        self.register_outputs(cast("dict[str, pulumi.Output[str]]", names))

    def _bucket(self, plan: BucketPlan) -> pulumi.Output[str]:
        existing = self._args.existing.get(plan.kind)
        if existing is not None:
            return pulumi.Output.from_input(existing)
        public = plan.public and self._args.public_pictures
        guarded = self._args.protection.guarded
        bucket = gcp.storage.Bucket(
            plan.ending,
            name=f"{self._args.prefix}-{plan.ending}",
            location=self._args.location,
            uniform_bucket_level_access=True,
            public_access_prevention="inherited" if public else "enforced",
            versioning=gcp.storage.BucketVersioningArgs(enabled=True),
            # Where nothing is to be left behind, soft deletion would keep all of it for a week.
            soft_delete_policy=gcp.storage.BucketSoftDeletePolicyArgs(
                retention_duration_seconds=_SOFT_DELETE_SECONDS if guarded else 0
            ),
            lifecycle_rules=self._expiry(),
            force_destroy=not guarded,
            opts=self._args.protection.data(self),
        )
        if public:
            gcp.storage.BucketIAMMember(
                plan.ending,
                bucket=bucket.name,
                role=PUBLIC_ROLE,
                member="allUsers",
                opts=self._args.protection.data(self),
            )
        if plan.seed is not None:
            self._seed(plan, plan.seed, bucket)
        return bucket.name

    def _expiry(self) -> list[gcp.storage.BucketLifecycleRuleArgs]:
        return [
            gcp.storage.BucketLifecycleRuleArgs(
                action=gcp.storage.BucketLifecycleRuleActionArgs(type="Delete"),
                condition=gcp.storage.BucketLifecycleRuleConditionArgs(
                    days_since_noncurrent_time=self._args.noncurrent_version_days,
                    with_state="ARCHIVED",
                ),
            ),
            gcp.storage.BucketLifecycleRuleArgs(
                action=gcp.storage.BucketLifecycleRuleActionArgs(
                    type="AbortIncompleteMultipartUpload"
                ),
                condition=gcp.storage.BucketLifecycleRuleConditionArgs(age=7),
            ),
        ]

    def _seed(self, plan: BucketPlan, key: str, bucket: gcp.storage.Bucket) -> None:
        """A file without content, placed once.

        From then on it is the operator's. A difference in any of `_UPLOADED` would make the provider
        replace the object, so none is looked at; and its delete is never called.
        """
        gcp.storage.BucketObject(
            f"{plan.ending}-seed",
            bucket=bucket.name,
            name=key,
            content=EMPTY,
            content_type="application/yaml",
            opts=pulumi.ResourceOptions.merge(
                self._args.protection.made_once(self),
                pulumi.ResourceOptions(ignore_changes=list(_UPLOADED)),
            ),
        )


_UPLOADED = (
    "cacheControl",
    "content",
    "contentDisposition",
    "contentEncoding",
    "contentLanguage",
    "contentType",
    "customerEncryption",
    "detectMd5hash",
    "kmsKeyName",
    "metadata",
    "source",
    "sourceMd5hash",
    "storageClass",
)
