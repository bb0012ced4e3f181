"""From what the engine said to what changes, resource by resource."""

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi.automation import StepEventMetadata

from rehearsal.urns import name_of, type_of
from review.changes import Change, Operation, Protection, ResourceChange
from review.observed import Observed, operation
from review.shown import at, change, differences
from review.stateful import holds
from review.text import readable

_OPERATIONS: Mapping[str, Operation] = {
    "create": "create",
    "update": "update",
    "replace": "replace",
    "create-replacement": "replace",
    "delete-replaced": "replace",
    "delete": "delete",
    "import": "import",
    "discard": "forget",
}
_ORDER: tuple[Operation, ...] = ("delete", "replace", "forget", "update", "import", "create")
_HIDDEN = ("__defaults", "__internal")


def resource_changes(seen: Observed) -> tuple[ResourceChange, ...]:
    """Every resource to which something happens, what is lost first."""
    found = [it for urn, step in seen.steps.items() for it in _resource_change(urn, step, seen)]
    return tuple(sorted(found, key=lambda it: (_ORDER.index(it.operation), it.component, it.name)))


def unchanged(seen: Observed) -> int:
    """How many resources stay as they are, components aside."""
    steps = seen.steps.values()
    return sum(operation(it) == "same" and bool(it.new and it.new.custom) for it in steps)


def _resource_change(urn: str, step: StepEventMetadata, seen: Observed) -> Iterator[ResourceChange]:
    word, protection = operation(step), _protection(step)
    what = _OPERATIONS.get(word)
    if what is None and protection in ("lost", "gained"):
        what = "update"
    if what is None or not _is_resource(step):
        return
    kind = type_of(urn)
    yield ResourceChange(
        operation=what,
        type=readable(kind),
        name=readable(name_of(urn)),
        component=readable(component_of(step)),
        urn=readable(urn),
        holds=holds(kind),
        refused=urn in seen.refused,
        left=bool(step.old and step.old.retain_on_delete),
        protection=protection,
        changes=tuple(_changes(what, step)),
    )


def _is_resource(step: StepEventMetadata) -> bool:
    state = step.new or step.old
    return bool(state and state.custom)


def component_of(step: StepEventMetadata) -> str:
    """The component that a resource belongs to."""
    state = step.new or step.old
    parent = state.parent if state else ""
    return name_of(parent) if type_of(parent).startswith("tts:") else "the stack itself"


def _protection(step: StepEventMetadata) -> Protection:
    before, after = bool(step.old and step.old.protect), bool(step.new and step.new.protect)
    if before and after:
        return "kept"
    if before:
        return "lost"
    return "gained" if after and step.old else "none"


def _changes(what: Operation, step: StepEventMetadata) -> Iterator[Change]:
    old, new = _inputs(step.old), _inputs(step.new)
    if what == "create":
        yield from differences({}, new)
    elif what in ("update", "replace", "import"):
        yield from _detailed(step, old, new)


def _inputs(state: Any) -> Mapping[str, Any]:
    given = (state.inputs or {}) if state is not None else {}
    return {key: tree for key, tree in given.items() if key not in _HIDDEN}


def _detailed(
    step: StepEventMetadata, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Change]:
    """Along the paths that the provider names; where it names none, wherever the inputs differ."""
    keys = set(step.keys or [])
    if not step.detailed_diff:
        for it in differences(old, new):
            yield it if not _within(it.path, keys) else _replacing(it)
        return
    for path, how in sorted(step.detailed_diff.items()):
        kind = str(getattr(how.diff_kind, "value", how.diff_kind))
        before, after = at(old, path), at(new, path)
        if before is None and not how.input_diff and step.old is not None:
            before = at(step.old.outputs or {}, path)
        replaces = kind.endswith("replace")
        found = list(differences(before, after, readable(path), replaces=replaces))
        # A secret that changed looks the same before and after.
        yield from found or [change(readable(path), before, after, replaces=replaces)]


def _within(path: str, keys: set[str]) -> bool:
    return any(path == key or path.startswith((f"{key}.", f"{key}[")) for key in keys)


def _replacing(found: Change) -> Change:
    return Change(
        path=found.path, how=found.how, before=found.before, after=found.after, replaces=True
    )
