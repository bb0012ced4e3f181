"""The metrics server, for clusters that come without one."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.charts import METRICS_SERVER
from components.kubernetes.release import ReleaseArgs, release, resources, spread
from components.values import Tree

_NAME, _NAMESPACE = "metrics-server", "kube-system"


@dataclass(frozen=True, kw_only=True)
class MetricsServerArgs:
    """`kubelet_certificates`: nodes have certificates that the cluster's own CA signed.

    Most clusters that people install have others, and then nodes are asked without looking at them.
    """

    replicas: int
    kubelet_certificates: bool = False
    after: Sequence[pulumi.Resource] = ()


class MetricsServer(pulumi.ComponentResource):
    """The metrics server by its Helm chart, in kube-system, where clusters have it."""

    def __init__(
        self, name: str, args: MetricsServerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:kubernetes:MetricsServer", name, None, opts)
        release(
            name,
            ReleaseArgs(
                chart=METRICS_SERVER,
                name=_NAME,
                namespace=_NAMESPACE,
                values=_values(args),
                after=args.after,
            ),
            self,
        )
        self.register_outputs({})


def _values(args: MetricsServerArgs) -> Tree:
    labels: Tree = {"app.kubernetes.io/name": _NAME, "app.kubernetes.io/instance": _NAME}
    return {
        "replicas": args.replicas,
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
        "topologySpreadConstraints": [*spread(labels)],
        "resources": resources("100m", "200Mi", "400Mi"),
        "args": [] if args.kubelet_certificates else ["--kubelet-insecure-tls"],
    }
