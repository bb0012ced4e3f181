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
    Credentials,
    Prerequisites,
    PublicAddresses,
)
from components.seeds import BUCKETS
from stacks import azure_plan, dns, existing, generated, sections
from stacks.azure_cluster import RunningCluster, provision_cluster, provision_network
from stacks.azure_entry import provision_addresses, provision_entry
from stacks.azure_stores import provision_postgres, provision_redis
from stacks.config import AzureConfig
from stacks.existing import Promised, promised
from stacks.in_cluster import provision_in_cluster
from stacks.in_cluster_stores import trusting
from stacks.portable_blobs import BlobStore, Inside, provision_portable_blobs
from stacks.provisioned import Provisioned


def provision(config: AzureConfig) -> Provisioned:
    """Make what the configuration asks to be made, and take over what is there."""
    account = _account_provider(config)
    group = _group(config, account)
    addresses = provision_addresses(config, account, group)
    place = provision_network(config, account, group)
    cluster = provision_cluster(config, account, group, place)
    in_cluster = provision_in_cluster(config, cluster.provider, after=cluster.ready)
    postgres = provision_postgres(config, account, group, place, cluster, in_cluster.namespace)
    redis = provision_redis(config, account, group, place, cluster, in_cluster.namespace)
    entry = provision_entry(config, group, addresses, cluster, in_cluster)
    blobs = _blobs(config, account, group, cluster, in_cluster.namespace)
    public = PublicAddresses(
        ingress=entry.ingress, udp=entry.udp, egress=() if place is None else place.egress
    )
    _dns(config, public)
    return Provisioned(
        prerequisites=Prerequisites(
            domain=config.domain,
            tenancy=existing.tenancy(config),
            admin=existing.admin(config),
            postgres=postgres.facts,
            redis=redis.facts,
            blobs=blobs.facts,
            ingress=entry.facts,
            tls=trusting(in_cluster.tls, postgres, redis),
            gateway_controller=existing.gateway_controller(config),
            public=public,
            timescale=existing.timescale(config.timescale),
            packet_broker=existing.packet_broker(config.packet_broker),
        ),
        credentials=Credentials(
            license_key=existing.secret(config, "licenseKey"),
            admin_password=existing.secret(config, "adminPassword"),
            postgres_password=postgres.password,
            redis_password=redis.password,
            timescale_password=existing.optional_secret(config, "timescalePassword"),
            packet_broker_key=existing.optional_secret(config, "packetBrokerKey"),
            blob_secret_access_key=blobs.secret_access_key,
            product=generated.product_secrets(config),
        ),
        root_ca=in_cluster.root_ca,
    )


def _dns(config: AzureConfig, public: PublicAddresses[Promised]) -> None:
    """The records of the domain, where another than Azure keeps them."""
    found = dns.records(config, public)
    if found and isinstance(config.dns, sections.CloudflareDns):
        dns.provision_cloudflare_records(config, config.dns, found)


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
