"""What all reports say in the same words."""

from collections.abc import Mapping

from review.changes import Change, Operation, Outcome, ResourceChange, StackReport, Violation

SIMULATION = (
    "Both sides ran on the real Pulumi engine and a simulated cloud, without credentials: identifiers are "
    "made up, and what only your account knows is not seen."
)
OUTCOMES: Mapping[Outcome, str] = {
    "same": "no difference",
    "different": "differs",
    "new": "new stack",
    "removed": "stack removed",
    "failed": "not compared",
}
OPERATIONS: tuple[Operation, ...] = ("create", "update", "replace", "delete", "forget", "import")
SIGNS: Mapping[str, str] = {"add": "+", "delete": "-", "update": "~"}
_SHORT = 12


def counts(stack: StackReport) -> str:
    """What happens to how many resources."""
    found = [(stack.count(it), it) for it in OPERATIONS]
    told = [f"{number} to {name}" for number, name in found if number]
    return ", ".join([*(told or ["no resource changes"]), f"{stack.unchanged} unchanged"])


def short(commit: str) -> str:
    """A commit as people name it."""
    return commit[:_SHORT]


def carried(stack: StackReport) -> str:
    """Whether the change could be made."""
    if stack.carried == "yes":
        return "The simulated cloud carried the change out."
    if stack.carried == "refused":
        return "The change cannot be carried out as it is:"
    return ""


def subject(change: ResourceChange) -> str:
    """A resource by name, type and component."""
    return f"{change.name} ({change.type}, in {change.component})"


def property_line(change: Change) -> str:
    """A property before and after, on one line."""
    why = "  [replaces]" if change.replaces else ""
    if change.before.kind == "secret" and change.after.kind == "secret":
        return f"{change.path}: (secret, changed){why}"
    if change.how == "update" and change.before.kind == "absent":
        return f"{change.path}: {change.after}{why}"
    if change.how == "add":
        return f"{change.path}: {change.after}{why}"
    if change.how == "delete":
        return f"{change.path}: {change.before}{why}"
    return f"{change.path}: {change.before} => {change.after}{why}"


SINCE: Mapping[str, str] = {"new": "+", "gone": "-", "before": " "}


def violation(found: Violation) -> str:
    """A policy that is or was violated, with what to do where it is."""
    kind = "" if found.mandatory else ", advice"
    remedy = "" if found.since == "gone" else f". {found.remedy}"
    return f"{found.name} ({found.type}): {found.says}{remedy} [{found.policy}{kind}]"


def exposure(stack: StackReport) -> str:
    """How public a stack is, before and after."""
    return (
        f"ways in from the whole internet: {stack.public_before} before, {stack.public_after} after"
    )
