"""A managed identity that reaches the five buckets, for service accounts of the cluster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.azure.resource_group import GroupPlace
from components.azure.roles import assign

Promised = pulumi.Output[str]
_AUDIENCE = "api://AzureADTokenExchange"


@dataclass(frozen=True, kw_only=True)
class FederatedIdentityArgs:
    """`service_accounts` in `namespace`, as `issuer_url` vouches for them, take the identity.

    `containers`: the IDs of the containers whose blobs it may read, write and delete, by a word for each.
    """

    stack: str
    subscription: str
    group: GroupPlace
    name: str
    issuer_url: Promised
    namespace: Promised
    service_accounts: Sequence[str]
    containers: Mapping[str, Promised]


class FederatedIdentity(pulumi.ComponentResource):
    """A user-assigned managed identity that pods take without any secret.

    The product needs the label and annotations of Azure's workload identity on its pods and service
    accounts (https://learn.microsoft.com/en-us/azure/aks/workload-identity-overview).
    """

    def __init__(
        self, name: str, args: FederatedIdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:azure:FederatedIdentity", name, None, opts)
        made = azure.managedidentity.UserAssignedIdentity(
            name,
            resource_name_=args.name,
            resource_group_name=args.group.name,
            location=args.group.location,
            tags=dict(args.group.tags),
            opts=pulumi.ResourceOptions(parent=self),
        )
        # Azure takes one credential of an identity at a time.
        before: list[pulumi.Resource] = []
        for account in args.service_accounts:
            before = [
                azure.managedidentity.FederatedIdentityCredential(
                    f"{name}-{account}",
                    federated_identity_credential_resource_name=account,
                    resource_group_name=args.group.name,
                    resource_name_=made.name,
                    issuer=args.issuer_url,
                    subject=args.namespace.apply(
                        lambda namespace, account=account: (
                            f"system:serviceaccount:{namespace}:{account}"
                        )
                    ),
                    audiences=[_AUDIENCE],
                    opts=pulumi.ResourceOptions(parent=self, depends_on=before),
                )
            ]
        self.roles: tuple[pulumi.Resource, ...] = tuple(
            assign(
                self,
                f"{name}-{container}",
                subscription=args.subscription,
                stack=args.stack,
                role="Storage Blob Data Contributor",
                scope=scope,
                principal_id=made.principal_id,
            )
            for container, scope in args.containers.items()
        )
        self.client_id: Promised = made.client_id
        self.principal_id: Promised = made.principal_id
        self.register_outputs({"clientId": self.client_id})
