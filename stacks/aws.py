"""What an environment on AWS is made of."""

import pulumi
import pulumi_aws as aws
from typing_extensions import assert_never

from components.aws.buckets import BlobBuckets, BlobBucketsArgs
from components.aws.identity import BlobRole, BlobRoleArgs, BlobUser, BlobUserArgs
from components.naming import aws_partition, bucket_prefix
from components.prerequisites import (
    AwsBlobs,
    Buckets,
    PublicAddresses,
)
from stacks import existing, sections
from stacks.aws_cluster import RunningCluster, all_tags, provision_cluster, provision_network
from stacks.aws_dns import provision_dns, provision_proof
from stacks.aws_entry import provision_addresses, provision_entry
from stacks.aws_stores import provision_postgres, provision_redis
from stacks.config import AwsConfig
from stacks.contract import Parts, fulfilled
from stacks.existing import Promised
from stacks.in_cluster import provision_in_cluster
from stacks.portable_blobs import BlobStore, Inside, provision_portable_blobs
from stacks.provisioned import Provisioned
from stacks.timescale import provision_timescale


def provision(config: AwsConfig) -> Provisioned:
    """Make what the configuration asks to be made, and take over what is there."""
    account = _account_provider(config)
    addresses = provision_addresses(config, account)
    place = provision_network(config, account)
    cluster = provision_cluster(config, account, place)
    proof = provision_proof(config, account, cluster)
    in_cluster = provision_in_cluster(config, cluster.provider, proof=proof, after=cluster.ready)
    postgres = provision_postgres(config, account, place, cluster, in_cluster.namespace)
    redis = provision_redis(config, account, place, cluster, in_cluster.namespace)
    entry = provision_entry(config, addresses, place, cluster, in_cluster)
    inside = Inside(provider=cluster.provider, namespace=in_cluster.namespace, ready=cluster.ready)
    timescale = provision_timescale(config, inside, postgres)
    blobs = _blobs(config, cluster, in_cluster.namespace, account)
    public = PublicAddresses(
        ingress=entry.ingress, udp=entry.udp, egress=() if place is None else place.egress
    )
    provision_dns(config, account, public)
    parts = Parts(
        in_cluster=in_cluster,
        postgres=postgres,
        redis=redis,
        timescale=timescale,
        blobs=blobs,
        entry=entry,
        public=public,
    )
    return fulfilled(config, parts)


# Set by EKS and by controllers in the cluster on what the stack made; not the stack's to remove.
_FOREIGN_TAGS = ("kubernetes.io/cluster/", "k8s.io/cluster-autoscaler/", "eks:")


def _account_provider(config: AwsConfig) -> aws.Provider:
    """Bound to one account: credentials of another one are refused before anything is made."""
    return aws.Provider(
        "aws",
        region=config.region,
        allowed_account_ids=[config.aws.account_id],
        default_tags=aws.ProviderDefaultTagsArgs(tags=all_tags(config)),
        ignore_tags=aws.ProviderIgnoreTagsArgs(
            keys=list(config.aws.ignore_tag_keys),
            key_prefixes=[*_FOREIGN_TAGS, *config.aws.ignore_tag_prefixes],
        ),
    )


_OwnBlobs = sections.ManagedBlobs | sections.ExistingBlobs


def _blobs(
    config: AwsConfig, cluster: RunningCluster, namespace: Promised, account: aws.Provider
) -> BlobStore:
    section = config.blobs
    if isinstance(section, (sections.S3Blobs, sections.LocalBlobs)):
        inside = Inside(provider=cluster.provider, namespace=namespace, ready=cluster.ready)
        return provision_portable_blobs(config, section, inside)
    opts = pulumi.ResourceOptions(provider=account)
    region = config.region
    if isinstance(section, sections.ExistingBlobs) and section.region is not None:
        region = section.region
    buckets = BlobBuckets("blobs", _bucket_args(config, section), opts).buckets
    key_id, secret = _access(config, section.access, cluster, namespace, buckets, opts)
    facts = AwsBlobs(buckets=buckets, region=existing.promised(region), access_key_id=key_id)
    return BlobStore(facts=facts, secret_access_key=secret)


def _bucket_args(config: AwsConfig, blobs: _OwnBlobs) -> BlobBucketsArgs:
    prefix, days = None, sections.ManagedBlobs.model_fields["noncurrent_version_days"].default
    if isinstance(blobs, sections.ManagedBlobs):
        names, prefix, days = (
            blobs.existing_buckets,
            blobs.bucket_prefix,
            blobs.noncurrent_version_days,
        )
    else:
        names = blobs.buckets
    return BlobBucketsArgs(
        prefix=prefix or bucket_prefix(config.stack, config.domain),
        existing=existing.bucket_names(names),
        noncurrent_version_days=days,
        protection=config.protection,
    )


def _access(
    config: AwsConfig,
    access: sections.BlobAccess,
    cluster: RunningCluster,
    namespace: Promised,
    buckets: Buckets[Promised],
    opts: pulumi.ResourceOptions,
) -> tuple[Promised | None, Promised | None]:
    """The access key's ID and secret, where the product is to use one."""
    partition = aws_partition(config.region)
    match access:
        case sections.ExistingKeyAccess(access_key_id=key_id):
            return existing.promised(key_id), existing.secret(config, "blobSecretAccessKey")
        case sections.AccessKeyAccess():
            user_args = BlobUserArgs(
                stack=config.stack,
                partition=partition,
                buckets=buckets,
                generation=config.generations.blob_access_key,
            )
            user = BlobUser("blob-user", user_args, opts)
            return user.access_key_id, user.secret_access_key
        case sections.PodIdentityAccess(service_accounts=accounts):
            role_args = BlobRoleArgs(
                stack=config.stack,
                partition=partition,
                buckets=buckets,
                cluster_name=cluster.name,
                namespace=namespace,
                service_accounts=accounts,
            )
            BlobRole("blob-role", role_args, opts)
            return None, None
        case (
            sections.WorkloadIdentityAccess()
            | sections.ExistingIdentityAccess()
            | sections.ExistingCredentialsAccess()
        ) as access:
            raise TypeError(f"blobs.access.mode {access.mode} was let through")
        case access:
            assert_never(access)
