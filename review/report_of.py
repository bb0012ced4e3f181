"""From two states of a stack, and the engine's steps between them, to the report on it."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rehearsal.properties import is_secret, is_unknown
from rehearsal.urns import name_of, type_of
from review.changes import (
    SECRET,
    UNKNOWN,
    Carried,
    Change,
    Component,
    Danger,
    Operation,
    ResourceChange,
    StackReport,
)
from review.compared import resource_changes, unchanged
from review.exposure import exposures, public_openings
from review.observed import Observed, operation
from review.permissions import permission_changes
from review.shown import differences
from review.stateful import dangers, ordered
from review.text import readable
from review.violated import violations

_VALUES, _SECRETS = "helmValues", ("helmSecrets", "undocumentedSecrets")
_ITSELF = "the stack itself"
_ROOT = "pulumi:pulumi:Stack"


@dataclass(frozen=True, kw_only=True)
class Landscape:
    """A stack's resources, inputs by URN without secrets, and its outputs.

    `secrets` are outputs in the clear, for comparing alone; None where they are not known. `parents`
    and `needs` are by URN, `protected` are the URNs of what Pulumi will not delete.
    """

    inputs: Mapping[str, Mapping[str, Any]]
    outputs: Mapping[str, Any]
    secrets: Mapping[str, Any] | None = field(repr=False)
    parents: Mapping[str, str]
    needs: Mapping[str, tuple[str, ...]]
    protected: frozenset[str]

    @staticmethod
    def of(
        resources: Sequence[Mapping[str, Any]], outputs: Mapping[str, Any], secret: Collection[str]
    ) -> "Landscape":
        """From a deployment as it is exported, and outputs of which some are secret."""
        custom = [it for it in resources if it.get("custom")]
        return Landscape(
            inputs={it["urn"]: veiled(it.get("inputs") or {}) for it in custom},
            outputs={name: it for name, it in outputs.items() if name not in secret},
            secrets={name: it for name, it in outputs.items() if name in secret},
            parents={it["urn"]: str(it.get("parent") or "") for it in resources},
            needs={it["urn"]: tuple(it.get("dependencies") or ()) for it in custom},
            protected=frozenset(it["urn"] for it in custom if it.get("protect")),
        )


def veiled(tree: Any) -> Any:
    """A tree of the engine's without what its secrets say."""
    if is_secret(tree):
        return {key: it for key, it in tree.items() if key not in ("plaintext", "ciphertext")}
    if isinstance(tree, Mapping):
        return {key: veiled(inner) for key, inner in tree.items()}
    return [veiled(inner) for inner in tree] if isinstance(tree, list) else tree


def made(before: Landscape, seen: Observed) -> Landscape:
    """What a preview foresees, where it is not carried out: much is known only after up."""
    inputs, parents, protected = dict(before.inputs), dict(before.parents), set(before.protected)
    for urn, step in seen.steps.items():
        if operation(step) == "delete":
            inputs.pop(urn, None)
        elif step.new is not None:
            parents[urn] = step.new.parent
            protected = protected | {urn} if step.new.protect else protected - {urn}
            if step.new.custom:
                inputs[urn] = veiled(step.new.inputs or {})
    outputs = {name: it for name, it in seen.outputs.items() if not is_secret(it)}
    return Landscape(
        inputs=inputs,
        outputs=outputs or before.outputs,
        secrets=None,
        parents=parents,
        needs=before.needs,
        protected=frozenset(protected),
    )


def report_of(
    stack: str,
    seen: Observed,
    before: Landscape,
    after: Landscape,
    carried: Carried,
    obstacles: tuple[str, ...],
) -> StackReport:
    """All there is to say of one stack."""
    resources = resource_changes(seen)
    found = StackReport(
        stack=stack,
        outcome="different",
        carried=carried,
        obstacles=tuple(map(readable, obstacles)),
        dangers=ordered(list(_dangers(resources))),
        resources=resources,
        unchanged=unchanged(seen),
        exposures=exposures(before.inputs, after.inputs),
        public_before=public_openings(before.inputs),
        public_after=public_openings(after.inputs),
        permissions=permission_changes(before.inputs, after.inputs),
        violations=violations(before.inputs, after.inputs, (before.protected, after.protected)),
        values=tuple(_values(before, after)),
        secrets=tuple(_secrets(before, after)),
        outputs=tuple(differences(_others(before), _others(after))),
        components=tuple(_components(resources, after)),
    )
    told = (found.resources, found.values, found.secrets, found.outputs, found.obstacles)
    return found if any(told) else StackReport(stack=stack, outcome="same")


def _dangers(resources: tuple[ResourceChange, ...]) -> Iterator[Danger]:
    for change in resources:
        yield from dangers(change)


def _values(before: Landscape, after: Landscape) -> Iterator[Change]:
    old, new = before.outputs.get(_VALUES) or {}, after.outputs.get(_VALUES) or {}
    if is_unknown(new):
        yield Change(path="(every key)", how="update", after=UNKNOWN)
    else:
        yield from differences(old or _hollow(new), new)


def _hollow(tree: Any) -> Any:
    """The mappings of a tree without anything in them, so that it is told key by key although all is new."""
    return {key: _hollow(inner) for key, inner in tree.items() if isinstance(inner, Mapping)}


def _others(landscape: Landscape) -> Mapping[str, Any]:
    return {name: it for name, it in landscape.outputs.items() if name != _VALUES}


def _secrets(before: Landscape, after: Landscape) -> Iterator[Change]:
    """The keys under which secrets came, went or changed."""
    if after.secrets is None or before.secrets is None:
        return
    for name in dict.fromkeys([*_SECRETS, *before.secrets, *after.secrets]):
        old, new = before.secrets.get(name) or {}, after.secrets.get(name) or {}
        yield from _secret_keys(old, new, name)


def _secret_keys(before: Any, after: Any, path: str) -> Iterator[Change]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            yield from _secret_keys(before.get(key), after.get(key), f"{path}.{readable(str(key))}")
    elif before != after:
        if before is None:
            yield Change(path=path, how="add", after=SECRET)
        elif after is None:
            yield Change(path=path, how="delete", before=SECRET)
        else:
            yield Change(path=path, how="update", before=SECRET, after=SECRET)


def _components(resources: tuple[ResourceChange, ...], after: Landscape) -> Iterator[Component]:
    """The components of the graph with what happens in each, and which needs which."""
    counts: dict[str, Counter[Operation]] = defaultdict(Counter)
    for change in resources:
        counts[change.component][change.operation] += 1
    holder = {urn: _holder(urn, after) for urn in after.parents}
    sizes = Counter(holder[urn] for urn in after.inputs if urn in holder)
    needs: dict[str, set[str]] = defaultdict(set)
    for urn, needed in after.needs.items():
        needs[holder.get(urn, "")] |= {holder[it] for it in needed if it in holder}
    types = {name_of(urn): type_of(urn) for urn in after.parents if type_of(urn).startswith("tts:")}
    for name in dict.fromkeys([*sizes, *counts]):
        yield Component(
            name=readable(name),
            type=readable(types.get(name, _ROOT)),
            resources=sizes.get(name, 0),
            changes=dict(counts.get(name, {})),
            needs=tuple(sorted(readable(it) for it in needs.get(name, set()) - {name})),
        )


def _holder(urn: str, landscape: Landscape) -> str:
    """The component that a resource belongs to, by name."""
    parent = landscape.parents.get(urn, "")
    return name_of(parent) if type_of(parent).startswith("tts:") else _ITSELF
