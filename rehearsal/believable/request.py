"""What is being made, and values that are its alone."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.sdk import ResourceType
from rehearsal.urns import name_of

Values = dict[str, Any]


class Unbelievable(Exception):
    """Inputs from which nothing can be computed; the message says which and why."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A new resource's identifier and computed outputs."""

    id: str
    outputs: Values


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is being made, by a provider of which configuration, after how many of the same URN."""

    kind: ResourceType
    urn: str
    inputs: Mapping[str, Any]
    provider: Mapping[str, Any]
    serial: int = 0

    @property
    def region(self) -> str:
        """The region of the provider, or one that is as good as any."""
        return str(self.inputs.get("region") or self.provider.get("region") or "eu-west-1")

    @property
    def name(self) -> str:
        """The logical name."""
        return name_of(self.urn)

    def digest(self, salt: str, length: int = 17) -> str:
        """Hexadecimal digits that are this resource's alone."""
        return digest(self.urn, self.serial, salt, length)

    def data(self, salt: str, length: int) -> bytes:
        """Bytes that are this resource's alone."""
        return hashlib.shake_256(_seed(self.urn, self.serial, salt)).digest(length)

    def pick(self, salt: str, characters: str, length: int) -> str:
        """A text of these characters that is this resource's alone."""
        return "".join(characters[byte % len(characters)] for byte in self.data(salt, length))

    def whole(self, name: str, otherwise: int) -> int:
        """A number among the inputs."""
        value = self.inputs.get(name)
        return otherwise if value is None else int(value)


def digest(urn: str, serial: int, salt: str, length: int) -> str:
    """Hexadecimal digits for the resource of this URN that was made after `serial` others."""
    digits = hashlib.shake_128(_seed(urn, serial, salt)).hexdigest((length + 1) // 2)
    return digits[:length]


def _seed(urn: str, serial: int, salt: str) -> bytes:
    return f"{urn}|{serial}|{salt}".encode()


def identifier_of(request: Request) -> str:
    """The physical name among the inputs, or one made up."""
    for name in ("name", "bucket"):
        value = request.inputs.get(name)
        if isinstance(value, str):
            return value
    return f"{request.kind.token.rpartition(':')[2].lower()}-{request.digest('id')}"
