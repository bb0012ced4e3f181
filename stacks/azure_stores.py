"""PostgreSQL and Redis of an environment on Azure, made or taken over."""

import pulumi
import pulumi_azure_native as azure
from typing_extensions import assert_never

from components import prerequisites
from components.azure.instances import tier_of
from components.azure.names import storage_account_name
from components.azure.network import NetworkPlace
from components.azure.postgres import ROOTS, Postgres, PostgresArgs
from components.azure.redis import Redis, RedisArgs
from components.azure.redis_exports import RedisExports, RedisExportsArgs
from components.azure.resource_group import GroupPlace
from components.naming import stack_name
from stacks import azure_plan, existing, sections
from stacks.azure_cluster import RunningCluster, placed
from stacks.config import AzureConfig
from stacks.existing import Promised
from stacks.in_cluster_stores import provision_in_cluster_postgres, provision_in_cluster_redis
from stacks.portable_blobs import Inside
from stacks.stores import (
    ManagedServer,
    PostgresStore,
    RedisStore,
    maintenance_hour,
    provision_database,
    restore,
)


def provision_postgres(
    config: AzureConfig,
    account: azure.Provider,
    group: GroupPlace,
    place: NetworkPlace | None,
    cluster: RunningCluster,
    namespace: Promised,
) -> PostgresStore:
    """PostgreSQL, and in it a database that the product's own role owns."""
    match config.postgres:
        case sections.ExistingPostgres() as section:
            return PostgresStore(
                facts=existing.postgres(section),
                password=existing.secret(config, "postgresPassword"),
            )
        case sections.ManagedPostgres() as section:
            args = _postgres_args(config, section, group, placed(place))
            made = Postgres("postgres", args, pulumi.ResourceOptions(provider=account))
            return provision_database(
                config,
                section,
                ManagedServer(
                    host=made.host,
                    number=made.server_number,
                    admin_username=section.admin_username,
                    admin_password=made.admin_password,
                    password=made.password,
                    # The product knows public roots by itself, the Job's client does not.
                    ca_certificates=section.ca_certificate or ROOTS,
                ),
                cluster=cluster.provider,
                namespace=namespace,
                after=(*cluster.ready, *made.reachable),
            )
        case sections.InClusterPostgres() as section:
            return provision_in_cluster_postgres(config, section, _inside(cluster, namespace))
        case _:
            assert_never(config.postgres)


def _postgres_args(
    config: AzureConfig,
    section: sections.ManagedPostgres,
    group: GroupPlace,
    place: NetworkPlace,
) -> PostgresArgs:
    capacity = config.capacity
    size = azure_plan.database_class(section, capacity, redundant=config.redundant) or ""
    return PostgresArgs(
        stack=config.stack,
        subscription=config.azure.subscription_id,
        group=group,
        major_version=section.major_version,
        size=size,
        tier=tier_of(size) or "",
        storage_gib=azure_plan.database_storage(capacity) or 0,
        vnet_id=place.vnet_id,
        subnet_id=_subnet(place.postgres),
        zones=config.zones,
        standby=config.redundant,
        backup_days=section.backup_days,
        geo_redundant_backup=section.geo_redundant_backup,
        maintenance=maintenance_hour(config),
        admin_username=section.admin_username,
        admin_generation=config.generations.postgres_admin_password,
        password_generation=config.generations.postgres_password,
        restores=[restore(it) for it in section.restores],
        old_servers=section.old_servers,
        protection=config.protection,
    )


def provision_redis(
    config: AzureConfig,
    account: azure.Provider,
    group: GroupPlace,
    place: NetworkPlace | None,
    cluster: RunningCluster,
    namespace: Promised,
) -> RedisStore:
    """Redis, with a daily export."""
    match config.redis:
        case sections.ExistingRedis() as section:
            return RedisStore(
                facts=existing.redis(section),
                password=existing.optional_secret(config, "redisPassword"),
            )
        case sections.ManagedRedis() as section:
            where = placed(place)
            args = RedisArgs(
                stack=config.stack,
                subscription=config.azure.subscription_id,
                group=group,
                size=azure_plan.cache_size(section, config.capacity) or "",
                replica=config.redundant,
                vnet_id=where.vnet_id,
                subnet_id=_subnet(where.endpoints),
                key_generation=config.generations.redis_auth_token,
                protection=config.protection,
            )
            made = Redis("redis", args, pulumi.ResourceOptions(provider=account))
            _exports(config, section, account, group, cluster, namespace, made)
            facts = prerequisites.Redis(address=made.address)
            return RedisStore(facts=facts, password=made.key)
        case sections.InClusterRedis() as section:
            return provision_in_cluster_redis(config, section, _inside(cluster, namespace))
        case _:
            assert_never(config.redis)


def _exports(
    config: AzureConfig,
    section: sections.ManagedRedis,
    account: azure.Provider,
    group: GroupPlace,
    cluster: RunningCluster,
    namespace: Promised,
    redis: Redis,
) -> None:
    subscription = config.azure.subscription_id
    args = RedisExportsArgs(
        stack=config.stack,
        subscription=subscription,
        group=group,
        account_name=storage_account_name(subscription, config.stack, config.domain, "redis"),
        identity_name=stack_name(config.stack, "redis-export", longest=128),
        database_id=redis.database_id,
        issuer_url=cluster.issuer_url,
        namespace=namespace,
        hour=maintenance_hour(config).before(hours=2).hour,
        days=section.snapshot_days,
        redundant=config.redundant,
        after=(*cluster.ready, *redis.reachable),
        protection=config.protection,
    )
    both = pulumi.ResourceOptions(providers=[account, cluster.provider])
    RedisExports("redis-exports", args, both)


def _subnet(subnet: Promised | None) -> Promised:
    """A subnet that the configuration's checks saw to. Raises TypeError without one."""
    if subnet is None:
        raise TypeError("a managed store was let through without a subnet")
    return subnet


def _inside(cluster: RunningCluster, namespace: Promised) -> Inside:
    return Inside(provider=cluster.provider, namespace=namespace, ready=cluster.ready)
