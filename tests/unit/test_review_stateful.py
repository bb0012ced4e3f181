"""What is loud in a report: loss of what cannot be made again, and of what guards it."""

from dataclasses import replace

import pytest

from rehearsal.sdk import UnknownType, resource_type
from review.changes import Change, Danger, ResourceChange, Value
from review.exposure import KNOWN as EXPOSED
from review.permissions import KNOWN as GRANTING
from review.stateful import GUARDIANS, HOLDS, dangers, holds, ordered

_DATABASE = ResourceChange(
    operation="delete",
    type="aws:rds/instance:Instance",
    name="postgres-1",
    component="postgres",
    urn="urn",
    holds=holds("aws:rds/instance:Instance"),
)


def _says(change: ResourceChange) -> list[tuple[bool, str]]:
    return [(it.grave, it.says) for it in dangers(change)]


@pytest.mark.parametrize("token", sorted({*HOLDS, *GUARDIANS, *EXPOSED, *GRANTING}))
def test_every_type_in_the_tables_is_one_of_its_sdk(token: str) -> None:
    try:
        assert resource_type(token)
    except UnknownType:
        pytest.fail(f"{token} is no type of its SDK")


def test_an_api_version_makes_no_difference() -> None:
    assert holds("azure-native:storage/v20240101:StorageAccount") == holds(
        "azure-native:storage:StorageAccount"
    )
    assert holds("aws:iam/role:Role") is None


def test_a_deleted_database_is_grave() -> None:
    assert _says(_DATABASE) == [(True, "a database: is deleted")]


def test_a_replacement_says_why_and_that_protection_stops_it() -> None:
    why = Change(path="engine", how="update", replaces=True)
    change = replace(_DATABASE, operation="replace", refused=True, changes=(why,))
    says = "a database: is replaced because of engine; it is protected, so Pulumi will refuse"
    assert _says(change) == [(True, says)]


def test_what_the_cloud_keeps_is_said_to_be_left_behind() -> None:
    assert "left behind" in _says(replace(_DATABASE, left=True))[0][1]
    assert "left behind" in _says(replace(_DATABASE, left=True, operation="replace"))[0][1]


def test_lost_protection_is_told_even_where_nothing_else_changes() -> None:
    change = replace(_DATABASE, operation="update", protection="lost")
    assert _says(change) == [(False, "is no longer protected from deletion by Pulumi")]


@pytest.mark.parametrize(
    ("path", "after", "words"),
    [
        ("deletionProtection", "false", "can be deleted"),
        ("skipFinalSnapshot", "true", "no last snapshot"),
        ("backupRetentionPeriod", "0", "no backups"),
        ("settings.forceDestroy", "true", "all that is in it"),
        ("storageEncrypted", "false", "not encrypted"),
    ],
)
def test_a_lost_guard_is_told(path: str, after: str, words: str) -> None:
    value = Value(kind="text", text=after)
    change = replace(_DATABASE, operation="update")
    found = _says(replace(change, changes=(Change(path=path, how="update", after=value),)))
    assert len(found) == 1
    assert not found[0][0]
    assert words in found[0][1]
    other = Value(kind="text", text="7" if after == "0" else str(after == "false").lower())
    assert _says(replace(change, changes=(Change(path=path, how="update", after=other),))) == []


@pytest.mark.parametrize("token", sorted(GUARDIANS))
def test_a_guard_that_is_deleted_is_told(token: str) -> None:
    change = replace(_DATABASE, type=token.replace(":storage:", ":storage/v20240101:"), holds=None)
    assert _says(change) == [(False, GUARDIANS[token])]
    assert _says(replace(change, operation="update")) == []


def test_what_is_known_only_after_up_is_no_lost_guard() -> None:
    unknown = Change(path="deletionProtection", how="update", after=Value(kind="unknown"))
    assert _says(replace(_DATABASE, operation="update", changes=(unknown,))) == []


def test_what_can_be_made_again_is_no_danger() -> None:
    assert _says(replace(_DATABASE, type="aws:ec2/route:Route", holds=None)) == []
    assert _says(replace(_DATABASE, operation="create")) == []


def test_the_gravest_come_first_and_databases_before_addresses() -> None:
    found = [
        Danger(grave=False, type="aws:rds/instance:Instance", name="guard", says=""),
        Danger(grave=True, type="aws:ec2/eip:Eip", name="address", says=""),
        Danger(grave=True, type="aws:rds/instance:Instance", name="database", says=""),
    ]
    assert [it.name for it in ordered(found)] == ["database", "address", "guard"]
