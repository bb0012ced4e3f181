"""Secrets that are made once, and made anew only when their generation is raised."""

import pulumi
import pulumi_random as random

from components.protection import Protection


def generated(
    parent: pulumi.Resource, name: str, *, length: int, generation: int, protection: Protection
) -> pulumi.Output[str]:
    """A hexadecimal secret of `length` bytes in its generation, counted from 1.

    Every generation up to the one in force stays in the state: a protected resource cannot be
    replaced, and a renewal can be undone by a look at the state. `RandomBytes` is used because the
    outputs of `RandomId` are not secret.
    """
    made = [
        random.RandomBytes(f"{name}-{number}", length=length, opts=protection.made_once(parent))
        for number in range(1, generation + 1)
    ]
    return made[-1].hex
