"""The bootstrap of a state backend: what it runs, with stand-ins for the clouds' commands."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.samples import ROOT

_TOOLS = {"aws": "aws", "azure": "az", "google": "gcloud"}
_LOOKS = ("head-bucket", "describe-key", "show", "describe")
_GIVEN = ("--name", "examplestate", "--location", "eu-west-1", "--project", "example")


def _run(
    folder: Path, cloud: str, *words: str, there: bool = False, broken: str = ""
) -> tuple[int, str, list[list[str]]]:
    calls = folder / "calls"
    for tool in _TOOLS.values():
        path = folder / tool
        path.write_text(
            f"#!{sys.executable}\n"
            "import json, sys\n"
            f"open({str(calls)!r}, 'a').write(json.dumps(sys.argv[1:]) + chr(10))\n"
            f"looks = any(it in sys.argv for it in {_LOOKS!r})\n"
            "print('key-1')\n"
            f"sys.exit(1 if {broken!r} in sys.argv or (looks and not {there}) else 0)\n"
        )
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    done = subprocess.run(
        [sys.executable, "-m", "tools.backend", cloud, *_GIVEN, *words],
        cwd=ROOT,
        env={"PATH": f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = calls.read_text().splitlines() if calls.exists() else []
    return done.returncode, done.stdout + done.stderr, [json.loads(it) for it in lines]


@pytest.mark.parametrize(
    ("cloud", "url", "provider"),
    [
        (
            "aws",
            "s3://examplestate?region=eu-west-1",
            "awskms://alias/examplestate?region=eu-west-1",
        ),
        (
            "azure",
            "azblob://pulumi?storage_account=examplestate",
            "azurekeyvault://examplestate.vault.azure.net/keys/pulumi",
        ),
        (
            "google",
            "gs://examplestate",
            "gcpkms://projects/example/locations/eu-west-1/keyRings/examplestate/cryptoKeys/pulumi",
        ),
    ],
)
def test_it_ends_with_what_goes_to_pulumi(
    tmp_path: Path, cloud: str, url: str, provider: str
) -> None:
    status, said, calls = _run(tmp_path, cloud, "--show")
    assert (status, calls) == (0, [])
    assert url in said
    assert provider in said
    assert said.count("+ ") >= 4


@pytest.mark.parametrize("cloud", _TOOLS)
def test_what_is_there_is_made_no_second_time(tmp_path: Path, cloud: str) -> None:
    _, _, first = _run(tmp_path, cloud)
    (tmp_path / "calls").unlink()
    status, _, again = _run(tmp_path, cloud, there=True)
    made = [it for it in again if "create" in it or "create-bucket" in it or "create-key" in it]
    # Azure's groups and containers are made again without an error.
    assert status == 0
    assert all("group" in it or "container-rm" in it for it in made)
    if cloud != "aws":
        assert len([it for it in first if "create" in it]) > len(made)


def test_a_bucket_for_state_is_private_versioned_and_tls_only(tmp_path: Path) -> None:
    _, said, calls = _run(tmp_path, "aws")
    words = [" ".join(it) for it in calls]
    for wanted in (
        "RestrictPublicBuckets=true",
        "Status=Enabled",
        "SecureTransport",
        "enable-key-rotation",
    ):
        assert any(wanted in it for it in words), said
    alias = next(it for it in calls if "create-alias" in it)
    assert alias[-2:] == ["--target-key-id", "key-1"]


@pytest.mark.parametrize(
    ("cloud", "verb"), [("aws", "create-bucket"), ("azure", "group"), ("google", "buckets")]
)
def test_a_command_that_fails_ends_it_with_one_sentence(
    tmp_path: Path, cloud: str, verb: str
) -> None:
    status, said, _ = _run(tmp_path, cloud, broken=verb)
    assert status == 1
    assert "this can be run again" in said
    assert "pulumi login" not in said
    assert "Traceback" not in said


def test_without_the_cloud_s_command_nothing_is_tried(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.backend", "azure", *_GIVEN],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "az is not on PATH; --show prints" in done.stderr
