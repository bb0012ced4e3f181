"""What a policy is, and what comes of asking it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from policies.subject import Subject
from policies.wanted import Table

OfResource = Callable[[Subject], Iterable[str]]
OfStack = Callable[[Sequence[Subject]], Iterable[tuple[Subject, str]]]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One policy. `table` and `resource` say what is wrong with a resource, `stack` with several.

    `says` is what is wanted, `remedy` what to do about a violation, `source` who asks for it. A mandatory
    one stops `pulumi up` and fails a rehearsal; the others are told.
    """

    name: str
    says: str
    remedy: str
    source: str
    mandatory: bool = True
    table: Table | None = None
    resource: OfResource | None = None
    stack: OfStack | None = None

    def of_resource(self, subject: Subject) -> Iterator[str]:
        """What is wrong with a resource, as far as it can be told from itself."""
        if subject.elsewhere:
            return
        if self.table is not None:
            yield from self.table(subject)
        if self.resource is not None:
            yield from self.resource(subject)


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A resource that a policy finds fault with. It never holds what is secret."""

    rule: Rule
    urn: str
    type: str
    name: str
    wrong: str

    def __str__(self) -> str:
        return f"{self.name} ({self.type}): {self.wrong}. {self.rule.remedy} [{self.rule.name}]"


def judge(rules: Iterable[Rule], stack: Sequence[Subject]) -> tuple[Violation, ...]:
    """All that a stack violates, mandatory policies first."""
    found = [it for rule in rules for it in _violations(rule, stack)]
    return tuple(sorted(found, key=lambda it: (not it.rule.mandatory, it.rule.name, it.urn)))


def _violations(rule: Rule, stack: Sequence[Subject]) -> Iterator[Violation]:
    for subject in stack:
        for wrong in rule.of_resource(subject):
            yield _violation(rule, subject, wrong)
    if rule.stack is not None:
        for subject, wrong in rule.stack([it for it in stack if not it.elsewhere]):
            yield _violation(rule, subject, wrong)


def _violation(rule: Rule, subject: Subject, wrong: str) -> Violation:
    return Violation(rule=rule, urn=subject.urn, type=subject.type, name=subject.name, wrong=wrong)
