"""The Job that makes the product's role and database: how it runs, and when it runs again."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, Literal

import pulumi
import pulumi_kubernetes
import pytest

from components.kubernetes.database import ApplicationDatabase, ApplicationDatabaseArgs
from tests.graph.program import Graph, of, only
from tests.graph.recording import record

_ADMIN_SECRET, _ROLE_SECRET = "the-administrator-s", "the-role-s"
_ARGS = ApplicationDatabaseArgs(
    host="postgres.example.com",
    port=5433,
    database="things",
    role="stack",
    admin_username="admin",
    admin_password=_ADMIN_SECRET,
    password=_ROLE_SECRET,
    namespace="tts",
    major_version=17,
    ssl_mode="require",
    revision="server 1, password 1",
)
_CA = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


def _graph(args: ApplicationDatabaseArgs = _ARGS) -> Graph:
    def program() -> None:
        ApplicationDatabase("application-database", args)

    return record(program)


def _spec(found: Graph) -> dict[str, Any]:
    spec: dict[str, Any] = only(found, "Job").inputs["spec"]
    return spec


def _container(found: Graph) -> dict[str, Any]:
    (container,) = _spec(found)["template"]["spec"]["containers"]
    assert isinstance(container, dict)
    return container


def _environment(found: Graph) -> Mapping[str, str]:
    return {it["name"]: it["value"] for it in _container(found)["env"] if "value" in it}


def test_passwords_are_in_the_secret_alone() -> None:
    found = _graph()
    for it in found:
        text = json.dumps(it.inputs)
        assert (_ADMIN_SECRET in text) is (it.type == "kubernetes:core/v1:Secret"), it.type
        assert (_ROLE_SECRET in text) is (it.type == "kubernetes:core/v1:Secret"), it.type
    # The SDK marks all of a Secret's data as one secret.
    assert "value" in only(found, "Secret").inputs["stringData"]
    taken = {
        it["name"]: it["valueFrom"]["secretKeyRef"]
        for it in _container(found)["env"]
        if "valueFrom" in it
    }
    assert {name: reference["key"] for name, reference in taken.items()} == {
        "PGPASSWORD": "adminPassword",
        "ROLE_PASSWORD": "rolePassword",
    }
    assert {it["name"] for it in taken.values()} == {"application-database"}


def test_the_pod_may_do_nothing_but_run_psql() -> None:
    pod = _spec(_graph())["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["restartPolicy"] == "Never"
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"].keys() == {"requests", "limits"}
    assert container["image"] == "docker.io/library/postgres:17-alpine"


def test_a_job_gives_up_before_pulumi_does_and_does_not_vanish() -> None:
    spec = _spec(_graph())
    assert 0 < spec["activeDeadlineSeconds"] < 20 * 60
    assert spec["backoffLimit"] > 0
    assert "ttlSecondsAfterFinished" not in spec
    annotations = only(_graph(), "Job").inputs["metadata"]["annotations"]
    assert annotations == {"pulumi.com/replaceUnready": "true"}


def test_psql_is_told_where_and_who() -> None:
    assert _environment(_graph()) == {
        "PGHOST": "postgres.example.com",
        "PGPORT": "5433",
        "PGUSER": "admin",
        "PGSSLMODE": "require",
        "PGCONNECT_TIMEOUT": "10",
        "DATABASE": "things",
        "ROLE": "stack",
    }


def test_a_server_is_verified_by_the_mounted_certificates() -> None:
    args = dataclasses.replace(_ARGS, ssl_mode="verify-full", ca_certificates=_CA)
    found = _graph(args)
    (mount,) = _container(found)["volumeMounts"]
    folder, _, file = _environment(found)["PGSSLROOTCERT"].rpartition("/")
    assert (folder, _environment(found)["PGSSLMODE"]) == (mount["mountPath"], "verify-full")
    assert only(found, "ConfigMap").inputs["data"][file] == _CA


@pytest.mark.parametrize(
    "changed",
    [
        dataclasses.replace(_ARGS, revision="server 2, password 1"),
        dataclasses.replace(_ARGS, host="postgres-2.example.com"),
        dataclasses.replace(_ARGS, role="other"),
        dataclasses.replace(_ARGS, database="other"),
        dataclasses.replace(_ARGS, major_version=18),
        dataclasses.replace(_ARGS, ssl_mode="verify-full", ca_certificates=_CA),
    ],
    ids=["revision", "host", "role", "database", "major version", "verification"],
)
def test_what_makes_it_run_again_is_in_the_template(changed: ApplicationDatabaseArgs) -> None:
    before, after = (_spec(_graph(args))["template"] for args in (_ARGS, changed))
    assert before != after


def test_other_scripts_and_other_certificates_make_it_run_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    verified = dataclasses.replace(_ARGS, ssl_mode="verify-full", ca_certificates=_CA)
    renewed = dataclasses.replace(verified, ca_certificates=_CA + _CA)
    assert _spec(_graph(verified))["template"] != _spec(_graph(renewed))["template"]
    before = _spec(_graph())["template"]
    monkeypatch.setattr("components.kubernetes.database._SCRIPTS", {"run.sh": "database_check.sql"})
    assert _spec(_graph())["template"] != before


def test_nothing_else_makes_it_run_again() -> None:
    assert _spec(_graph()) == _spec(_graph())
    other = dataclasses.replace(_ARGS, admin_password="another")
    assert _spec(_graph(other)) == _spec(_graph())


def test_what_comes_later_waits_for_the_job() -> None:
    def program() -> None:
        made = ApplicationDatabase("application-database", _ARGS)
        given = pulumi.Output.all(made.database, made.role)
        pulumi.ComponentResource("tts:test:Later", "later", {"given": given})

    (later,) = of(record(program), "Later").values()
    assert later.inputs["given"] == ["things", "stack"]
    assert any("Job::application-database" in urn for urn in later.depends_on)


def test_the_job_waits_for_what_came_before() -> None:
    def program() -> None:
        first = pulumi_kubernetes.core.v1.Namespace("first")
        ApplicationDatabase("application-database", dataclasses.replace(_ARGS, after=(first,)))

    assert any("Namespace::first" in urn for urn in only(record(program), "Job").depends_on)


@pytest.mark.parametrize("database", ["postgres", "template1"])
def test_the_servers_own_databases_are_refused(database: str) -> None:
    with pytest.raises(ValueError, match="not the product's"):
        _graph(dataclasses.replace(_ARGS, database=database))


def test_the_administrator_is_refused_as_the_role() -> None:
    with pytest.raises(ValueError, match="role of its own"):
        _graph(dataclasses.replace(_ARGS, role="admin"))


@pytest.mark.parametrize(("ssl_mode", "authority"), [("require", _CA), ("verify-full", None)])
def test_certificates_go_with_verification(
    ssl_mode: Literal["require", "verify-full"], authority: str | None
) -> None:
    with pytest.raises(ValueError, match="verify-full"):
        _graph(dataclasses.replace(_ARGS, ssl_mode=ssl_mode, ca_certificates=authority))
