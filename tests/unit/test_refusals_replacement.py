"""Which changes replace, in all cases or in some; and how versions and windows are read."""

from typing import Any

import pytest

from rehearsal import replacement
from rehearsal.refusals.versions import lower, minutes, overlap
from tests.unit.refusals_landscape import token_of

_EKS, _VPC, _CACHE = token_of("Cluster"), token_of("Vpc"), token_of("ReplicationGroup")


@pytest.mark.parametrize(
    ("token", "changed", "old", "new", "replaced"),
    [
        (_EKS, {"version": "update"}, {}, {}, False),
        (_EKS, {"name": "update"}, {}, {}, True),
        (_EKS, {"accessConfig.bootstrapClusterCreatorAdminPermissions": "update"}, {}, {}, True),
        (_EKS, {"accessConfig.authenticationMode": "update"}, {}, {}, False),
        (
            _EKS,
            {"accessConfig": "add"},
            {},
            {"accessConfig": {"bootstrapClusterCreatorAdminPermissions": False}},
            True,
        ),
        (_EKS, {"accessConfig": "add"}, {}, {"accessConfig": {"authenticationMode": "API"}}, False),
        (_EKS, {"encryptionConfig": "delete"}, {"encryptionConfig": {"resources": []}}, {}, True),
        (_EKS, {"encryptionConfig": "add"}, {}, {"encryptionConfig": {"resources": []}}, False),
        (_EKS, {"region": "update"}, {}, {}, True),
        (_EKS, {"region": "add"}, {}, {}, False),
        (
            _VPC,
            {"instanceTenancy": "update"},
            {"instanceTenancy": "dedicated"},
            {"instanceTenancy": "default"},
            False,
        ),
        (
            _VPC,
            {"instanceTenancy": "update"},
            {"instanceTenancy": "default"},
            {"instanceTenancy": "dedicated"},
            True,
        ),
        (
            token_of("VpcEndpoint"),
            {"privateDnsEnabled": "update"},
            {"privateDnsEnabled": False, "vpcEndpointType": "Interface"},
            {"privateDnsEnabled": True},
            False,
        ),
        (
            token_of("VpcEndpoint"),
            {"privateDnsEnabled": "update"},
            {"privateDnsEnabled": False},
            {"privateDnsEnabled": True},
            True,
        ),
        (
            token_of("Subnet"),
            {"ipv6CidrBlock": "update"},
            {"ipv6CidrBlock": "2001:db8::/64", "assignIpv6AddressOnCreation": True},
            {"ipv6CidrBlock": "2001:db8:1::/64"},
            True,
        ),
        (
            _CACHE,
            {"engineVersion": "update"},
            {"engineVersion": "7.1"},
            {"engineVersion": "6.2"},
            True,
        ),
        (
            _CACHE,
            {"engineVersion": "update"},
            {"engineVersion": "6.2"},
            {"engineVersion": "7.1"},
            False,
        ),
        (_CACHE, {"engine": "update"}, {"engine": "redis"}, {"engine": "valkey"}, False),
        (_CACHE, {"engine": "update"}, {"engine": "valkey"}, {"engine": "redis"}, True),
        (
            _CACHE,
            {"transitEncryptionEnabled": "update"},
            {"engineVersion": "6.2", "transitEncryptionEnabled": False},
            {"transitEncryptionEnabled": True},
            True,
        ),
        (token_of("Pod"), {"spec.containers[1].image": "update"}, {}, {}, True),
        (token_of("Pod"), {"spec.containers[1].name": "update"}, {}, {}, False),
        (token_of("Secret"), {"stringData.a": "update"}, {}, {}, True),
        (token_of("NodeGroup"), {"launchTemplate.version": "update"}, {}, {}, False),
        (token_of("NodeGroup"), {"subnetIds[0]": "update"}, {}, {}, True),
    ],
)
def test_what_replaces(
    token: str, changed: dict[str, str], old: Any, new: Any, replaced: bool
) -> None:
    assert bool(replacement.replacing(token, changed, old, new)) == replaced


@pytest.mark.parametrize(
    ("daily", "weekly", "meet"),
    [
        ("03:30-04:30", "sun:03:00-sun:04:00", True),
        ("04:00-05:00", "sun:03:00-sun:04:00", False),
        ("23:30-00:30", "mon:00:00-mon:01:00", True),
        ("23:00-00:00", "mon:00:00-mon:01:00", False),
        ("12:00-13:00", "sat:23:00-mon:01:00", True),
        ("00:30-01:30", "sun:23:00-mon:01:00", True),
    ],
)
def test_windows_meet_or_do_not(daily: str, weekly: str, meet: bool) -> None:
    of_the_day, of_the_week = minutes(daily, weekly=False), minutes(weekly, weekly=True)
    assert of_the_day is not None
    assert of_the_week is not None
    assert overlap(of_the_day, of_the_week) == meet


@pytest.mark.parametrize(
    ("text", "weekly"),
    [("3-4", False), ("sun:03:00-sun:04:00", False), ("03:00-04:00", True), ("24:00-25:00", False)],
)
def test_a_window_is_written_as_aws_writes_it(text: str, weekly: bool) -> None:
    assert minutes(text, weekly=weekly) is None


@pytest.mark.parametrize(
    ("version", "than", "is_lower"),
    [("17.2", "17.4", True), ("17", "17.4", False), ("6.x", "7.1", True), ("17.10", "17.9", False)],
)
def test_versions_are_compared_by_number(version: str, than: str, is_lower: bool) -> None:
    assert lower(version, than) == is_lower
