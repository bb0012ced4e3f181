"""What an environment on a cluster of your own is made of."""

from typing import TypeVar

import pulumi
import pulumi_kubernetes as kubernetes

from components.kubernetes.cluster import ClusterAccess, cluster_provider
from components.kubernetes.metrics_server import MetricsServer, MetricsServerArgs
from components.prerequisites import PublicAddresses
from stacks import dns, existing, sections
from stacks.config import SelfManagedConfig
from stacks.contract import Parts, fulfilled
from stacks.in_cluster import provision_in_cluster
from stacks.in_cluster_stores import (
    provision_in_cluster_postgres,
    provision_in_cluster_redis,
)
from stacks.portable_blobs import Inside, provision_portable_blobs
from stacks.provisioned import Provisioned
from stacks.self_managed_entry import provision_entry
from stacks.stores import PostgresStore, RedisStore
from stacks.timescale import provision_timescale

_S = TypeVar("_S")


def provision(config: SelfManagedConfig) -> Provisioned:
    """Make what the configuration asks to be made, and take over what is there."""
    provider = _cluster(config)
    in_cluster = provision_in_cluster(config, provider)
    inside = Inside(provider=provider, namespace=in_cluster.namespace)
    _metrics_server(config, inside)
    entry = provision_entry(config, in_cluster, inside)
    postgres = _postgres(config, inside)
    redis = _redis(config, inside)
    timescale = provision_timescale(config, inside, postgres)
    blobs = provision_portable_blobs(config, _portable(config), inside)
    public = PublicAddresses(ingress=entry.ingress)
    if isinstance(config.dns, sections.CloudflareDns) and (found := dns.records(config, public)):
        dns.provision_cloudflare_records(config, config.dns, found)
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


def _cluster(config: SelfManagedConfig) -> kubernetes.Provider:
    """The cluster that is there, by its kubeconfig and nothing else."""
    section = _existing(config.cluster, sections.ExistingCluster)
    access = ClusterAccess(
        identifier=section.name,
        kubeconfig=existing.secret(config, "kubeconfig"),
        context=section.context,
    )
    return cluster_provider("cluster", access)


def _metrics_server(config: SelfManagedConfig, inside: Inside) -> None:
    if config.metrics_server is not None and config.metrics_server.mode == "managed":
        args = MetricsServerArgs(replicas=2 if config.redundant else 1, after=inside.ready)
        MetricsServer("metrics-server", args, pulumi.ResourceOptions(provider=inside.provider))


def _postgres(config: SelfManagedConfig, inside: Inside) -> PostgresStore:
    if isinstance(config.postgres, sections.InClusterPostgres):
        return provision_in_cluster_postgres(config, config.postgres, inside)
    section = _existing(config.postgres, sections.ExistingPostgres)
    return PostgresStore(
        facts=existing.postgres(section), password=existing.secret(config, "postgresPassword")
    )


def _redis(config: SelfManagedConfig, inside: Inside) -> RedisStore:
    if isinstance(config.redis, sections.InClusterRedis):
        return provision_in_cluster_redis(config, config.redis, inside)
    section = _existing(config.redis, sections.ExistingRedis)
    return RedisStore(
        facts=existing.redis(section), password=existing.optional_secret(config, "redisPassword")
    )


def _portable(config: SelfManagedConfig) -> sections.S3Blobs | sections.LocalBlobs:
    if isinstance(config.blobs, sections.LocalBlobs):
        return config.blobs
    return _existing(config.blobs, sections.S3Blobs)


def _existing(section: object, kind: type[_S]) -> _S:
    """A section of the one kind that this target offers. Raises TypeError for another."""
    if not isinstance(section, kind):
        raise TypeError(f"{type(section).__name__} was let through on a target that has none")
    return section
