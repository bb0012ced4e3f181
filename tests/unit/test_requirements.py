"""The pins: complete and exact, and each target's part of them without the other clouds' SDKs."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.samples import ROOT

_SDKS = {
    "aws": {"pulumi-aws"},
    "azure": {"pulumi-azure-native"},
    "gcp": {"pulumi-gcp"},
    "self-managed": set[str](),
}
_TARGETS = tuple(_SDKS)
_CLOUDFLARE = "cloudflare"
_PROGRAM = ("__main__.py", "components", "stacks")
# An exact version, with a marker where a package is for some Pythons only.
_PIN = re.compile(r'([\w.-]+)==([\w.]+)(; python_version < "[\d.]+")?')


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _lines(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8").splitlines()
    return [line for line in text if line and not line.startswith("#")]


def _pins(path: Path) -> dict[str, str]:
    """Name to version of every line that has one."""
    found = (_PIN.fullmatch(line) for line in _lines(path))
    return {_normal(match[1]): match[2] for match in found if match}


def _subset(name: str) -> set[str]:
    """The packages that a subset and the files it includes name."""
    packages: set[str] = set()
    for line in _lines(ROOT / "requirements" / f"{name}.txt"):
        option, _, argument = line.partition(" ")
        if option == "-r":
            packages |= _subset(argument.removesuffix(".txt"))
        elif option != "-c":
            packages.add(_normal(re.split("[=;]", line)[0]))
    return packages


def _direct() -> set[str]:
    """The first part of requirements.txt: what is asked for, not what that needs in turn."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return {_normal(match[1]) for match in _PIN.finditer(text.partition("# What those need")[0])}


def _imported(source: Path) -> Iterator[str]:
    for path in [source] if source.is_file() else sorted(source.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0]


def _third_party(*sources: str) -> set[str]:
    ours = {path.stem for path in ROOT.iterdir()}
    names = {name for source in sources for name in _imported(ROOT / source)}
    return names - ours - sys.stdlib_module_names


def _provided(module: str, packages: set[str]) -> bool:
    by_name = {_normal(name) for name in packages_distributions().get(module, [])}
    # An SDK that is not installed here has its package's name.
    return bool((by_name | {_normal(module)}) & packages)


def test_every_line_is_an_exact_pin() -> None:
    assert [line for line in _lines(ROOT / "requirements.txt") if not _PIN.fullmatch(line)] == []


def test_no_package_is_pinned_twice() -> None:
    names = [_normal(line.partition("==")[0]) for line in _lines(ROOT / "requirements.txt")]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("name", ["base", "dev"])
def test_a_subset_takes_its_versions_from_requirements_txt(name: str) -> None:
    path = ROOT / "requirements" / f"{name}.txt"
    assert "-c ../requirements.txt" in _lines(path)
    complete, own = set(_pins(ROOT / "requirements.txt")), set(_pins(path))
    assert own & complete == set(), "pinned in two places"
    assert _subset(name) - own <= complete, "pinned nowhere"


@pytest.mark.parametrize("target", _TARGETS)
def test_a_target_has_its_own_sdk_and_no_other_cloud_s(target: str) -> None:
    clouds = {sdk for sdks in _SDKS.values() for sdk in sdks}
    assert _subset(target) & clouds == _SDKS[target]
    assert _subset(target) - clouds == _subset("base")
    assert _subset(target) <= set(_pins(ROOT / "requirements.txt"))


def test_the_targets_together_are_what_requirements_txt_asks_for() -> None:
    assert set[str]().union(*map(_subset, (*_TARGETS, _CLOUDFLARE))) == _direct()


def test_there_is_a_subset_for_each_target_and_no_stray_one() -> None:
    there = {path.stem for path in (ROOT / "requirements").glob("*.txt")}
    assert there == {*_TARGETS, _CLOUDFLARE, "base", "dev"}


def test_what_the_program_imports_is_pinned() -> None:
    pinned = set(_pins(ROOT / "requirements.txt"))
    modules = _third_party(*_PROGRAM, "rehearsal")
    assert {"pulumi", "pulumi_aws", "pydantic"} <= modules
    assert {name for name in modules if not _provided(name, pinned)} == set()


def test_what_only_tests_import_is_pinned_for_them() -> None:
    pinned = set(_pins(ROOT / "requirements.txt")) | _subset("dev")
    assert {name for name in _third_party("tests", "tools") if not _provided(name, pinned)} == set()
