"""Pins move together, and whatever moves them finds every one."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.charts import CHARTS
from rehearsal.engine import pinned_version
from tests.samples import ROOT

_RENOVATE: dict[str, Any] = json.loads((ROOT / "renovate.json").read_text())
_MANAGERS = {it["datasourceTemplate"]: it for it in _RENOVATE["customManagers"]}


def _pins(path: str) -> dict[str, str]:
    lines = (ROOT / path).read_text().splitlines()
    return dict(line.split("==", 1) for line in lines if "==" in line and not line.startswith("#"))


def _files(patterns: list[str]) -> list[Path]:
    """The project's files that Renovate's patterns name."""
    tracked = [it for it in ROOT.rglob("*") if it.is_file() and ".venv" not in it.parts]
    wanted = [re.compile(it.strip("/")) for it in patterns]
    return [
        it for it in tracked if any(one.search(it.relative_to(ROOT).as_posix()) for one in wanted)
    ]


def _matches(datasource: str) -> list[dict[str, str]]:
    manager = _MANAGERS[datasource]
    (pattern,) = (re.compile(it.replace("(?<", "(?P<")) for it in manager["matchStrings"])
    texts = [it.read_text() for it in _files(manager["managerFilePatterns"])]
    return [found.groupdict() for text in texts for found in pattern.finditer(text)]


def test_every_chart_is_found() -> None:
    found = {(it["depName"], it["registryUrl"], it["currentValue"]) for it in _matches("helm")}
    assert found == {(it.name, it.repository, it.version) for it in CHARTS}


def test_every_image_of_ours_is_found() -> None:
    code = "".join(it.read_text() for it in (ROOT / "components").rglob("*.py"))
    fixed = re.findall(r'^_IMAGE = "([^"{]+)"$', code, re.MULTILINE)
    assert fixed
    assert sorted(f"{it['depName']}:{it['currentValue']}" for it in _matches("docker")) == sorted(
        fixed
    )


def test_the_workflows_engine_is_found() -> None:
    assert [it["currentValue"] for it in _matches("github-releases")] == [pinned_version()]


def test_every_list_of_python_packages_is_found() -> None:
    found = {
        it.relative_to(ROOT).as_posix()
        for it in _files(_RENOVATE["pip_requirements"]["managerFilePatterns"])
    }
    there = {
        it.relative_to(ROOT).as_posix()
        for it in ROOT.rglob("*.txt")
        if ".venv" not in it.parts
        and "out" not in it.parts
        and re.search(r"^\S+==", it.read_text(), re.M)
    }
    assert there <= found


def test_the_policy_pack_has_the_program_s_pulumi() -> None:
    assert _pins("policies/requirements.txt")["pulumi"] == _pins("requirements.txt")["pulumi"]


@pytest.mark.parametrize(
    "name",
    ["pulumi", "pulumi-aws", "pulumi-policy", "pulumi/pulumi", "github.com/pulumi/pulumi/**"],
)
def test_sdks_engine_workflows_and_policy_pack_move_in_one_pull_request(name: str) -> None:
    (group,) = [it for it in _RENOVATE["packageRules"] if it.get("groupName") == "pulumi"]
    patterns = [
        it.strip("/") if it.startswith("/") else re.escape(it) for it in group["matchPackageNames"]
    ]
    assert any(re.search(f"^(?:{it.lstrip('^')})", name) for it in patterns)


def test_hooks_run_the_tools_that_the_project_pins() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    for repository in config["repos"]:
        assert repository["repo"] == "local"
        for hook in repository["hooks"]:
            tool, *words = hook["entry"].split()
            assert tool.startswith(".venv/bin/")
            assert (ROOT / tool).exists()
            for word in words:
                if word.startswith("tests/"):
                    assert (ROOT / word).exists(), word
