"""The project's policies, asked of what a rehearsal made."""

from collections.abc import Iterable, Mapping
from typing import Any

from policies.every import RULES
from policies.rule import Violation, judge
from policies.subject import subjects


def violations(resources: Iterable[Mapping[str, Any]]) -> tuple[Violation, ...]:
    """What the resources of an exported deployment violate, mandatory policies first."""
    return judge(RULES, list(subjects(resources)))
