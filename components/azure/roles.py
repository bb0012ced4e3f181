"""What identities may do: assignments of Azure's own roles.

https://learn.microsoft.com/en-us/azure/role-based-access-control/built-in-roles
"""

from typing import Literal

import pulumi
import pulumi_azure_native as azure

from components.azure.names import assignment_name

Role = Literal[
    "DNS Zone Contributor",
    "Network Contributor",
    "Storage Blob Data Contributor",
    "Storage Blob Delegator",
]
_IDS: dict[Role, str] = {
    "DNS Zone Contributor": "befefa01-2a29-4197-83a8-272ff33ce314",
    "Network Contributor": "4d97b98b-1d4f-4787-a291-c67834d212e7",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Delegator": "db58b8e5-c6ad-4a2a-8342-4190687cbf4a",
}


def assign(
    parent: pulumi.Resource,
    name: str,
    *,
    subscription: str,
    stack: str,
    role: Role,
    scope: pulumi.Input[str],
    principal_id: pulumi.Input[str],
) -> azure.authorization.RoleAssignment:
    """Give a managed identity a role on a scope.

    The old one goes first where it is replaced: Azure refuses a second of the same scope, role and
    principal.
    """
    return azure.authorization.RoleAssignment(
        name,
        role_assignment_name=assignment_name(subscription, stack, name),
        scope=scope,
        role_definition_id=(
            f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{_IDS[role]}"
        ),
        principal_id=principal_id,
        # Without it, Azure looks for an identity that its directory may not know yet.
        principal_type=azure.authorization.PrincipalType.SERVICE_PRINCIPAL,
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
    )
