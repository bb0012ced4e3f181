"""The five buckets that The Things Stack requires, and what is put into each of them once.

Source, section Blob Storage:
https://www.thethingsindustries.com/docs/enterprise/kubernetes/generic/prerequisites/
"""

from dataclasses import dataclass
from typing import Literal

BucketKind = Literal["profile_pictures", "end_device_pictures", "edcs", "interop", "plugins"]


@dataclass(frozen=True, kw_only=True)
class BucketPlan:
    """One of the five: who may read it, and the empty file that it starts with."""

    kind: BucketKind
    public: bool
    seed: str | None = None

    @property
    def ending(self) -> str:
        """What the bucket's name ends with."""
        return self.kind.replace("_", "-")


BUCKETS: tuple[BucketPlan, ...] = (
    BucketPlan(kind="profile_pictures", public=True),
    BucketPlan(kind="end_device_pictures", public=True),
    BucketPlan(kind="edcs", public=False, seed="config.yml"),
    BucketPlan(kind="interop", public=False, seed="config.yml"),
    BucketPlan(kind="plugins", public=False, seed="plugins.yml"),
)
