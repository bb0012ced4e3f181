"""The scripts in the workflows, run with a stand-in for GitHub's own command."""

import json
import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from review.machine import to_json
from review.markdown import MARK
from tests.samples import ROOT
from tests.unit.review_samples import report

_GH = """#!{python}
import json, os, sys
with open(os.environ["CALLS"], "a") as file:
    file.write(json.dumps(sys.argv[1:]) + "\\n")
answers = json.loads(os.environ["ANSWERS"])
print(next((said for part, said in answers.items() if part in " ".join(sys.argv)), ""))
"""


@dataclass(frozen=True, kw_only=True)
class Done:
    status: int
    said: str
    calls: list[list[str]]

    @property
    def writes(self) -> list[list[str]]:
        """What was asked of GitHub beyond reading."""
        return [
            it for it in self.calls if {"PATCH", "POST", "close", "comment", "create"} & set(it[:5])
        ]


def _script(workflow: str, step: str) -> str:
    document: dict[str, Any] = yaml.safe_load(
        (ROOT / ".github" / "workflows" / f"{workflow}.yml").read_text()
    )
    steps = [it for job in document["jobs"].values() for it in job.get("steps", [])]
    (found,) = [it["run"] for it in steps if it.get("name") == step]
    return str(found)


def _run(
    folder: Path, script: str, environment: dict[str, str], answers: dict[str, str] | None = None
) -> Done:
    tools, calls = folder / "tools", folder / "calls"
    tools.mkdir()
    gh = tools / "gh"
    gh.write_text(_GH.format(python=sys.executable))
    gh.chmod(gh.stat().st_mode | stat.S_IXUSR)
    (tools / "python").symlink_to(sys.executable)
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=environment.pop("CWD", str(ROOT)),
        env={
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(sys.path),
            "RUNNER_TEMP": str(folder),
            "CALLS": str(calls),
            "ANSWERS": json.dumps(answers or {}),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    lines = calls.read_text().splitlines() if calls.exists() else []
    return Done(
        status=done.returncode,
        said=done.stdout + done.stderr,
        calls=[json.loads(it) for it in lines],
    )


def _written(folder: Path, handed: str | None, outcome: str = "success") -> str:
    if handed is not None:
        (folder / "handed").mkdir()
        (folder / "handed" / "report.json").write_text(handed)
    given = {"HANDED": outcome, "RUN": "https://example.com/run"}
    done = _run(folder, _script("comment", "Write the comment"), given)
    assert done.status == 0, done.said
    assert done.calls == []
    return (folder / "comment.md").read_text()


def test_a_report_becomes_a_comment(tmp_path: Path) -> None:
    text = _written(tmp_path, to_json(report()))
    assert text.startswith(MARK)
    assert "postgres-1" in text


@pytest.mark.parametrize(
    ("handed", "outcome"),
    [
        (None, "failure"),
        (None, "success"),
        ("{}", "success"),
        ("[" * 100_000, "success"),
        ("x", "success"),
    ],
)
def test_what_is_no_report_becomes_one_sentence(
    tmp_path: Path, handed: str | None, outcome: str
) -> None:
    text = _written(tmp_path, handed, outcome)
    assert text.startswith(MARK)
    assert "could not be made; [its run](https://example.com/run) says why." in text
    assert len(text) < 300


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "handed").mkdir()
    (tmp_path / "elsewhere.json").write_text(to_json(report()))
    (tmp_path / "handed" / "report.json").symlink_to(tmp_path / "elsewhere.json")
    assert "could not be made" in _written(tmp_path, None)


_EVENT = {
    "REPOSITORY": "example/tts",
    "OWNER": "fork",
    "BRANCH": '$(touch owned)"; touch owned #',
    "COMMIT": "c" * 40,
}


@pytest.mark.parametrize(
    ("earlier", "asked"),
    [
        ("", ["--method", "POST", "repos/example/tts/issues/7/comments"]),
        ("42", ["--method", "PATCH", "repos/example/tts/issues/comments/42"]),
    ],
)
def test_one_comment_is_posted_and_then_kept_up(
    tmp_path: Path, earlier: str, asked: list[str]
) -> None:
    answers = {"tts/pulls": "7", "--paginate": earlier}
    done = _run(tmp_path, _script("comment", "Post it"), {**_EVENT, "CWD": str(tmp_path)}, answers)
    assert done.status == 0, done.said
    (write,) = done.writes
    assert [it for it in asked if it not in write] == []
    assert f"body=@{tmp_path}/comment.md" in write
    assert f"head=fork:{_EVENT['BRANCH']}" in done.calls[0]
    assert not (tmp_path / "owned").exists()


def test_an_outdated_run_posts_nothing(tmp_path: Path) -> None:
    done = _run(tmp_path, _script("comment", "Post it"), dict(_EVENT))
    assert (done.status, done.writes) == (0, [])
    assert "no open pull request has this commit" in done.said


@pytest.mark.parametrize(
    ("state", "issue", "verb"),
    [
        ("drifted", "", "create"),
        ("drifted", "9", "comment"),
        ("failed", "", "create"),
        ("none", "9", "close"),
        ("none", "", None),
    ],
)
def test_drift_has_one_issue_as_long_as_it_lasts(
    tmp_path: Path, state: str, issue: str, verb: str | None
) -> None:
    (tmp_path / "drift").mkdir()
    (tmp_path / "drift" / "live").write_text(f"{state}\n")
    script = _script("drift", "Open, update or close an issue for each stack")
    given = {"RUN": "https://example.com/run", "CWD": str(tmp_path)}
    done = _run(tmp_path, script, given, {"issue list": issue})
    assert done.status == 0, done.said
    assert [it[1] for it in done.writes] == ([verb] if verb else [])


@pytest.mark.parametrize(
    ("status", "state"), [(0, "none"), (7, "drifted"), (1, "failed"), (255, "failed")]
)
def test_only_pulumi_s_own_status_for_changes_is_drift(
    tmp_path: Path, status: int, state: str
) -> None:
    tools = tmp_path / "tools"
    script = f'printf "#!/bin/sh\\nexit {status}\\n" > {tools}/pulumi; chmod +x {tools}/pulumi\n'
    script += _script("drift", "Compare with the cloud")
    done = _run(tmp_path, script, {"STACK": "live", "CWD": str(tmp_path)})
    assert done.status == 0, done.said
    assert (tmp_path / "drift" / "live").read_text() == f"{state}\n"
