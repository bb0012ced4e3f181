"""Rules between the parts of a stack file. Each runs as soon as the parts it reads are valid."""

import datetime
import re
from collections.abc import Callable, Iterator, Mapping

import yaml
from pydantic import SecretStr

from components.protection import Protection
from components.values import SECRET_PATHS
from stacks import sections
from stacks.certificates import check_certificate, check_private_key, names_to_cover
from stacks.checking import Found, Parsed, check
from stacks.kubeconfig import check_kubeconfig
from stacks.problems import Problem, key_of, shown
from stacks.secrets import SecretKey

_PASSWORD_LENGTH = range(8, 1001)


def required_secrets(parsed: Parsed) -> tuple[frozenset[SecretKey], frozenset[SecretKey]]:
    """The secrets that this configuration uses, and those of which nothing can be said.

    Nothing can be said of a secret whose section is missing or invalid.
    """
    needed: set[SecretKey] = {"licenseKey", "adminPassword"}
    unsure: set[SecretKey] = {"extraSecrets"}
    for section, key, uses in _USES:
        if section not in parsed:
            unsure.add(key)
        elif uses(parsed[section]):
            needed.add(key)
    return frozenset(needed), frozenset(unsure)


_USES: tuple[tuple[str, SecretKey, Callable[[object], bool]], ...] = (
    (
        "cluster",
        "kubeconfig",
        lambda it: isinstance(it, sections.ExistingCluster) and it.kubeconfig_path is None,
    ),
    ("postgres", "postgresPassword", lambda it: isinstance(it, sections.ExistingPostgres)),
    ("redis", "redisPassword", lambda it: isinstance(it, sections.ExistingRedis) and it.tls),
    ("tls", "tlsPrivateKey", lambda it: isinstance(it, sections.SuppliedTls)),
    ("dns", "cloudflareApiToken", lambda it: isinstance(it, sections.CloudflareDns)),
    (
        "blobs",
        "blobSecretAccessKey",
        lambda it: (
            isinstance(it, sections.S3Blobs)
            or (
                isinstance(it, (sections.ManagedBlobs, sections.ExistingBlobs))
                and isinstance(it.access, sections.ExistingKeyAccess)
            )
        ),
    ),
    (
        "blobs",
        "blobCredentials",
        lambda it: (
            isinstance(it, (sections.ManagedBlobs, sections.ExistingBlobs))
            and isinstance(it.access, sections.ExistingCredentialsAccess)
        ),
    ),
    (
        "postgres",
        "backupSecretAccessKey",
        lambda it: isinstance(it, sections.InClusterPostgres) and it.backups is not None,
    ),
    ("timescale", "timescalePassword", lambda it: isinstance(it, sections.ExistingTimescale)),
    (
        "timescale",
        "timescaleBackupSecretAccessKey",
        lambda it: isinstance(it, sections.ManagedTimescale) and it.backups is not None,
    ),
    ("packet_broker", "packetBrokerKey", lambda it: not isinstance(it, sections.NoPacketBroker)),
)


@check("adminPassword")
def _admin_password(password: SecretStr) -> Found:
    text = password.get_secret_value()
    sound = len(text) in _PASSWORD_LENGTH and re.search(r"[A-Z]", text) and re.search(r"\d", text)
    if not sound:
        yield Problem(
            key=key_of("adminPassword"),
            allowed="8 to 1000 characters with an upper-case letter and a digit",
            remedy="pulumi config set --secret adminPassword",
        )


@check("cluster", "kubeconfig")
def _kubeconfig(cluster: object, kubeconfig: SecretStr) -> Found:
    if isinstance(cluster, sections.ExistingCluster):
        yield from check_kubeconfig(kubeconfig.get_secret_value(), cluster.context)


@check("postgres", "protection")
def _postgres(postgres: object, protection: Protection) -> Found:
    if not isinstance(postgres, sections.ExistingPostgres):
        return
    if protection.guarded and postgres.ssl_mode == "disable":
        yield Problem(
            key=key_of("postgres", "sslMode"),
            value=shown(postgres.ssl_mode),
            allowed="require, verify-ca or verify-full in production",
            remedy="turn on TLS at the server and set sslMode",
        )


@check("redis", "protection")
def _redis(redis: object, protection: Protection) -> Found:
    if not isinstance(redis, sections.ExistingRedis):
        return
    if protection.guarded and not redis.tls:
        yield Problem(
            key=key_of("redis", "tls"),
            value="false",
            allowed="true in production: the product uses a password only together with TLS",
            remedy="turn on TLS and a password at the server, set tls: true and redisPassword",
        )


@check("redis", "redisPassword")
def _redis_password(redis: object, password: SecretStr) -> Found:
    if isinstance(redis, sections.ExistingRedis) and not redis.tls and password.get_secret_value():
        yield Problem(
            key=key_of("redisPassword"),
            allowed="not set while redis.tls is false: the product couples password and TLS",
            remedy="set redis.tls to true, or turn authentication off and remove the password",
        )


@check("tls", "protection", "domain", "tenancy")
def _certificate(
    tls: object, protection: Protection, domain: str, tenancy: sections.Tenancy
) -> Found:
    if isinstance(tls, sections.SelfSignedTls) and protection.guarded:
        yield Problem(
            key=key_of("tls", "mode"),
            value="self-signed",
            allowed="supplied or existing in production: no gateway trusts a self-signed one",
            remedy="supply a certificate, or set protection to disposable",
        )
    if isinstance(tls, sections.SuppliedTls):
        required = names_to_cover(domain, tenancy.mode, tenancy.tenant_id)
        now = datetime.datetime.now(datetime.timezone.utc)
        yield from check_certificate(tls.certificate, required, now)


@check("tls", "tlsPrivateKey")
def _private_key(tls: object, key: SecretStr) -> Found:
    if isinstance(tls, sections.SuppliedTls):
        yield from check_private_key(tls.certificate, key.get_secret_value())


@check("blobs")
def _buckets(blobs: object) -> Found:
    if isinstance(blobs, sections.ManagedBlobs):
        names, section = blobs.existing_buckets, "existingBuckets"
    elif isinstance(blobs, sections.ExistingBlobs):
        names, section = blobs.buckets, "buckets"
    else:
        return
    given = names.model_dump(by_alias=True)
    absent = [kind for kind, name in given.items() if name is None]
    if section == "buckets":
        for kind in absent:
            yield Problem(
                key=key_of("blobs", section, kind),
                allowed="all five buckets are required where blobs are existing",
                remedy="name the bucket, or use mode managed with existingBuckets for the others",
            )
    elif not absent:
        yield Problem(
            key=key_of("blobs", "mode"),
            value="managed",
            allowed="existing where all five buckets are named",
            remedy="set mode to existing and move them under buckets",
        )
    yield from each_bucket_once(section, given)


def each_bucket_once(section: str, given: Mapping[str, str | None]) -> Found:
    """A problem for each bucket that two kinds of content would share."""
    seen: dict[str, str] = {}
    for kind, name in given.items():
        if name is None:
            continue
        if name in seen:
            yield Problem(
                key=key_of("blobs", section, kind),
                value=shown(name),
                allowed=f"a bucket of its own; {seen[name]} has this one",
                remedy="public pictures and private configuration must not share a bucket",
            )
        seen[name] = kind


@check("packet_broker")
def _packet_broker(packet_broker: object) -> Found:
    if not isinstance(packet_broker, sections.PacketBrokerHomeNetwork):
        return
    if (packet_broker.net_id is None) == (packet_broker.dev_addr_block is None):
        yield Problem(
            key=key_of("packetBroker"),
            allowed="exactly one of netId and devAddrBlock for a home network",
            remedy="give your NetID, or the block that was leased to you, or use mode forwarder",
        )


@check("availability", "protection", "network", "postgres", "redis", "ingress")
def _availability(availability: object, protection: Protection, *parts: object) -> Found:
    used = any(getattr(part, "mode", None) in ("managed", "in-cluster") for part in parts)
    if used and availability is None:
        yield Problem(
            key=key_of("availability"),
            allowed="redundant (standbys, replicas, a way out in each zone) or single (one of each)",
            remedy="say which; production needs redundant",
        )
    if used and protection.guarded and availability == "single":
        yield Problem(
            key=key_of("availability"),
            value=shown(availability),
            allowed="redundant in production: the loss of a zone must not end the service",
            remedy="set it to redundant, or protection to disposable",
        )


@check("timescale")
def _timescale(timescale: object) -> Found:
    if not isinstance(timescale, sections.ExistingTimescale):
        return
    if timescale.storage_database is None and timescale.noc_database is None:
        yield Problem(
            key=key_of("timescale"),
            allowed="storageDatabase, nocDatabase or both",
            remedy="name the database of what you want to use, or set mode to off",
        )
    elif timescale.storage_database == timescale.noc_database:
        yield Problem(
            key=key_of("timescale", "nocDatabase"),
            value=shown(timescale.noc_database),
            allowed="another database than storageDatabase",
            remedy="make a second database on the same server",
        )


@check("target", "zones", "region")
def _zones(target: str, zones: tuple[str, ...], region: str) -> Found:
    if target == "azure":  # its zones have numbers
        return
    for index, zone in enumerate(zones):
        if not zone.startswith(region):
            yield Problem(
                key=key_of("zones", index),
                value=shown(zone),
                allowed=f"a zone of {region}",
                remedy="name a zone of the region, or change the region",
            )


@check("gateway_controller")
def _gateway_controller(controller: sections.GatewayController) -> Found:
    if controller.address is not None and not controller.enabled:
        yield Problem(
            key=key_of("gatewayController", "address"),
            value=shown(controller.address),
            allowed="only where enabled is true",
            remedy="set enabled to true, or remove the address",
        )


@check("extra_values")
def _extra_values(extra: Mapping[str, object]) -> Found:
    for path in SECRET_PATHS:
        if _reaches(extra, path):
            yield Problem(
                key=key_of("extraValues", *path),
                allowed="plain values; this one is a secret to the product",
                remedy="remove it here and renew it; put it into the secret extraSecrets",
            )


def _reaches(tree: object, path: tuple[str, ...]) -> bool:
    for part in path:
        if not isinstance(tree, Mapping) or part not in tree:
            return False
        tree = tree[part]
    return True


@check("extraSecrets")
def _extra_secrets(extra: SecretStr) -> Found:
    try:
        found = yaml.safe_load(extra.get_secret_value())
    except yaml.YAMLError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in _keys(found)):
        yield Problem(
            key=key_of("extraSecrets"),
            allowed="YAML: a mapping of Helm value keys",
            remedy="pulumi config set --secret extraSecrets < extra-secrets.yaml",
        )


def _keys(tree: object) -> Iterator[object]:
    if isinstance(tree, dict):
        for key, inner in tree.items():
            yield key
            yield from _keys(inner)
