"""What an environment on Google Cloud is made of."""

import base64

import pulumi
import pulumi_gcp as gcp

from components.gcp.apis import Apis
from components.gcp.buckets import BlobBuckets, BlobBucketsArgs
from components.gcp.identity import BlobAccount, BlobAccountArgs
from components.naming import bucket_prefix
from components.prerequisites import GcpBlobs, PublicAddresses
from stacks import existing, sections
from stacks.config import GcpConfig
from stacks.contract import Parts, fulfilled
from stacks.existing import Promised
from stacks.gcp_cluster import RunningCluster, all_labels, provision_cluster, provision_network
from stacks.gcp_dns import provision_dns, provision_proof
from stacks.gcp_entry import provision_addresses, provision_entry
from stacks.gcp_stores import provision_postgres, provision_redis
from stacks.in_cluster import provision_in_cluster
from stacks.portable_blobs import BlobStore, Inside, provision_portable_blobs
from stacks.provisioned import Provisioned
from stacks.timescale import provision_timescale


def provision(config: GcpConfig) -> Provisioned:
    """Make what the configuration asks to be made, and take over what is there."""
    project = _project_provider(config)
    address = provision_addresses(config, project)
    place = provision_network(config, project)
    cluster = provision_cluster(config, project, place)
    proof = provision_proof(config, project, cluster)
    in_cluster = provision_in_cluster(config, cluster.provider, proof=proof, after=cluster.ready)
    postgres = provision_postgres(config, project, place, cluster, in_cluster.namespace)
    redis = provision_redis(config, project, place, cluster, in_cluster.namespace)
    entry = provision_entry(config, address, cluster, in_cluster)
    blobs = _blobs(config, project, cluster, in_cluster.namespace)
    inside = Inside(provider=cluster.provider, namespace=in_cluster.namespace, ready=cluster.ready)
    timescale = provision_timescale(config, inside, postgres)
    public = PublicAddresses(
        ingress=entry.ingress, udp=entry.udp, egress=() if place is None else place.egress
    )
    provision_dns(config, project, public)
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


def _project_provider(config: GcpConfig) -> gcp.Provider:
    """Bound to one project, region and set of labels; used once the project's APIs are on."""
    apis: tuple[pulumi.Resource, ...] = ()
    if config.gcp.enable_apis:
        first = _provider("gcp-apis", config)
        opts = pulumi.ResourceOptions(provider=first)
        apis = Apis("apis", config.gcp.project, opts).enabled
    return _provider("gcp", config, apis)


def _provider(
    name: str, config: GcpConfig, after: tuple[pulumi.Resource, ...] = ()
) -> gcp.Provider:
    return gcp.Provider(
        name,
        project=config.gcp.project,
        region=config.region,
        default_labels=all_labels(config),
        opts=pulumi.ResourceOptions(depends_on=list(after)),
    )


_OwnBlobs = sections.ManagedBlobs | sections.ExistingBlobs


def _blobs(
    config: GcpConfig, project: gcp.Provider, cluster: RunningCluster, namespace: Promised
) -> BlobStore:
    section = config.blobs
    if isinstance(section, (sections.S3Blobs, sections.LocalBlobs)):
        inside = Inside(provider=cluster.provider, namespace=namespace, ready=cluster.ready)
        return provision_portable_blobs(config, section, inside)
    opts = pulumi.ResourceOptions(provider=project)
    buckets = BlobBuckets("blobs", _bucket_args(config, section), opts).buckets
    if isinstance(section.access, sections.ExistingCredentialsAccess):
        given = existing.secret(config, "blobCredentials")
        credentials = given.apply(lambda text: base64.b64encode(text.encode()).decode())
    else:
        args = BlobAccountArgs(
            stack=config.stack,
            buckets=buckets,
            generation=config.generations.blob_access_key,
        )
        credentials = BlobAccount("blob-account", args, opts).credentials
    return BlobStore(facts=GcpBlobs(buckets=buckets), gcp_credentials=credentials)


def _bucket_args(config: GcpConfig, blobs: _OwnBlobs) -> BlobBucketsArgs:
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
        location=config.region,
        existing=existing.bucket_names(names),
        public_pictures=config.gcp.public_pictures,
        noncurrent_version_days=days,
        protection=config.protection,
    )
