"""cert-manager: certificates by ACME, and those of other controllers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.charts import CERT_MANAGER
from components.kubernetes.release import ReleaseArgs, release, resources, spread
from components.kubernetes.system_namespace import SystemNamespaceArgs, system_namespace
from components.values import Tree

# A cloud's identity for pods is bound to these two.
NAMESPACE, SERVICE_ACCOUNT = "cert-manager", "cert-manager"
_NAME = "cert-manager"
# Webhook, health and metrics: values.yaml of the chart.
_PORTS = (10250, 6080, 9402, 9403)


@dataclass(frozen=True, kw_only=True)
class CertManagerArgs:
    """`replicas`: of each of its parts. `after`: what must be there before pods run.

    `service_account_annotations`, `service_account_labels` and `pod_labels`: what a cloud's identity for
    pods wants to see.
    """

    replicas: int
    service_account_annotations: Mapping[str, pulumi.Input[str]] | None = None
    service_account_labels: Mapping[str, str] | None = None
    pod_labels: Mapping[str, str] | None = None
    after: Sequence[pulumi.Resource] = ()


class CertManager(pulumi.ComponentResource):
    """cert-manager by its Helm chart. The kinds that it brings outlive it, and so what is of them."""

    def __init__(
        self, name: str, args: CertManagerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:kubernetes:CertManager", name, None, opts)
        namespace = system_namespace(
            name, SystemNamespaceArgs(namespace=NAMESPACE, ports=_PORTS), self
        )
        self.release: kubernetes.helm.v3.Release = release(
            name,
            ReleaseArgs(
                chart=CERT_MANAGER,
                name=_NAME,
                namespace=namespace.metadata.name,
                values=_values(args),
                after=args.after,
            ),
            self,
        )
        self.register_outputs({})


def _values(args: CertManagerArgs) -> Mapping[str, object]:
    account = {
        "create": True,
        "name": SERVICE_ACCOUNT,
        "annotations": {**(args.service_account_annotations or {})},
        "labels": {**(args.service_account_labels or {})},
    }
    return {
        # Uninstalling the chart must not delete certificates.
        "crds": {"enabled": True, "keep": True},
        # Some clusters let nobody write to kube-system.
        "global": {"leaderElection": {"namespace": NAMESPACE}},
        "serviceAccount": account,
        "podLabels": {**(args.pod_labels or {})},
        **_part("controller", args, resources("50m", "128Mi", "512Mi")),
        "webhook": _part("webhook", args, resources("25m", "64Mi", "256Mi")),
        "cainjector": _part("cainjector", args, resources("25m", "128Mi", "512Mi")),
        "startupapicheck": {"resources": resources("10m", "32Mi", "128Mi")},
        # With the pods' annotations that tell Prometheus where to ask.
        "prometheus": {"enabled": True},
    }


def _part(component: str, args: CertManagerArgs, wanted: Tree) -> Tree:
    labels: Tree = {
        "app.kubernetes.io/instance": _NAME,
        "app.kubernetes.io/component": component,
    }
    return {
        "replicaCount": args.replicas,
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
        "topologySpreadConstraints": [*spread(labels)],
        "resources": wanted,
    }
