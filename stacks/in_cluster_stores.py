"""PostgreSQL and Redis in the cluster, the same on every target."""

import pulumi

from components import prerequisites
from components.kubernetes.backup_plugin import BackupPlugin
from components.kubernetes.backups import Backups
from components.kubernetes.postgres import PORT, Postgres, PostgresArgs
from components.kubernetes.postgres_operator import PostgresOperator, PostgresOperatorArgs
from components.kubernetes.redis import Redis, RedisArgs
from components.restores import PointInTime
from stacks import existing, sections
from stacks.config import CommonConfig
from stacks.portable_blobs import Inside
from stacks.secrets import SecretKey
from stacks.stores import PostgresStore, RedisStore, maintenance_hour

_STANDBYS = 2
# An append-only file is written anew beside the old one, and there may be a snapshot too.
_VOLUME_OF_MEMORY, _SMALLEST_VOLUME = 4, 8


def provision_in_cluster_postgres(
    config: CommonConfig, section: sections.InClusterPostgres, inside: Inside
) -> PostgresStore:
    """The operator unless it is there, and a server with the product's database."""
    opts = pulumi.ResourceOptions(provider=inside.provider)
    operator = _operator(config, section, inside)
    capacity = config.capacity
    instances = section.instances or (1 + _STANDBYS if config.redundant else 1)
    made = Postgres(
        "postgres",
        PostgresArgs(
            namespace=inside.namespace,
            major_version=section.major_version,
            instances=instances,
            vcpu=capacity.postgres_vcpu,
            memory_gib=capacity.postgres_memory_gib,
            storage_gib=capacity.postgres_storage_gib,
            storage_class=section.storage_class,
            reserved=config.redundant,
            database=section.database,
            username=section.username,
            password_generation=config.generations.postgres_password,
            backups=None
            if section.backups is None
            else bucket_backups(config, section.backups, "backupSecretAccessKey"),
            restores=[PointInTime(time=it.time, source=it.source) for it in section.restores],
            old_servers=section.old_servers,
            protection=config.protection,
            after=operator,
        ),
        opts,
    )
    facts = prerequisites.Postgres(
        host=made.host,
        port=PORT,
        database=section.database,
        username=section.username,
        ssl_mode=section.ssl_mode,
    )
    return PostgresStore(
        facts=facts,
        password=made.password,
        root_cas=(made.ca_certificate,),
        operator=operator if section.operator == "managed" else (),
    )


def _operator(
    config: CommonConfig, section: sections.InClusterPostgres, inside: Inside
) -> tuple[pulumi.Resource, ...]:
    if section.operator == "existing":
        return tuple(inside.ready)
    ready = provision_operator(config, inside)
    if section.backups is not None:
        opts = pulumi.ResourceOptions(provider=inside.provider)
        ready = (*ready, *BackupPlugin("postgres-backups", ready, opts).ready)
    return ready


def provision_operator(config: CommonConfig, inside: Inside) -> tuple[pulumi.Resource, ...]:
    """The operator that runs every PostgreSQL in the cluster; at most once for a stack."""
    opts = pulumi.ResourceOptions(provider=inside.provider)
    args = PostgresOperatorArgs(replicas=2 if config.redundant else 1, after=inside.ready)
    return PostgresOperator("postgres-operator", args, opts).ready


def bucket_backups(config: CommonConfig, section: sections.S3Backups, secret: SecretKey) -> Backups:
    """Backups to a bucket that is there, with the access key's secret."""
    return Backups(
        bucket=section.bucket,
        prefix=section.prefix,
        endpoint=section.endpoint,
        region=section.region,
        access_key_id=section.access_key_id,
        secret_access_key=existing.secret(config, secret),
        days=section.days,
        hour=maintenance_hour(config).before(hours=2).hour,
        ca_certificates=section.ca_certificate,
    )


def provision_in_cluster_redis(
    config: CommonConfig, section: sections.InClusterRedis, inside: Inside
) -> RedisStore:
    """Redis with a proxy in front of it, which is what the product knows."""
    memory = config.capacity.redis_memory_gib
    made = Redis(
        "redis",
        RedisArgs(
            namespace=inside.namespace,
            version=section.version,
            redundant=config.redundant,
            tls=section.tls,
            memory_gib=memory,
            storage_gib=section.storage_gib or max(_SMALLEST_VOLUME, _VOLUME_OF_MEMORY * memory),
            storage_class=section.storage_class,
            protection=config.protection,
            after=inside.ready,
        ),
        pulumi.ResourceOptions(provider=inside.provider),
    )
    return RedisStore(
        facts=prerequisites.Redis(address=made.address),
        password=made.password,
        root_cas=() if made.ca_certificate is None else (made.ca_certificate,),
    )
