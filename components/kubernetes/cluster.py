"""The way into a cluster that is there."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes


@dataclass(frozen=True, kw_only=True)
class ClusterAccess:
    """`identifier` stands for the cluster for good: a new kubeconfig for it replaces nothing.

    Without it the Kubernetes provider takes another kubeconfig for another cluster and plans to
    replace all that it manages.
    """

    identifier: str
    kubeconfig: pulumi.Input[str]
    context: str | None = None


def cluster_provider(name: str, access: ClusterAccess) -> kubernetes.Provider:
    """An explicit provider. An empty kubeconfig would mean the ambient one, so none is accepted."""
    return kubernetes.Provider(
        name,
        kubeconfig=pulumi.Output.secret(access.kubeconfig),
        context=access.context,
        cluster_identifier=access.identifier,
    )
