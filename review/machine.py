"""The report as JSON, with its schema."""

import json
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from review.changes import Report


@cache
def _adapter() -> TypeAdapter[Report]:
    return TypeAdapter(Report)


def to_json(report: Report) -> str:
    """The report as JSON; `format` rises when a field goes or changes its meaning."""
    return _adapter().dump_json(report, indent=1).decode() + "\n"


def from_json(text: str) -> Report:
    """The report again. Raises pydantic.ValidationError for anything else."""
    return _adapter().validate_json(text)


def schema() -> str:
    """The JSON Schema of the report."""
    found: dict[str, Any] = _adapter().json_schema()
    return json.dumps(found, indent=1, sort_keys=True) + "\n"
