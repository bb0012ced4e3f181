"""An upgrade of the code alone: on recorded states it replaces and deletes nothing.

`make record` records them anew, which is right only when a version has been released.
"""

from pathlib import Path

import pytest
import yaml
from pulumi import automation

from rehearsal.cloud import Cloud
from rehearsal.engine import Engine
from rehearsal.recorded import FOLDER, Recorded, read
from rehearsal.run import open_stack, run_program
from rehearsal.server import Providers
from rehearsal.workspace import isolated, prepare, stack_path
from tests.rehearsal.environment import preview_operations
from tests.samples import ROOT

_STATES = sorted(FOLDER.glob("*.json.gz"))


def _project(recorded: Recorded, folder: Path) -> Path:
    root = folder / "root"
    (root / "stacks").mkdir(parents=True)
    (root / "Pulumi.yaml").write_bytes((ROOT / "Pulumi.yaml").read_bytes())
    (root / "stacks" / f"Pulumi.{recorded.stack}.yaml").write_text(recorded.file, encoding="utf-8")
    return root


@pytest.mark.parametrize("path", _STATES, ids=lambda it: it.name.partition(".")[0])
def test_what_a_version_made_is_taken_up_as_it_is(
    path: Path, engine: Engine, tmp_path: Path
) -> None:
    recorded = read(path)
    with isolated(tmp_path), Providers.simulated(Cloud()) as providers:
        workspace = prepare(_project(recorded, tmp_path), recorded.stack, tmp_path / "project")
        stack = open_stack(workspace, engine, lambda: run_program(ROOT), providers.debug_env)
        file = stack_path(workspace.path, recorded.stack)
        salt = yaml.safe_load(file.read_text(encoding="utf-8"))["encryptionsalt"]
        provider = {"type": "passphrase", "state": {"salt": salt}}
        deployment = {**recorded.deployment, "secrets_providers": provider}
        stack.import_stack(automation.Deployment(version=3, deployment=deployment))
        found = preview_operations(stack)
    assert len(found) > 10
    worse = {urn: it for urn, it in found.items() if it not in ("same", "update", "create")}
    assert worse == {}
