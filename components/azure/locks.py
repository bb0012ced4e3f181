"""Azure's own deletion protection: a management lock."""

import pulumi
import pulumi_azure_native as azure

from components.protection import Protection


def no_delete(
    parent: pulumi.Resource, name: str, scope: pulumi.Input[str], protection: Protection
) -> None:
    """In production, Azure refuses to delete what has this ID, whoever asks.

    The lock itself is not protected: it must go before what it locks when protection is given up
    (https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/lock-resources).
    """
    if not protection.guarded:
        return
    azure.authorization.ManagementLockByScope(
        name,
        lock_name="tts-no-delete",
        scope=scope,
        level=azure.authorization.LockLevel.CAN_NOT_DELETE,
        notes="The Things Stack keeps data here; see protection in the stack file.",
        opts=pulumi.ResourceOptions(parent=parent),
    )
