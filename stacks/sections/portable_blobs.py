"""Blobs that no cloud has to provide: an S3-compatible service, or a volume of the cluster."""

from typing import Annotated, Literal

from pydantic import Field

from stacks.fields import BucketPrefix, CaCertificates, KubernetesName, Section, Text
from stacks.sections.buckets import BucketNames, BucketVisibility
from stacks.storage_fields import Endpoint, HostFolder, StorageClassName

Seeds = Literal["place", "leave"]
SizeGib = Annotated[int, Field(ge=1, le=65536)]


class S3Blobs(Section):
    """Buckets at a service that speaks S3; without `endpoint`, Amazon S3.

    The secret of the access key is `blobSecretAccessKey`. All five are named under `buckets`, or those
    that are left out are made with `create`. `seeds: place` puts each seed where there is none, and
    `leave` nothing. `visibility` states who may read a bucket that is there.
    """

    mode: Literal["s3"]
    endpoint: Endpoint | None = None
    region: Text = "us-east-1"
    path_style: bool = True
    access_key_id: Text
    buckets: BucketNames = BucketNames()
    visibility: BucketVisibility = BucketVisibility()
    create: bool = False
    bucket_prefix: BucketPrefix | None = None
    seeds: Seeds = "place"
    ca_certificate: CaCertificates | None = None


class ClassVolume(Section):
    """A volume by a storage class that does ReadWriteMany; without a name, the cluster's default."""

    mode: Literal["storage-class"]
    storage_class: StorageClassName | None = None
    size_gib: SizeGib = 10


class HostPathVolume(Section):
    """A folder of the one node that the cluster has; for trials."""

    mode: Literal["host-path"]
    path: HostFolder = "/var/lib/tts-blobs"
    size_gib: SizeGib = 10


class ExistingVolume(Section):
    """A PersistentVolumeClaim that is in the namespace and does ReadWriteMany."""

    mode: Literal["existing"]
    claim: KubernetesName


Volume = Annotated[ClassVolume | HostPathVolume | ExistingVolume, Field(discriminator="mode")]


class LocalBlobs(Section):
    """Five folders on a volume that all pods of the product share. `seeds` as for S3."""

    mode: Literal["local"]
    volume: Volume
    seeds: Seeds = "place"
