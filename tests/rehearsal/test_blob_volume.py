"""The volume Job's own script on a real folder."""

import os
import shutil
from pathlib import Path

import pytest

from components.kubernetes.volume import BlobVolume, BlobVolumeArgs, Claimed
from components.protection import Protection
from tests.graph.program import Graph
from tests.graph.recording import record
from tests.rehearsal.container import Ended, run_job

_FOLDERS = {"profile_pictures", "end_device_pictures", "edcs", "interop", "plugins"}
_FILES = ("edcs/config.yml", "interop/config.yml", "plugins/plugins.yml")
# Only root may give a file to someone else, so another user tries with itself for the owner.
_ROOT = os.geteuid() == 0
_UID, _GID = (886, 886) if _ROOT else (os.geteuid(), os.getegid())


def _job(folder: Path, **programs: str) -> Ended:
    def program() -> None:
        args = BlobVolumeArgs(
            namespace="tts",
            volume=Claimed(claim="theirs"),
            seeded=True,
            protection=Protection.DISPOSABLE,
        )
        BlobVolume("blobs", args)

    found: Graph = record(program)
    named = {name: shutil.which(name) or name for name in ("chown", "mkdir", "stat")}
    return run_job(
        found,
        programs={**named, **programs},
        volumes={"/blobs": folder},
        changed={} if _ROOT else {"OWNER": f"{_UID}:{_GID}"},
    )


def _state(folder: Path) -> dict[str, tuple[int, int, int, int]]:
    return {
        str(path.relative_to(folder)): (it.st_uid, it.st_gid, it.st_ino, it.st_mtime_ns)
        for path in folder.rglob("*")
        if (it := path.stat())
    }


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    made = tmp_path / "volume"
    made.mkdir()
    return made


def test_folders_and_empty_files_are_the_product_s(volume: Path) -> None:
    done = _job(volume)
    assert done.code == 0, done.said
    assert {it.name for it in volume.iterdir()} == _FOLDERS
    assert [(volume / it).read_bytes() for it in _FILES] == [b"", b"", b""]
    assert {(uid, gid) for uid, gid, _, _ in _state(volume).values()} == {(_UID, _GID)}
    assert (volume.stat().st_uid, volume.stat().st_gid) == (_UID, _GID)


def test_a_second_run_changes_nothing(volume: Path) -> None:
    assert _job(volume).code == 0
    (volume / "edcs" / "config.yml").write_text("mine: true")
    (volume / "profile_pictures" / "a.png").write_bytes(b"picture")
    before = _state(volume)
    done = _job(volume)
    assert done.code == 0, done.said
    assert not [line for line in done.started if line.startswith(("mkdir", "chown"))]
    assert _state(volume) == before
    assert (volume / "edcs" / "config.yml").read_text() == "mine: true"


def test_a_file_that_was_there_before_is_not_even_given_an_owner(volume: Path) -> None:
    (volume / "edcs").mkdir()
    (volume / "edcs" / "config.yml").write_text("mine: true")
    before = (volume / "edcs" / "config.yml").stat()
    done = _job(volume)
    assert done.code == 0, done.said
    after = (volume / "edcs" / "config.yml").stat()
    assert (after.st_uid, after.st_mtime_ns, after.st_size) == (
        before.st_uid,
        before.st_mtime_ns,
        before.st_size,
    )


def test_a_file_that_comes_meanwhile_is_not_emptied(volume: Path) -> None:
    """Someone writes while the script makes folders."""
    real = shutil.which("mkdir")
    then = f"""sh -c '{real} "$1" && echo mine > "$1/plugins.yml"' --"""
    done = _job(volume, mkdir=then, sh="/bin/sh")
    assert done.code == 0, done.said
    assert (volume / "plugins" / "plugins.yml").read_text() == "mine\n"


def test_a_volume_that_takes_no_owner_is_told(volume: Path) -> None:
    done = _job(volume, chown="/bin/false", stat="/bin/echo 0:0 #")
    assert done.code != 0
    assert "belongs to 0:0" in done.said
    assert "886:886" in done.said or not _ROOT
    assert list(volume.iterdir()) == []


def test_a_volume_that_gives_the_right_owner_by_itself_is_fine(volume: Path) -> None:
    owner = f"{_UID}:{_GID}"
    done = _job(volume, chown="/bin/false", stat=f"/bin/echo {owner} #")
    assert done.code == 0, done.said
