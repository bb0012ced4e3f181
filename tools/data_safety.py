"""docs/data-safety.md, written from rehearsal/rules/changes.yaml.

`python -m tools.data_safety` writes it; a test sees that it was done, and others that it is true.
"""

from pathlib import Path

from rehearsal.changes import Change, changes

PAGE = Path(__file__).parent.parent / "docs" / "data-safety.md"
_HEAD = """# What a change does to data

Under `protection: production`, for every key of a stack file. Databases, caches, buckets and their
objects, generated secrets, keys, addresses, the cluster and the namespace count as data. Rehearsals try
the changes on the production stacks (`tests/rehearsal/test_data_safety.py`). This page is written by
`python -m tools.data_safety`.

- **safe**: nothing that holds data is replaced or deleted.
- **guarded**: something would be, so Pulumi refuses it in the preview. The unlock is `protection: disposable`
  and `pulumi up`, which deletes nothing; the edit after it loses the data.
- **refused**: the stack file is refused with what is allowed instead.
- **unlocks**: takes the guards away and touches nothing else.

Whatever the stack file says: files in the buckets that you edited are yours, passwords that were rotated
stay as they are, and `destroy` keeps what is guarded, says so, and `up` takes it up again as it is
([operations](operations.md#destroy)).

| key | change | data | |
| --- | --- | --- | --- |
"""


def page() -> str:
    """The text of the page."""
    return _HEAD + "".join(f"{_row(change)}\n" for change in changes())


def _row(change: Change) -> str:
    keys = ", ".join(f"`{key}`" for key in change.keys)
    return f"| {keys} | {change.case or 'any'} | **{change.does}** | {change.tells} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
