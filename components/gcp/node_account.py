"""The service account that nodes run as."""

import pulumi
import pulumi_gcp as gcp

from components.naming import stack_name

ACCOUNT_LONGEST = 30
# To write logs and metrics and to pull images; no more:
# https://cloud.google.com/kubernetes-engine/docs/how-to/service-accounts
NODE_ROLE = "roles/container.defaultNodeServiceAccount"


class NodeAccount(pulumi.ComponentResource):
    """A service account with just the role that GKE's nodes need.

    Without it nodes would run as the project's Compute Engine account, which may do far more. `ready`:
    what must be there before nodes start.
    """

    def __init__(
        self,
        name: str,
        *,
        stack: str,
        project: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("tts:gcp:NodeAccount", name, None, opts)
        mine = pulumi.ResourceOptions(parent=self)
        account = gcp.serviceaccount.Account(
            name,
            account_id=stack_name(stack, "nodes", longest=ACCOUNT_LONGEST),
            display_name=f"Nodes of The Things Stack, {stack}"[:100],
            opts=mine,
        )
        granted = gcp.projects.IAMMember(
            name, project=project, role=NODE_ROLE, member=account.member, opts=mine
        )
        self.email: pulumi.Output[str] = account.email
        self.ready: tuple[pulumi.Resource, ...] = (granted,)
        self.register_outputs({"email": account.email})
