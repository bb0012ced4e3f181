"""The report as one HTML page that needs nothing else: no network, and no script to be read."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup

from review.changes import Component, Report, ResourceChange, StackReport
from review.picture import picture, told
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
    violation,
)

_FOLDER = Path(__file__).parent / "templates"


@dataclass(frozen=True, kw_only=True)
class _Group:
    """A component with what changes in it."""

    anchor: str
    component: Component
    says: str
    resources: Sequence[ResourceChange]


@dataclass(frozen=True, kw_only=True)
class _Part:
    """A stack as the page shows it."""

    anchor: str
    stack: StackReport
    groups: Sequence[_Group]
    picture: Markup


def page(report: Report) -> str:
    """The page. Everything that a pull request names itself is escaped, and no other script may run."""
    template = _environment().get_template("page.html.jinja")
    style, script = _file("page.css"), _file("page.js")
    return template.render(
        report=report,
        parts=[_part(number, stack) for number, stack in enumerate(report.affected)],
        style=Markup(style),  # noqa: S704 - a file of this folder
        script=Markup(script),  # noqa: S704 - a file of this folder
        style_digest=_digest(style),
        script_digest=_digest(script),
        operations=OPERATIONS,
        outcomes=OUTCOMES,
        signs=SIGNS,
        simulation=SIMULATION,
        since=SINCE,
        violation=violation,
        carried=carried,
        counts=counts,
        exposure=exposure,
        property_line=property_line,
        short=short,
    )


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _file(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """As a Content-Security-Policy names what it allows."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _part(number: int, stack: StackReport) -> _Part:
    anchor = f"stack-{number}"
    names = {component.name for component in stack.components}
    # What is deleted with its component is in no component afterwards.
    gone = dict.fromkeys(it.component for it in stack.resources if it.component not in names)
    extra = [Component(name=name, type="removed", resources=0) for name in gone]
    components = [*stack.components, *extra]
    anchors = [f"{anchor}-{index}" for index in range(len(components))]
    groups = [
        _Group(
            anchor=where,
            component=component,
            says=told(component),
            resources=[it for it in stack.resources if it.component == component.name],
        )
        for where, component in zip(anchors, components, strict=True)
    ]
    label = f"Components of {stack.stack}; what a component needs is to its left"
    # Made of escaped texts and of this project's own attributes.
    drawn = Markup(picture(components, label, anchors)) if components else Markup()  # noqa: S704
    return _Part(anchor=anchor, stack=stack, groups=groups, picture=drawn)
