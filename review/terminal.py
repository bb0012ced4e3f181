"""The report for a terminal."""

from rich.console import Console
from rich.table import Table

from review.changes import Change, Report, ResourceChange, StackReport
from review.wording import (
    OPERATIONS,
    OUTCOMES,
    SIGNS,
    SIMULATION,
    SINCE,
    carried,
    counts,
    exposure,
    property_line,
    short,
    subject,
    violation,
)

_STYLES = {
    "delete": "bold red",
    "replace": "red",
    "forget": "red",
    "update": "yellow",
    "create": "green",
    "import": "green",
    "add": "green",
}


def show(report: Report, console: Console) -> None:
    """Print the report: what is lost first, then stack by stack."""
    _line(console, SIMULATION, "dim")
    _line(console, f"{report.head} against {report.base} ({short(report.commit)})", "bold")
    console.print(_overview(report))
    for stack in report.affected:
        _stack(stack, console)
    if not report.affected:
        _line(console, "No stack is affected.", "green")


def _overview(report: Report) -> Table:
    table = Table("stack", "result", *OPERATIONS, "stop at", box=None)
    for stack in report.stacks:
        numbers = [str(stack.count(it) or "") for it in OPERATIONS]
        table.add_row(stack.stack, OUTCOMES[stack.outcome], *numbers, str(stack.alarms or ""))
    return table


def _stack(stack: StackReport, console: Console) -> None:
    console.print()
    _line(console, f"{stack.stack}: {OUTCOMES[stack.outcome]}", "bold underline")
    if stack.message:
        _line(console, stack.message, "red" if stack.outcome == "failed" else None)
    if not stack.compared:
        return
    for danger in stack.dangers:
        style = "bold white on red" if danger.grave else "bold yellow"
        word = "LOSS" if danger.grave else "GUARD"
        _line(console, f"{word}  {danger.name} ({danger.type}): {danger.says}", style)
    _line(console, carried(stack), "bold red" if stack.obstacles else "dim")
    for obstacle in stack.obstacles:
        _line(console, f"  {obstacle}", "red")
    _line(console, counts(stack))
    _violations(stack, console)
    _exposure(stack, console)
    _permissions(stack, console)
    _changes("Helm values", stack.values, console)
    _changes("Secrets", stack.secrets, console)
    _changes("Outputs", stack.outputs, console)
    _resources(stack, console)


def _violations(stack: StackReport, console: Console) -> None:
    if stack.violations:
        _line(console, "\nPolicies that are violated", "bold")
    for found in stack.violations:
        style = {"gone": "dim", "new": "bold red" if found.mandatory else "yellow"}.get(found.since)
        _line(console, f"  {SINCE[found.since]} {violation(found)}", style)


def _exposure(stack: StackReport, console: Console) -> None:
    if not stack.exposures:
        return
    _line(console, f"\nExposure; {exposure(stack)}", "bold")
    for found in stack.exposures:
        _line(console, f"  {found.name} ({found.type})")
        for way in found.closed:
            _line(console, f"    - {way.says}", "dim")
        for way in found.opened:
            style, mark = ("bold red", "  PUBLIC") if way.public else ("green", "")
            _line(console, f"    + {way.says}{mark}", style)


def _permissions(stack: StackReport, console: Console) -> None:
    if not stack.permissions:
        return
    _line(console, "\nPermissions", "bold")
    for found in stack.permissions:
        _line(console, f"  {found.name} ({found.type}, {found.document})")
        for text in found.removed:
            _line(console, f"    - {text}", "dim")
        for text in found.added:
            _line(console, f"    + {text}", "yellow")


def _changes(title: str, changes: tuple[Change, ...], console: Console) -> None:
    if not changes:
        return
    _line(console, f"\n{title}", "bold")
    for change in changes:
        _line(console, f"  {SIGNS[change.how]} {property_line(change)}", _STYLES[change.how])


def _resources(stack: StackReport, console: Console) -> None:
    own = [it for it in stack.resources if not it.follows]
    following = [it for it in stack.resources if it.follows]
    if own:
        _line(console, "\nResources", "bold")
    for change in own:
        _resource(change, console)
    if following:
        _line(console, "\nResources that only follow from these", "bold")
        for change in following:
            paths = ", ".join(it.path for it in change.changes)
            _line(console, f"  {change.operation} {subject(change)}: {paths}", "dim")


def _resource(change: ResourceChange, console: Console) -> None:
    _line(console, f"  {change.operation} {subject(change)}", _STYLES[change.operation])
    if change.operation == "create":
        return
    for it in change.changes:
        _line(console, f"      {SIGNS[it.how]} {property_line(it)}")


def _line(console: Console, text: str, style: str | None = None) -> None:
    """Text as it is, so that nothing in it is taken for markup."""
    if text:
        console.print(text, style=style, highlight=False, markup=False, soft_wrap=True)
