"""A shipped stack that is up on the simulated cloud, and an operator's way of changing it."""

from collections.abc import Callable, Mapping
from typing import Any

import yaml
from pulumi import automation

from rehearsal.cloud import Cloud
from rehearsal.workspace import Workspace, stack_path


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


Start = Callable[[str], Environment]
