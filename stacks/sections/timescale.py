"""TimescaleDB: off, made or there."""

from typing import Annotated, Literal

from pydantic import Field

from stacks.fields import Host, Port, Section, Text


class NoTimescale(Section):
    """Neither Storage Integration nor Network Operations Center."""

    mode: Literal["off"]


class ManagedTimescale(Section):
    """A TimescaleDB of its own."""

    mode: Literal["managed"]


class ExistingTimescale(Section):
    """A TimescaleDB that is there, with a database for each of the two that use it."""

    mode: Literal["existing"]
    host: Host
    port: Port = 5432
    username: Text
    storage_database: Text | None = None
    noc_database: Text | None = None


Timescale = Annotated[
    NoTimescale | ManagedTimescale | ExistingTimescale, Field(discriminator="mode")
]
