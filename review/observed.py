"""What the engine said of one preview or update, step by step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi.automation import EngineEvent, StepEventMetadata

from rehearsal.messages import without_colour
from rehearsal.urns import name_of, type_of

_STACK = "pulumi:pulumi:Stack"
_ECHOES = ("preview failed", "update failed")
_PROTECTED = "marked for protection"
# The events of one replacement; the one called replace says what it is about.
_PARTS = frozenset(
    {"create-replacement", "delete-replaced", "import-replacement", "discard-replaced"}
)


@dataclass
class Observed:
    """Steps by URN, the stack's outputs, what Pulumi refused because it is protected, and what failed."""

    steps: dict[str, StepEventMetadata] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)

    def take(self, event: EngineEvent) -> None:
        """Remember what an event says."""
        if event.resource_pre_event is not None:
            self._step(event.resource_pre_event.metadata)
        elif event.res_outputs_event is not None:
            self._outputs(event.res_outputs_event.metadata)
        elif event.diagnostic_event is not None and event.diagnostic_event.severity == "error":
            said = event.diagnostic_event
            message = without_colour(said.message).strip()
            if message in _ECHOES:
                return
            if _PROTECTED in message:
                self.refused.add(said.urn or _urn_in(message))
                return
            where = f"{name_of(said.urn)} ({type_of(said.urn)}): " if said.urn else ""
            self.errors.append(f"{where}{message}")

    def _step(self, step: StepEventMetadata) -> None:
        known = self.steps.get(step.urn)
        if known is None or (operation(known) in _PARTS and operation(step) == "replace"):
            self.steps[step.urn] = step

    def _outputs(self, step: StepEventMetadata) -> None:
        if step.type == _STACK and step.new is not None and step.new.outputs:
            self.outputs = step.new.outputs


def operation(step: StepEventMetadata) -> str:
    """The engine's own word for a step."""
    return str(getattr(step.op, "value", step.op))


def _urn_in(message: str) -> str:
    return message.partition('"')[2].partition('"')[0]
