"""What a stack file may say of TimescaleDB, fault by fault."""

from pathlib import Path
from typing import Any

import pytest

from stacks.config import load
from stacks.problems import ConfigErrors, Problem
from tests.samples import SECRETS, raw

_BACKUPS = {"bucket": "backups-example", "accessKeyId": "AKIAEXAMPLE"}
_OWN = {key: SECRETS[key] for key in ("licenseKey", "adminPassword")}
_THERE = {"mode": "existing", "host": "timescale.example.com", "username": "tts"}


def _problems(
    tmp_path: Path, timescale: dict[str, Any], name: str = "aws-production", **secrets: str
) -> dict[str, Problem]:
    try:
        load(raw(tmp_path, {"timescale": timescale}, name=name, secrets={**_OWN, **secrets}))
    except ConfigErrors as errors:
        return {it.key.removeprefix("tts:"): it for it in errors.problems}
    return {}


def _existing(tmp_path: Path, **more: str) -> dict[str, Problem]:
    return _problems(tmp_path, {**_THERE, **more}, timescalePassword="timescale-password")


def test_production_wants_backups_and_their_key(tmp_path: Path) -> None:
    assert set(_problems(tmp_path, {"mode": "managed"})) == {"timescale.backups"}
    with_backups = {"mode": "managed", "backups": _BACKUPS}
    assert set(_problems(tmp_path, with_backups)) == {"timescaleBackupSecretAccessKey"}
    assert _problems(tmp_path, with_backups, timescaleBackupSecretAccessKey="key") == {}


def test_a_trial_goes_without(tmp_path: Path) -> None:
    assert _problems(tmp_path, {"mode": "managed"}, "aws-development") == {}


def test_it_is_for_something(tmp_path: Path) -> None:
    neither = {"mode": "managed", "storageIntegration": False, "networkOperationsCenter": False}
    assert set(_problems(tmp_path, neither, "aws-development")) == {"timescale"}


def test_one_instance_is_not_redundant(tmp_path: Path) -> None:
    one = {"mode": "managed", "backups": _BACKUPS, "instances": 1}
    found = _problems(tmp_path, one, timescaleBackupSecretAccessKey="key")
    assert set(found) == {"timescale.instances"}


@pytest.mark.parametrize("database", ["storageDatabase", "nocDatabase"])
def test_the_apache_edition_is_refused_with_the_reason(tmp_path: Path, database: str) -> None:
    found = _existing(tmp_path, edition="apache", **{database: "a"})
    assert set(found) == {"timescale.edition"}
    assert "continuous aggregates" in found["timescale.edition"].allowed


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("tts.postgres.database.azure.com", "the Apache edition alone"),
        ("tts.a1b2c3.eu-west-1.rds.amazonaws.com", "no TimescaleDB"),
    ],
)
def test_a_cloud_s_own_postgresql_is_refused_with_the_reason(
    tmp_path: Path, host: str, reason: str
) -> None:
    found = _existing(tmp_path, host=host, nocDatabase="noc")
    assert set(found) == {"timescale.host"}
    assert reason in found["timescale.host"].allowed
    assert _existing(tmp_path, host=host, edition="none", storageDatabase="storage") == {}


def test_the_network_operations_center_needs_timescaledb(tmp_path: Path) -> None:
    found = _existing(tmp_path, edition="none", nocDatabase="noc")
    assert set(found) == {"timescale.nocDatabase"}


def test_a_server_of_the_community_edition_is_taken(tmp_path: Path) -> None:
    assert _existing(tmp_path, storageDatabase="storage", nocDatabase="noc") == {}
