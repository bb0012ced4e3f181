"""PostgreSQL and Redis of an environment on AWS, made or taken over."""

import pulumi
import pulumi_aws as aws
from typing_extensions import assert_never

from components import prerequisites
from components.aws.network import NetworkPlace
from components.aws.postgres import Postgres, PostgresArgs
from components.aws.redis import Redis, RedisArgs
from components.restores import Snapshot
from stacks import aws_plan, existing, sections
from stacks.aws_cluster import RunningCluster, placed
from stacks.config import AwsConfig
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
    config: AwsConfig,
    account: aws.Provider,
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
            args = _postgres_args(config, section, placed(place), cluster)
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
                    ca_certificates=section.ca_certificate,
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
    config: AwsConfig,
    section: sections.ManagedPostgres,
    place: NetworkPlace,
    cluster: RunningCluster,
) -> PostgresArgs:
    capacity = config.capacity
    return PostgresArgs(
        stack=config.stack,
        major_version=section.major_version,
        version=aws_plan.engine_version(section),
        instance_class=aws_plan.database_class(section, capacity) or "",
        storage_gib=capacity.postgres_storage_gib,
        maximum_storage_gib=aws_plan.maximum_storage(section, capacity),
        vpc_id=place.vpc_id,
        subnet_ids=place.data,
        clients=cluster.clients,
        multi_az=config.redundant,
        backup_days=section.backup_days,
        maintenance=maintenance_hour(config),
        admin_username=section.admin_username,
        admin_generation=config.generations.postgres_admin_password,
        password_generation=config.generations.postgres_password,
        log_retention_days=config.aws.log_retention_days,
        restores=[restore(it) for it in section.restores],
        old_servers=section.old_servers,
        protection=config.protection,
    )


def provision_redis(
    config: AwsConfig,
    account: aws.Provider,
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
                version=section.version,
                node_type=aws_plan.cache_type(section, config.capacity) or "",
                replicas=aws_plan.replicas(section, redundant=config.redundant),
                vpc_id=where.vpc_id,
                subnet_ids=where.data,
                clients=cluster.clients,
                snapshot_days=section.snapshot_days,
                maintenance=maintenance_hour(config),
                token_generation=config.generations.redis_auth_token,
                previous_token=section.previous_auth_token,
                restores=[Snapshot(name=it.snapshot) for it in section.restores],
                old_servers=section.old_servers,
                protection=config.protection,
            )
            made = Redis("redis", args, pulumi.ResourceOptions(provider=account))
            facts = prerequisites.Redis(address=made.address, read_only_address=made.reader)
            return RedisStore(facts=facts, password=made.token)
        case sections.InClusterRedis() as section:
            return provision_in_cluster_redis(config, section, _inside(cluster, namespace))
        case _:
            assert_never(config.redis)


def _inside(cluster: RunningCluster, namespace: Promised) -> Inside:
    return Inside(provider=cluster.provider, namespace=namespace, ready=cluster.ready)
