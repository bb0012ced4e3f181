"""PostgreSQL and Redis of an environment on AWS, made or taken over."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from typing_extensions import assert_never

from components import prerequisites
from components.aws.network import NetworkPlace
from components.aws.postgres import Postgres, PostgresArgs
from components.aws.redis import Redis, RedisArgs
from components.maintenance import MaintenanceHour
from components.restores import PointInTime, Restore, Snapshot
from stacks import aws_plan, existing, sections
from stacks.aws_cluster import RunningCluster, placed
from stacks.config import AwsConfig
from stacks.existing import Promised


@dataclass(frozen=True, kw_only=True)
class PostgresStore:
    """Where the product's database is, and its password."""

    facts: prerequisites.Postgres[Promised]
    password: Promised


@dataclass(frozen=True, kw_only=True)
class RedisStore:
    """Where Redis is, and its password if it has one."""

    facts: prerequisites.Redis[Promised]
    password: Promised | None


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
            facts = prerequisites.Postgres(
                host=made.host,
                database=section.database,
                username=section.username,
                ssl_mode="require" if section.ca_certificate is None else "verify-full",
            )
            return PostgresStore(facts=facts, password=made.password)
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
        restores=[_restore(it) for it in section.restores],
        old_servers=section.old_servers,
        protection=config.protection,
    )


def provision_redis(
    config: AwsConfig, account: aws.Provider, place: NetworkPlace | None, cluster: RunningCluster
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
        case _:
            assert_never(config.redis)


def maintenance_hour(config: AwsConfig) -> MaintenanceHour:
    """When the cloud may work on its databases."""
    return MaintenanceHour(day=config.maintenance.day, hour=config.maintenance.hour)


def _restore(section: sections.SnapshotRestore | sections.PointInTimeRestore) -> Restore:
    match section:
        case sections.SnapshotRestore(snapshot=name):
            return Snapshot(name=name)
        case sections.PointInTimeRestore(time=time, source=source):
            return PointInTime(time=time, source=source)
        case _:
            assert_never(section)
