"""The report as a comment on a pull request.

What a pull request names itself stands in code only, where neither Markdown, HTML nor mentions work.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from review.changes import Change, Report, ResourceChange, StackReport
from review.text import readable
from review.wording import (
    OPERATIONS,
    OUTCOMES,
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

# GitHub takes 65,536 characters; what is counted here are bytes, which are never fewer.
LIMIT = 65_000
# By these, so that a workflow finds its own comment again.
MARK = "<!-- preview-against-base -->"
_LINES = (2000, 600, 300, 150, 80, 40, 20, 10, 5, 2)
_STACKS = 60
_LINE = 400
_Section = tuple[str, Sequence[str]]


def markdown(report: Report, where: str, limit: int = LIMIT) -> str:
    """The report within `limit` bytes. `where` tells where the whole of it is, if this is cut short."""
    for lines in _LINES:
        text = _written(report, where, lines)
        if len(text.encode()) <= limit:
            return text
    return _overview_only(report, where, limit)


def _written(report: Report, where: str, lines: int) -> str:
    cut = [False]
    parts = [MARK, *_head(report)]
    for stack in report.affected[:_STACKS]:
        parts += ["", *_stack(stack, lines, cut)]
    if cut[0]:
        parts += ["", f"_Cut short. {where}_"]
    return "\n".join(parts) + "\n"


def _overview_only(report: Report, where: str, limit: int) -> str:
    note = f"\n_Cut short. {where}_\n"
    text = "\n".join([MARK, *_head(report)])
    room = limit - len(note.encode())
    while len(text.encode()) > room:
        text = text.rpartition("\n")[0]
    return text + note


def _head(report: Report) -> Iterator[str]:
    yield f"## Preview against {code(report.base)} ({code(short(report.commit))})"
    yield ""
    if not report.affected:
        yield f"No stack is affected: {', '.join(code(it.stack) for it in report.stacks)}."
    else:
        yield from _table(report)
    yield ""
    yield f"<sub>{SIMULATION}</sub>"


def _table(report: Report) -> Iterator[str]:
    yield f"| stack | result | {' | '.join(OPERATIONS)} | stop at |"
    yield f"| --- | --- |{' ---: |' * (len(OPERATIONS) + 1)}"
    for stack in report.stacks[:_STACKS]:
        numbers = [str(stack.count(it) or "") for it in OPERATIONS]
        cells = [
            code(stack.stack),
            OUTCOMES[stack.outcome],
            *numbers,
            f"**{stack.alarms}**" if stack.alarms else "",
        ]
        yield f"| {' | '.join(cells)} |"
    if len(report.stacks) > _STACKS:
        yield f"\n{len(report.stacks) - _STACKS} more stacks are left out."


def _stack(stack: StackReport, lines: int, cut: list[bool]) -> Iterator[str]:
    yield f"### {code(stack.stack)}: {OUTCOMES[stack.outcome]}"
    if stack.message:
        yield ""
        yield from _block(stack.message.splitlines(), "text", lines, cut)
    if not stack.compared:
        return
    yield from _alert("CAUTION", _dangers(stack, grave=True), lines, cut)
    yield from _alert("WARNING", _dangers(stack, grave=False), lines, cut)
    if stack.obstacles:
        obstacles = [carried(stack), *(f"- {code(it)}" for it in stack.obstacles)]
        yield from _alert("CAUTION", obstacles, lines, cut)
    broken = [f"- {code(violation(it))}" for it in stack.violations if it.since == "new"]
    if broken:
        yield from _alert("CAUTION", ["Policies that are newly violated:", *broken], lines, cut)
    yield ""
    yield f"{counts(stack)}. {carried(stack) if not stack.obstacles else ''}".strip()
    for title, text in _sections(stack):
        if text:
            yield from ["", "<details>", f"<summary>{title}</summary>", ""]
            yield from _block(text, "diff", lines, cut)
            yield from ["", "</details>"]


def _dangers(stack: StackReport, *, grave: bool) -> list[str]:
    return [
        f"- {code(it.name)} ({code(it.type)}): {code(it.says)}"
        for it in stack.dangers
        if it.grave == grave
    ]


def _alert(kind: str, text: Sequence[str], lines: int, cut: list[bool]) -> Iterator[str]:
    if not text:
        return
    yield ""
    yield f"> [!{kind}]"
    for line in _at_most(text, max(lines, 5), cut):
        yield f"> {line}"


def _sections(stack: StackReport) -> Iterator[_Section]:
    title = f"Policies that are or were violated ({len(stack.violations)})"
    yield title, [f"{SINCE[it.since]} {violation(it)}" for it in stack.violations]
    yield f"Exposure; {exposure(stack)}", list(_exposure(stack))
    yield f"Permissions ({len(stack.permissions)})", list(_permissions(stack))
    yield f"Helm values ({len(stack.values)})", _changes(stack.values)
    yield f"Secrets ({len(stack.secrets)})", _changes(stack.secrets)
    yield f"Outputs ({len(stack.outputs)})", _changes(stack.outputs)
    own = [it for it in stack.resources if not it.follows]
    following = [it for it in stack.resources if it.follows]
    yield f"Resources ({len(own)})", [line for it in own for line in _resource(it)]
    title = f"Resources that only follow from these ({len(following)})"
    yield title, [f"! {it.operation} {subject(it)}" for it in following]


def _exposure(stack: StackReport) -> Iterator[str]:
    for found in stack.exposures:
        yield f"  {found.name} ({found.type})"
        yield from (f"-   {way.says}" for way in found.closed)
        yield from (f"+   {way.says}{'  PUBLIC' if way.public else ''}" for way in found.opened)


def _permissions(stack: StackReport) -> Iterator[str]:
    for found in stack.permissions:
        yield f"  {found.name} ({found.type}, {found.document})"
        yield from (f"-   {text}" for text in found.removed)
        yield from (f"+   {text}" for text in found.added)


def _changes(changes: tuple[Change, ...], indent: str = "") -> list[str]:
    return [line for it in changes for line in _both(it, indent)]


def _both(change: Change, indent: str) -> Iterator[str]:
    secret = change.before.kind == change.after.kind == "secret"
    if change.how != "update" or secret:
        sign = {"add": "+", "delete": "-"}.get(change.how, "!")
        yield f"{sign} {indent}{property_line(change)}"
        return
    why = "  [replaces]" if change.replaces else ""
    yield f"- {indent}{change.path}: {change.before}"
    yield f"+ {indent}{change.path}: {change.after}{why}"


_OPENERS: dict[str, Callable[[str], str]] = {
    "create": "+ create {}".format,
    "import": "+ import {}".format,
    "delete": "- delete {}".format,
    "forget": "- forget {}".format,
    "update": "! update {}".format,
    "replace": "- replace {}".format,
}


def _resource(change: ResourceChange) -> Iterator[str]:
    yield _OPENERS[change.operation](subject(change))
    if change.operation != "create":
        yield from _changes(change.changes, "    ")


def _block(text: Sequence[str], kind: str, lines: int, cut: list[bool]) -> Iterator[str]:
    """A fenced block that nothing in it can end."""
    kept = [_shortened(line) for line in _at_most(text, lines, cut)]
    fence = "`" * max(3, _longest_run("\n".join(kept)) + 1)
    yield f"{fence}{kind}"
    yield from kept
    yield fence


def _shortened(text: str) -> str:
    """The beginning of a text, readable; cut first, as a hostile one may be of any length."""
    line = readable(text[: _LINE + 1])
    return line if len(line) <= _LINE else f"{line[:_LINE]}…"


def _at_most(text: Sequence[str], lines: int, cut: list[bool]) -> Iterator[str]:
    yield from text[:lines]
    if len(text) > lines:
        cut[0] = True
        yield f"… and {len(text) - lines} more lines"


def code(text: str) -> str:
    """A text as code in a line, a table or a quote, whatever it has in it."""
    text = _shortened(re.sub(r"\s+", " ", text[: 2 * _LINE])).replace("|", "\\|") or " "
    fence = "`" * (_longest_run(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)
