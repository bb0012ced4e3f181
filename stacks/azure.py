"""What an environment on Azure is made of."""

import pulumi
import pulumi_azure_native as azure
from typing_extensions import assert_never

from components.azure.buckets import BlobContainers, BlobContainersArgs
from components.azure.identity import FederatedIdentity, FederatedIdentityArgs
from components.azure.resource_group import GroupPlace, ResourceGroup, ResourceGroupArgs
from components.naming import stack_name
from components.prerequisites import (
    AzureBlobs,
    Buckets,
    PublicAddresses,
)
from components.seeds import BUCKETS
from stacks import azure_plan, existing, sections
from stacks.azure_cluster import RunningCluster, provision_cluster, provision_network
from stacks.azure_dns import provision_dns, provision_proof
from stacks.azure_entry import provision_addresses, provision_entry
from stacks.azure_stores import provision_postgres, provision_redis
from stacks.config import AzureConfig
from stacks.contract import Parts, fulfilled
from stacks.existing import Promised, promised
from stacks.in_cluster import provision_in_cluster
from stacks.portable_blobs import BlobStore, Inside, provision_portable_blobs
from stacks.provisioned import Provisioned
from stacks.timescale import provision_timescale


def provision(config: AzureConfig) -> Provisioned:
    """Make what the configuration asks to be made, and take over what is there."""
    account = _account_provider(config)
    group = _group(config, account)
    addresses = provision_addresses(config, account, group)
    place = provision_network(config, account, group)
    cluster = provision_cluster(config, account, group, place)
    proof = provision_proof(config, account, group, cluster)
    in_cluster = provision_in_cluster(config, cluster.provider, proof=proof, after=cluster.ready)
    postgres = provision_postgres(config, account, group, place, cluster, in_cluster.namespace)
    redis = provision_redis(config, account, group, place, cluster, in_cluster.namespace)
    entry = provision_entry(config, group, addresses, cluster, in_cluster)
    blobs = _blobs(config, account, group, cluster, in_cluster.namespace)
    inside = Inside(provider=cluster.provider, namespace=in_cluster.namespace, ready=cluster.ready)
    timescale = provision_timescale(config, inside, postgres)
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


def _account_provider(config: AzureConfig) -> azure.Provider:
    """Bound to one subscription, whatever the Azure CLI has chosen."""
    return azure.Provider(
        "azure", subscription_id=config.azure.subscription_id, location=config.region
    )


def _group(config: AzureConfig, account: azure.Provider) -> GroupPlace:
    args = ResourceGroupArgs(
        name=azure_plan.resource_group(config.azure, config.stack),
        location=config.region,
        tags=all_tags(config),
        protection=config.protection,
    )
    return ResourceGroup("group", args, pulumi.ResourceOptions(provider=account)).place


def all_tags(config: AzureConfig) -> dict[str, str]:
    """The tags of everything that can bear them."""
    return {"Project": "the-things-stack", "Stack": config.stack, **config.tags}


def _blobs(
    config: AzureConfig,
    account: azure.Provider,
    group: GroupPlace,
    cluster: RunningCluster,
    namespace: Promised,
) -> BlobStore:
    opts = pulumi.ResourceOptions(provider=account)
    match config.blobs:
        case sections.ExistingBlobs() as section:
            names = existing.bucket_names(section.buckets)
            facts = AzureBlobs(
                buckets=Buckets(**{kind: promised(name) for kind, name in names.items()}),
                account_name=promised(section.account_name or ""),
                client_id=promised(_client_id(section.access)),
            )
            return BlobStore(facts=facts)
        case sections.ManagedBlobs() as section:
            made = BlobContainers("blobs", _container_args(config, section, group), opts)
            identity = FederatedIdentity(
                "blob-identity",
                FederatedIdentityArgs(
                    stack=config.stack,
                    subscription=config.azure.subscription_id,
                    group=group,
                    name=stack_name(config.stack, "blobs", longest=128),
                    issuer_url=cluster.issuer_url,
                    namespace=namespace,
                    service_accounts=_service_accounts(section.access),
                    containers={plan.ending: made.container_ids[plan.kind] for plan in BUCKETS},
                ),
                opts,
            )
            facts = AzureBlobs(
                buckets=made.buckets,
                account_name=made.account_name,
                client_id=identity.client_id,
            )
            return BlobStore(facts=facts)
        case sections.S3Blobs() | sections.LocalBlobs() as section:
            inside = Inside(provider=cluster.provider, namespace=namespace, ready=cluster.ready)
            return provision_portable_blobs(config, section, inside)
        case _:
            assert_never(config.blobs)


def _container_args(
    config: AzureConfig, section: sections.ManagedBlobs, group: GroupPlace
) -> BlobContainersArgs:
    return BlobContainersArgs(
        account_name=azure_plan.storage_account(section, config.azure, config.stack, config.domain),
        group=group,
        redundant=config.redundant,
        noncurrent_version_days=section.noncurrent_version_days,
        protection=config.protection,
    )


def _client_id(access: sections.BlobAccess) -> str:
    if not isinstance(access, sections.ExistingIdentityAccess):
        raise TypeError(f"blobs.access.mode {access.mode} was let through")
    return access.client_id


def _service_accounts(access: sections.BlobAccess) -> tuple[str, ...]:
    if not isinstance(access, sections.WorkloadIdentityAccess):
        raise TypeError(f"blobs.access.mode {access.mode} was let through")
    return access.service_accounts
