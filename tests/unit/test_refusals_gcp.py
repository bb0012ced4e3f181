"""Google Cloud: each rule refuses what it is there for, and nothing else."""

from collections.abc import Callable

import pytest

from rehearsal.cloud import Refused
from rehearsal.refusals import gcp
from tests.unit.refusals_deeds import Refusals, functions_of
from tests.unit.refusals_gcp_landscape import (
    NETWORK,
    REGION,
    cache,
    cluster,
    connection,
    database,
    google,
    nat,
    pool,
)
from tests.unit.refusals_landscape import Simulated

_TABLE = Refusals()
_ADDRESS = f"https://www.googleapis.com/compute/v1/projects/example/regions/{REGION}/addresses/nat"
_SUBNETWORK = f"projects/example/regions/{REGION}/subnetworks/nodes"


@_TABLE.refused("_nat_addresses", "invalid: MANUAL_ONLY needs natIps")
def _(it: Simulated) -> None:
    it.change(gcp.NAT, "nat", natIps=None)


@_TABLE.refused("_nat_addresses", "invalid: natIps need natIpAllocateOption MANUAL_ONLY")
def _(it: Simulated) -> None:
    it.make(gcp.NAT, "n", **nat(_ADDRESS, _SUBNETWORK, name="n2", natIpAllocateOption="AUTO_ONLY"))


@_TABLE.refused("_nat_subnetworks", "invalid: subnetworks go with LIST_OF_SUBNETWORKS")
def _(it: Simulated) -> None:
    it.change(gcp.NAT, "nat", subnetworks=None)


@_TABLE.refused("_external_address", "invalid: an address of the type EXTERNAL is in no network")
def _(it: Simulated) -> None:
    it.make(gcp.ADDRESS, "a", name="a", addressType="EXTERNAL", network=NETWORK)


@_TABLE.refused("_secondary_ranges", "badRequest: .* has no secondary range 'many'")
def _(it: Simulated) -> None:
    policy = {"clusterSecondaryRangeName": "many", "servicesSecondaryRangeName": "services"}
    it.make(gcp.CLUSTER, "c", **cluster(name="c", ipAllocationPolicy=policy))


@_TABLE.refused(
    "_auto_upgrade", "badRequest: autoUpgrade must be on in a cluster of channel STABLE"
)
def _(it: Simulated) -> None:
    account = "nodes-1@example.iam.gserviceaccount.com"
    it.make(gcp.NODE_POOL, "p", **pool(account, name="p", management={"autoUpgrade": False}))


@_TABLE.refused("_edition", "invalid: tier db-custom-2-4096 is not one of edition ENTERPRISE_PLUS")
def _(it: Simulated) -> None:
    it.make(gcp.SQL, "s", **database("s-2", edition=None))


@_TABLE.refused("_edition", "invalid: tier db-perf-optimized-N-2 is not one of edition ENTERPRISE")
def _(it: Simulated) -> None:
    it.make(gcp.SQL, "s", **database("s-2", tier="db-perf-optimized-N-2"))


@_TABLE.refused("_standby", "invalid: REGIONAL needs backups")
def _(it: Simulated) -> None:
    it.make(gcp.SQL, "s", **database("s-2", backupConfiguration={"enabled": True}))


@_TABLE.refused("_log_retention", "invalid: transactionLogRetentionDays is 30; allowed: up to 7")
def _(it: Simulated) -> None:
    backups = {"enabled": True, "pointInTimeRecoveryEnabled": True}
    backups |= {"transactionLogRetentionDays": 30}
    it.make(gcp.SQL, "s", **database("s-2", backupConfiguration=backups))


@_TABLE.refused("_reached_somehow", "invalid: at least one of ipv4Enabled and privateNetwork")
def _(it: Simulated) -> None:
    it.make(gcp.SQL, "s", **database("s-2", ipConfiguration={"ipv4Enabled": False}))


@_TABLE.refused("_name_kept", "instanceAlreadyExists: the name sql-1 .* free again after a week")
def _(it: Simulated) -> None:
    it.remove(gcp.SQL_USER, "admin")
    it.remove(gcp.SQL, "sql")
    it.make(gcp.SQL, "again", **database("sql-1"))


@_TABLE.refused(
    "_private_services", "failedPrecondition: .* has no private services connection yet"
)
def _(it: Simulated) -> None:
    it.make("gcp:compute/network:Network", "other", name="other")
    other = NETWORK.replace("networks/network", "networks/other")
    it.make(gcp.SQL, "s", **database("s-2", ipConfiguration={"privateNetwork": other}))


@_TABLE.refused(
    "_private_services", "failedPrecondition: .* has no private services connection yet"
)
def _(it: Simulated) -> None:
    it.make("gcp:compute/network:Network", "other", name="other")
    other = NETWORK.replace("networks/network", "networks/other")
    it.make(gcp.REDIS, "r", **cache("r-2", authorizedNetwork=other))


@_TABLE.refused("_api_protection", "failedPrecondition: settings.deletionProtectionEnabled is on")
def _(it: Simulated) -> None:
    it.make(gcp.SQL, "s", **database("s-2", deletionProtectionEnabled=True))
    it.remove(gcp.SQL, "s")


@_TABLE.refused("_password", "invalid: a built-in user of PostgreSQL needs a password")
def _(it: Simulated) -> None:
    it.make(gcp.SQL_USER, "u", instance="sql-1", name="u")


@_TABLE.refused("_replicas", "INVALID_ARGUMENT: the tier BASIC has no replicas")
def _(it: Simulated) -> None:
    it.make(gcp.REDIS, "r", **cache("r-2", tier="BASIC", replicaCount=1))


@_TABLE.refused("_replicas", "INVALID_ARGUMENT: replicaCount is 2, which needs")
def _(it: Simulated) -> None:
    it.make(gcp.REDIS, "r", **cache("r-2", replicaCount=2))


@_TABLE.refused("_replicas", "INVALID_ARGUMENT: READ_REPLICAS_ENABLED needs memorySizeGb of 5")
def _(it: Simulated) -> None:
    reading = {"readReplicasMode": "READ_REPLICAS_ENABLED", "memorySizeGb": 4}
    it.make(gcp.REDIS, "r", **cache("r-2", replicaCount=2, **reading))


@_TABLE.refused("_soft_delete", "invalid: soft deletion lasts 60 s; allowed: 0, or 604800")
def _(it: Simulated) -> None:
    policy = {"retentionDurationSeconds": 60}
    it.make(gcp.BUCKET, "b", name="example-b", location=REGION, softDeletePolicy=policy)


@_TABLE.refused("_public_access", "conditionNotMet: allUsers is public, and Bucket 'private'")
def _(it: Simulated) -> None:
    role = "roles/storage.legacyObjectReader"
    it.make(gcp.BUCKET_MEMBER, "all", bucket="example-private", role=role, member="allUsers")


@_TABLE.refused("_too_many_keys", "failedPrecondition: .* has 10 keys; allowed: 10")
def _(it: Simulated) -> None:
    account = it.get("gcp:serviceaccount/account:Account", "nodes").id
    for number in range(10):
        it.make(gcp.KEY, f"k{number}", serviceAccountId=account)


@_TABLE.refused("_producers", "failedPrecondition: producer services .* still using")
def _(it: Simulated) -> None:
    it.change(gcp.CONNECTION, "private", deletionPolicy="DELETE")
    _without_stores(it)
    it.remove(gcp.CONNECTION, "private")


@_TABLE.refused("_producers", "failedPrecondition: deletionPolicy is PREVENT in the state")
def _(it: Simulated) -> None:
    it.change(gcp.CONNECTION, "private", deletionPolicy="PREVENT")
    it.remove(gcp.CONNECTION, "private")


@_TABLE.refused("_peering_left", "resourceInUseByAnotherResource: the peering of an abandoned")
def _(it: Simulated) -> None:
    network = it.make(gcp.NETWORK, "other", name="other").id
    abandoned = connection(network=network, deletionPolicy="ABANDON")
    it.make(gcp.CONNECTION, "other", **abandoned)
    it.remove(gcp.CONNECTION, "other")
    it.remove(gcp.NETWORK, "other")


def _without_stores(it: Simulated) -> None:
    it.remove(gcp.SQL_USER, "admin")
    it.remove(gcp.SQL, "sql")
    it.remove(gcp.REDIS, "redis")


@pytest.mark.parametrize(("deed", "said"), _TABLE.parameters())
def test_it_is_refused_in_words(deed: Callable[[Simulated], object], said: str) -> None:
    with pytest.raises(Refused, match=said) as caught:
        deed(google())
    assert "secret-1" not in str(caught.value)


def test_every_rule_that_is_a_function_has_been_seen_to_refuse() -> None:
    assert _TABLE.rules == functions_of(gcp)


def test_an_environment_is_made_and_taken_down_unhindered() -> None:
    it = google()
    for kind, name in reversed(it.made.copy()):
        it.remove(kind, name)
    assert len(it.cloud) == 0


def test_a_bucket_with_an_object_goes_only_by_force() -> None:
    it = google()
    it.change(gcp.BUCKET, "private", forceDestroy=False)
    with pytest.raises(Refused, match=r"conflict: .* unless forceDestroy"):
        it.remove(gcp.BUCKET, "private")
