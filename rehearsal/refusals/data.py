"""The rules that are data: rules/refusals/*.yaml, read once.

One file for each service maps type tokens to entries. An entry has

- `source`: where it is known from;
- `error`: the cloud's code for a bad value;
- `values`: by input path (`[]` after a name goes through a list), one of `one_of`, `range`, `length` (of a
  text), `count` (of a list), `pattern`, `network` (shortest and longest prefix of a network address), `json`
  (most characters without white space); `allowed` says in words what is;
- `exactly_one`, `at_most_one`, `at_least_one`: groups of inputs; `needs`: an input that is of no use
  without another;
- `unique`: input paths that no two may have the same, the first of which decides whether it matters;
- `refers`: by path, the thing (`things.yaml`) that must exist;
- `holds`: by path, the code with which the deletion of that thing is refused meanwhile, `unless` a
  switch is on in that thing's own state;
- `protected_by`: the switch that forbids deletion, and its code;
- `nothing_more: true`: nothing is refused beyond what the SDK's types tell.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent.parent / "rules" / "refusals"
_THINGS = "things.yaml"
Group = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Thing:
    """Something that is referred to: by which paths of which types, and which names are the cloud's.

    `error` is the code that says that there is none.
    """

    error: str
    found_as: Mapping[str, Group]
    owned: re.Pattern[str] | None


@dataclass(frozen=True, kw_only=True)
class ValueRule:
    """What one input may be."""

    error: str
    one_of: tuple[Any, ...] | None = None
    range: tuple[float, float] | None = None
    length: tuple[int, int] | None = None
    count: tuple[int, int] | None = None
    pattern: re.Pattern[str] | None = None
    network: tuple[int, int] | None = None
    json: int | None = None
    allowed: str | None = None


@dataclass(frozen=True, kw_only=True)
class Unique:
    """Paths that no two resources of a type may have the same."""

    by: Group
    error: str
    ignore_case: bool


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What an input names."""

    thing: str
    error: str


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Why what an input names cannot be deleted."""

    error: str
    unless: str | None


@dataclass(frozen=True, kw_only=True)
class Switch:
    """An input that forbids deletion while it is on in the state."""

    path: str
    error: str


@dataclass(frozen=True, kw_only=True)
class TypeRules:
    """All data on one type."""

    source: str
    error: str
    values: Mapping[str, ValueRule]
    exactly_one: tuple[Group, ...]
    at_most_one: tuple[Group, ...]
    at_least_one: tuple[Group, ...]
    needs: Mapping[str, str]
    unique: tuple[Unique, ...]
    refers: Mapping[str, Reference]
    holds: Mapping[str, Hold]
    protected_by: Switch | None
    nothing_more: bool


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A type whose `path` names a thing by one of `identities`, which keeps that thing from deletion."""

    type: str
    path: str
    identities: Group
    hold: Hold


@cache
def things() -> Mapping[str, Thing]:
    """Everything that can be referred to."""
    return {name: _thing(entry) for name, entry in _read(_FOLDER / _THINGS).items()}


@cache
def types() -> Mapping[str, TypeRules]:
    """The rules of every type that has an entry."""
    files = sorted(path for path in _FOLDER.glob("*.yaml") if path.name != _THINGS)
    return {token: _type_rules(entry) for file in files for token, entry in _read(file).items()}


@cache
def holders(token: str) -> tuple[Holder, ...]:
    """What may keep a resource of this type from deletion."""
    return tuple(
        Holder(
            type=holder, path=path, identities=things()[reference.thing].found_as[token], hold=hold
        )
        for holder, rules in types().items()
        for path, hold in rules.holds.items()
        for reference in [rules.refers[path]]
        if token in things()[reference.thing].found_as
    )


def _read(path: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def _thing(entry: Mapping[str, Any]) -> Thing:
    found_as = {token: _group(paths) for token, paths in entry["found_as"].items()}
    return Thing(error=entry["error"], found_as=found_as, owned=_pattern(entry.get("owned")))


def _type_rules(entry: Mapping[str, Any]) -> TypeRules:
    error = entry.get("error", "InvalidParameterValue")
    return TypeRules(
        source=entry["source"],
        error=error,
        values={path: _value(rule, error) for path, rule in entry.get("values", {}).items()},
        exactly_one=_groups(entry.get("exactly_one", [])),
        at_most_one=_groups(entry.get("at_most_one", [])),
        at_least_one=_groups(entry.get("at_least_one", [])),
        needs=entry.get("needs", {}),
        unique=tuple(_unique(it) for it in entry.get("unique", [])),
        refers={path: _reference(it) for path, it in entry.get("refers", {}).items()},
        holds={path: _hold(it) for path, it in entry.get("holds", {}).items()},
        protected_by=_switch(entry.get("protected_by")),
        nothing_more=entry.get("nothing_more", False),
    )


def _value(rule: Mapping[str, Any], error: str) -> ValueRule:
    return ValueRule(
        error=rule.get("error", error),
        one_of=_tuple(rule.get("one_of")),
        range=_tuple(rule.get("range")),
        length=_tuple(rule.get("length")),
        count=_tuple(rule.get("count")),
        pattern=_pattern(rule.get("pattern")),
        network=_tuple(rule.get("network")),
        json=rule.get("json"),
        allowed=rule.get("allowed"),
    )


def _tuple(entry: Sequence[Any] | None) -> Any:
    return None if entry is None else tuple(entry)


def _unique(entry: Mapping[str, Any]) -> Unique:
    return Unique(
        by=_group(entry["by"]), error=entry["error"], ignore_case=entry.get("ignore_case", False)
    )


def _reference(entry: str | Mapping[str, str]) -> Reference:
    if isinstance(entry, str):
        return Reference(thing=entry, error=things()[entry].error)
    return Reference(thing=entry["to"], error=entry["error"])


def _hold(entry: str | Mapping[str, str]) -> Hold:
    if isinstance(entry, str):
        return Hold(error=entry, unless=None)
    return Hold(error=entry["error"], unless=entry["unless"])


def _switch(entry: Mapping[str, str] | None) -> Switch | None:
    return None if entry is None else Switch(path=entry["path"], error=entry["error"])


def _groups(entries: Sequence[Sequence[str]]) -> tuple[Group, ...]:
    return tuple(_group(entry) for entry in entries)


def _group(entry: str | Sequence[str]) -> Group:
    return (entry,) if isinstance(entry, str) else tuple(entry)


def _pattern(text: str | None) -> re.Pattern[str] | None:
    return None if text is None else re.compile(text)
