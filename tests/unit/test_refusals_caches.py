"""ElastiCache: each rule refuses what it is there for, and nothing else."""

from typing import Any

import pytest

from rehearsal.refusals import caches
from tests.unit.refusals_deeds import Deed, Refusals, functions_of, is_refused
from tests.unit.refusals_landscape import (
    Simulated,
    elsewhere,
    environment,
    replication_group,
    subnet_ids,
)

_TABLE = Refusals()
_CACHE_SUBNETS = "aws:elasticache/subnetGroup:SubnetGroup"


def _redis(it: Simulated, **inputs: Any) -> None:
    own = replication_group(it.get("SecurityGroup", "servers").id)
    given = {**own, "replicationGroupId": "cache-2", **inputs}
    it.make("ReplicationGroup", "second", **given)


@_TABLE.refused("_failover", "multiAzEnabled is on, which needs automaticFailoverEnabled")
def _(it: Simulated) -> None:
    _redis(it, automaticFailoverEnabled=False)


@_TABLE.refused("_failover", "automaticFailoverEnabled is on, which needs numCacheClusters of 2")
def _(it: Simulated) -> None:
    _redis(it, numCacheClusters=1)


@_TABLE.refused("_token", "authToken is given, which needs transitEncryptionEnabled")
def _(it: Simulated) -> None:
    _redis(it, transitEncryptionEnabled=False)


for _letters in ("too-short-token", "with/a-slash-in-the-token", "with@an-at-in-the-token"):

    @_TABLE.refused(
        "_token", "InvalidParameterValue: authToken is not allowed as it is; allowed: 16 to 128"
    )
    def _(it: Simulated, letters: str = _letters) -> None:
        _redis(it, authToken=letters)


@_TABLE.refused("_encryption", "kmsKeyId is given, which needs atRestEncryptionEnabled")
def _(it: Simulated) -> None:
    _redis(it, kmsKeyId=it.get("Key", "secrets").id, atRestEncryptionEnabled=False)


for _version, _family in (("6.2", r"redis6\.x"), ("8.0", "redis8"), ("4.0", r"redis4\.0")):

    @_TABLE.refused("_family", f"family redis7; allowed for version {_version}: {_family}")
    def _(it: Simulated, version: str = _version) -> None:
        _redis(it, engineVersion=version)


@_TABLE.refused(
    "_downgrade", "engineVersion is 6.2 and was 7.1; a version is never lowered in place"
)
def _(it: Simulated) -> None:
    it.change("ReplicationGroup", "cache", engineVersion="6.2")


@_TABLE.refused("_windows", "snapshotWindow is '03:00-03:30'; allowed: 60 minutes or more")
def _(it: Simulated) -> None:
    _redis(it, snapshotWindow="03:00-03:30")


@_TABLE.refused("_groups_in_network", "securityGroupIds has sg-.* not in the subnet group's vpc-")
def _(it: Simulated) -> None:
    _redis(it, securityGroupIds=[elsewhere(it)[2]])


@_TABLE.refused("_one_network", "subnetIds are in 2 VPCs; allowed: one")
def _(it: Simulated) -> None:
    it.make(_CACHE_SUBNETS, "g", name="g", subnetIds=[*subnet_ids(it, "a"), elsewhere(it)[1]])


@_TABLE.refused(
    "_last_snapshot", "SnapshotAlreadyExistsFault: .* cache-1-last .* ReplicationGroup 'cache'"
)
def _(it: Simulated) -> None:
    it.remove("ReplicationGroup", "cache")
    _redis(it)
    it.remove("ReplicationGroup", "second")


@pytest.mark.parametrize(("deed", "said"), _TABLE.parameters())
def test_it_is_refused_in_words(deed: Deed, said: str) -> None:
    is_refused(deed, said)


def test_every_rule_that_is_a_function_has_been_seen_to_refuse() -> None:
    assert _TABLE.rules == functions_of(caches)


_ALLOWED: list[Deed] = [
    _redis,
    lambda it: _redis(it, numCacheClusters=1, automaticFailoverEnabled=False, multiAzEnabled=False),
    lambda it: it.change("ReplicationGroup", "cache", engineVersion="7.2"),
]


@pytest.mark.parametrize("deed", _ALLOWED)
def test_it_is_allowed(deed: Deed) -> None:
    deed(environment())
