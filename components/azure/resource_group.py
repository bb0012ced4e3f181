"""The resource group that everything of a stack is in."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.protection import Protection

Promised = pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class GroupPlace:
    """A resource group, its region, and the tags of all that is put into it."""

    name: Promised
    id: Promised
    location: str
    tags: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ResourceGroupArgs:
    """`name`: unique in the subscription, at most 90 characters."""

    name: str
    location: str
    tags: Mapping[str, str]
    protection: Protection


class ResourceGroup(pulumi.ComponentResource):
    """A resource group; its deletion deletes all that is in it, so production guards it like data."""

    def __init__(
        self, name: str, args: ResourceGroupArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:azure:ResourceGroup", name, None, opts)
        made = azure.resources.ResourceGroup(
            name,
            resource_group_name=args.name,
            location=args.location,
            tags=dict(args.tags),
            opts=args.protection.data(self),
        )
        self.place = GroupPlace(name=made.name, id=made.id, location=args.location, tags=args.tags)
        self.register_outputs({"name": made.name})
