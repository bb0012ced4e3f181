"""`python -m review` on a copy of the project: two revisions, the real engine, every kind of difference."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from rehearsal.engine import Engine
from review.changes import Report, StackReport
from review.machine import from_json
from tests.samples import ROOT, certificate

_LEFT_OUT = shutil.ignore_patterns(".*", "out", "__pycache__", "tests", "benchmarks", "docs")
_STAND_IN = re.compile(r"rehearsal-\w+-[0-9a-f]{24}|Rehearsal-1-[0-9a-f]{24}|PRIVATE KEY")
_FORMS = ("report.md", "report.json", "report.html")


@dataclass(frozen=True, kw_only=True)
class Run:
    """What came of one comparison, and what was to be kept as it is."""

    done: "subprocess.CompletedProcess[str]"
    out: Path
    untouched: bool
    worktrees: int

    @property
    def report(self) -> Report:
        return from_json((self.out / "report.json").read_text())

    def stack(self, name: str) -> StackReport:
        return next(it for it in self.report.stacks if it.stack == name)

    @property
    def everything(self) -> str:
        files = [(self.out / name).read_text() for name in _FORMS]
        return "".join([*files, self.done.stdout, self.done.stderr])


def _git(root: Path, *words: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    done = subprocess.run(
        ["git", *identity, *words], cwd=root, check=True, capture_output=True, text=True
    )
    return done.stdout


def _copy(root: Path) -> Path:
    shutil.copytree(ROOT, root, ignore=_LEFT_OUT)
    _git(root, "init", "--quiet", "--initial-branch", "main")
    return root


def _commit(root: Path) -> None:
    _git(root, "add", ".")
    _git(root, "commit", "--quiet", "-m", "base")


def _edit(root: Path, stack: str, change: Callable[[dict[str, Any]], None]) -> None:
    path = root / "stacks" / f"Pulumi.{stack}.yaml"
    document = yaml.safe_load(path.read_text())
    change(document["config"])
    path.write_text(yaml.safe_dump(document, sort_keys=False))


def _set(**keys: Any) -> Callable[[dict[str, Any]], None]:
    def change(config: dict[str, Any]) -> None:
        for key, value in keys.items():
            before = config.get(f"tts:{key}")
            merged = {**before, **value} if isinstance(before, dict) else value
            config[f"tts:{key}"] = merged

    return change


def _rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def _review(
    root: Path, out: Path, *words: str, environment: Mapping[str, str] | None = None
) -> Run:
    index, status = (root / ".git" / "index").read_bytes(), _git(root, "status", "--porcelain")
    done = subprocess.run(
        [sys.executable, "-m", "review", "--out", str(out), *words],
        cwd=root,
        timeout=600,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    after = (root / ".git" / "index").read_bytes(), _git(root, "status", "--porcelain")
    return Run(
        done=done,
        out=out,
        untouched=after == (index, status),
        worktrees=len(_git(root, "worktree", "list").splitlines()),
    )


@pytest.fixture(scope="module")
def run(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One comparison of every stack, each of which meets another fate."""
    root = _copy(tmp_path_factory.mktemp("review") / "project")
    stacks = root / "stacks"
    for path in stacks.glob("Pulumi.*.yaml"):
        if not path.name.startswith("Pulumi.aws-"):
            path.unlink()
    shutil.copy(stacks / "Pulumi.aws-existing.yaml", stacks / "Pulumi.gone.yaml")
    _commit(root)
    (stacks / "Pulumi.gone.yaml").unlink()
    shutil.copy(stacks / "Pulumi.aws-existing.yaml", stacks / "Pulumi.fresh.yaml")
    _edit(
        root,
        "aws-development",
        _set(
            domain="other.example.com",
            generations={"cookieBlockKey": 2},
            cluster={"access": {"mode": "allow-list", "cidrs": ["0.0.0.0/0"]}},
        ),
    )
    _edit(root, "aws-production", _set(network={"cidr": "10.40.0.0/16"}))
    _edit(root, "aws-existing-production", _set(domain="not a domain"))
    _rewrite(
        root / "components" / "kubernetes" / "ingress.py",
        '"checkNewVersion": False',
        '"checkNewVersion": True',
    )
    planted = {"AWS_PROFILE": "hostile", "PULUMI_ACCESS_TOKEN": "hostile", "KUBECONFIG": "/hostile"}
    return _review(root, root.parent / "out", "--base", "main", environment=planted)


def test_every_stack_is_told_of_and_one_that_fails_stops_no_other(run: Run) -> None:
    assert {it.stack: it.outcome for it in run.report.stacks} == {
        "aws-development": "different",
        "aws-existing": "same",
        "aws-existing-production": "failed",
        "aws-production": "different",
        "fresh": "new",
        "gone": "removed",
    }
    assert run.done.returncode == 1
    fresh, existing = run.stack("fresh"), run.stack("aws-existing")
    assert fresh.count("create") == len(fresh.resources) > 20
    assert existing.resources == ()
    assert fresh.carried == "yes"
    assert {it.path for it in fresh.values} >= {"global.domain"}
    message = run.stack("aws-existing-production").message
    assert message.startswith("the working tree cannot be previewed")
    assert "domain" in message
    assert "Traceback" not in run.everything


def test_the_working_tree_is_left_alone(run: Run) -> None:
    assert run.untouched
    assert run.worktrees == 1


def test_no_secret_is_shown_and_a_changed_one_is_told(run: Run) -> None:
    assert _STAND_IN.search(run.everything) is None
    changed = {it.path: str(it.after) for it in run.stack("aws-development").secrets}
    assert changed["helmSecrets.global.http.cookie.blockKey"] == "(secret)"
    assert "helmSecrets.global.http.cookie.hashKey" not in changed
    assert "helmSecrets.license.key" not in changed


def test_lost_buckets_are_grave(run: Run) -> None:
    grave = {it.name for it in run.stack("aws-development").dangers if it.grave}
    assert grave >= {"edcs", "interop", "plugins"}


def test_properties_and_helm_values_are_told_one_by_one(run: Run) -> None:
    stack = run.stack("aws-development")
    values = {it.path: (str(it.before), str(it.after)) for it in stack.values}
    assert values["global.domain"] == ("thethings.example.com", "other.example.com")
    assert "global.redis.address" not in values
    traefik = next(
        it for it in stack.resources if it.type.endswith(":Release") and it.component == "ingress"
    )
    assert [(it.path, str(it.before), str(it.after)) for it in traefik.changes] == [
        ("values.global.checkNewVersion", "false", "true")
    ]


def test_public_exposure_is_told_before_and_after(run: Run) -> None:
    stack = run.stack("aws-development")
    cluster = next(it for it in stack.exposures if it.name == "cluster")
    assert [it.public for it in cluster.opened] == [True]
    assert [it.says for it in cluster.closed] == ["the Kubernetes API from 203.0.113.0/24"]
    assert stack.public_after == stack.public_before + 1


def test_policies_that_are_newly_violated_are_told(run: Run) -> None:
    stack = run.stack("aws-development")
    new = {(it.policy, it.name) for it in stack.violations if it.since == "new"}
    assert new == {("kubernetes-api-not-open", "cluster")}
    assert stack.alarms > sum(it.grave for it in stack.dangers) + len(stack.obstacles)
    assert not [it for it in run.stack("fresh").violations if it.mandatory]


def test_permissions_are_told_by_document(run: Run) -> None:
    stack = run.stack("aws-development")
    user = next(it for it in stack.permissions if it.name == "blob-user")
    assert any("s3:GetObject" in it and "other-example-com" in it for it in user.added)
    assert any("s3:GetObject" in it and "thethings-example-com" in it for it in user.removed)


def test_what_is_protected_is_said_to_stop_it(run: Run) -> None:
    stack = run.stack("aws-production")
    assert stack.carried == "refused"
    assert "network is protected" in stack.obstacles
    network = next(it for it in stack.resources if it.type == "aws:ec2/vpc:Vpc")
    assert network.operation == "replace"
    assert network.refused
    reason = next(it for it in network.changes if it.path == "cidrBlock")
    assert (str(reason.after), reason.replaces) == ("10.40.0.0/16", True)


def test_the_reports_are_whole(run: Run) -> None:
    assert run.report.base == "main"
    assert len((run.out / "report.md").read_bytes()) < 65_536
    assert json.loads((run.out / "report.json").read_text())["format"] == 1
    for name in ("report.md", "report.html"):
        text = (run.out / name).read_text()
        assert all(stack.stack in text for stack in run.report.stacks if stack.outcome != "same")
    assert "LOSS  edcs" in run.done.stdout
    assert "\x1b" not in run.done.stdout


@pytest.mark.parametrize("stack", ["azure-development", "gcp-development", "local"])
def test_stacks_of_every_target_are_compared(engine: Engine, tmp_path: Path, stack: str) -> None:
    root = _copy(tmp_path / "project")
    _commit(root)
    _edit(root, stack, _set(generations={"cookieBlockKey": 2}))
    run = _review(root, tmp_path / "out", "--base", "HEAD", "--stack", stack)
    found = run.stack(stack)
    assert (found.outcome, found.carried) == ("different", "yes"), found.message
    assert {it.path for it in found.secrets} == {"helmSecrets.global.http.cookie.blockKey"}
    assert [it for it in found.violations if it.mandatory] == []
    assert found.dangers == ()


def test_a_supplied_certificate_and_its_key_are_no_difference(
    engine: Engine, tmp_path: Path
) -> None:
    root = _copy(tmp_path / "project")
    pem, _ = certificate(["thethings.example.com", "*.thethings.example.com"])
    tls = {"tts:tls": {"mode": "supplied", "certificate": pem}}
    _edit(root, "aws-existing", lambda config: config.update(tls))
    _commit(root)
    run = _review(root, tmp_path / "out", "--base", "HEAD", "--stack", "aws-existing")
    assert run.stack("aws-existing").outcome == "same", run.stack("aws-existing")
    assert run.done.returncode == 0


def test_a_base_that_does_not_come_up_is_one_message(engine: Engine, tmp_path: Path) -> None:
    root = _copy(tmp_path / "project")
    program = root / "__main__.py"
    sound = program.read_text()
    program.write_text(
        sound.replace("    export(config", "    raise ValueError('never')\n    export(config")
    )
    _commit(root)
    program.write_text(sound)
    run = _review(root, tmp_path / "out", "--base", "HEAD", "--stack", "aws-existing")
    message = run.stack("aws-existing").message
    assert message.startswith("HEAD cannot be rehearsed:")
    assert "ValueError: never" in message
    assert "__main__.py:" in message
    assert "Traceback" not in run.everything
    assert (run.done.returncode, run.worktrees) == (1, 1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--base", "nowhere"), "there is no revision 'nowhere' here"),
        (("--base", "HEAD", "--stack", "nowhere"), "there is no stack 'nowhere', neither here nor"),
    ],
)
def test_misuse_is_one_message(
    engine: Engine, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    root = _copy(tmp_path / "project")
    _commit(root)
    index = _git(root, "status", "--porcelain")
    done = subprocess.run(
        [sys.executable, "-m", "review", "--out", str(tmp_path / "out"), *words],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert not (tmp_path / "out").exists()
    assert index == _git(root, "status", "--porcelain")


def test_a_job_that_is_cancelled_leaves_no_worktree(engine: Engine, tmp_path: Path) -> None:
    root = _copy(tmp_path / "project")
    _commit(root)
    command = [sys.executable, "-m", "review", "--base", "HEAD", "--out", str(tmp_path / "out")]
    with subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "aws-development ..." in process.stderr.readline()
        assert len(_git(root, "worktree", "list").splitlines()) == 2
        process.terminate()
        assert process.wait(timeout=60) == 130
    assert len(_git(root, "worktree", "list").splitlines()) == 1
    assert not (tmp_path / "out").exists()
