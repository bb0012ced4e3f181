"""What every target's composition gives back."""

from dataclasses import dataclass

import pulumi

from components.prerequisites import Credentials, Prerequisites


@dataclass(frozen=True, kw_only=True)
class Provisioned:
    """The filled contract."""

    prerequisites: Prerequisites[pulumi.Output[str]]
    credentials: Credentials[pulumi.Output[str]]
