"""The base of a comparison: its worktree comes and goes, and its pins decide which Python runs it."""

import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import pytest

from review.base import Base, NoBase, checked_out, expect_files, head_of, python_for


def _git(root: Path, *words: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    done = subprocess.run(
        ["git", *identity, *words], cwd=root, check=True, capture_output=True, text=True
    )
    return done.stdout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "project"
    path.mkdir()
    _git(path, "init", "--quiet", "--initial-branch", "main")
    (path / "file").write_text("one\n")
    _git(path, "add", ".")
    _git(path, "commit", "--quiet", "-m", "one")
    return path


def _worktrees(root: Path) -> int:
    return len(_git(root, "worktree", "list").splitlines())


def test_the_worktree_has_the_base_and_is_gone_afterwards(root: Path) -> None:
    (root / "file").write_text("two\n")
    (root / "new").write_text("staged\n")
    _git(root, "add", "new")
    before = _git(root, "status", "--porcelain"), (root / ".git" / "index").read_bytes()
    with checked_out(root, "main") as base:
        assert (base.root / "file").read_text() == "one\n"
        assert base.commit == _git(root, "rev-parse", "main").strip()
        assert _worktrees(root) == 2
        (base.root / "left behind").write_text("by a run")
    assert not base.root.exists()
    assert _worktrees(root) == 1
    assert (root / "file").read_text() == "two\n"
    assert before == (_git(root, "status", "--porcelain"), (root / ".git" / "index").read_bytes())


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, SystemExit])
def test_the_worktree_is_gone_after_a_failure_too(root: Path, failure: type[BaseException]) -> None:
    with pytest.raises(failure), checked_out(root, "main"):
        raise failure
    assert _worktrees(root) == 1


def test_no_hook_is_run(root: Path) -> None:
    hook = root / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch ran\n")
    hook.chmod(0o755)
    with checked_out(root, "main") as base:
        assert not (base.root / "ran").exists()


@pytest.mark.parametrize("revision", ["nowhere", "-x", "--help", "", "main:file", "HEAD~7"])
def test_an_unknown_base_is_refused_in_words(root: Path, revision: str) -> None:
    with (
        pytest.raises(NoBase, match=r"there is no revision .* BASE=origin/main"),
        checked_out(root, revision),
    ):
        pass
    assert _worktrees(root) == 1


def test_a_folder_that_is_no_repository_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoBase, match="no git repository"), checked_out(tmp_path, "main"):
        pass


def test_a_base_from_before_there_were_rehearsals_is_told(root: Path) -> None:
    with (
        checked_out(root, "main") as base,
        pytest.raises(NoBase, match=r"main cannot be rehearsed: it has no Pulumi\.yaml"),
    ):
        expect_files(base)


def test_the_head_says_whether_it_has_changes(root: Path) -> None:
    commit = _git(root, "rev-parse", "--short", "HEAD").strip()
    assert head_of(root) == commit
    (root / "file").write_text("two\n")
    assert head_of(root) == f"{commit} with uncommitted changes"


def _base(root: Path, pins: Sequence[str], needed: Sequence[str]) -> Base:
    (root / "requirements").mkdir(parents=True)
    (root / "requirements.txt").write_text("\n".join(["# pins", *pins]) + "\n")
    (root / "requirements" / "aws.txt").write_text("-r base.txt\n")
    (root / "requirements" / "base.txt").write_text("\n".join(["-c ../requirements.txt", *needed]))
    return Base(name="main", commit="0", root=root)


def test_the_same_pins_need_no_environment(tmp_path: Path) -> None:
    here = f"PyYAML=={metadata.version('pyyaml')}"
    # Another cloud's SDK, which neither is here nor is wanted.
    base = _base(tmp_path, [here, "not-installed-anywhere==1.0"], ["pyyaml"])
    assert python_for(base, "aws", tmp_path / "cache", _silent) == Path(sys.executable)
    assert not (tmp_path / "cache").exists()


_SETUP = (
    "import pathlib, sys\n"
    "pathlib.Path('asked').write_text(' '.join(sys.argv[1:]))\n"
    "assert pathlib.Path('.venv/bin/python').exists()\n"
)


@pytest.mark.parametrize(
    ("pins", "needed"),
    [(["PyYAML==1.0"], ["pyyaml"]), (["not-installed-anywhere==1.0"], ["not_installed.anywhere"])],
)
def test_other_pins_get_an_environment_by_the_base_s_own_set_up(
    tmp_path: Path, pins: list[str], needed: list[str]
) -> None:
    base = _base(tmp_path / "base", pins, needed)
    (base.root / "tools").mkdir()
    (base.root / "tools" / "setup.py").write_text(_SETUP)
    python = python_for(base, "aws", tmp_path / "cache", _silent)
    assert python == base.root / ".venv" / "bin" / "python"
    assert (base.root / "asked").read_text() == "--target aws"
    assert python.exists()
    assert (base.root / ".venv").resolve().is_relative_to(tmp_path / "cache")


def test_a_set_up_that_fails_is_one_message(tmp_path: Path) -> None:
    base = _base(tmp_path / "base", ["PyYAML==1.0"], ["pyyaml"])
    (base.root / "tools").mkdir()
    (base.root / "tools" / "setup.py").write_text("raise SystemExit('no such package')")
    with pytest.raises(NoBase, match="of main cannot be installed: no such package"):
        python_for(base, "aws", tmp_path / "cache", _silent)


def test_other_pins_without_a_set_up_are_told(tmp_path: Path) -> None:
    base = _base(tmp_path, ["PyYAML==1.0"], ["pyyaml"])
    with pytest.raises(NoBase, match=r"other pins \(pyyaml 1\.0\), but no tools/setup\.py"):
        python_for(base, "aws", tmp_path / "cache", _silent)


def _silent(line: str) -> None: ...
