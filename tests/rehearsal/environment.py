"""A shipped stack that is up on the simulated cloud, and an operator's way of changing it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pulumi import automation

from rehearsal.cloud import Cloud
from rehearsal.workspace import Workspace, stack_path
from tests.samples import ROOT, stack_file


class Environment:
    """A stack that is up, and whose stack file can be edited."""

    def __init__(self, workspace: Workspace, stack: automation.Stack, cloud: Cloud) -> None:
        self.stack = stack
        self.cloud = cloud
        self.file = stack_path(workspace.path, workspace.stack)

    def edit(self, key: str, value: Any) -> None:
        document = yaml.safe_load(self.file.read_text())
        document["config"][f"tts:{key}"] = value
        self.file.write_text(yaml.safe_dump(document))

    def up(self) -> dict[str, int]:
        return _counted(self.stack.up().summary.resource_changes or {})

    def preview(self) -> dict[str, int]:
        return _counted(self.stack.preview().change_summary)

    def left(self) -> list[str]:
        deployment = self.stack.export_stack().deployment or {}
        return [str(each["urn"]) for each in deployment.get("resources") or []]


def _counted(changes: Mapping[automation.OpType, int]) -> dict[str, int]:
    return {str(getattr(kind, "value", kind)): count for kind, count in changes.items()}


def preview_operations(stack: automation.Stack) -> dict[str, str]:
    """What a preview would do, by URN. Raises CommandError where the engine refuses."""
    found: dict[str, str] = {}

    def take(event: automation.EngineEvent) -> None:
        if event.resource_pre_event is not None:
            metadata = event.resource_pre_event.metadata
            operation = str(getattr(metadata.op, "value", metadata.op))
            # A replacement is told in several events; the worst of them counts.
            if found.get(metadata.urn, "same") in ("same", "update", "create"):
                found[metadata.urn] = operation

    stack.preview(on_event=take)
    return found


Start = Callable[[str], Environment]


class Silent:
    """Who wants to see nothing of a rehearsal."""

    def step(self, name: str) -> None: ...

    def resource(self, operation: str, name: str) -> None: ...

    def note(self, line: str) -> None: ...


def project(tmp_path: Path, changes: dict[str, Any], name: str = "aws-existing") -> Path:
    """A copy of the project that has one stack, `sample`, and the real program."""
    root = tmp_path / "copy"
    (root / "stacks").mkdir(parents=True)
    for file in ("Pulumi.yaml", "__main__.py"):
        (root / file).write_bytes((ROOT / file).read_bytes())
    text = yaml.safe_dump({"config": stack_file(changes, name)})
    (root / "stacks" / "Pulumi.sample.yaml").write_text(text)
    return root
