"""Azure: each rule refuses what it is there for, and the environment passes them all."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from rehearsal.cloud import Refused
from rehearsal.refusals import azure as rules
from tests.unit.refusals_azure_landscape import azure
from tests.unit.refusals_deeds import Refusals, functions_of
from tests.unit.refusals_landscape import Simulated

_TABLE = Refusals()
_LOCK = "azure-native:authorization:ManagementLockByScope"


def _inputs(it: Simulated, kind: str, name: str, **other: Any) -> dict[str, Any]:
    return {**it.get(kind, name).inputs, **other}


def _inside(before: Mapping[str, Any], **other: Any) -> dict[str, Any]:
    return {**before, **other}


def _change_inside(it: Simulated, kind: str, name: str, part: str, **other: Any) -> None:
    it.change(kind, name, **{part: _inside(it.get(kind, name).inputs[part], **other)})


@_TABLE.refused("_fixed", "PropertyChangeNotAllowed: highAvailability was 'Enabled'")
def _(it: Simulated) -> None:
    it.change(rules.REDIS, "redis", highAvailability="Disabled")


@_TABLE.refused("_fixed", "PropertyChangeNotAllowed: backup.geoRedundantBackup was 'Enabled'")
def _(it: Simulated) -> None:
    _change_inside(it, rules.SERVER, "postgres-1", "backup", geoRedundantBackup="Disabled")


@_TABLE.refused("_fixed", "PropertyChangeNotAllowed: zones was")
def _(it: Simulated) -> None:
    it.change(rules.NAT, "nat-1", zones=["2"])


@_TABLE.refused("_overlay", "BadRequest: networkDataplane cilium needs the overlay mode")
def _(it: Simulated) -> None:
    _change_inside(it, rules.CLUSTER, "cluster", "networkProfile", networkPluginMode=None)


@_TABLE.refused("_system_pool", "BadRequest: agentPoolProfiles needs a pool of the mode System")
def _(it: Simulated) -> None:
    it.change(rules.CLUSTER, "cluster", agentPoolProfiles=[{"name": "users", "mode": "User"}])


@_TABLE.refused("_local_accounts", "BadRequest: disableLocalAccounts needs Entra ID")
def _(it: Simulated) -> None:
    it.change(rules.CLUSTER, "cluster", aadProfile=None)


@_TABLE.refused("_workload_identity", "BadRequest: workloadIdentity needs oidcIssuerProfile")
def _(it: Simulated) -> None:
    it.change(rules.CLUSTER, "cluster", oidcIssuerProfile={"enabled": False})


@_TABLE.refused("_way_out", "InvalidUserAssignedNATGateway: Subnet 'nodes-1' has no NAT gateway")
def _(it: Simulated) -> None:
    it.change(rules.SUBNET, "nodes-1", natGateway=None)
    it.change(rules.CLUSTER, "cluster", enableRBAC=True)


@_TABLE.refused("_standby", "HANotSupportedForBurstable: ")
def _(it: Simulated) -> None:
    it.change(rules.SERVER, "postgres-1", sku={"name": "Standard_B2s", "tier": "Burstable"})


@_TABLE.refused("_standby", "InvalidParameterValue: server and standby are in the same zone")
def _(it: Simulated) -> None:
    availability = {"mode": "ZoneRedundant", "standbyAvailabilityZone": "1"}
    it.change(rules.SERVER, "postgres-1", highAvailability=availability)


@_TABLE.refused("_delegated", "SubnetNotDelegated: Subnet 'postgres' is not delegated")
def _(it: Simulated) -> None:
    it.change(rules.SUBNET, "postgres", delegations=None)
    it.change(rules.SERVER, "postgres-1", version="18")


@_TABLE.refused("_zone_seen", "PrivateDnsZoneNotLinked: ")
def _(it: Simulated) -> None:
    inputs = _inputs(it, rules.SERVER, "postgres-1", serverName="another")
    it.remove("azure-native:privatedns:VirtualNetworkLink", "postgres")
    it.make(rules.SERVER, "postgres-2", **inputs)


@_TABLE.refused("_password", "InvalidParameterValue: the administrator's password has 8")
def _(it: Simulated) -> None:
    it.change(rules.SERVER, "postgres-1", administratorLoginPassword="short-1")


@_TABLE.refused("_smaller", "InvalidParameterValue: storage.storageSizeGB is 32 and was 64")
def _(it: Simulated) -> None:
    _change_inside(it, rules.SERVER, "postgres-1", "storage", storageSizeGB=32)


@_TABLE.refused("_cluster_policy", "PropertyChangeNotAllowed: clusteringPolicy was OSSCluster")
def _(it: Simulated) -> None:
    it.change(rules.DATABASE, "redis", clusteringPolicy="OSSCluster")
    it.change(rules.DATABASE, "redis", clusteringPolicy="NoCluster")


@_TABLE.refused("_shares_addresses", "NetcfgSubnetRangesOverlap: .* overlaps Subnet 'nodes-1'")
def _(it: Simulated) -> None:
    there = it.get(rules.SUBNET, "nodes-1").inputs["addressPrefix"]
    it.change(rules.SUBNET, "endpoints", addressPrefix=there)


@_TABLE.refused("_public_blobs", "PublicAccessNotPermitted: StorageAccount 'redis-exports'")
def _(it: Simulated) -> None:
    it.change(rules.CONTAINER, "redis-exports", publicAccess="Blob")


@_TABLE.refused("_with_key", "KeyBasedAuthenticationNotPermitted: StorageAccount 'redis-exports'")
def _(it: Simulated) -> None:
    exports = it.get(rules.CONTAINER, "redis-exports").inputs
    place = {key: exports[key] for key in ("accountName", "containerName", "resourceGroupName")}
    it.make(rules.BLOB, "b", **place, blobName="b", type="Block")


@pytest.mark.parametrize(("deed", "said"), _TABLE.parameters())
def test_a_rule_refuses(deed: Callable[[Simulated], object], said: str) -> None:
    with pytest.raises(Refused, match=said) as caught:
        deed(azure())
    assert "short-1" not in str(caught.value)


def test_every_rule_is_tried() -> None:
    assert _TABLE.rules == functions_of(rules)


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        (rules.SERVER, "postgres-1", "ScopeLocked: "),
        (rules.ACCOUNT, "blobs", "ScopeLocked: "),
        (rules.SUBNET, "nodes-1", "InUseSubnetCannotBeDeleted: .* ManagedCluster 'cluster'"),
        (rules.NAT, "nat-1", "CannotDeleteNatGatewayAssociatedToSubnet: "),
        (rules.ADDRESS, "egress-1", "PublicIPAddressCannotBeDeleted: "),
        ("azure-native:privatedns:PrivateZone", "redis", "CannotDeleteResource: "),
    ],
)
def test_what_is_in_use_or_locked_stays(kind: str, name: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        azure().remove(kind, name)


def test_what_no_lock_is_on_can_go() -> None:
    it = azure()
    it.remove(_LOCK, "postgres-1")
    it.remove(rules.SERVER, "postgres-1")


def test_all_of_it_can_be_taken_down_in_the_opposite_order() -> None:
    it = azure()
    for kind, name in reversed(it.made.copy()):
        it.remove(kind, name)
    assert len(it.cloud) == 0
