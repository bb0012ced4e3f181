"""The Job's own script, with its own command and environment, on real PostgreSQL servers."""

import subprocess
from collections.abc import Iterator
from typing import Literal

import pytest

from components.kubernetes.database import ApplicationDatabase, ApplicationDatabaseArgs
from tests.graph.program import Graph, only
from tests.graph.recording import record
from tests.rehearsal.postgres import ADMIN, ADMIN_PASSWORD, Attempt, Server, run_container, serving
from tests.samples import certificate
from tools.postgres import VERSIONS

_PASSWORD, _NEXT_PASSWORD = "first-Passw0rd'\"\\ $HOME é", "second-Passw0rd"
_ODD_ROLE, _ODD_DATABASE = "odd \"role\" 'é' %I :x; --", "host=odd 'data' \"base\" \\ $x"
_WHAT_THE_PRODUCT_DOES = """
CREATE EXTENSION IF NOT EXISTS pgcrypto;
CREATE TABLE IF NOT EXISTS things (id bigserial PRIMARY KEY, it uuid DEFAULT gen_random_uuid());
CREATE INDEX IF NOT EXISTS things_it ON things (it);
CREATE OR REPLACE VIEW all_things AS SELECT * FROM things;
INSERT INTO things (it) VALUES (DEFAULT);
SELECT count(*) FROM all_things WHERE length(encode(digest(it::text, 'sha256'), 'hex')) = 64;
"""


@pytest.fixture(scope="module", params=sorted(VERSIONS))
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with serving(request.param) as running:
        yield running


def _job(
    server: Server,
    role: str,
    database: str,
    *,
    password: str = _PASSWORD,
    admin_password: str = ADMIN_PASSWORD,
    port: int | None = None,
    ssl_mode: Literal["require", "verify-full"] = "require",
    ca_certificates: str | None = None,
) -> Attempt:
    args = ApplicationDatabaseArgs(
        host="localhost",
        port=port or server.port,
        database=database,
        role=role,
        admin_username=ADMIN,
        admin_password=admin_password,
        password=password,
        namespace="tts",
        major_version=server.major,
        ssl_mode=ssl_mode,
        ca_certificates=ca_certificates,
        revision="1",
    )

    def program() -> None:
        ApplicationDatabase("application-database", args)

    found: Graph = record(program)
    (container,) = only(found, "Job").inputs["spec"]["template"]["spec"]["containers"]
    data: dict[str, str] = only(found, "Secret").inputs["stringData"]["value"]
    return run_container(
        server,
        container,
        files=only(found, "ConfigMap").inputs["data"],
        secret=data,
    )


def _works(server: Server, role: str, database: str, *, password: str = _PASSWORD) -> str:
    done = server.sql(_WHAT_THE_PRODUCT_DOES, user=role, password=password, database=database)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _refused(
    server: Server, user: str, password: str, database: str
) -> subprocess.CompletedProcess[str]:
    done = server.sql("SELECT 1", user=user, password=password, database=database)
    assert done.returncode != 0
    return done


def _owner(server: Server, database: str) -> str:
    owners = server.superuser("SELECT datname, pg_get_userbyid(datdba) FROM pg_database")
    return dict(line.split("|", 1) for line in owners.splitlines())[database]


def test_it_runs_again_and_again_and_sets_the_password_each_time(server: Server) -> None:
    first = _job(server, _ODD_ROLE, _ODD_DATABASE)
    assert first.code == 0, first.said
    assert _works(server, _ODD_ROLE, _ODD_DATABASE) == "1"
    second = _job(server, _ODD_ROLE, _ODD_DATABASE)
    assert second.code == 0, second.said
    assert _works(server, _ODD_ROLE, _ODD_DATABASE) == "2"
    third = _job(server, _ODD_ROLE, _ODD_DATABASE, password=_NEXT_PASSWORD)
    assert third.code == 0, third.said
    assert _works(server, _ODD_ROLE, _ODD_DATABASE, password=_NEXT_PASSWORD) == "3"
    old = _refused(server, _ODD_ROLE, _PASSWORD, _ODD_DATABASE)
    assert "password authentication failed" in old.stderr
    assert _owner(server, _ODD_DATABASE) == _ODD_ROLE


def test_passwords_are_in_no_log_and_in_no_list_of_processes(server: Server) -> None:
    done = _job(server, "quiet", "quiet")
    assert done.code == 0, done.said
    log = server.log()
    assert 'ALTER USER "quiet"' in log or "ALTER USER quiet" in log
    assert "SCRAM-SHA-256$" in log
    assert {line.partition(" ")[0] for line in done.started} == {"psql", "pg_isready"}
    assert any("role=quiet" in line for line in done.started)
    for secret in (_PASSWORD, ADMIN_PASSWORD, "Passw0rd"):
        assert secret not in log
        assert secret not in done.said
        assert secret not in "\n".join(done.started)


def test_no_one_else_comes_in_and_the_role_can_no_more_than_it_must(server: Server) -> None:
    assert _job(server, "alone", "alone").code == 0
    server.superuser(
        "SET password_encryption = 'scram-sha-256'; CREATE ROLE stranger LOGIN PASSWORD 'strange'"
    )
    try:
        stranger = _refused(server, "stranger", "strange", "alone")
        assert 'permission denied for database "alone"' in stranger.stderr
        assert server.sql(
            "SELECT 1", user="stranger", password="strange", database="postgres"
        ).stdout
    finally:
        server.superuser("DROP ROLE stranger")
    rights = server.superuser(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls"
        " FROM pg_roles WHERE rolname = 'alone'"
    )
    assert rights == "f|f|f|f|f"


def test_a_new_owner_gets_the_database_and_what_the_old_one_made(server: Server) -> None:
    assert _job(server, "former", "handed-over").code == 0
    _works(server, "former", "handed-over")
    server.superuser(
        "CREATE ROLE guest; CREATE TABLE theirs (); ALTER TABLE theirs OWNER TO guest",
        "handed-over",
    )
    handed = _job(server, "latter", "handed-over", password=_NEXT_PASSWORD)
    assert handed.code == 0, handed.said
    assert _owner(server, "handed-over") == "latter"
    assert _works(server, "latter", "handed-over", password=_NEXT_PASSWORD) == "2"
    owners = server.superuser(
        "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace ORDER BY 1",
        "handed-over",
    )
    assert owners.splitlines() == ["guest", "latter"]
    assert "permission denied" in _refused(server, "former", _PASSWORD, "handed-over").stderr


def test_a_database_of_the_administrators_becomes_the_roles(server: Server) -> None:
    made = server.sql(
        "CREATE DATABASE adopted", user=ADMIN, password=ADMIN_PASSWORD, database="postgres"
    )
    assert made.returncode == 0, made.stderr
    done = _job(server, "adopter", "adopted")
    assert done.code == 0, done.said
    assert _owner(server, "adopted") == "adopter"
    assert _works(server, "adopter", "adopted") == "1"


def test_a_role_that_is_there_may_log_in_again(server: Server) -> None:
    assert _job(server, "locked", "locked").code == 0
    server.superuser("ALTER ROLE locked NOLOGIN")
    assert _job(server, "locked", "locked").code == 0
    assert _works(server, "locked", "locked") == "1"


def test_the_server_is_verified(server: Server) -> None:
    right = _job(
        server,
        "verified",
        "verified",
        ssl_mode="verify-full",
        ca_certificates=server.ca_certificate,
    )
    assert right.code == 0, right.said
    other, _ = certificate(["localhost"])
    wrong = _job(server, "wrong", "wrong", ssl_mode="verify-full", ca_certificates=other)
    assert wrong.code != 0
    assert "certificate verify failed" in wrong.said
    # Told at once, not after waiting for a server that is there.
    assert not any(line.startswith("sleep") for line in wrong.started)


def test_a_failure_is_told(server: Server) -> None:
    wrong = _job(server, "failed", "failed", admin_password="wrong")
    assert wrong.code != 0
    assert "password authentication failed" in wrong.said
    newline = _job(server, "failed", "failed", password="two\nlines")
    assert newline.code != 0


def test_a_server_that_does_not_answer_is_waited_for(server: Server) -> None:
    absent = _job(server, "absent", "absent", port=1)
    assert absent.code != 0
    assert "refused" in absent.said
    assert [line.split() for line in absent.started if line.startswith("sleep")] == [
        ["sleep", "5"]
    ] * 24
