"""Restoring a store: always as a new server, never in the place of a running one. Pure.

The first server is number 1, and each entry under `restores` makes one more; the last is the one in
use. What a server was made from cannot change later without replacing it, so an entry stays as long
as its server does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

OldServers = Literal["keep", "release", "remove"]


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A snapshot, by its name or ARN."""

    name: str


@dataclass(frozen=True, kw_only=True)
class PointInTime:
    """A moment (RFC 3339) in a server's backups, or the latest there is where `time` is None.

    `source`: a server outside this stack by its identifier, or the ARN of backups that outlived theirs;
    None means the server before.
    """

    time: str | None
    source: str | None


Restore = Snapshot | PointInTime


@dataclass(frozen=True, kw_only=True)
class Server:
    """One server: its number, what it starts from (None: nothing), and whether it may be deleted."""

    number: int
    origin: Restore | None
    released: bool


def plan_servers(restores: Sequence[Restore], old: OldServers) -> tuple[Server, ...]:
    """The servers that are to exist, the one in use last.

    The others are kept as guarded as it, or released from their protection, or no longer there.
    """
    origins: list[Restore | None] = [None, *restores]
    last = len(origins)
    first = last if old == "remove" else 1
    return tuple(
        Server(number=number, origin=origins[number - 1], released=old != "keep" and number < last)
        for number in range(first, last + 1)
    )
