"""RDS: each rule refuses what it is there for, and nothing else."""

from typing import Any

import pytest

from rehearsal.cloud import Refused
from rehearsal.refusals import databases
from tests.unit.refusals_deeds import Deed, Refusals, functions_of, is_refused
from tests.unit.refusals_landscape import Simulated, database, elsewhere, environment, subnet_ids

_TABLE = Refusals()
_DB_SUBNETS = "aws:rds/subnetGroup:SubnetGroup"
_DB_PARAMETERS = "aws:rds/parameterGroup:ParameterGroup"


def _db(it: Simulated, **inputs: Any) -> None:
    own = database(it.get("SecurityGroup", "servers").id)
    given = {**own, "identifier": "db-2", **inputs}
    it.make("Instance", "second", **{key: each for key, each in given.items() if each is not None})


@_TABLE.refused("_what_it_needs", "username is required for a new server")
def _(it: Simulated) -> None:
    _db(it, username=None)


@_TABLE.refused(
    "_what_it_needs", "one of password, passwordWo, manageMasterUserPassword is required"
)
def _(it: Simulated) -> None:
    _db(it, password=None)


for _name, _said in (("admin", "a word that the engine keeps"), ("1st", "a letter first")):

    @_TABLE.refused("_username", f"username .*{_name}.*{_said}")
    def _(it: Simulated, name: str = _name) -> None:
        _db(it, username=name)


for _letters in (
    "short-1",
    "with/a-slash-1",
    "with@an-at-1",
    'with"quote-1',
    "with space-1",
    "x" * 129,
):

    @_TABLE.refused(
        "_password", "InvalidParameterValue: password is not allowed as it is; allowed: 8 to 128"
    )
    def _(it: Simulated, letters: str = _letters) -> None:
        _db(it, password=letters)


for _inputs, _said in (
    ({"allocatedStorage": 10}, "allocatedStorage is 10; allowed for gp3: 20 to 65536 GiB"),
    ({"maxAllocatedStorage": 50}, "maxAllocatedStorage is 50; allowed: at least .* 100"),
    ({"iops": 12000}, "iops given for gp3 of 100 GiB; allowed from 400 GiB"),
):

    @_TABLE.refused("_storage", _said)
    def _(it: Simulated, inputs: dict[str, Any] = _inputs) -> None:
        _db(it, **inputs)


@_TABLE.refused("_storage", "allocatedStorage is 50 and was 100; storage never shrinks")
def _(it: Simulated) -> None:
    it.change("Instance", "db", allocatedStorage=50)


@_TABLE.refused("_zone", "availabilityZone eu-west-1a is given, which multiAz does not allow")
def _(it: Simulated) -> None:
    _db(it, availabilityZone="eu-west-1a")


@_TABLE.refused(
    "_family", "parameterGroupName db-17 is of family postgres17; .* postgres 16.4: postgres16"
)
def _(it: Simulated) -> None:
    _db(it, engineVersion="16.4")


@_TABLE.refused("_family", "parameterGroupName db-17 is of family postgres17; .*: mysql8.0")
def _(it: Simulated) -> None:
    _db(it, engine="mysql", engineVersion="8.0.40", enabledCloudwatchLogsExports=[])


@_TABLE.refused("_family", "of family postgres17; allowed for postgres 18.1: postgres18")
def _(it: Simulated) -> None:
    it.change("Instance", "db", engineVersion="18.1", allowMajorVersionUpgrade=True)


@_TABLE.refused("_upgrade", "engineVersion is 17.2 and was 17.4; a server is never downgraded")
def _(it: Simulated) -> None:
    it.change("Instance", "db", engineVersion="17.2")


@_TABLE.refused("_upgrade", "another major version needs allowMajorVersionUpgrade")
def _(it: Simulated) -> None:
    it.make(_DB_PARAMETERS, "18", name="db-18", family="postgres18")
    it.change("Instance", "db", engineVersion="18.1", parameterGroupName="db-18")


@_TABLE.refused(
    "_windows", "backupWindow 03:30-04:30 and maintenanceWindow sun:03:00-sun:04:00 overlap"
)
def _(it: Simulated) -> None:
    _db(it, backupWindow="03:30-04:30")


@_TABLE.refused("_windows", "backupWindow is '03:00-03:15'; allowed: 30 minutes or more")
def _(it: Simulated) -> None:
    _db(it, backupWindow="03:00-03:15")


@_TABLE.refused("_monitoring", "monitoringInterval is given, which needs monitoringRoleArn")
def _(it: Simulated) -> None:
    _db(it, monitoringInterval=60)


@_TABLE.refused("_monitoring", "performanceInsightsRetentionPeriod is 30; allowed: 7, 731")
def _(it: Simulated) -> None:
    _db(it, performanceInsightsRetentionPeriod=30)


@_TABLE.refused("_logs", "enabledCloudwatchLogsExports has 'audit'; allowed: postgresql, upgrade")
def _(it: Simulated) -> None:
    _db(it, enabledCloudwatchLogsExports=["audit"])


@_TABLE.refused(
    "_groups_in_network", "vpcSecurityGroupIds has sg-.* not in the subnet group's vpc-"
)
def _(it: Simulated) -> None:
    _db(it, vpcSecurityGroupIds=[elsewhere(it)[2]])


@_TABLE.refused(
    "_subnet_group_zones", "DBSubnetGroupDoesNotCoverEnoughAZs: .* eu-west-1a; allowed: two"
)
def _(it: Simulated) -> None:
    it.make(_DB_SUBNETS, "g", name="g", subnetIds=subnet_ids(it, "a", "outside"))


@_TABLE.refused("_subnet_group_zones", "InvalidSubnet: subnetIds are in 2 VPCs")
def _(it: Simulated) -> None:
    it.make(_DB_SUBNETS, "g", name="g", subnetIds=[*subnet_ids(it, "a"), elsewhere(it)[1]])


@_TABLE.refused("_static_at_once", "parameter max_connections is static; .* pending-reboot")
def _(it: Simulated) -> None:
    given = [{"name": "max_connections", "value": "100"}]
    it.make(_DB_PARAMETERS, "p", name="p", family="postgres17", parameters=given)


@_TABLE.refused("_last_snapshot", "skipFinalSnapshot is off .* finalSnapshotIdentifier is missing")
def _(it: Simulated) -> None:
    it.change("Instance", "db", finalSnapshotIdentifier=None)
    it.remove("Instance", "db")


@_TABLE.refused(
    "_last_snapshot", "DBSnapshotAlreadyExists: .* db-1-last is the name .* Instance 'db'"
)
def _(it: Simulated) -> None:
    it.remove("Instance", "db")
    _db(it)
    it.remove("Instance", "second")


@pytest.mark.parametrize(("deed", "said"), _TABLE.parameters())
def test_it_is_refused_in_words(deed: Deed, said: str) -> None:
    is_refused(deed, said)


def test_every_rule_that_is_a_function_has_been_seen_to_refuse() -> None:
    assert _TABLE.rules == functions_of(databases)


_ALLOWED: list[Deed] = [
    _db,
    lambda it: _db(it, multiAz=False, availabilityZone="eu-west-1a"),
    lambda it: _db(it, snapshotIdentifier="one", username=None, password=None),
    lambda it: _db(it, iops=12000, allocatedStorage=400, maxAllocatedStorage=800),
    lambda it: _db(it, password="x" * 128),
    lambda it: _db(it, backupWindow="04:00-05:00"),
    lambda it: _db(it, performanceInsightsRetentionPeriod=62),
    lambda it: it.change("Instance", "db", engineVersion="17.5", allocatedStorage=150),
]


@pytest.mark.parametrize("deed", _ALLOWED)
def test_it_is_allowed(deed: Deed) -> None:
    deed(environment())


def test_a_major_upgrade_of_a_server_takes_a_group_of_the_new_family() -> None:
    it = environment()
    it.make(_DB_PARAMETERS, "18", name="db-18", family="postgres18")
    it.change(
        "Instance",
        "db",
        engineVersion="18.1",
        parameterGroupName="db-18",
        allowMajorVersionUpgrade=True,
    )
    it.remove(_DB_PARAMETERS, "db")


def test_a_protection_that_is_turned_off_by_an_update_protects_no_more() -> None:
    it = environment()
    it.change("Instance", "db", deletionProtection=True)
    with pytest.raises(Refused, match="deletionProtection is on in the state"):
        it.remove("Instance", "db")
    it.change("Instance", "db", deletionProtection=False)
    it.remove("Instance", "db")
