"""Google Cloud: what depends on more than one resource, or on what was there before."""

import re
from collections.abc import Mapping

from rehearsal.refusals.case import Case, Check, at, called, refusal, values

CONNECTION = "gcp:servicenetworking/connection:Connection"
NETWORK = "gcp:compute/network:Network"
SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
NAT = "gcp:compute/routerNat:RouterNat"
ADDRESS = "gcp:compute/address:Address"
CLUSTER = "gcp:container/cluster:Cluster"
NODE_POOL = "gcp:container/nodePool:NodePool"
SQL = "gcp:sql/databaseInstance:DatabaseInstance"
SQL_USER = "gcp:sql/user:User"
REDIS = "gcp:redis/instance:Instance"
BUCKET = "gcp:storage/bucket:Bucket"
BUCKET_MEMBER = "gcp:storage/bucketIAMMember:BucketIAMMember"
KEY = "gcp:serviceaccount/key:Key"

_PRIVATE_NETWORK = "settings.ipConfiguration.privateNetwork"
_PUBLIC = ("allUsers", "allAuthenticatedUsers")
_MOST_KEYS = 10
_SOFT_DELETE = (604800, 7776000)
_LEAST_FOR_READING = 5
_PLUS = re.compile(r"db-(perf-optimized-N|c4a-highmem)-")


def _nat_addresses(case: Case) -> str | None:
    """https://cloud.google.com/nat/docs/overview."""
    manual = case.text("natIpAllocateOption") == "MANUAL_ONLY"
    given = bool(case.inputs.get("natIps") or case.inputs.get("initialNatIps"))
    if manual == given:
        return None
    what = "MANUAL_ONLY needs natIps" if manual else "natIps need natIpAllocateOption MANUAL_ONLY"
    return refusal("invalid", what)


def _nat_subnetworks(case: Case) -> str | None:
    """https://cloud.google.com/nat/docs/overview."""
    listed = case.text("sourceSubnetworkIpRangesToNat") == "LIST_OF_SUBNETWORKS"
    if listed == bool(case.inputs.get("subnetworks")):
        return None
    return refusal("invalid", "subnetworks go with LIST_OF_SUBNETWORKS, and only with it")


def _external_address(case: Case) -> str | None:
    """Provider compute/resource_compute_address.go."""
    inside = case.inputs.get("network") or case.inputs.get("subnetwork")
    if case.text("addressType") == "INTERNAL" or not inside:
        return None
    return refusal("invalid", "an address of the type EXTERNAL is in no network and no subnetwork")


def _secondary_ranges(case: Case) -> str | None:
    """https://cloud.google.com/kubernetes-engine/docs/how-to/alias-ips."""
    subnetwork = case.find("Google subnetwork", case.text("subnetwork"))
    if subnetwork is None:
        return None
    there = values(subnetwork, "secondaryIpRanges[].rangeName")
    for path in ("clusterSecondaryRangeName", "servicesSecondaryRangeName"):
        name = case.text(f"ipAllocationPolicy.{path}")
        if name is not None and name not in there:
            what = f"{called(subnetwork)} has no secondary range {name!r} ({path})"
            return refusal("badRequest", what)
    return None


def _auto_upgrade(case: Case) -> str | None:
    """https://cloud.google.com/kubernetes-engine/docs/concepts/release-channels."""
    cluster = case.find("GKE cluster", case.text("cluster"))
    channel = values(cluster, "releaseChannel.channel")
    if not channel or "UNSPECIFIED" in channel or case.is_on("management.autoUpgrade"):
        return None
    return refusal("badRequest", f"autoUpgrade must be on in a cluster of channel {channel[0]}")


def _edition(case: Case) -> str | None:
    """https://cloud.google.com/sql/docs/postgres/editions-intro."""
    tier = case.text("settings.tier")
    if tier is None:
        return None
    major = int((case.text("databaseVersion") or "_0").rpartition("_")[2])
    edition = case.text("settings.edition") or ("ENTERPRISE_PLUS" if major >= 16 else "ENTERPRISE")
    if bool(_PLUS.match(tier)) == (edition == "ENTERPRISE_PLUS"):
        return None
    return refusal("invalid", f"tier {tier} is not one of edition {edition}")


def _standby(case: Case) -> str | None:
    """https://cloud.google.com/sql/docs/postgres/high-availability."""
    backups = "settings.backupConfiguration"
    if case.text("settings.availabilityType") != "REGIONAL" or (
        case.is_on(f"{backups}.enabled") and case.is_on(f"{backups}.pointInTimeRecoveryEnabled")
    ):
        return None
    return refusal("invalid", "REGIONAL needs backups and point-in-time recovery")


def _log_retention(case: Case) -> str | None:
    """https://cloud.google.com/sql/docs/postgres/backup-recovery/pitr."""
    days = case.number("settings.backupConfiguration.transactionLogRetentionDays")
    most = 35 if case.text("settings.edition") == "ENTERPRISE_PLUS" else 7
    if days is None or days <= most:
        return None
    return refusal("invalid", f"transactionLogRetentionDays is {days:g}; allowed: up to {most}")


def _reached_somehow(case: Case) -> str | None:
    """Provider sql/resource_sql_database_instance.go."""
    if case.is_on("settings.ipConfiguration.ipv4Enabled") or case.text(_PRIVATE_NETWORK):
        return None
    if "clone" in case.inputs and "settings" not in case.inputs:
        return None
    return refusal("invalid", "at least one of ipv4Enabled and privateNetwork is needed")


def _name_kept(case: Case) -> str | None:
    """https://cloud.google.com/sql/docs/postgres/delete-instance."""
    name = case.text("name")
    if not case.making or name is None or not any(_deleted(case, SQL, name)):
        return None
    what = f"the name {name} was an instance's that was deleted; it is free again after a week"
    return refusal("instanceAlreadyExists", what)


def _deleted(case: Case, token: str, name: str) -> list[bool]:
    return [
        True
        for each in case.cloud.history
        if each.kind == "delete" and each.type == token and each.inputs.get("name") == name
    ]


def _private_services(case: Case) -> str | None:
    """Both need a connection to the network that is theirs; nothing else in their inputs says so.

    https://cloud.google.com/sql/docs/postgres/configure-private-services-access
    """
    path = "authorizedNetwork" if case.operation.type == REDIS else _PRIVATE_NETWORK
    network = case.text(path)
    if network is None or case.find("Google network", network) is None:
        return None
    if case.text("connectMode") == "DIRECT_PEERING" or network in (
        it.inputs.get("network") for it in case.of(CONNECTION)
    ):
        return None
    what = f"{network} has no private services connection yet; make it first"
    return refusal("failedPrecondition", what)


def _api_protection(case: Case) -> str | None:
    """https://cloud.google.com/sql/docs/postgres/deletion-protection."""
    if True not in values(case.before, "settings.deletionProtectionEnabled"):
        return None
    what = "settings.deletionProtectionEnabled is on; turn it off in an update of its own first"
    return refusal("failedPrecondition", what)


def _password(case: Case) -> str | None:
    """https://cloud.google.com/sql/docs/postgres/create-manage-users."""
    built_in = case.text("type") in (None, "", "BUILT_IN")
    if not built_in or case.inputs.get("password") or case.inputs.get("passwordWo"):
        return None
    return refusal("invalid", "a built-in user of PostgreSQL needs a password")


def _replicas(case: Case) -> str | None:
    """https://cloud.google.com/memorystore/docs/redis/read-replicas-overview."""
    count = case.number("replicaCount") or 0
    reading = case.text("readReplicasMode") == "READ_REPLICAS_ENABLED"
    if case.text("tier") == "BASIC" and (count or reading):
        return refusal("INVALID_ARGUMENT", "the tier BASIC has no replicas")
    if count > 1 and not reading:
        what = f"replicaCount is {count:g}, which needs READ_REPLICAS_ENABLED"
        return refusal("INVALID_ARGUMENT", what)
    if reading and (case.number("memorySizeGb") or 0) < _LEAST_FOR_READING:
        what = f"READ_REPLICAS_ENABLED needs memorySizeGb of {_LEAST_FOR_READING} or more"
        return refusal("INVALID_ARGUMENT", what)
    return None


def _soft_delete(case: Case) -> str | None:
    """https://cloud.google.com/storage/docs/soft-delete."""
    seconds = case.number("softDeletePolicy.retentionDurationSeconds")
    low, high = _SOFT_DELETE
    if seconds is None or seconds == 0 or low <= seconds <= high:
        return None
    return refusal("invalid", f"soft deletion lasts {seconds:g} s; allowed: 0, or {low} to {high}")


def _public_access(case: Case) -> str | None:
    """https://cloud.google.com/storage/docs/public-access-prevention."""
    bucket = case.find("Cloud Storage bucket", case.text("bucket"))
    if case.text("member") not in _PUBLIC:
        return None
    if "enforced" not in values(bucket, "publicAccessPrevention"):
        return None
    what = f"{case.text('member')} is public, and {called(bucket) if bucket else ''} prevents that"
    return refusal("conditionNotMet", what)


def _too_many_keys(case: Case) -> str | None:
    """https://cloud.google.com/iam/quotas."""
    account = case.text("serviceAccountId")
    keys = [it for it in case.of(KEY) if account in at(it.inputs, "serviceAccountId")]
    if not case.making or len(keys) < _MOST_KEYS:
        return None
    return refusal("failedPrecondition", f"{account} has {len(keys)} keys; allowed: {_MOST_KEYS}")


def _producers(case: Case) -> str | None:
    """A producer holds on to a connection for days after its last instance is gone.

    https://github.com/hashicorp/terraform-provider-google/issues/16275
    """
    policy = values(case.before, "deletionPolicy")
    if policy == ["PREVENT"]:
        return refusal("failedPrecondition", "deletionPolicy is PREVENT in the state")
    if policy in (["ABANDON"], ["REMOVE_PEERING"]):
        return None
    network = next(iter(values(case.before, "network")), None)
    for each in case.cloud.history:
        if each.type in (SQL, REDIS) and network in (
            *at(each.inputs, _PRIVATE_NETWORK),
            *at(each.inputs, "authorizedNetwork"),
        ):
            what = "producer services (Cloud SQL, Memorystore) are still using this connection"
            return refusal("failedPrecondition", what)
    return None


def _peering_left(case: Case) -> str | None:
    """What ABANDON leaves: https://github.com/GoogleCloudPlatform/magic-modules/pull/18476."""
    for each in case.cloud.history:
        if (
            each.type == CONNECTION
            and each.kind == "delete"
            and each.inputs.get("network") == case.operation.id
            and each.inputs.get("deletionPolicy") == "ABANDON"
        ):
            what = "the peering of an abandoned private services connection is still there"
            return refusal("resourceInUseByAnotherResource", what)
    return None


WRITES: Mapping[str, tuple[Check, ...]] = {
    NAT: (_nat_addresses, _nat_subnetworks),
    ADDRESS: (_external_address,),
    CLUSTER: (_secondary_ranges,),
    NODE_POOL: (_auto_upgrade,),
    SQL: (_edition, _standby, _log_retention, _reached_somehow, _name_kept, _private_services),
    SQL_USER: (_password,),
    REDIS: (_replicas, _private_services),
    BUCKET: (_soft_delete,),
    BUCKET_MEMBER: (_public_access,),
    KEY: (_too_many_keys,),
}
DELETES: Mapping[str, tuple[Check, ...]] = {
    CONNECTION: (_producers,),
    NETWORK: (_peering_left,),
    SQL: (_api_protection,),
}
