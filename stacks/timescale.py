"""TimescaleDB of an environment, made or taken over, the same on every target."""

from dataclasses import dataclass

import pulumi
from typing_extensions import assert_never

from components import prerequisites
from components.kubernetes.backup_plugin import BackupPlugin
from components.kubernetes.timescale import IMAGE, Timescale, TimescaleArgs
from stacks import existing, sections
from stacks.config import CommonConfig
from stacks.existing import Promised
from stacks.in_cluster_stores import bucket_backups, provision_operator
from stacks.portable_blobs import Inside
from stacks.stores import PostgresStore

_ROLE, _STORAGE, _NOC = "tts", "tts_storage", "tts_noc"


@dataclass(frozen=True, kw_only=True)
class TimescaleStore:
    """Where it is, and its user's password; neither where there is none."""

    facts: prerequisites.Timescale[Promised] | None = None
    password: Promised | None = None


def provision_timescale(
    config: CommonConfig, inside: Inside, postgres: PostgresStore
) -> TimescaleStore:
    """`postgres`: its operator serves both, where it is in the cluster too."""
    match config.timescale:
        case sections.NoTimescale():
            return TimescaleStore()
        case sections.ExistingTimescale() as section:
            return TimescaleStore(
                facts=existing.timescale(section),
                password=existing.secret(config, "timescalePassword"),
            )
        case sections.ManagedTimescale() as section:
            return _managed(config, section, inside, _operator(config, section, inside, postgres))
        case _:
            assert_never(config.timescale)


def _operator(
    config: CommonConfig,
    section: sections.ManagedTimescale,
    inside: Inside,
    postgres: PostgresStore,
) -> tuple[pulumi.Resource, ...]:
    if section.operator == "existing":
        return tuple(inside.ready)
    shared = postgres.operator
    ready = shared or provision_operator(config, inside)
    there = shared and isinstance(config.postgres, sections.InClusterPostgres)
    if section.backups is None or (there and getattr(config.postgres, "backups", None)):
        return ready
    opts = pulumi.ResourceOptions(provider=inside.provider)
    return (*ready, *BackupPlugin("postgres-backups", ready, opts).ready)


def _managed(
    config: CommonConfig,
    section: sections.ManagedTimescale,
    inside: Inside,
    operator: tuple[pulumi.Resource, ...],
) -> TimescaleStore:
    storage = _STORAGE if section.storage_integration else None
    noc = _NOC if section.network_operations_center else None
    backups = section.backups
    made = Timescale(
        "timescale",
        TimescaleArgs(
            namespace=inside.namespace,
            role=_ROLE,
            databases=[it for it in (storage, noc) if it is not None],
            superuser=section.superuser and noc is not None,
            instances=section.instances or (3 if config.redundant else 1),
            storage_gib=section.storage_gib,
            storage_class=section.storage_class,
            image=section.image or IMAGE,
            generation=config.generations.timescale_password,
            protection=config.protection,
            backups=None
            if backups is None
            else bucket_backups(config, backups, "timescaleBackupSecretAccessKey"),
            operator=operator,
        ),
        pulumi.ResourceOptions(provider=inside.provider),
    )
    facts = prerequisites.Timescale(
        host=made.host, port=made.port, username=_ROLE, storage_database=storage, noc_database=noc
    )
    return TimescaleStore(facts=facts, password=made.password)
