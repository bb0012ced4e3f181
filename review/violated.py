"""Policies that a change brings a stack to violate, or no longer to."""

from collections.abc import Iterator, Mapping
from typing import Any

from policies import rule
from policies.every import RULES
from policies.subject import subject
from review.changes import Violation
from review.text import readable

Inputs = Mapping[str, Any]
_ORDER = ("new", "before", "gone")


def violations(
    before: Mapping[str, Inputs],
    after: Mapping[str, Inputs],
    protected: tuple[frozenset[str], frozenset[str]],
) -> tuple[Violation, ...]:
    """What is violated before or after, new ones first. Inputs are by URN, `protected` are URNs of both."""
    old, new = _broken(before, protected[0]), _broken(after, protected[1])
    found = [*_told(new, old, "new"), *_told(old, new, "gone")]
    order = {it: number for number, it in enumerate(_ORDER)}
    return tuple(sorted(found, key=lambda it: (order[it.since], not it.mandatory, it.policy)))


_Broken = Mapping[tuple[str, str, str], rule.Violation]


def _broken(inputs: Mapping[str, Inputs], protected: frozenset[str]) -> _Broken:
    stack = [subject(urn, it, protected=urn in protected) for urn, it in inputs.items()]
    return {(it.rule.name, it.urn, it.wrong): it for it in rule.judge(RULES, stack)}


def _told(these: _Broken, others: _Broken, word: str) -> Iterator[Violation]:
    for key, it in these.items():
        if word == "gone" and key in others:
            continue
        yield Violation(
            policy=it.rule.name,
            mandatory=it.rule.mandatory,
            since="gone" if word == "gone" else "before" if key in others else "new",
            type=readable(it.type),
            name=readable(it.name),
            says=readable(it.wrong),
            remedy=it.rule.remedy,
        )
