"""RDS: what a server needs to be there, and which changes it does not take."""

import re
from collections.abc import Mapping

from rehearsal.refusals.case import Case, Check, at, called, number, refusal
from rehearsal.refusals.network import (
    foreign_group,
    text_of,
    vpcs_of,
    zones_of,
)
from rehearsal.refusals.versions import lower, parts, window_fault

INSTANCE = "aws:rds/instance:Instance"
SUBNETS = "aws:rds/subnetGroup:SubnetGroup"
_VALUE, _COMBINATION = "InvalidParameterValue", "InvalidParameterCombination"
_SHORTEST_WINDOW = 30
_PASSWORD_LONGEST = {"postgres": 128, "mysql": 41, "mariadb": 41}
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html
_STORAGE = {"gp2": 20, "gp3": 20, "io1": 100, "io2": 100}
_LARGEST_STORAGE = 65536
_STRIPED_FROM = 400
_RESERVED = ("admin", "rdsadmin", "rds_superuser", "rdsrepladmin", "public")
_PERFORMANCE_DAYS = (7, 731, *range(31, 714, 31))


def _from_elsewhere(case: Case) -> bool:
    """Whether it is made from a snapshot or another server, which have their own user and storage."""
    paths = ("snapshotIdentifier", "restoreToPointInTime", "replicateSourceDb", "s3Import")
    return any(case.inputs.get(it) is not None for it in paths)


def _what_it_needs(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html."""
    if not case.making or _from_elsewhere(case):
        return None
    for path in ("engine", "allocatedStorage", "username"):
        if case.inputs.get(path) is None:
            return refusal("InvalidParameter", f"{path} is required for a new server")
    ways = ("password", "passwordWo", "manageMasterUserPassword")
    if not any(case.inputs.get(it) is not None for it in ways):
        return refusal("InvalidParameter", f"one of {', '.join(ways)} is required for a new server")
    return None


def _username(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html."""
    name = case.text("username")
    if name is None or not case.changed("username"):
        return None
    if name.lower() in _RESERVED:
        return refusal(_VALUE, f"username {name!r} is a word that the engine keeps for itself")
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,62}", name):
        return None
    allowed = "1 to 63 letters, digits and underscores, a letter first"
    return refusal(_VALUE, f"username is {name!r}; allowed: {allowed}")


def _password(case: Case) -> str | None:
    """Never shown. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html."""
    password = case.text("password")
    longest = _PASSWORD_LONGEST.get(case.text("engine") or "", 128)
    if password is None or re.fullmatch(rf"[!#-.0-?A-~]{{8,{longest}}}", password):
        return None
    what = f'8 to {longest} printable ASCII characters other than / " @ and spaces'
    return refusal(_VALUE, f"password is not allowed as it is; allowed: {what}")


def _storage(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html."""
    size, kind = case.number("allocatedStorage"), case.text("storageType")
    if size is None:
        return None
    smallest = _STORAGE.get(kind or "", 5)
    if not smallest <= size <= _LARGEST_STORAGE:
        what = (
            f"allocatedStorage is {size}; allowed for {kind}: {smallest} to {_LARGEST_STORAGE} GiB"
        )
        return refusal(_VALUE, what)
    most = case.number("maxAllocatedStorage")
    if most and most < size:
        what = f"maxAllocatedStorage is {most}; allowed: at least allocatedStorage, {size}"
        return refusal(_COMBINATION, what)
    own = [it for it in ("iops", "storageThroughput") if case.inputs.get(it) is not None]
    if kind == "gp3" and own and case.text("engine") == "postgres" and size < _STRIPED_FROM:
        what = f"{' and '.join(own)} given for gp3 of {size} GiB; allowed from {_STRIPED_FROM} GiB"
        return refusal(_COMBINATION, what)
    before = None if case.before is None else number(case.before.inputs, "allocatedStorage")
    if before is not None and size < before:
        what = f"allocatedStorage is {size} and was {before}; storage never shrinks"
        return refusal(_COMBINATION, what)
    return None


def _zone(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html."""
    zone = case.text("availabilityZone")
    if zone is None or not case.is_on("multiAz"):
        return None
    return refusal(_COMBINATION, f"availabilityZone {zone} is given, which multiAz does not allow")


def _family(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html."""
    engine, version = case.text("engine"), case.text("engineVersion")
    group = case.find("DB parameter group", case.text("parameterGroupName"))
    family = text_of(group, "family")
    if family is None or engine is None:
        return None
    wanted = _family_of(engine, version)
    if family == wanted or (wanted is None and family.startswith(engine)):
        return None
    name = case.text("parameterGroupName")
    what = f"parameterGroupName {name} is of family {family}"
    return refusal(
        _COMBINATION, f"{what}; allowed for {engine} {version or ''}: {wanted or engine}"
    )


def _family_of(engine: str, version: str | None) -> str | None:
    numbers = parts(version or "")
    if engine == "postgres" and numbers:
        return f"postgres{numbers[0]}"
    if engine in ("mysql", "mariadb") and len(numbers) > 1:
        return f"{engine}{numbers[0]}.{numbers[1]}"
    return None


def _upgrade(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html."""
    old, new = text_of(case.before, "engineVersion"), case.text("engineVersion")
    if old is None or new is None or old == new:
        return None
    if lower(new, old):
        what = f"engineVersion is {new} and was {old}; a server is never downgraded"
        return refusal(_COMBINATION, what)
    if parts(new)[:1] != parts(old)[:1] and not case.is_on("allowMajorVersionUpgrade"):
        what = f"engineVersion is {new} and was {old}: another major version"
        return refusal(_COMBINATION, f"{what} needs allowMajorVersionUpgrade")
    return None


def _windows(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html."""
    names = ("backupWindow", "maintenanceWindow")
    daily, weekly = ((it, case.text(it)) for it in names)
    fault = window_fault(daily, weekly, _SHORTEST_WINDOW)
    return None if fault is None else refusal(_VALUE, fault)


def _monitoring(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PerfInsights.cost.html."""
    days = case.number("performanceInsightsRetentionPeriod")
    if days is not None and days not in _PERFORMANCE_DAYS:
        what = f"performanceInsightsRetentionPeriod is {days}; allowed: 7, 731 or months of 31 days"
        return refusal(_VALUE, what)
    if case.number("monitoringInterval") and case.inputs.get("monitoringRoleArn") is None:
        return refusal(_COMBINATION, "monitoringInterval is given, which needs monitoringRoleArn")
    return None


def _logs(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.html."""
    allowed = ("postgresql", "upgrade", "iam-db-auth-error")
    if case.text("engine") != "postgres":
        return None
    for it in case.texts("enabledCloudwatchLogsExports[]"):
        if it not in allowed:
            what = f"enabledCloudwatchLogsExports has {it!r}; allowed: {', '.join(allowed)}"
            return refusal(_COMBINATION, what)
    return None


def _groups_in_network(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html."""
    group = case.find("DB subnet group", case.text("dbSubnetGroupName"))
    vpcs = None if group is None else vpcs_of(case, at(group.inputs, "subnetIds[]"))
    other = foreign_group(case, "vpcSecurityGroupIds[]", vpcs)
    if other is None or vpcs is None:
        return None
    what = f"vpcSecurityGroupIds has {other}, which is not in the subnet group's {', '.join(vpcs)}"
    return refusal(_COMBINATION, what)


def _subnet_group_zones(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html."""
    subnets = case.texts("subnetIds[]")
    zones, vpcs = zones_of(case, subnets), vpcs_of(case, subnets)
    if vpcs is not None and len(vpcs) > 1:
        return refusal("InvalidSubnet", f"subnetIds are in {len(vpcs)} VPCs; allowed: one")
    if len(subnets) < 2 or (zones is not None and len(zones) < 2):
        covered = ", ".join(zones or ()) or "less than two"
        what = f"subnetIds cover the zones {covered}; allowed: two zones or more"
        return refusal("DBSubnetGroupDoesNotCoverEnoughAZs", what)
    return None


def _static_at_once(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Parameters.html."""
    static = ("max_connections", "shared_buffers", "shared_preload_libraries", "wal_level")
    for it in at(case.inputs, "parameters[]"):
        name, method = it.get("name"), it.get("applyMethod") or "immediate"
        if name in static and method == "immediate":
            what = f"parameter {name} is static; its applyMethod must be pending-reboot"
            return refusal(_COMBINATION, what)
    return None


def _last_snapshot(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html."""
    if case.is_on("skipFinalSnapshot"):
        return None
    name = case.text("finalSnapshotIdentifier")
    if name is None:
        what = "skipFinalSnapshot is off in the state, and finalSnapshotIdentifier is missing"
        return refusal(_COMBINATION, what)
    for each in case.cloud.history:
        same = each.type == INSTANCE and each.inputs.get("finalSnapshotIdentifier") == name
        if each.kind == "delete" and same and each.inputs.get("skipFinalSnapshot") is not True:
            what = (
                f"finalSnapshotIdentifier {name} is the name of the last snapshot of {called(each)}"
            )
            return refusal("DBSnapshotAlreadyExists", what)
    return None


WRITES: Mapping[str, tuple[Check, ...]] = {
    INSTANCE: (
        _what_it_needs,
        _username,
        _password,
        _storage,
        _zone,
        _upgrade,
        _family,
        _windows,
        _monitoring,
        _logs,
        _groups_in_network,
    ),
    SUBNETS: (_subnet_group_zones,),
    "aws:rds/parameterGroup:ParameterGroup": (_static_at_once,),
}
DELETES: Mapping[str, tuple[Check, ...]] = {INSTANCE: (_last_snapshot,)}
