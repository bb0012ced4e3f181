"""The changes that a stack file allows, and what each does to data in production: rules/changes.yaml."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import BaseModel

from stacks.config import TARGETS, file_fields
from stacks.secrets import SecretKey

_TABLE = Path(__file__).parent / "rules" / "changes.yaml"
Effect = Literal["safe", "guarded", "refused", "unlocks"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change of some keys: what it does, what an operator is told, and the edits that show it.

    `targets` are those on which the edits make sense, empty means all; `also` has others by target; `needs`
    the sections that have to be managed for that; `names` the keys that a refusal names.
    """

    keys: Sequence[str]
    case: str | None = None
    does: Effect
    tells: str
    edits: Mapping[str, Any]
    also: Mapping[str, Mapping[str, Any]]
    targets: Sequence[str]
    needs: Sequence[str]
    secrets: Sequence[SecretKey]
    names: Sequence[str]

    def fits(self, config: Mapping[str, Any]) -> bool:
        """Whether the edits make sense in a stack file, given as its `config`."""
        return bool(self.edits_for(config)) and self._has_kinds(config)

    def edits_for(self, config: Mapping[str, Any]) -> Mapping[str, Any]:
        """The edits that make sense on a stack file's target; none where there are none."""
        target = str(config.get("tts:target"))
        if target in self.also:
            return self.also[target]
        return self.edits if target in (self.targets or [target]) else {}

    def _has_kinds(self, config: Mapping[str, Any]) -> bool:
        kinds = (*self.keys, *(f"{section}[managed]" for section in self.needs))
        return all(_is_kind(config, key) for key in kinds) and all(
            f"tts:{dotted.partition('.')[0]}" in config or "." not in dotted
            for dotted in self.edits_for(config)
        )


@cache
def changes() -> tuple[Change, ...]:
    """The table."""
    return tuple(map(_change, yaml.safe_load(_TABLE.read_text(encoding="utf-8"))))


def edited(config: Mapping[str, Any], edits: Mapping[str, Any]) -> dict[str, Any]:
    """A stack file's config with dotted keys changed; None takes a key out."""
    result = dict(config)
    for dotted, value in edits.items():
        top, _, inner = dotted.partition(".")
        key = f"tts:{top}"
        whole = {**(result.get(key) or {}), inner: value} if inner else value
        if inner and value is None:
            del whole[inner]
        result[key] = whole
    return result


def all_keys() -> frozenset[str]:
    """Every key that a stack file may have, the kinds of a section in brackets."""
    return frozenset(
        key
        for model in TARGETS.values()
        for name, field in file_fields(model)
        for key in _walk(field.alias or name, field.annotation)
    )


def _change(entry: Mapping[str, Any]) -> Change:
    return Change(
        keys=tuple(entry["keys"]),
        case=entry.get("case"),
        does=entry["does"],
        tells=entry["tells"],
        edits=entry.get("try") or {},
        also=entry.get("also") or {},
        targets=tuple(entry.get("targets") or ()),
        needs=tuple(entry.get("needs") or ()),
        secrets=tuple(entry.get("secrets") or ()),
        names=tuple(entry.get("names") or entry.get("try") or ()),
    )


def _walk(name: str, annotation: object) -> Iterator[str]:
    yield name
    models = tuple(_models(annotation))
    for model in models:
        mode = model.model_fields.get("mode")
        several = len(models) > 1 and mode is not None
        kind = f"[{get_args(mode.annotation)[0]}]" if several and mode is not None else ""
        for inner, field in model.model_fields.items():
            if inner != "mode":
                yield from _walk(f"{name}{kind}.{field.alias or inner}", field.annotation)


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
        return
    for part in get_args(annotation):
        yield from _models(part)


def _is_kind(config: Mapping[str, Any], key: str) -> bool:
    """Whether the section of a key is of the kind that it has in brackets."""
    section, bracket, rest = key.partition("[")
    if not bracket or "." in section:
        return True
    return (config.get(f"tts:{section}") or {}).get("mode") == rest.partition("]")[0]
