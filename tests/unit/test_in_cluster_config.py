"""Stores in the cluster: what a stack file may say of them, fault by fault."""

from pathlib import Path
from typing import Any

import pytest

from stacks.config import load
from stacks.problems import ConfigErrors, Problem
from tests.samples import SECRETS, certificate, raw

_SECRETS = {key: SECRETS[key] for key in ("licenseKey", "adminPassword", "kubeconfig")}
_BACKUPS: dict[str, Any] = {"bucket": "example-backups", "accessKeyId": "AKIAIOSFODNN7EXAMPLE"}
_POSTGRES: dict[str, Any] = {"mode": "in-cluster", "majorVersion": 17}
_PRODUCTION: dict[str, Any] = {
    "protection": "production",
    "availability": "redundant",
    "tls": {"mode": "existing", "secretName": "theirs"},
    "blobs": {"mode": "local", "volume": {"mode": "existing", "claim": "theirs"}},
    "redis": {"mode": "in-cluster", "tls": True},
    "postgres": {**_POSTGRES, "backups": _BACKUPS},
}
_SOUND = {**_SECRETS, "backupSecretAccessKey": "backup-secret"}


def _load(tmp_path: Path, changes: dict[str, Any], secrets: dict[str, str]) -> object:
    without: dict[str, Any] = {"cluster.kubeconfigPath": None, "cluster.context": None}
    return load(raw(tmp_path, {**without, **changes}, secrets=secrets, name="local"))


def _problems(
    tmp_path: Path, changes: dict[str, Any], secrets: dict[str, str] = _SECRETS
) -> dict[str, Problem]:
    with pytest.raises(ConfigErrors) as caught:
        _load(tmp_path, changes, secrets)
    return {problem.key: problem for problem in caught.value.problems}


def test_production_is_sound_with_backups_and_tls(tmp_path: Path) -> None:
    assert _load(tmp_path, _PRODUCTION, _SOUND)
    assert _load(tmp_path, {}, _SECRETS)


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"postgres": _POSTGRES}, "postgres.backups", "lost volume"),
        ({"redis": {"mode": "in-cluster"}}, "redis.tls", "true in production"),
        ({"availability": "single"}, "availability", "redundant in production"),
        ({"availability": None}, "availability", "redundant (standbys"),
        (
            {"postgres": {**_POSTGRES, "backups": _BACKUPS, "instances": 1}},
            "postgres.instances",
            "2 or more",
        ),
        (
            {
                "postgres": {
                    **_POSTGRES,
                    "backups": {**_BACKUPS, "endpoint": "http://s3.example.com"},
                }
            },
            "postgres.backups.endpoint",
            "https:// in production",
        ),
        (
            {
                "postgres": {
                    **_POSTGRES,
                    "backups": {**_BACKUPS, "caCertificate": certificate(["a.example.com"])[0]},
                }
            },
            "postgres.backups.caCertificate",
            "of your own",
        ),
        ({"generations": {"redisAuthToken": 2}}, "generations.redisAuthToken", "one by one"),
        ({"cluster.kubernetesVersion": "1.28"}, "cluster.kubernetesVersion", "1.29 or later"),
        (
            {"postgres": {**_POSTGRES, "backups": {**_BACKUPS, "prefix": "/a/"}}},
            "postgres.backups.prefix",
            "slashes",
        ),
        (
            {"postgres": {**_POSTGRES, "backups": _BACKUPS, "storageClass": "A b"}},
            "postgres.storageClass",
            "kubectl get storageclass",
        ),
        (
            {
                "postgres": {
                    **_POSTGRES,
                    "backups": _BACKUPS,
                    "restores": [{"mode": "snapshot", "snapshot": "s"}],
                }
            },
            "postgres.restores",
            "point-in-time",
        ),
        ({"postgres": {**_POSTGRES, "majorVersion": 13}}, "postgres.majorVersion", "14"),
        ({"redis": {"mode": "in-cluster", "version": "6.0"}}, "redis.version", "6.2"),
    ],
)
def test_a_fault_in_production_is_named(
    tmp_path: Path, changes: dict[str, Any], key: str, words: str
) -> None:
    found = _problems(tmp_path, {**_PRODUCTION, **changes}, _SOUND)
    named = [str(it) for it in found.values() if it.key.startswith(f"tts:{key}")]
    assert any(words in it for it in named), [str(it) for it in found.values()]


def test_a_restore_needs_backups(tmp_path: Path) -> None:
    postgres = {**_POSTGRES, "restores": [{"mode": "point-in-time"}]}
    assert (
        "only with backups"
        in _problems(tmp_path, {"postgres": postgres})["tts:postgres.restores"].allowed
    )


def test_a_cluster_has_one_operator(tmp_path: Path) -> None:
    changes = {"timescale": {"mode": "managed", "operator": "existing"}}
    assert "as for postgres" in _problems(tmp_path, changes)["tts:timescale.operator"].allowed


def test_the_secret_of_backups_is_wanted_with_them_alone(tmp_path: Path) -> None:
    assert "tts:backupSecretAccessKey" in _problems(tmp_path, _PRODUCTION)
    assert "tts:backupSecretAccessKey" in _problems(tmp_path, {}, _SOUND)


def test_the_operator_s_own_version_is_no_matter_where_it_is_there(tmp_path: Path) -> None:
    postgres = {**_POSTGRES, "operator": "existing"}
    assert _load(tmp_path, {"cluster.kubernetesVersion": "1.28", "postgres": postgres}, _SECRETS)
