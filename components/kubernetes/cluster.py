"""The way into a cluster that is there."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes


@dataclass(frozen=True, kw_only=True)
class ClusterAccess:
    """`identifier` stands for the cluster for good: a new kubeconfig for it replaces nothing.

    Without it the Kubernetes provider takes another kubeconfig for another cluster and plans to
    replace all that it manages. A kubeconfig with credentials must be marked secret by who gives it.
    """

    identifier: str
    kubeconfig: pulumi.Input[str]
    context: str | None = None


def cluster_provider(
    name: str, access: ClusterAccess, after: Sequence[pulumi.Resource] = ()
) -> kubernetes.Provider:
    """An explicit provider. An empty kubeconfig would mean the ambient one, so none is accepted.

    `after`: what must be there before the cluster answers.
    """
    return kubernetes.Provider(
        name,
        kubeconfig=access.kubeconfig,
        context=access.context,
        cluster_identifier=access.identifier,
        # A renewed certificate or password changes its Secret in place: a replacement deletes it first.
        enable_secret_mutable=True,
        enable_config_map_mutable=True,
        opts=pulumi.ResourceOptions(depends_on=list(after)),
    )
