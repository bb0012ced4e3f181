"""docs/configuration.md, written from the models of the stack file and the descriptions in Pulumi.yaml.

`python -m tools.configuration` writes it; a test sees that it was done.
"""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from stacks.config import TARGETS, file_fields
from stacks.secrets import SECRETS

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "configuration.md"
_HEAD = """# Configuration

Every key of a stack file, as `tts:<key>`. The shipped files in `stacks/` show them with comments. A
section with a `mode` is one of several kinds. `*` marks what is required in its section. Where a key or a
mode cannot be used in this version or on a target, the refusal says so. This page is written by
`python -m tools.configuration`.
"""


def page() -> str:
    """The text of the page."""
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    fields: dict[str, FieldInfo] = {}
    for model in TARGETS.values():
        for name, field in file_fields(model):
            fields.setdefault(field.alias or name, field)
    lines = [_HEAD]
    for key, field in fields.items():
        needed = " Required." if field.is_required() else ""
        lines += [f"## {key}", "", f"{project[key]['description']}.{needed}", ""]
        sections = [*_sections(field.annotation, "")]
        lines += [*sections, ""] if sections else []
    lines += [
        "## Secrets",
        "",
        "Set with `pulumi config set --secret <key> --stack <stack>`. A plain text is refused, and so is one "
        "that nothing uses.",
        "",
        *(f"- `{key}`: {secret.purpose}" for key, secret in SECRETS.items()),
    ]
    return "\n".join(lines) + "\n"


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
        return
    for part in get_args(annotation):
        yield from _models(part)


def _sections(annotation: object, of: str) -> Iterator[str]:
    """A line for each kind of section that a key can hold, and below it those within it."""
    indent = "  " if of else ""
    for model in _models(annotation):
        mode = model.model_fields.get("mode")
        kind = f"`mode: {_choices(mode.annotation)}`: " if mode is not None else ""
        keys = [_key(name, field) for name, field in model.model_fields.items() if name != "mode"]
        told = f" Keys: {', '.join(keys)}." if keys else ""
        yield f"{indent}- {f'`{of}` ' if of else ''}{kind}{_description(model)}{told}"
        for name, field in model.model_fields.items():
            yield from (
                line if not of else f"  {line}"
                for line in _sections(field.annotation, field.alias or name)
            )


def _choices(annotation: object) -> str:
    return " | ".join(map(str, get_args(annotation)))


def _description(model: type[BaseModel]) -> str:
    return " ".join((inspect.getdoc(model) or "").split())


def _key(name: str, field: FieldInfo) -> str:
    shown = f"`{field.alias or name}`"
    if field.is_required():
        return f"{shown}*"
    choices = _literals(field.annotation)
    one_of = f" ({choices})" if choices else ""
    default: Any = field.default
    if default in (None, PydanticUndefined, (), "") or isinstance(default, BaseModel):
        return f"{shown}{one_of}"
    if isinstance(default, bool):
        default = str(default).lower()
    return f"{shown}{one_of} (default `{default}`)"


def _literals(annotation: object) -> str:
    """What a key may be, where that is a list of words."""
    if get_origin(annotation) is Literal:
        return _choices(annotation)
    return next(filter(None, map(_literals, get_args(annotation))), "")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
