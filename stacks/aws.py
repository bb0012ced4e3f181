"""What an environment on AWS is made of."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
from typing_extensions import assert_never

from components.aws.buckets import BlobBuckets, BlobBucketsArgs
from components.aws.identity import BlobRole, BlobRoleArgs, BlobUser, BlobUserArgs
from components.kubernetes.cluster import ClusterAccess, cluster_provider
from components.naming import aws_partition, bucket_prefix
from components.prerequisites import AwsBlobs, Buckets, Credentials, Prerequisites
from stacks import existing, generated, sections
from stacks.config import AwsConfig
from stacks.existing import Promised
from stacks.in_cluster import provision_in_cluster
from stacks.offered import one_of
from stacks.provisioned import Provisioned


def provision(config: AwsConfig) -> Provisioned:
    """Make what the configuration asks to be made, and take over what is there."""
    cluster = one_of(config.cluster, sections.ExistingCluster)
    account = _account_provider(config)
    in_cluster = provision_in_cluster(config, _cluster_provider(config, cluster))
    blobs = _blobs(config, cluster, in_cluster.namespace, account)
    ingress = one_of(config.ingress, sections.ExistingIngress)
    return Provisioned(
        prerequisites=Prerequisites(
            domain=config.domain,
            tenancy=existing.tenancy(config),
            admin=existing.admin(config),
            postgres=existing.postgres(one_of(config.postgres, sections.ExistingPostgres)),
            redis=existing.redis(one_of(config.redis, sections.ExistingRedis)),
            blobs=blobs.facts,
            ingress=existing.ingress(ingress),
            tls=in_cluster.tls,
            gateway_controller=existing.gateway_controller(config),
            timescale=existing.timescale(config.timescale),
            packet_broker=existing.packet_broker(config.packet_broker),
        ),
        credentials=Credentials(
            license_key=existing.secret(config, "licenseKey"),
            admin_password=existing.secret(config, "adminPassword"),
            postgres_password=existing.secret(config, "postgresPassword"),
            redis_password=existing.optional_secret(config, "redisPassword"),
            timescale_password=existing.optional_secret(config, "timescalePassword"),
            packet_broker_key=existing.optional_secret(config, "packetBrokerKey"),
            blob_secret_access_key=blobs.secret_access_key,
            product=generated.product_secrets(config),
        ),
    )


def _account_provider(config: AwsConfig) -> aws.Provider:
    """Bound to one account: credentials of another one are refused before anything is made."""
    tags = {"Project": "the-things-stack", "Stack": config.stack, **config.tags}
    return aws.Provider(
        "aws",
        region=config.region,
        allowed_account_ids=[config.aws.account_id],
        default_tags=aws.ProviderDefaultTagsArgs(tags=tags),
    )


def _cluster_provider(config: AwsConfig, cluster: sections.ExistingCluster) -> kubernetes.Provider:
    access = ClusterAccess(
        identifier=cluster.name,
        kubeconfig=existing.secret(config, "kubeconfig"),
        context=cluster.context,
    )
    return cluster_provider("cluster", access)


@dataclass(frozen=True, kw_only=True)
class _Blobs:
    facts: AwsBlobs[Promised]
    secret_access_key: Promised | None


def _blobs(
    config: AwsConfig, cluster: sections.ExistingCluster, namespace: Promised, account: aws.Provider
) -> _Blobs:
    opts = pulumi.ResourceOptions(provider=account)
    region = config.region
    if isinstance(config.blobs, sections.ExistingBlobs) and config.blobs.region is not None:
        region = config.blobs.region
    buckets = BlobBuckets("blobs", _bucket_args(config), opts).buckets
    key_id, secret = _access(config, cluster, namespace, buckets, opts)
    facts = AwsBlobs(buckets=buckets, region=existing.promised(region), access_key_id=key_id)
    return _Blobs(facts=facts, secret_access_key=secret)


def _bucket_args(config: AwsConfig) -> BlobBucketsArgs:
    blobs = config.blobs
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
    cluster: sections.ExistingCluster,
    namespace: Promised,
    buckets: Buckets[Promised],
    opts: pulumi.ResourceOptions,
) -> tuple[Promised | None, Promised | None]:
    """The access key's ID and secret, where the product is to use one."""
    partition = aws_partition(config.region)
    match config.blobs.access:
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
        case access:
            assert_never(access)
