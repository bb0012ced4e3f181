"""What docs/data-safety.md says of a change, tried on every production stack by the real engine."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi import automation

from rehearsal.changes import Change, changes, edited
from rehearsal.cloud import Cloud
from rehearsal.engine import Engine
from rehearsal.run import open_stack, run_program
from rehearsal.server import Providers
from rehearsal.stand_ins import stand_in
from rehearsal.workspace import Workspace, isolated, prepare, stack_path, stacks
from review.stateful import holds
from stacks.config import load
from stacks.problems import ConfigErrors
from stacks.raw import RawConfig
from tests.rehearsal.environment import preview_operations
from tests.samples import ROOT, stack_file

_LOSING = ("delete", "replace", "create-replacement", "delete-replaced", "discard")


def _is_production(name: str) -> bool:
    return bool(stack_file(name=name)["tts:protection"] == "production")


_PRODUCTION = [name for name in stacks(ROOT) if _is_production(name)]


def _fitting(name: str, *effects: str) -> list[Change]:
    config = stack_file(name=name)
    return [it for it in changes() if it.does in effects and it.fits(config)]


class _Production:
    """A production stack that is up."""

    def __init__(self, workspace: Workspace, stack: automation.Stack) -> None:
        self.name = workspace.stack
        self._stack = stack
        self._file = stack_path(workspace.path, workspace.stack)
        self._document: dict[str, Any] = yaml.safe_load(self._file.read_text())

    def preview(self, *made: Change) -> dict[str, str]:
        """What the changes together would do, by URN."""
        config = self._document["config"]
        for change in made:
            config = edited(config, change.edits_for(config))
        self._file.write_text(yaml.safe_dump({**self._document, "config": config}))
        secrets = {key for change in made for key in change.secrets}
        for key in secrets:
            value = automation.ConfigValue(stand_in(key, config), secret=True)
            self._stack.set_config(key, value)
        try:
            return preview_operations(self._stack)
        finally:
            for key in secrets:
                self._stack.remove_config(key)


@pytest.fixture(scope="module", params=_PRODUCTION)
def production(
    request: pytest.FixtureRequest, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[_Production]:
    folder = tmp_path_factory.mktemp("production")
    with isolated(folder), Providers.simulated(Cloud()) as providers:
        workspace = prepare(ROOT, request.param, folder / "project")
        stack = open_stack(workspace, engine, lambda: run_program(ROOT), providers.debug_env)
        stack.up()
        yield _Production(workspace, stack)


def _lost(operations: dict[str, str]) -> list[str]:
    return [
        f"{operation} {urn}"
        for urn, operation in operations.items()
        if operation in _LOSING and holds(urn.split("::")[2].rpartition("$")[2])
    ]


def test_what_is_safe_replaces_and_deletes_no_data(production: _Production) -> None:
    safe = _fitting(production.name, "safe", "unlocks")
    assert len(safe) > 5
    operations = production.preview(*safe)
    assert _lost(operations) == []
    assert set(operations.values()) - {"same"}


def test_what_is_guarded_is_refused_by_the_engine(production: _Production) -> None:
    guarded = _fitting(production.name, "guarded")
    assert guarded
    for change in guarded:
        with pytest.raises(automation.CommandError, match=r"unable to replace|protected"):
            found = production.preview(change)
            pytest.fail(f"{change.keys} {change.case or ''}: {_lost(found)}")


@pytest.mark.parametrize("name", _PRODUCTION)
def test_what_is_refused_is_refused_by_its_key(name: str, tmp_path: Path) -> None:
    for change in _fitting(name, "refused"):
        file = tmp_path / "Pulumi.sample.yaml"
        config = edited(stack_file(name=name), change.edits)
        file.write_text(yaml.safe_dump({"config": config}))
        with pytest.raises(ConfigErrors) as caught:
            load(RawConfig.from_file(file, {}))
        for dotted in change.names:
            assert f"tts:{dotted}" in {it.key for it in caught.value.problems}
