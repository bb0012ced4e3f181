"""TimescaleDB of an environment, made or taken over, the same on every target."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes
from typing_extensions import assert_never

from components import prerequisites
from components.kubernetes.postgres_operator import PostgresOperator, PostgresOperatorArgs
from components.kubernetes.timescale import IMAGE, BucketBackups, Timescale, TimescaleArgs
from stacks import existing, sections
from stacks.config import CommonConfig
from stacks.existing import Promised
from stacks.in_cluster import InCluster

_ROLE, _STORAGE, _NOC = "tts", "tts_storage", "tts_noc"


@dataclass(frozen=True, kw_only=True)
class TimescaleStore:
    """Where it is, and its user's password; neither where there is none."""

    facts: prerequisites.Timescale[Promised] | None = None
    password: Promised | None = None


def provision_timescale(
    config: CommonConfig,
    in_cluster: InCluster,
    provider: kubernetes.Provider,
    after: Sequence[pulumi.Resource] = (),
    operator: Sequence[pulumi.Resource] = (),
) -> TimescaleStore:
    """`operator`: what brings CloudNativePG where another part of the stack needed it already."""
    match config.timescale:
        case sections.NoTimescale():
            return TimescaleStore()
        case sections.ExistingTimescale() as section:
            return TimescaleStore(
                facts=existing.timescale(section),
                password=existing.secret(config, "timescalePassword"),
            )
        case sections.ManagedTimescale() as section:
            ready = operator or _operator(config, section, in_cluster, provider, after)
            return _managed(config, section, in_cluster, provider, ready)
        case _:
            assert_never(config.timescale)


def _operator(
    config: CommonConfig,
    section: sections.ManagedTimescale,
    in_cluster: InCluster,
    provider: kubernetes.Provider,
    after: Sequence[pulumi.Resource],
) -> Sequence[pulumi.Resource]:
    if section.operator == "existing":
        return ()
    args = PostgresOperatorArgs(
        replicas=2 if config.redundant else 1,
        backups=section.backups is not None,
        cert_manager=in_cluster.cert_manager,
        after=after,
    )
    opts = pulumi.ResourceOptions(provider=provider)
    return PostgresOperator("postgres-operator", args, opts).ready


def _managed(
    config: CommonConfig,
    section: sections.ManagedTimescale,
    in_cluster: InCluster,
    provider: kubernetes.Provider,
    operator: Sequence[pulumi.Resource],
) -> TimescaleStore:
    storage = _STORAGE if section.storage_integration else None
    noc = _NOC if section.network_operations_center else None
    made = Timescale(
        "timescale",
        TimescaleArgs(
            namespace=in_cluster.namespace,
            role=_ROLE,
            databases=[it for it in (storage, noc) if it is not None],
            superuser=section.superuser and noc is not None,
            instances=section.instances or (3 if config.redundant else 1),
            storage_gib=section.storage_gib,
            storage_class=section.storage_class,
            image=section.image or IMAGE,
            generation=config.generations.timescale_password,
            protection=config.protection,
            backups=None if section.backups is None else _backups(config, section.backups),
            operator=operator,
        ),
        pulumi.ResourceOptions(provider=provider),
    )
    facts = prerequisites.Timescale(
        host=made.host, port=made.port, username=_ROLE, storage_database=storage, noc_database=noc
    )
    return TimescaleStore(facts=facts, password=made.password)


def _backups(config: CommonConfig, section: sections.TimescaleBackups) -> BucketBackups:
    return BucketBackups(
        bucket=section.bucket,
        prefix=section.prefix,
        region=section.region,
        access_key_id=section.access_key_id,
        secret_access_key=existing.secret(config, "timescaleBackupSecretAccessKey"),
        days=section.days,
        endpoint=section.endpoint,
    )
