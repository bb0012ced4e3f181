"""A namespace for what a stack installs beside the product."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

# https://kubernetes.io/docs/concepts/security/pod-security-standards/
_RESTRICTED: Mapping[str, str] = {
    f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")
}


@dataclass(frozen=True, kw_only=True)
class SystemNamespaceArgs:
    """`ports`: the TCP ports of its pods that may be reached, from anywhere.

    `labels`: besides those of pod security.
    """

    namespace: str
    ports: Sequence[int]
    labels: Mapping[str, str] | None = None


def system_namespace(
    name: str, args: SystemNamespaceArgs, parent: pulumi.Resource
) -> kubernetes.core.v1.Namespace:
    """A namespace that takes only pods without rights, and lets in nothing but what it serves.

    The policy holds where the cluster's network enforces policies; elsewhere it does nothing.
    """
    namespace = kubernetes.core.v1.Namespace(
        name,
        metadata=kubernetes.meta.v1.ObjectMetaArgs(
            name=args.namespace, labels={**_RESTRICTED, **(args.labels or {})}
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    kubernetes.networking.v1.NetworkPolicy(
        name,
        metadata=kubernetes.meta.v1.ObjectMetaArgs(
            name="served-ports", namespace=namespace.metadata.name
        ),
        spec=kubernetes.networking.v1.NetworkPolicySpecArgs(
            pod_selector=kubernetes.meta.v1.LabelSelectorArgs(),
            policy_types=["Ingress"],
            ingress=[
                kubernetes.networking.v1.NetworkPolicyIngressRuleArgs(
                    ports=[
                        kubernetes.networking.v1.NetworkPolicyPortArgs(port=port, protocol="TCP")
                        for port in args.ports
                    ]
                )
            ],
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return namespace
