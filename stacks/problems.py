"""What is wrong with a stack file, in words that name the key, the value, what is allowed and the remedy."""

import difflib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

PROJECT = "tts"
_REFUSED = "refused"
_LONGEST_VALUE = 80


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong with a stack file. `value` is None where there is none to show, or it is secret."""

    key: str
    value: str | None = None
    allowed: str
    remedy: str

    def __str__(self) -> str:
        shown = "" if self.value is None else f" = {self.value}"
        return f"{self.key}{shown}\n    allowed: {self.allowed}\n    remedy:  {self.remedy}"


class ConfigErrors(Exception):
    """Every problem of one stack file; the message is fit to be shown to its author as it is."""

    def __init__(self, stack: str, problems: Iterable[Problem]) -> None:
        self.stack = stack
        self.problems = tuple(sorted(dict.fromkeys(problems), key=lambda problem: problem.key))
        count = len(self.problems)
        noun = "problem" if count == 1 else "problems"
        heading = f"stacks/Pulumi.{stack}.yaml has {count} {noun}; nothing was changed."
        super().__init__("\n\n".join([heading, *map(str, self.problems)]))


def refuse(allowed: str, remedy: str) -> NoReturn:
    """End a pydantic validator with the two things a `Problem` needs besides key and value."""
    raise PydanticCustomError(
        _REFUSED, "{allowed}; {remedy}", {"allowed": allowed, "remedy": remedy}
    )


def key_of(*path: str | int) -> str:
    """The key as a person finds it in the stack file: `tts:redis.address`, `tts:zones[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return f"{PROJECT}:{text}"


def shown(value: object) -> str:
    """A value on one line, cut where it is long."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except ValueError:
        text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def unknown_key(path: Sequence[str | int], known: Iterable[str]) -> Problem:
    """A key that means nothing here, with the nearest one that does, or else all that do.

    Its value is not shown: it may be a secret under a misspelt key.
    """
    names = {name.lower(): name for name in sorted(known)}
    close = difflib.get_close_matches(str(path[-1]).lower(), list(names), n=1, cutoff=0.6)
    if close:
        allowed = "this key is not known"
        remedy = f"did you mean {names[close[0]]!r}? Otherwise remove it"
    else:
        allowed = f"this key is not known; known here: {', '.join(names.values()) or 'none'}"
        remedy = "remove it"
    return Problem(key=key_of(*path), allowed=allowed, remedy=remedy)


def from_validation(name: str, annotation: Any, error: ValidationError) -> list[Problem]:
    """The problems of one top-level key, out of pydantic's."""
    return [_problem(name, annotation, detail) for detail in error.errors(include_url=False)]


def _problem(name: str, annotation: Any, detail: ErrorDetails) -> Problem:
    loc = detail["loc"][1:]
    path, model = _walk(annotation, loc)
    full: list[str | int] = [name, *path]
    kind, context = detail["type"], detail.get("ctx", {})
    value = detail["input"]
    if kind == "extra_forbidden":
        return unknown_key(full, _aliases(model))
    if kind == "missing":
        return Problem(
            key=key_of(*full),
            allowed="this key is required",
            remedy=f"add it under {key_of(*full[:-1])}",
        )
    if kind == _REFUSED:
        allowed, remedy = str(context["allowed"]), str(context["remedy"])
    elif kind in ("union_tag_invalid", "union_tag_not_found"):
        full.append("mode")
        value = value.get("mode") if isinstance(value, dict) else value
        allowed = f"one of {_tags(annotation, loc)}"
        remedy = "set mode to one of them"
    else:
        allowed, remedy = _plain_words(kind, context, detail["msg"])
    return Problem(
        key=key_of(*full),
        value=None if value is None else shown(value),
        allowed=allowed,
        remedy=remedy,
    )


_KINDS = {
    "string_type": ("a text", "write it in quotes, as numbers and dates are not texts to YAML"),
    "int_type": ("a whole number", "write it without quotes"),
    "bool_type": ("true or false", "write it without quotes"),
    "model_type": ("a mapping of keys to values", "indent its keys below it"),
    "model_attributes_type": ("a mapping of keys to values", "indent its keys below it"),
    "dict_type": ("a mapping of keys to values", "indent its keys below it"),
    "tuple_type": ("a list", "write one '- item' a line below it"),
    "list_type": ("a list", "write one '- item' a line below it"),
    "is_instance_of": ("a text", "write it in quotes"),
}


def _plain_words(kind: str, context: Any, message: str) -> tuple[str, str]:
    if kind in _KINDS:
        return _KINDS[kind]
    if kind in ("literal_error", "enum"):
        return f"one of {context['expected']}", "use one of them"
    if kind in ("greater_than_equal", "less_than_equal", "greater_than", "less_than"):
        return message.removeprefix("Input should be "), "choose a number within the bound"
    return message.removeprefix("Input should be "), "correct the value"


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]


def _tag(model: type[BaseModel]) -> str | None:
    mode = model.model_fields.get("mode")
    return None if mode is None else str(get_args(mode.annotation)[0])


def _aliases(models: Sequence[type[BaseModel]]) -> set[str]:
    return {field.alias or name for model in models for name, field in model.model_fields.items()}


def _walk(
    annotation: Any, loc: Sequence[int | str]
) -> tuple[list[str | int], Sequence[type[BaseModel]]]:
    """The path without pydantic's union tags, and the models that own its last part."""
    path: list[str | int] = []
    models: Sequence[type[BaseModel]] = _models(annotation)
    owners = models
    for part in loc:
        if isinstance(part, int):
            path.append(part)
            continue
        tagged = [model for model in models if _tag(model) == part]
        if tagged and len(models) > 1:
            models = owners = tagged
            continue
        path.append(part)
        owners = models
        models = [
            inner
            for model in models
            for name, field in model.model_fields.items()
            if (field.alias or name) == part
            for inner in _models(field.annotation)
        ] or models
    return path, owners


def _tags(annotation: Any, loc: Sequence[int | str]) -> str:
    models = _models(annotation)
    for part in loc:
        models = [
            inner
            for model in models
            for name, field in model.model_fields.items()
            if (field.alias or name) == part
            for inner in _models(field.annotation)
        ] or models
    return ", ".join(sorted({tag for model in models if (tag := _tag(model))}))
