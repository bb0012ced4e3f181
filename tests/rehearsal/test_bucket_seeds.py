"""The seeding Job's own script on a real server that speaks S3 and checks signatures."""

import shutil
from collections.abc import Iterator

import pulumi
import pytest

from components.kubernetes.bucket_seeds import BucketSeeds, BucketSeedsArgs
from components.prerequisites import Buckets
from components.seeds import BUCKETS
from tests.graph.program import Graph
from tests.graph.recording import record
from tests.rehearsal.container import Ended, run_job
from tests.rehearsal.s3 import S3Server, serving

_SEEDS = ("edcs/config.yml", "interop/config.yml", "plugins/plugins.yml")


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with serving() as running:
        yield running


def _buckets(prefix: str) -> dict[str, str]:
    return {plan.kind: f"{prefix}-{plan.ending}" for plan in BUCKETS}


def _graph(server: S3Server, prefix: str, secret: str | None = None) -> Graph:
    names = _buckets(prefix)

    def program() -> None:
        BucketSeeds(
            "bucket-seeds",
            BucketSeedsArgs(
                namespace="tts",
                buckets=Buckets(**{k: pulumi.Output.from_input(v) for k, v in names.items()}),
                endpoint=server.endpoint,
                region="us-east-1",
                path_style=True,
                access_key_id=server.access_key_id,
                secret_access_key=secret or server.secret_access_key,
            ),
        )

    return record(program)


def _curl() -> str:
    found = shutil.which("curl")
    assert found is not None, "curl is needed, as in the Job's image"
    return found


def _job(server: S3Server, prefix: str, *, secret: str | None = None) -> Ended:
    return run_job(_graph(server, prefix, secret), programs={"curl": _curl()})


def _made(server: S3Server, prefix: str, *but: str) -> None:
    server.make(*(name for kind, name in _buckets(prefix).items() if kind not in but))


def test_each_private_bucket_gets_its_empty_file_and_pictures_none(server: S3Server) -> None:
    _made(server, "fresh")
    done = _job(server, "fresh")
    assert done.code == 0, done.said
    assert [server.get(f"fresh-{seed}") for seed in _SEEDS] == [b"", b"", b""]
    assert server.get("fresh-profile-pictures/config.yml") is None


def test_a_second_run_writes_nothing_and_what_an_operator_wrote_stays(server: S3Server) -> None:
    _made(server, "again")
    assert _job(server, "again").code == 0
    server.put("again-edcs/config.yml", b"mine: true")
    done = _job(server, "again")
    assert done.code == 0, done.said
    assert not [line for line in done.started if "PUT" in line]
    assert server.get("again-edcs/config.yml") == b"mine: true"


def test_a_file_that_came_before_the_first_run_stays(server: S3Server) -> None:
    _made(server, "before")
    server.put("before-plugins/plugins.yml", b"mine: true")
    done = _job(server, "before")
    assert done.code == 0, done.said
    assert server.get("before-plugins/plugins.yml") == b"mine: true"
    assert server.get("before-edcs/config.yml") == b""


def test_whoever_writes_between_the_question_and_the_answer_wins(server: S3Server) -> None:
    """The script's curl is told that nothing is there; the server knows better."""
    _made(server, "raced")
    server.put("raced-edcs/config.yml", b"mine: true")
    blind = f"""sh -c 'case "$*" in
*"--head "*edcs/config.yml) printf 404 ;;
*) exec {_curl()} "$@" ;;
esac' --"""
    done = run_job(_graph(server, "raced"), programs={"curl": blind, "sh": "/bin/sh"})
    assert done.code == 0, done.said
    assert "has come meanwhile" in done.said
    assert server.get("raced-edcs/config.yml") == b"mine: true"


def test_a_missing_bucket_is_named_and_nothing_is_written(server: S3Server) -> None:
    _made(server, "short", "profile_pictures")
    done = _job(server, "short")
    assert done.code != 0
    assert "no bucket short-profile-pictures" in done.said
    assert server.get("short-edcs/config.yml") is None


def test_a_wrong_key_is_told(server: S3Server) -> None:
    _made(server, "locked")
    done = _job(server, "locked", secret="not-the-secret-of-this-key")
    assert done.code != 0
    assert "refused (403)" in done.said


def test_the_key_is_no_program_s_argument(server: S3Server) -> None:
    _made(server, "hidden")
    done = _job(server, "hidden")
    assert done.started
    assert server.secret_access_key not in "".join(done.started) + done.said
    assert server.access_key_id not in "".join(done.started)
