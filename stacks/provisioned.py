"""What every target's composition gives back."""

from dataclasses import dataclass

import pulumi

from components.prerequisites import Credentials, Prerequisites


@dataclass(frozen=True, kw_only=True)
class Provisioned:
    """The filled contract. `root_ca`: what clients must be given to trust, where a private CA is used."""

    prerequisites: Prerequisites[pulumi.Output[str]]
    credentials: Credentials[pulumi.Output[str]]
    root_ca: pulumi.Output[str] | None = None
