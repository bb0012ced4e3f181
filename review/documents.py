"""Policy documents of AWS as statements that can be compared one by one."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.properties import is_secret, is_unknown
from review.text import readable


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement. `when` is empty without conditions, and starts with a space otherwise."""

    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: tuple[str, ...]
    when: str


def statements(document: Any) -> Iterator[Statement]:
    """The statements of a policy document, as text or as a mapping; none where it is not known."""
    if is_unknown(document) or is_secret(document):
        return
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            return
    found = document.get("Statement") if isinstance(document, Mapping) else None
    for statement in found if isinstance(found, list) else [found]:
        if isinstance(statement, Mapping):
            yield _statement(statement)


def _statement(given: Mapping[str, Any]) -> Statement:
    return Statement(
        effect=readable(str(given.get("Effect", "Allow"))),
        actions=_either(given, "Action"),
        resources=_either(given, "Resource"),
        principals=tuple(_principals(given)),
        when=_condition(given.get("Condition")),
    )


def _either(given: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """What is listed under a name, or under its negation."""
    if f"Not{name}" in given:
        return (f"anything but {', '.join(_texts(given[f'Not{name}']))}",)
    return tuple(_texts(given.get(name)))


def _texts(given: Any) -> list[str]:
    if given is None:
        return []
    items = given if isinstance(given, list) else [given]
    return [readable(str(it)) for it in items]


def _principals(given: Mapping[str, Any]) -> Iterator[str]:
    for name, prefix in (("Principal", ""), ("NotPrincipal", "anybody but ")):
        found = given.get(name)
        if isinstance(found, Mapping):
            for kind, who in found.items():
                yield from (_who(str(kind), it, prefix) for it in _texts(who))
        elif found is not None:
            yield from (_who("AWS", it, prefix) for it in _texts(found))


def _who(kind: str, who: str, prefix: str) -> str:
    if who == "*":
        return f"{prefix}everybody"
    return f"{prefix}{who}" if kind in ("AWS", "Service") else f"{prefix}{kind} {who}"


def _condition(given: Any) -> str:
    if not isinstance(given, Mapping) or not given:
        return ""
    parts = []
    for operator, tests in sorted(given.items()):
        for key, wanted in sorted(tests.items()) if isinstance(tests, Mapping) else []:
            parts.append(f"{key} {operator} {', '.join(_texts(wanted))}")
    return f" when {' and '.join(map(readable, parts))}"
