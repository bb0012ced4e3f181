"""The order in which operations of one moment are carried out: one at a time, shuffled from a seed.

A real cloud finishes what runs at the same time in any order. A program that works in only one of them
lacks a dependency.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rehearsal.cloud import Operation

# Longer than the engine needs to ask for the next resource once another is done.
_QUIET_SECONDS = 0.02
Priority = Callable[[Operation], str]


def shuffled(seed: int) -> Priority:
    """An order that a seed decides, the same whenever the operations come."""

    def priority(operation: Operation) -> str:
        text = f"{seed}:{operation.kind}:{operation.urn}:{operation.id}"
        return hashlib.sha256(text.encode()).hexdigest()

    return priority


class Serial:
    """One operation at a time, of those that wait the one with the least priority first.

    A turn is given once nothing new has come for a moment, so that an operation which could have run at
    the same time is there to be chosen.
    """

    def __init__(self, priority: Priority, quiet_seconds: float = _QUIET_SECONDS) -> None:
        self._priority = priority
        self._quiet = quiet_seconds
        self._changed = threading.Condition()
        self._waiting: dict[str, int] = {}
        self._busy = False
        self._arrivals = 0

    @contextmanager
    def turn(self, operation: Operation) -> Iterator[None]:
        """Wait for the operation's turn."""
        mine = self._priority(operation)
        with self._changed:
            self._waiting[mine] = self._waiting.get(mine, 0) + 1
            self._arrivals += 1
            self._changed.notify_all()
            self._wait(mine)
            self._waiting[mine] -= 1
            if not self._waiting[mine]:
                del self._waiting[mine]
            self._busy = True
        try:
            yield
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()

    def _wait(self, mine: str) -> None:
        while True:
            self._changed.wait_for(lambda: not self._busy and min(self._waiting) == mine)
            if not self._disturbed(self._arrivals):
                return

    def _disturbed(self, seen: int) -> bool:
        """Whether something came, or went ahead, before it was quiet for long enough."""
        return self._changed.wait_for(
            lambda: self._busy or self._arrivals != seen, timeout=self._quiet
        )
