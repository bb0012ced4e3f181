"""Policies of which a table says all: what a property of a type must be."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from policies.subject import Hidden, Subject

_VERSION = re.compile(r"(\d+)(?:[._](\d+))?")


@dataclass(frozen=True, kw_only=True)
class Want:
    """`path` of every resource of `type` must pass `test`; `says` completes "must".

    `protected`: only where Pulumi protects the resource, as in production. What is hidden passes: it is
    looked at again when it is known.
    """

    type: str
    path: str
    says: str
    test: Callable[[Any], bool]
    protected: bool = False


@dataclass(frozen=True)
class Table:
    """A policy of one resource: all that a table asks of its type."""

    wants: tuple[Want, ...]

    def __call__(self, subject: Subject) -> Iterator[str]:
        """What is wrong with a resource."""
        for want in self.wants:
            if want.type != subject.type or (want.protected and not subject.protected):
                continue
            found = subject.at(want.path)
            if any(not isinstance(it, Hidden) and not want.test(it) for it in found):
                yield f"{want.path} must {want.says}"


def wants(*table: Want) -> Table:
    """The policy that these make up."""
    return Table(table)


def true(kind: str, path: str, *, protected: bool = False) -> Want:
    """It must be set."""
    test: Callable[[Any], bool] = lambda it: it is True or it == "true"  # noqa: E731
    return Want(type=kind, path=path, says="be true", test=test, protected=protected)


def false(kind: str, path: str, *, given: bool = False, protected: bool = False) -> Want:
    """It must not be set; `given`: it must be set to false, as the cloud's default is another."""
    return Want(
        type=kind,
        path=path,
        says="be false" if given else "not be true",
        test=lambda it: it is False or it == "false" or (it is None and not given),
        protected=protected,
    )


def one_of(kind: str, path: str, *values: Any, protected: bool = False) -> Want:
    """It must be one of these; None among them allows for its absence."""
    said = " or ".join(str(it) for it in values if it is not None)
    return Want(
        type=kind,
        path=path,
        says=f"be {said}",
        test=lambda it: it in values,
        protected=protected,
    )


def none_of(kind: str, path: str, *values: Any) -> Want:
    """It must be none of these."""
    said = " or ".join(map(str, values))
    return Want(type=kind, path=path, says=f"not be {said}", test=lambda it: it not in values)


def at_least(
    kind: str, path: str, least: int, *, protected: bool = False, absent: bool = False
) -> Want:
    """A number, or a list with as many items; `absent`: or nothing."""
    return Want(
        type=kind,
        path=path,
        says=f"be at least {least}",
        test=lambda it: (
            (absent and it is None)
            or (len(it) if isinstance(it, list) else _number(it, 0)) >= least
        ),
        protected=protected,
    )


def _number(given: Any, otherwise: int) -> int:
    try:
        return int(given)
    except (TypeError, ValueError):
        return otherwise


def at_most(kind: str, path: str, most: int, *, absent: bool = True) -> Want:
    """A number; `absent`: or nothing."""
    return Want(
        type=kind,
        path=path,
        says=f"be at most {most}",
        test=lambda it: absent if it is None else _number(it, 10**9) <= most,
    )


def version(kind: str, path: str, least: str, *, absent: bool = False) -> Want:
    """A version, alone or at the end of a name such as POSTGRES_17; `absent`: or nothing."""
    return Want(
        type=kind,
        path=path,
        says=f"be version {least} or later",
        test=lambda it: absent if it is None else _numbers(str(it)) >= _numbers(least),
    )


def _numbers(text: str) -> tuple[int, int]:
    found = _VERSION.search(text)
    # REDIS_6_X and PostgreSQL's 17 name all minor versions.
    return (int(found[1]), 99 if found[2] is None else int(found[2])) if found else (0, 0)


def includes(kind: str, path: str, *items: str) -> Want:
    """A list that has all of these."""
    return Want(
        type=kind,
        path=path,
        says=f"include {', '.join(items)}",
        test=lambda it: isinstance(it, Sequence) and set(items) <= {str(each) for each in it},
    )


def parsed(tree: Any) -> Any:
    """What a text of JSON says; anything else as it is."""
    if isinstance(tree, str) and tree.lstrip().startswith(("{", "[")):
        try:
            return json.loads(tree)
        except ValueError:
            return tree
    return tree
