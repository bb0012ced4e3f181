"""The five buckets, and how the product gets at them."""

from typing import Annotated, Literal

from pydantic import Field

from stacks.fields import BucketPrefix, KubernetesNames, Section, Text
from stacks.sections.buckets import BucketNames, BucketVisibility
from stacks.sections.portable_blobs import LocalBlobs, S3Blobs


class AccessKeyAccess(Section):
    """A user of its own with an access key that reaches just the five buckets."""

    mode: Literal["access-key"]


class PodIdentityAccess(Section):
    """EKS Pod Identity for the service accounts of the product, whose names only you know."""

    mode: Literal["pod-identity"]
    service_accounts: KubernetesNames


class ExistingKeyAccess(Section):
    """An access key that is there; its secret is `blobSecretAccessKey`."""

    mode: Literal["existing-key"]
    access_key_id: Text


BlobAccess = Annotated[
    AccessKeyAccess | PodIdentityAccess | ExistingKeyAccess, Field(discriminator="mode")
]


class ManagedBlobs(Section):
    """Five buckets of its own, but for those named under `existingBuckets`."""

    mode: Literal["managed"]
    bucket_prefix: BucketPrefix | None = None
    existing_buckets: BucketNames = BucketNames()
    noncurrent_version_days: Annotated[int, Field(ge=1, le=3650)] = 90
    access: BlobAccess


class ExistingBlobs(Section):
    """Five buckets that are there, in `region` if it is not the stack's. They are never written to.

    `visibility` states who may read them.
    """

    mode: Literal["existing"]
    region: Text | None = None
    buckets: BucketNames
    visibility: BucketVisibility = BucketVisibility()
    access: BlobAccess


Blobs = Annotated[ManagedBlobs | ExistingBlobs | S3Blobs | LocalBlobs, Field(discriminator="mode")]
