"""Rules on what runs or lies in the cluster, or at an S3-compatible service, on any target."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from components.kubernetes.storage_classes import sharing
from components.protection import Protection
from components.seeds import BUCKETS
from stacks import sections
from stacks.checking import Found, check
from stacks.checks import each_bucket_once
from stacks.problems import Problem, key_of, shown

# What the operator's chart asks for: Chart.yaml in
# https://github.com/cloudnative-pg/charts/tree/main/charts/cloudnative-pg
_OPERATOR_MINOR = 29


@check("blobs")
def _s3_buckets(blobs: object) -> Found:
    if not isinstance(blobs, sections.S3Blobs):
        return
    given = blobs.buckets.model_dump(by_alias=True)
    absent = [kind for kind, name in given.items() if name is None]
    if not blobs.create:
        for kind in absent:
            yield Problem(
                key=key_of("blobs", "buckets", kind),
                allowed="all five buckets, unless create is true",
                remedy="make the bucket and name it, or set create: true to have it made",
            )
    elif not absent:
        yield Problem(
            key=key_of("blobs", "create"),
            value="true",
            allowed="false where all five buckets are named: nothing is left to make",
            remedy="set create to false, or leave out the buckets that are to be made",
        )
    if blobs.bucket_prefix is not None and not blobs.create:
        yield Problem(
            key=key_of("blobs", "bucketPrefix"),
            value=shown(blobs.bucket_prefix),
            allowed="only with create: true",
            remedy="remove it; buckets that are there have their names",
        )
    yield from each_bucket_once("buckets", given)


@check("blobs")
def _visibility(blobs: object) -> Found:
    if not isinstance(blobs, (sections.ExistingBlobs, sections.S3Blobs)):
        return
    stated = blobs.visibility.model_dump(by_alias=True)
    for (kind, found), plan in zip(stated.items(), BUCKETS, strict=True):
        wanted = "public" if plan.public else "private"
        if found != wanted:
            yield Problem(
                key=key_of("blobs", "visibility", kind),
                value=shown(found),
                allowed=(
                    "public: browsers load pictures from it without credentials"
                    if plan.public
                    else "private: its files hold secrets"
                ),
                remedy=(
                    "let anyone read objects by their name, but not list them"
                    if plan.public
                    else "take away public access, then state private or leave the line out"
                ),
            )


@check("blobs", "protection")
def _s3_service(blobs: object, protection: Protection) -> Found:
    if not isinstance(blobs, sections.S3Blobs):
        return
    yield from _service("blobs", blobs.endpoint, blobs.region, blobs.ca_certificate, protection)


def _service(
    section: str, endpoint: str | None, region: str, ca: str | None, protection: Protection
) -> Iterator[Problem]:
    *parents, _ = key = (*section.split("."), "endpoint")
    plain = endpoint is not None and endpoint.startswith("http://")
    if plain and protection.guarded:
        yield Problem(
            key=key_of(*key),
            value=shown(endpoint),
            allowed="https:// in production: keys and data would be readable on the way",
            remedy="turn on TLS at the service; a private CA goes into caCertificate",
        )
    if ca is not None and (plain or endpoint is None):
        yield Problem(
            key=key_of(*parents, "caCertificate"),
            allowed="only for an https:// endpoint of your own",
            remedy="remove it, or correct the endpoint",
        )
    host = "" if endpoint is None else urlsplit(endpoint).hostname or ""
    if host.endswith(".amazonaws.com") and f".{region}." not in host:
        yield Problem(
            key=key_of(*parents, "region"),
            value=shown(region),
            allowed=f"the region that the endpoint {host} is in",
            remedy="make the two agree, or leave out the endpoint: Amazon S3 is meant without one",
        )


@check("target", "blobs", "protection")
def _local(target: str, blobs: object, protection: Protection) -> Found:
    if not isinstance(blobs, sections.LocalBlobs):
        return
    volume = blobs.volume
    storage_class = volume.storage_class if isinstance(volume, sections.ClassVolume) else None
    if storage_class is not None and sharing(storage_class) == "no":
        yield Problem(
            key=key_of("blobs", "volume", "storageClass"),
            value=shown(storage_class),
            allowed="a storage class that does ReadWriteMany; this one serves a single node",
            remedy=(
                "use one by NFS, CephFS, EFS, Azure Files or Filestore; on a cluster of one node mode "
                "host-path will do; or use mode s3"
            ),
        )
    if not isinstance(volume, sections.HostPathVolume):
        return
    if protection.guarded or target != "self-managed":
        why = "in production" if protection.guarded else f"on {target}"
        yield Problem(
            key=key_of("blobs", "volume", "mode"),
            value="host-path",
            allowed=f"storage-class or existing {why}: a folder of one node is lost with it",
            remedy="name a storage class that does ReadWriteMany, or use buckets",
        )


@check("postgres", "protection", "availability")
def _postgres(postgres: object, protection: Protection, availability: object) -> Found:
    if not isinstance(postgres, sections.InClusterPostgres):
        return
    if protection.guarded and postgres.backups is None:
        yield Problem(
            key=key_of("postgres", "backups"),
            allowed="required in production: without them a lost volume is lost data",
            remedy="name a bucket, its service and an access key under postgres.backups",
        )
    if availability == "redundant" and postgres.instances is not None and postgres.instances < 2:
        yield Problem(
            key=key_of("postgres", "instances"),
            value=shown(postgres.instances),
            allowed="2 or more where availability is redundant, better 3",
            remedy="leave it out for three",
        )
    if postgres.backups is not None:
        backups = postgres.backups
        yield from _service(
            "postgres.backups", backups.endpoint, backups.region, backups.ca_certificate, protection
        )
    elif postgres.restores:
        yield Problem(
            key=key_of("postgres", "restores"),
            value=shown([it.mode for it in postgres.restores]),
            allowed="only with backups: a new server is made from what is in their bucket",
            remedy="name the bucket under postgres.backups",
        )


@check("redis", "protection", "generations")
def _redis(redis: object, protection: Protection, generations: sections.Generations) -> Found:
    if not isinstance(redis, sections.InClusterRedis):
        return
    if protection.guarded and not redis.tls:
        yield Problem(
            key=key_of("redis", "tls"),
            value="false",
            allowed="true in production: the product uses a password only together with TLS",
            remedy="set it to true; docs/self-managed.md tells what the product must trust for it",
        )
    if generations.redis_auth_token != 1:
        yield Problem(
            key=key_of("generations", "redisAuthToken"),
            value=shown(generations.redis_auth_token),
            allowed="1 where redis is in-cluster: its servers cannot learn a new password one by one",
            remedy="leave it out; docs/self-managed.md tells how to change the password by hand",
        )


@check("cluster", "postgres")
def _operator(cluster: object, postgres: object) -> Found:
    if not isinstance(postgres, sections.InClusterPostgres) or postgres.operator == "existing":
        return
    version = getattr(cluster, "kubernetes_version", None)
    if version is not None and minor(version) < _OPERATOR_MINOR:
        yield Problem(
            key=key_of("cluster", "kubernetesVersion"),
            value=shown(version),
            allowed=f"1.{_OPERATOR_MINOR} or later where postgres is in-cluster: CloudNativePG asks for it",
            remedy="upgrade the cluster, or use a PostgreSQL that exists",
        )


@check("postgres", "timescale")
def _one_operator(postgres: object, timescale: object) -> Found:
    if not isinstance(postgres, sections.InClusterPostgres) or not isinstance(
        timescale, sections.ManagedTimescale
    ):
        return
    if postgres.operator != timescale.operator:
        yield Problem(
            key=key_of("timescale", "operator"),
            value=shown(timescale.operator),
            allowed=f"{postgres.operator}, as for postgres: a cluster has one CloudNativePG",
            remedy="make the two agree",
        )


def minor(version: str) -> int:
    """The minor version of Kubernetes in a text such as 1.34."""
    return int(version.partition(".")[2])
