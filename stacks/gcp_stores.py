"""PostgreSQL and Redis of an environment on Google Cloud, made or taken over."""

from dataclasses import replace

import pulumi
import pulumi_gcp as gcp
from typing_extensions import assert_never

from components import prerequisites
from components.gcp.network import NetworkPlace
from components.gcp.postgres import Postgres, PostgresArgs
from components.gcp.redis import Redis, RedisArgs
from stacks import existing, gcp_plan, sections
from stacks.config import GcpConfig
from stacks.existing import Promised
from stacks.gcp_cluster import RunningCluster, placed
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
    config: GcpConfig,
    project: gcp.Provider,
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
            args = _postgres_args(config, section, placed(place))
            made = Postgres("postgres", args, pulumi.ResourceOptions(provider=project))
            store = provision_database(
                config,
                section,
                ManagedServer(
                    host=made.host,
                    number=made.server_number,
                    admin_username=section.admin_username,
                    admin_password=made.admin_password,
                    password=made.password,
                    ca_certificates=made.ca_certificates,
                    # The certificate names the instance, which no client looks for.
                    verification="verify-ca",
                ),
                cluster=cluster.provider,
                namespace=namespace,
                after=(*cluster.ready, *made.reachable),
            )
            return replace(store, root_cas=(made.ca_certificates,))
        case sections.InClusterPostgres() as section:
            return provision_in_cluster_postgres(config, section, _inside(cluster, namespace))
        case _:
            assert_never(config.postgres)


def _postgres_args(
    config: GcpConfig, section: sections.ManagedPostgres, place: NetworkPlace
) -> PostgresArgs:
    capacity = config.capacity
    return PostgresArgs(
        stack=config.stack,
        region=config.region,
        major_version=section.major_version,
        tier=gcp_plan.tier(section, capacity) or "",
        edition=gcp_plan.edition(section, capacity) or "",
        storage_gib=capacity.postgres_storage_gib,
        maximum_storage_gib=gcp_plan.maximum_storage(section, capacity),
        network_id=place.network_id,
        private_services=place.private_services,
        regional=config.redundant,
        backup_days=section.backup_days,
        maintenance=maintenance_hour(config),
        admin_username=section.admin_username,
        admin_generation=config.generations.postgres_admin_password,
        password_generation=config.generations.postgres_password,
        restores=[restore(it) for it in section.restores],
        old_servers=section.old_servers,
        after=place.connection,
        protection=config.protection,
    )


def provision_redis(
    config: GcpConfig,
    project: gcp.Provider,
    place: NetworkPlace | None,
    cluster: RunningCluster,
    namespace: Promised,
) -> RedisStore:
    """Redis."""
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
                region=config.region,
                version=section.version,
                memory_gib=config.capacity.redis_memory_gib,
                replicas=gcp_plan.replicas(section, redundant=config.redundant),
                tls=config.gcp.redis_tls,
                network_id=where.network_id,
                private_services=where.private_services,
                maintenance=maintenance_hour(config),
                after=where.connection,
                protection=config.protection,
            )
            made = Redis("redis", args, pulumi.ResourceOptions(provider=project))
            cas = made.ca_certificates
            return RedisStore(
                facts=prerequisites.Redis(address=made.address, read_only_address=made.reader),
                password=made.password,
                root_cas=() if cas is None else (cas,),
            )
        case sections.InClusterRedis() as section:
            return provision_in_cluster_redis(config, section, _inside(cluster, namespace))
        case _:
            assert_never(config.redis)


def _inside(cluster: RunningCluster, namespace: Promised) -> Inside:
    return Inside(provider=cluster.provider, namespace=namespace, ready=cluster.ready)
