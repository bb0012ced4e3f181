"""ElastiCache: what a replication group needs, and which changes it does not take."""

import re
from collections.abc import Mapping

from rehearsal.refusals.case import Case, Check, at, called, refusal
from rehearsal.refusals.network import foreign_group, text_of, vpcs_of
from rehearsal.refusals.versions import lower, parts, window_fault

GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
_VALUE, _COMBINATION = "InvalidParameterValue", "InvalidParameterCombination"
_SHORTEST_WINDOW = 60


def _failover(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html."""
    several = (case.number("numCacheClusters") or 1) > 1
    replicas = (case.number("replicasPerNodeGroup") or 0) > 0
    if case.is_on("multiAzEnabled") and not case.is_on("automaticFailoverEnabled"):
        return refusal(_COMBINATION, "multiAzEnabled is on, which needs automaticFailoverEnabled")
    if case.is_on("automaticFailoverEnabled") and not (several or replicas):
        what = (
            "automaticFailoverEnabled is on, which needs numCacheClusters of 2 or more, or replicas"
        )
        return refusal(_COMBINATION, what)
    return None


def _token(case: Case) -> str | None:
    """Never shown. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html."""
    token = case.text("authToken")
    if token is None:
        return None
    if not case.is_on("transitEncryptionEnabled"):
        return refusal(_COMBINATION, "authToken is given, which needs transitEncryptionEnabled")
    if re.fullmatch(r"[!#-.0-?A-~]{16,128}", token):
        return None
    what = '16 to 128 printable ASCII characters other than / " @ and spaces'
    return refusal(_VALUE, f"authToken is not allowed as it is; allowed: {what}")


def _encryption(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/at-rest-encryption.html."""
    if case.inputs.get("kmsKeyId") is not None and not case.is_on("atRestEncryptionEnabled"):
        return refusal(_COMBINATION, "kmsKeyId is given, which needs atRestEncryptionEnabled")
    return None


def _family(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html."""
    group = case.find("cache parameter group", case.text("parameterGroupName"))
    family, version = text_of(group, "family"), case.text("engineVersion")
    wanted = _family_of(case.text("engine") or "redis", version or "")
    if family is None or wanted is None or family == wanted:
        return None
    name = case.text("parameterGroupName")
    what = f"parameterGroupName {name} is of family {family}"
    return refusal(_COMBINATION, f"{what}; allowed for version {version}: {wanted}")


def _family_of(engine: str, version: str) -> str | None:
    numbers = parts(version)
    if not numbers:
        return None
    if engine == "valkey" or numbers[0] >= 7:
        return f"{engine}{numbers[0]}"
    if numbers[0] == 6:
        return "redis6.x"
    return f"redis{numbers[0]}.{numbers[1]}" if numbers[0] < 5 and len(numbers) > 1 else None


def _windows(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html."""
    names = ("snapshotWindow", "maintenanceWindow")
    daily, weekly = ((it, case.text(it)) for it in names)
    fault = window_fault(daily, weekly, _SHORTEST_WINDOW)
    return None if fault is None else refusal(_VALUE, fault)


def _groups_in_network(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html."""
    group = case.find("cache subnet group", case.text("subnetGroupName"))
    vpcs = None if group is None else vpcs_of(case, at(group.inputs, "subnetIds[]"))
    other = foreign_group(case, "securityGroupIds[]", vpcs)
    if other is None or vpcs is None:
        return None
    what = f"securityGroupIds has {other}, which is not in the subnet group's {', '.join(vpcs)}"
    return refusal(_COMBINATION, what)


def _one_network(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheSubnetGroup.html."""
    vpcs = vpcs_of(case, case.texts("subnetIds[]"))
    if vpcs is None or len(vpcs) < 2:
        return None
    return refusal("InvalidSubnet", f"subnetIds are in {len(vpcs)} VPCs; allowed: one")


def _downgrade(case: Case) -> str | None:
    """The provider replaces on a downgrade; in place it is refused.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/VersionManagement.html
    """
    old, new = text_of(case.before, "engineVersion"), case.text("engineVersion")
    if old is None or new is None or not lower(new, old):
        return None
    what = f"engineVersion is {new} and was {old}; a version is never lowered in place"
    return refusal(_COMBINATION, what)


def _last_snapshot(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteReplicationGroup.html."""
    name = case.text("finalSnapshotIdentifier")
    for each in case.cloud.history:
        same = each.type == GROUP and each.inputs.get("finalSnapshotIdentifier") == name
        if name is not None and each.kind == "delete" and same:
            what = (
                f"finalSnapshotIdentifier {name} is the name of the last snapshot of {called(each)}"
            )
            return refusal("SnapshotAlreadyExistsFault", what)
    return None


WRITES: Mapping[str, tuple[Check, ...]] = {
    GROUP: (
        _failover,
        _token,
        _encryption,
        _downgrade,
        _family,
        _windows,
        _groups_in_network,
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": (_one_network,),
}
DELETES: Mapping[str, tuple[Check, ...]] = {GROUP: (_last_snapshot,)}
