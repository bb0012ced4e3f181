"""What the entry of every target gives back."""

from dataclasses import dataclass

from components import prerequisites
from stacks.existing import Promised


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What the product needs to know of its ingress controller, and the addresses that it is reached at."""

    facts: prerequisites.Ingress
    ingress: tuple[Promised, ...] = ()
    udp: tuple[Promised, ...] = ()
