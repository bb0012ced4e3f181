"""What a new server of a store may start from."""

from typing import Literal

from stacks.fields import Moment, Section, Text


class SnapshotRestore(Section):
    """A new server from a snapshot, by its name or ARN."""

    mode: Literal["snapshot"]
    snapshot: Text


class PointInTimeRestore(Section):
    """A new server as another was at a moment, or as late as its backups allow.

    `source` names a server outside this stack, or the ARN of backups that outlived theirs; left out, it
    is the server before.
    """

    mode: Literal["point-in-time"]
    time: Moment | None = None
    source: Text | None = None
