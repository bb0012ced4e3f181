"""Blobs on any target: buckets at a service that speaks S3, or folders on a volume of the cluster."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes
from typing_extensions import assert_never

from components.kubernetes.bucket_seeds import BucketSeeds, BucketSeedsArgs
from components.kubernetes.storage_classes import sharing
from components.kubernetes.volume import BlobVolume, BlobVolumeArgs, ByClass, Claimed, OnNode
from components.prerequisites import AwsBlobs, AzureBlobs, Buckets, GcpBlobs, LocalBlobs
from components.seeds import BUCKETS
from stacks import existing, sections
from stacks.config import CommonConfig
from stacks.existing import Promised, promised


@dataclass(frozen=True, kw_only=True)
class BlobStore:
    """Where the blobs are, and the secret of the access key or the credentials (base64) if there are any."""

    facts: AwsBlobs[Promised] | AzureBlobs[Promised] | GcpBlobs[Promised] | LocalBlobs[Promised]
    secret_access_key: Promised | None = None
    gcp_credentials: Promised | None = None


@dataclass(frozen=True, kw_only=True)
class Inside:
    """Where in which cluster things go. `ready`: what must be there before pods run."""

    provider: kubernetes.Provider
    namespace: Promised
    ready: Sequence[pulumi.Resource] = ()


def provision_portable_blobs(
    config: CommonConfig, section: sections.S3Blobs | sections.LocalBlobs, inside: Inside
) -> BlobStore:
    """The blobs that no cloud has to provide."""
    match section:
        case sections.S3Blobs():
            return _s3(config, section, inside)
        case sections.LocalBlobs():
            return _local(config, section, inside)
        case _:
            assert_never(section)


def _s3(config: CommonConfig, section: sections.S3Blobs, inside: Inside) -> BlobStore:
    """The five buckets at the service, seeded unless they are to be left alone."""
    key = existing.secret(config, "blobSecretAccessKey")
    buckets, made = _buckets(config, section, key)
    endpoint = section.endpoint or f"https://s3.{section.region}.amazonaws.com"
    if section.seeds == "place":
        args = BucketSeedsArgs(
            namespace=inside.namespace,
            buckets=buckets,
            endpoint=endpoint,
            region=section.region,
            path_style=section.path_style,
            access_key_id=section.access_key_id,
            secret_access_key=key,
            ca_certificates=section.ca_certificate,
            after=(*inside.ready, *made),
        )
        BucketSeeds("bucket-seeds", args, pulumi.ResourceOptions(provider=inside.provider))
    facts = AwsBlobs(
        buckets=buckets,
        region=promised(section.region),
        access_key_id=promised(section.access_key_id),
        endpoint=section.endpoint,
        path_style=section.path_style,
    )
    return BlobStore(facts=facts, secret_access_key=key)


def _buckets(
    config: CommonConfig, section: sections.S3Blobs, key: Promised
) -> tuple[Buckets[Promised], tuple[pulumi.Resource, ...]]:
    if not section.create:
        names = existing.bucket_names(section.buckets)
        return Buckets(**{plan.kind: promised(names[plan.kind]) for plan in BUCKETS}), ()
    try:
        # Others do without that SDK, and need not install it.
        from stacks.s3_buckets import create_buckets  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name != "pulumi_aws":
            raise
        raise pulumi.RunError(
            "blobs.create makes the buckets with the AWS SDK, which is not installed: "
            "make setup TARGETS=aws"
        ) from None
    return create_buckets(config, section, key)


def _local(config: CommonConfig, section: sections.LocalBlobs, inside: Inside) -> BlobStore:
    made = BlobVolume(
        "blobs",
        BlobVolumeArgs(
            namespace=inside.namespace,
            volume=_volume(section.volume),
            seeded=section.seeds == "place",
            protection=config.protection,
            after=inside.ready,
        ),
        pulumi.ResourceOptions(provider=inside.provider),
    )
    folders = Buckets(**{plan.kind: promised(plan.kind) for plan in BUCKETS})
    return BlobStore(
        facts=LocalBlobs(buckets=folders, claim=made.claim, note=_note(section.volume))
    )


def _volume(section: sections.Volume) -> ByClass | OnNode | Claimed:
    match section:
        case sections.ClassVolume(storage_class=name, size_gib=size):
            return ByClass(storage_class=name, size_gib=size)
        case sections.HostPathVolume(path=path, size_gib=size):
            return OnNode(path=path, size_gib=size)
        case sections.ExistingVolume(claim=claim):
            return Claimed(claim=claim)
        case _:
            assert_never(section)


def _note(section: sections.Volume) -> str | None:
    """What cannot be told of a storage class by its name."""
    if not isinstance(section, sections.ClassVolume):
        return None
    name = section.storage_class
    if name is not None and sharing(name) == "yes":
        return None
    which = "The cluster's default storage class" if name is None else f"The storage class {name}"
    return (
        f"{which} must do ReadWriteMany, which its name does not tell: if the claim for the blobs stays "
        "Pending, choose another one."
    )
