"""The workflows: what two linters find, and promises that no linter knows."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from rehearsal.engine import pinned_version
from review.machine import to_json
from review.markdown import MARK
from tests.samples import ROOT
from tests.unit.review_samples import report, stack
from tools import go_programs

_FOLDER = ROOT / ".github"
_WORKFLOWS = sorted((_FOLDER / "workflows").glob("*.yml"))
_FILES = [*_WORKFLOWS, *sorted(_FOLDER.glob("actions/*/action.yml"))]
_WITH_CREDENTIALS = {"stack", "drift"}
_each = pytest.mark.parametrize("path", _WORKFLOWS, ids=lambda it: it.stem)


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text())
    return found


def _workflow(name: str) -> dict[str, Any]:
    return _read(_FOLDER / "workflows" / f"{name}.yml")


def _triggers(workflow: dict[str, Any]) -> dict[str, Any]:
    # YAML takes the key `on` for true.
    (found,) = (it for key, it in workflow.items() if str(key) in ("on", "True"))
    return dict(found)


def _steps(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for job in document.get("jobs", {}).values():
        yield from job.get("steps", [])
    yield from document.get("runs", {}).get("steps", [])


def test_zizmor_finds_nothing() -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    done = subprocess.run(
        [str(zizmor), "--offline", "--no-progress", "--color=never", str(_FOLDER)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_finds_nothing() -> None:
    actionlint = go_programs.obtain(go_programs.ACTIONLINT, print)
    done = subprocess.run(
        [str(actionlint), "-no-color", *map(str, _WORKFLOWS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@_each
def test_nothing_is_granted_to_a_workflow_as_a_whole(path: Path) -> None:
    workflow = _read(path)
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        assert job["permissions"], f"{name} must say what it needs"
        assert job.get("timeout-minutes") or "uses" in job, name


@_each
def test_no_pull_request_runs_with_the_target_s_rights(path: Path) -> None:
    assert "pull_request_target" not in _triggers(_read(path))


@pytest.mark.parametrize("path", _FILES, ids=lambda it: f"{it.parent.name}-{it.stem}")
def test_actions_are_pinned_by_commit_with_the_version_beside_it(path: Path) -> None:
    for line in path.read_text().splitlines():
        if "uses:" in line and "uses: ./" not in line:
            assert re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_an_action_has_one_pin() -> None:
    found = re.findall(r"uses: ([\w./-]+)@([0-9a-f]{40})", "".join(it.read_text() for it in _FILES))
    assert len(dict(found)) == len(set(found))


@pytest.mark.parametrize("path", _FILES, ids=lambda it: f"{it.parent.name}-{it.stem}")
def test_no_expression_is_pasted_into_a_script(path: Path) -> None:
    for step in _steps(_read(path)):
        assert "${{" not in step.get("run", "")
        if str(step.get("uses")).startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("name", ["checks", "diff"])
def test_what_runs_a_fork_s_code_has_nothing_to_lose(name: str) -> None:
    text = (_FOLDER / "workflows" / f"{name}.yml").read_text()
    assert "pull_request" in _triggers(_workflow(name))
    for word in ("secrets.", "vars.", "id-token", "environment:", ": write"):
        assert word not in text
    for job in _workflow(name)["jobs"].values():
        assert job["permissions"] == {"contents": "read"}


@_each
def test_credentials_come_with_an_environment_alone(path: Path) -> None:
    for job in _read(path)["jobs"].values():
        if job["permissions"].get("id-token") != "write":
            continue
        assert path.stem in _WITH_CREDENTIALS or job["uses"] == "./.github/workflows/stack.yml"
        assert "environment" in job or "environment" in job["with"]
        assert set(job["permissions"]) == {"contents", "id-token"}
        assert job["permissions"]["contents"] == "read"


def test_a_real_preview_has_an_environment_of_its_own_and_is_never_a_fork_s() -> None:
    jobs = _workflow("preview")["jobs"]
    assert "head.repo.full_name == github.repository" in jobs["affected"]["if"]
    assert jobs["stack"]["needs"] == "affected"
    assert jobs["stack"]["with"]["environment"] == "${{ matrix.stack }}-preview"
    # What the pull request's code says chooses among the repository's own list, and adds nothing to it.
    assert "vars.STACKS" in jobs["stack"]["strategy"]["matrix"]["stack"]
    assert "permissions" in jobs["affected"]
    assert jobs["affected"]["permissions"] == {"contents": "read"}


def test_a_stack_is_worked_on_by_one_at_a_time_and_never_cut_short() -> None:
    for job in (_workflow("stack")["jobs"]["pulumi"], _workflow("drift")["jobs"]["look"]):
        assert job["concurrency"]["group"].startswith("stack-${{")
        assert job["concurrency"]["cancel-in-progress"] is False


def test_production_comes_after_development() -> None:
    jobs = _workflow("up")["jobs"]
    assert jobs["production"]["needs"] == "development"
    assert "!failure()" in jobs["production"]["if"]
    for job in jobs.values():
        assert "refs/heads/main" in job["if"]


def test_the_comment_s_workflow_runs_nothing_that_it_is_handed() -> None:
    workflow = _workflow("comment")
    assert set(_triggers(workflow)) == {"workflow_run"}
    assert _triggers(workflow)["workflow_run"]["workflows"] == [_workflow("diff")["name"]]
    (job,) = workflow["jobs"].values()
    assert job["permissions"] == {"actions": "read", "contents": "read", "pull-requests": "write"}
    steps = {str(it.get("uses", it.get("name"))).partition("@")[0]: it for it in job["steps"]}
    assert (
        steps["actions/checkout"]["with"]["ref"] == "${{ github.event.repository.default_branch }}"
    )
    assert steps["actions/download-artifact"]["with"]["path"].startswith("${{ runner.temp }}/")
    handed = [it["run"] for it in job["steps"] if "handed" in it.get("run", "")]
    assert len(handed) == 1
    assert handed[0].count("python -m review.comment") == 1
    assert "head_sha" in job["env"]["COMMIT"]
    assert "handed" not in steps["Post it"]["run"]
    assert MARK in steps["Post it"]["run"]


def test_the_comment_needs_no_more_than_what_its_workflow_installs(tmp_path: Path) -> None:
    """Neither the program's packages nor those of the report's page."""
    handed = tmp_path / "report.json"
    handed.write_text(to_json(report()))
    absent = [
        "pulumi",
        "yaml",
        "rich",
        "jinja2",
        "markupsafe",
        "igraph",
        "drawsvg",
        "grpc",
        "google",
        "cryptography",
    ]
    code = (
        "import sys, runpy\n"
        f"for name in {absent}: sys.modules[name] = None\n"
        f"sys.argv = ['comment', {str(handed)!r}]\n"
        "runpy.run_module('review.comment', run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(MARK)


def test_the_stacks_that_are_affected_are_one_line_of_json(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(to_json(report(stack("one"), stack("two\nx=y"))))
    done = subprocess.run(
        [sys.executable, "-m", "review.affected", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count("\n") == 1
    assert json.loads(done.stdout) == ["one", "two\nx=y"]


def test_the_engine_is_the_one_that_rehearsals_use() -> None:
    (step,) = [
        it
        for it in _steps(_read(_FOLDER / "actions" / "credentials" / "action.yml"))
        if it["uses"].startswith("pulumi/actions@")
    ]
    assert step["with"]["pulumi-version"] == pinned_version()
