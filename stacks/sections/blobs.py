"""The five buckets, and how the product gets at them."""

from typing import Annotated, Literal

from pydantic import Field

from stacks.fields import (
    BucketPrefix,
    Guid,
    KubernetesNames,
    Section,
    StorageAccountName,
    Text,
)
from stacks.sections.buckets import BucketNames, BucketVisibility
from stacks.sections.portable_blobs import LocalBlobs, S3Blobs


class AccessKeyAccess(Section):
    """A user of its own (Google Cloud: a service account) with a key to just the five buckets."""

    mode: Literal["access-key"]


class PodIdentityAccess(Section):
    """EKS Pod Identity for the service accounts of the product, whose names only you know."""

    mode: Literal["pod-identity"]
    service_accounts: KubernetesNames


class ExistingKeyAccess(Section):
    """An access key that is there; its secret is `blobSecretAccessKey`."""

    mode: Literal["existing-key"]
    access_key_id: Text


class WorkloadIdentityAccess(Section):
    """A managed identity of Azure for the service accounts of the product, whose names only you know."""

    mode: Literal["workload-identity"]
    service_accounts: KubernetesNames


class ExistingIdentityAccess(Section):
    """A managed identity of Azure that is there, by its client ID."""

    mode: Literal["existing-identity"]
    client_id: Guid


class ExistingCredentialsAccess(Section):
    """Credentials of Google Cloud that are there; their JSON is the secret `blobCredentials`."""

    mode: Literal["existing-credentials"]


BlobAccess = Annotated[
    AccessKeyAccess
    | PodIdentityAccess
    | ExistingKeyAccess
    | WorkloadIdentityAccess
    | ExistingIdentityAccess
    | ExistingCredentialsAccess,
    Field(discriminator="mode"),
]


class ManagedBlobs(Section):
    """Five buckets of its own, but for those named under `existingBuckets`.

    On Azure these are containers of one storage account, `accountName`.
    """

    mode: Literal["managed"]
    bucket_prefix: BucketPrefix | None = None
    account_name: StorageAccountName | None = None
    existing_buckets: BucketNames = BucketNames()
    noncurrent_version_days: Annotated[int, Field(ge=1, le=3650)] = 90
    access: BlobAccess


class ExistingBlobs(Section):
    """Five buckets that are there, in `region` if it is not the stack's. They are never written to.

    On Azure these are containers of one storage account, `accountName`. `visibility` states who may
    read them.
    """

    mode: Literal["existing"]
    region: Text | None = None
    account_name: StorageAccountName | None = None
    buckets: BucketNames
    visibility: BucketVisibility = BucketVisibility()
    access: BlobAccess


Blobs = Annotated[ManagedBlobs | ExistingBlobs | S3Blobs | LocalBlobs, Field(discriminator="mode")]
