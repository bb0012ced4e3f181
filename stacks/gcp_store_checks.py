"""What a stack file for Google Cloud may say of PostgreSQL, Redis, buckets and the entry."""

import json
import re

from pydantic import SecretStr

from components.gcp.instances import edition_of
from stacks import gcp_plan, sections
from stacks.checking import Found, check
from stacks.plan import capacity_of
from stacks.problems import Problem, key_of, shown

_BACKUP = re.compile(r"[a-z][a-z0-9-]*/\d+")
_INSTANCE = re.compile(r"[a-z][a-z0-9-]{0,97}")
_CREDENTIAL_TYPES = ("service_account", "external_account")


@check("target", "postgres", "size", "sizing")
def _postgres(target: str, postgres: object, size: str, sizing: sections.Sizing) -> Found:
    if target != "gcp" or not isinstance(postgres, sections.ManagedPostgres):
        return
    wanted = capacity_of(size, sizing)
    chosen = gcp_plan.tier(postgres, wanted)
    if chosen is None:
        yield Problem(
            key=key_of("postgres", "instanceClass"),
            value=f"{wanted.postgres_vcpu} vCPU, {wanted.postgres_memory_gib} GiB",
            allowed="up to 96 vCPU and 624 GiB, the largest custom tier of Cloud SQL",
            remedy="ask for less in sizing, or name a tier here, such as db-perf-optimized-N-128",
        )
    elif edition_of(chosen) is None:
        yield Problem(
            key=key_of("postgres", "instanceClass"),
            value=shown(chosen),
            allowed=(
                "db-custom-<vCPU>-<MiB> (one vCPU or an even number, 0.9 to 6.5 GiB for each, at least 3840 "
                "and a multiple of 256), db-f1-micro, db-g1-small, db-perf-optimized-N-<vCPU> or "
                "db-c4a-highmem-<vCPU>"
            ),
            remedy="leave it out, or write it as Cloud SQL does, for example db-custom-2-8192",
        )
    storage, most = wanted.postgres_storage_gib, gcp_plan.maximum_storage(postgres, wanted)
    if most < storage:
        yield Problem(
            key=key_of("postgres", "maxStorageGib"),
            value=shown(most),
            allowed=f"at least the {storage} GiB that it starts with",
            remedy="raise it; Cloud SQL never makes storage smaller",
        )
    if postgres.username == postgres.admin_username:
        yield Problem(
            key=key_of("postgres", "username"),
            value=shown(postgres.username),
            allowed="another name than adminUsername: the product is no administrator",
            remedy="change one of the two",
        )
    yield from _not_on_cloud_sql(postgres)
    yield from _restores(postgres)


def _not_on_cloud_sql(postgres: sections.ManagedPostgres) -> Found:
    if postgres.minor_version is not None:
        yield Problem(
            key=key_of("postgres", "minorVersion"),
            value=shown(postgres.minor_version),
            allowed="left out on Google Cloud: Cloud SQL chooses minor versions itself",
            remedy="remove it; they change in the hour of maintenance",
        )
    if postgres.ca_certificate is not None:
        yield Problem(
            key=key_of("postgres", "caCertificate"),
            allowed="left out on Google Cloud: each server hands over its own CA",
            remedy="remove it; sslmode is verify-ca",
        )


def _restores(postgres: sections.ManagedPostgres) -> Found:
    for index, restore in enumerate(postgres.restores):
        match restore:
            case sections.SnapshotRestore(snapshot=name) if not _BACKUP.fullmatch(name):
                yield Problem(
                    key=key_of("postgres", "restores", index, "snapshot"),
                    value=shown(name),
                    allowed="<instance>/<backup ID>, for example tts-live-postgres-1-0a1b2c/1700000000000",
                    remedy="gcloud sql backups list --instance <instance> shows IDs",
                )
            case sections.PointInTimeRestore(source=str() as source) if not _INSTANCE.fullmatch(
                source
            ):
                yield Problem(
                    key=key_of("postgres", "restores", index, "source"),
                    value=shown(source),
                    allowed="the name of a Cloud SQL instance in this project",
                    remedy="gcloud sql instances list shows them; leave it out for the server before",
                )
            case _:
                pass


@check("target", "redis", "size", "sizing", "availability")
def _redis(
    target: str, redis: object, size: str, sizing: sections.Sizing, availability: object
) -> Found:
    if target != "gcp" or not isinstance(redis, sections.ManagedRedis):
        return
    if redis.version not in gcp_plan.REDIS_VERSIONS:
        yield Problem(
            key=key_of("redis", "version"),
            value=shown(redis.version),
            allowed=f"one that Memorystore runs: {', '.join(gcp_plan.REDIS_VERSIONS)}",
            remedy="choose one, for example '7.2'",
        )
    memory = capacity_of(size, sizing).redis_memory_gib
    if memory > gcp_plan.LARGEST_REDIS_GIB:
        yield Problem(
            key=key_of("sizing", "redisMemoryGib"),
            value=shown(memory),
            allowed=f"up to {gcp_plan.LARGEST_REDIS_GIB}, the most that Memorystore has",
            remedy="ask for less, or bring your own Redis by redis.mode existing",
        )
    replicas = gcp_plan.replicas(redis, redundant=availability == "redundant")
    if replicas > 1 and memory < gcp_plan.LEAST_MEMORY_FOR_READING:
        yield Problem(
            key=key_of("redis", "replicas"),
            value=shown(replicas),
            allowed=f"0 or 1 below {gcp_plan.LEAST_MEMORY_FOR_READING} GiB of memory",
            remedy="raise sizing.redisMemoryGib, or leave replicas out",
        )
    if availability == "redundant" and redis.replicas == 0:
        yield Problem(
            key=key_of("redis", "replicas"),
            value="0",
            allowed="1 to 5 where availability is redundant: without a replica nothing takes over",
            remedy="leave it out for one",
        )
    yield from _not_on_memorystore(redis)


# Options of Redis that Memorystore does not have: why, and what to use instead.
_NOT_ON_MEMORYSTORE = {
    "node_type": (
        "nodeType",
        "Memorystore is sized by memory",
        "use sizing.redisMemoryGib",
    ),
    "snapshot_days": (
        "snapshotDays",
        "Memorystore keeps its last snapshot alone",
        "export to a bucket: docs/gcp.md#backup-and-restore-of-redis",
    ),
    "previous_auth_token": (
        "previousAuthToken",
        "Memorystore makes the password itself and has but one",
        "remove it; docs/gcp.md#rotate tells how to renew it",
    ),
    "restores": (
        "restores",
        "Memorystore restores no server when it is made",
        "import an export into the running one: docs/gcp.md#backup-and-restore-of-redis",
    ),
    "old_servers": (
        "oldServers",
        "there is one server, as Memorystore restores into it",
        "remove it",
    ),
}


def _not_on_memorystore(redis: sections.ManagedRedis) -> Found:
    for field, (key, why, remedy) in _NOT_ON_MEMORYSTORE.items():
        if field in redis.model_fields_set:
            yield Problem(
                key=key_of("redis", key),
                value=shown(getattr(redis, field)) if field != "restores" else None,
                allowed=f"left out on Google Cloud: {why}",
                remedy=remedy,
            )


@check("target", "generations")
def _generations(target: str, generations: sections.Generations) -> Found:
    if target == "gcp" and generations.redis_auth_token > 1:
        yield Problem(
            key=key_of("generations", "redisAuthToken"),
            value=shown(generations.redis_auth_token),
            allowed="left out on Google Cloud: Memorystore makes the password itself",
            remedy="docs/gcp.md#rotate tells how to renew it",
        )


@check("target", "blobs", "domain")
def _bucket_names(target: str, blobs: object, domain: str) -> Found:
    if target != "gcp":
        return
    if isinstance(blobs, sections.ExistingBlobs) and blobs.region is not None:
        yield Problem(
            key=key_of("blobs", "region"),
            value=shown(blobs.region),
            allowed="left out on Google Cloud: a bucket is found by its name",
            remedy="remove it",
        )
    if not isinstance(blobs, sections.ManagedBlobs):
        return
    start = blobs.bucket_prefix or domain
    # https://cloud.google.com/storage/docs/buckets#naming
    if start.startswith("goog") or "google" in start or "g00gle" in start:
        yield Problem(
            key=key_of("blobs", "bucketPrefix"),
            value=shown(start),
            allowed="a prefix without google in it that does not begin with goog",
            remedy="choose another prefix",
        )


@check("target", "blobCredentials")
def _credentials(target: str, credentials: SecretStr) -> Found:
    if target != "gcp":
        return
    try:
        found = json.loads(credentials.get_secret_value())
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("type") not in _CREDENTIAL_TYPES:
        yield Problem(
            key=key_of("blobCredentials"),
            allowed=f"JSON with a type that is {' or '.join(_CREDENTIAL_TYPES)}",
            remedy="pulumi config set --secret blobCredentials < credentials.json",
        )


@check("target", "ingress")
def _udp(target: str, ingress: object) -> Found:
    if target != "gcp" or not isinstance(ingress, sections.ManagedIngress) or ingress.udp is None:
        return
    if "health_check_port" in ingress.udp.model_fields_set:
        yield Problem(
            key=key_of("ingress", "udp", "healthCheckPort"),
            value=shown(ingress.udp.health_check_port),
            allowed="left out on Google Cloud: the load balancer asks nodes whether they have a ready pod",
            remedy="remove it",
        )
