"""The five buckets by name, and who may read them."""

from typing import Literal

from stacks.fields import BucketName, Section

Visibility = Literal["public", "private"]


class BucketNames(Section):
    """Buckets that are there, by what the product keeps in them."""

    profile_pictures: BucketName | None = None
    end_device_pictures: BucketName | None = None
    edcs: BucketName | None = None
    interop: BucketName | None = None
    plugins: BucketName | None = None


class BucketVisibility(Section):
    """Who may read each bucket, as it is: anyone by an object's name (public), or the product alone.

    The product needs public pictures and three private buckets, so anything else is refused.
    """

    profile_pictures: Visibility = "public"
    end_device_pictures: Visibility = "public"
    edcs: Visibility = "private"
    interop: Visibility = "private"
    plugins: Visibility = "private"
