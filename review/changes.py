"""What a comparison found, as typed records; every report is made from these and from nothing else."""

from dataclasses import dataclass, field
from typing import Literal

FORMAT = 1
Operation = Literal["create", "update", "replace", "delete", "import", "forget"]
How = Literal["add", "delete", "update"]
Outcome = Literal["same", "different", "new", "removed", "failed"]
Carried = Literal["yes", "refused", "not tried"]
Protection = Literal["kept", "lost", "gained", "none"]


@dataclass(frozen=True, kw_only=True)
class Value:
    """A value as it may be shown: one line, without control characters, and never a secret."""

    kind: Literal["text", "secret", "unknown", "absent"]
    text: str = ""

    def __str__(self) -> str:
        return _WORDS.get(self.kind, self.text)


_WORDS = {"secret": "(secret)", "unknown": "(known after up)", "absent": "(none)"}
SECRET = Value(kind="secret")
UNKNOWN = Value(kind="unknown")
ABSENT = Value(kind="absent")


@dataclass(frozen=True, kw_only=True)
class Change:
    """One property or key before and after. `replaces`: it is why the resource is replaced."""

    path: str
    how: How
    before: Value = ABSENT
    after: Value = ABSENT
    replaces: bool = False


@dataclass(frozen=True, kw_only=True)
class ResourceChange:
    """What happens to one resource.

    `component`: the component it belongs to. `holds`: what would be lost with it, where it is stateful.
    `refused`: Pulumi will not do it, because the resource is protected. `left`: the cloud keeps it.
    """

    operation: Operation
    type: str
    name: str
    component: str
    urn: str
    holds: str | None = None
    refused: bool = False
    left: bool = False
    protection: Protection = "none"
    changes: tuple[Change, ...] = ()

    @property
    def follows(self) -> bool:
        """Whether it only follows from a change of something else, and what it becomes is not known yet."""
        kinds = {it.after.kind for it in self.changes}
        return self.operation in ("update", "replace") and kinds == {"unknown"}


@dataclass(frozen=True, kw_only=True)
class Danger:
    """Something to stop at. `grave`: data or an address may be lost; otherwise a guard is."""

    grave: bool
    type: str
    name: str
    says: str


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A way in. `public`: from anywhere on the internet."""

    says: str
    public: bool


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """The ways in through one resource that came or went."""

    type: str
    name: str
    opened: tuple[Opening, ...]
    closed: tuple[Opening, ...]


@dataclass(frozen=True, kw_only=True)
class Permissions:
    """What one policy document, role assignment or binding grants more and less than before."""

    type: str
    name: str
    document: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A policy that a resource violates. `since`: the change brings it, takes it away, or leaves it."""

    policy: str
    mandatory: bool
    since: Literal["new", "gone", "before"]
    type: str
    name: str
    says: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Component:
    """A component of the graph: how many resources it has afterwards, and how many change how."""

    name: str
    type: str
    resources: int
    changes: dict[Operation, int] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StackReport:
    """One stack before and after.

    `message` says why there is no comparison, or what else there is to know. `carried`: whether the change
    could be made on the simulated cloud, with `obstacles` where it could not.
    """

    stack: str
    outcome: Outcome
    message: str = ""
    carried: Carried = "not tried"
    obstacles: tuple[str, ...] = ()
    dangers: tuple[Danger, ...] = ()
    resources: tuple[ResourceChange, ...] = ()
    unchanged: int = 0
    exposures: tuple[Exposure, ...] = ()
    public_before: int = 0
    public_after: int = 0
    permissions: tuple[Permissions, ...] = ()
    violations: tuple[Violation, ...] = ()
    values: tuple[Change, ...] = ()
    secrets: tuple[Change, ...] = ()
    outputs: tuple[Change, ...] = ()
    components: tuple[Component, ...] = ()

    @property
    def compared(self) -> bool:
        """Whether there are changes to tell: against the base, or against nothing where the stack is new."""
        return self.outcome in ("different", "new")

    @property
    def alarms(self) -> int:
        """How much there is to stop at: what may be lost, what is refused, and policies newly violated."""
        broken = sum(it.mandatory and it.since == "new" for it in self.violations)
        return sum(it.grave for it in self.dangers) + len(self.obstacles) + broken

    def count(self, operation: Operation) -> int:
        """How many resources this happens to."""
        return sum(it.operation == operation for it in self.resources)


@dataclass(frozen=True, kw_only=True)
class Report:
    """All stacks. `base` is as it was asked for, `commit` what it is; `head` says what it is held against."""

    base: str
    commit: str
    head: str
    stacks: tuple[StackReport, ...]
    format: int = FORMAT

    @property
    def affected(self) -> tuple[StackReport, ...]:
        """The stacks of which there is something to say."""
        return tuple(it for it in self.stacks if it.outcome != "same")

    @property
    def failed(self) -> bool:
        """Whether a comparison could not be made."""
        return any(it.outcome == "failed" for it in self.stacks)
