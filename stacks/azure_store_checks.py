"""Rules for what keeps data on Azure; each runs as soon as the parts it reads are valid."""

import re
from collections.abc import Sequence

from components.azure.instances import UNCLUSTERED_CACHES, tier_of
from components.azure.limits import MOST_SERVICE_ACCOUNTS
from stacks import azure_plan, sections
from stacks.azure_checks import ID, no_id, too_large
from stacks.checking import Found, check
from stacks.plan import capacity_of
from stacks.problems import Problem, key_of, shown

_SERVER = re.compile(rf"{ID}/Microsoft\.DBforPostgreSQL/flexibleServers/[^/]+", re.IGNORECASE)
# https://learn.microsoft.com/en-us/azure/postgresql/flexible-server/security-manage-database-users
_TAKEN_LOGINS = (
    "azure_superuser",
    "azure_pg_admin",
    "admin",
    "administrator",
    "root",
    "guest",
    "public",
)
_SHORTEST_BACKUP_DAYS = 7


@check("target", "blobs")
def _blobs(target: str, blobs: object) -> Found:
    if target != "azure":
        return
    access = getattr(blobs, "access", None)
    if isinstance(blobs, sections.ManagedBlobs) and isinstance(
        access, sections.ExistingIdentityAccess
    ):
        yield Problem(
            key=key_of("blobs", "access", "mode"),
            value=shown(access.mode),
            allowed="workload-identity for a storage account that is made here",
            remedy="name the product's service accounts; an identity of yours has no role on it",
        )
    if isinstance(blobs, sections.ExistingBlobs):
        if blobs.account_name is None:
            yield Problem(
                key=key_of("blobs", "accountName"),
                allowed="required where blobs are existing: the account that has the five containers",
                remedy="name it; all five must be in one account",
            )
        if isinstance(access, sections.WorkloadIdentityAccess):
            yield Problem(
                key=key_of("blobs", "access", "mode"),
                value=shown(access.mode),
                allowed="existing-identity for a storage account that is yours",
                remedy="give an identity Storage Blob Data Contributor there, and name its client ID",
            )
    if isinstance(access, sections.WorkloadIdentityAccess):
        yield from _service_accounts(access.service_accounts)


def _service_accounts(names: Sequence[str]) -> Found:
    if len(names) > MOST_SERVICE_ACCOUNTS:
        yield Problem(
            key=key_of("blobs", "access", "serviceAccounts"),
            value=f"{len(names)} of them",
            allowed=f"at most {MOST_SERVICE_ACCOUNTS}: a managed identity takes no more credentials",
            remedy="name only those whose pods use blobs",
        )
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Problem(
                key=key_of("blobs", "access", "serviceAccounts", index),
                value=shown(name),
                allowed="each once",
                remedy="remove the repeated one",
            )


@check("target", "postgres", "size", "sizing", "availability")
def _postgres(
    target: str, postgres: object, size: str, sizing: sections.Sizing, availability: object
) -> Found:
    if target != "azure" or not isinstance(postgres, sections.ManagedPostgres):
        return
    wanted, redundant = capacity_of(size, sizing), availability == "redundant"
    chosen = azure_plan.database_class(postgres, wanted, redundant=redundant)
    tier = None if chosen is None else tier_of(chosen)
    if chosen is None:
        yield too_large("postgres.instanceClass", f"{wanted.postgres_memory_gib} GiB", "databases")
    elif tier is None:
        yield Problem(
            key=key_of("postgres", "instanceClass"),
            value=shown(chosen),
            allowed="a size of Azure's PostgreSQL, for example Standard_D2ds_v5",
            remedy="az postgres flexible-server list-skus --location <region>",
        )
    elif tier == "Burstable" and redundant:
        yield Problem(
            key=key_of("postgres", "instanceClass"),
            value=shown(chosen),
            allowed="Standard_D… or Standard_E… where availability is redundant",
            remedy="choose one of these: a burstable server has no standby",
        )
    if azure_plan.database_storage(wanted) is None:
        yield too_large("sizing.postgresStorageGib", f"{wanted.postgres_storage_gib}", "storage")
    if postgres.backup_days < _SHORTEST_BACKUP_DAYS:
        yield Problem(
            key=key_of("postgres", "backupDays"),
            value=shown(postgres.backup_days),
            allowed=f"{_SHORTEST_BACKUP_DAYS} to 35: Azure keeps no fewer",
            remedy="raise it, or leave it out",
        )
    yield from _logins(postgres)


def _logins(postgres: sections.ManagedPostgres) -> Found:
    if postgres.username == postgres.admin_username:
        yield Problem(
            key=key_of("postgres", "username"),
            value=shown(postgres.username),
            allowed="another name than adminUsername: the product is no administrator",
            remedy="change one of the two",
        )
    for key, login in (("username", postgres.username), ("adminUsername", postgres.admin_username)):
        if login in _TAKEN_LOGINS or login.startswith("pg_"):
            yield Problem(
                key=key_of("postgres", key),
                value=shown(login),
                allowed=f"none of {', '.join(_TAKEN_LOGINS)}, and nothing that begins with pg_",
                remedy="choose another name; Azure or PostgreSQL keeps these for itself",
            )


@check("target", "postgres")
def _restores(target: str, postgres: object) -> Found:
    if target != "azure" or not isinstance(postgres, sections.ManagedPostgres):
        return
    for index, restore in enumerate(postgres.restores):
        if isinstance(restore, sections.SnapshotRestore):
            yield Problem(
                key=key_of("postgres", "restores", index, "mode"),
                value="snapshot",
                allowed="point-in-time: Azure's PostgreSQL has no snapshots",
                remedy="name a moment under time",
            )
        elif restore.time is None:
            yield Problem(
                key=key_of("postgres", "restores", index, "time"),
                allowed="required on Azure, which wants a moment even for the latest state",
                remedy="write it as '2026-01-31T12:00:00Z'; a few minutes ago is the latest there is",
            )
        source = getattr(restore, "source", None)
        if source is not None and not _SERVER.fullmatch(source):
            yield no_id(
                "a PostgreSQL server",
                "az postgres flexible-server show",
                source,
                *("postgres", "restores", index, "source"),
            )


@check("target", "redis", "size", "sizing")
def _redis(target: str, redis: object, size: str, sizing: sections.Sizing) -> Found:
    if target != "azure" or not isinstance(redis, sections.ManagedRedis):
        return
    if redis.version != azure_plan.REDIS_VERSION:
        yield Problem(
            key=key_of("redis", "version"),
            value=shown(redis.version),
            allowed=f"'{azure_plan.REDIS_VERSION}', the one that Azure Managed Redis runs",
            remedy="write this one; Azure upgrades it",
        )
    wanted = capacity_of(size, sizing)
    chosen = azure_plan.cache_size(redis, wanted)
    if chosen is None:
        yield Problem(
            key=key_of("sizing", "redisMemoryGib"),
            value=shown(wanted.redis_memory_gib),
            allowed=(
                f"at most {azure_plan.LARGEST_CACHE_GB}: Azure Managed Redis is a Redis Cluster above "
                "that, which the product cannot use"
            ),
            remedy="ask for less, or run a Redis of your own, cluster mode off, with redis.mode existing",
        )
    elif chosen not in UNCLUSTERED_CACHES:
        yield Problem(
            key=key_of("redis", "nodeType"),
            value=shown(chosen),
            allowed=f"one of {', '.join(UNCLUSTERED_CACHES)}: larger ones are a Redis Cluster",
            remedy="choose one; docs/azure.md has their sizes",
        )
