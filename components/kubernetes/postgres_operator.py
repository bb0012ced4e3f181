"""CloudNativePG, the operator that runs PostgreSQL in the cluster."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.charts import CLOUDNATIVE_PG
from components.kubernetes.release import ReleaseArgs, prometheus, release, resources, spread
from components.kubernetes.system_namespace import SystemNamespaceArgs, system_namespace
from components.values import Tree

NAMESPACE = "cnpg-system"
# By which a Cluster names the plugin for backups:
# https://cloudnative-pg.io/plugin-barman-cloud/docs/usage/
BACKUP_PLUGIN = "barman-cloud.cloudnative-pg.io"
_NAME = "cnpg"
# The operator's webhook and metrics, and the plugin's port: values.yaml of the charts.
_METRICS_PORT = 8080
_PORTS = (9443, _METRICS_PORT, 9090)


@dataclass(frozen=True, kw_only=True)
class PostgresOperatorArgs:
    """`replicas`: one works, the others stand by. `after`: what must be there before pods run."""

    replicas: int
    after: Sequence[pulumi.Resource] = ()


class PostgresOperator(pulumi.ComponentResource):
    """The operator by its Helm chart, for the whole cluster; `ready` is what its objects need.

    The kinds that it brings outlive it, and so every PostgreSQL that is made of them.
    """

    def __init__(
        self, name: str, args: PostgresOperatorArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:kubernetes:PostgresOperator", name, None, opts)
        namespace = system_namespace(
            name, SystemNamespaceArgs(namespace=NAMESPACE, ports=_PORTS), self
        )
        operator = release(
            name,
            ReleaseArgs(
                chart=CLOUDNATIVE_PG,
                name=_NAME,
                namespace=namespace.metadata.name,
                values=_values(args.replicas),
                after=args.after,
            ),
            self,
        )
        _disruption_budget(name, namespace.metadata.name, self)
        self.ready: tuple[kubernetes.helm.v3.Release, ...] = (operator,)
        self.register_outputs({})


def _labels() -> dict[str, str]:
    return {
        "app.kubernetes.io/name": CLOUDNATIVE_PG.name,
        "app.kubernetes.io/instance": _NAME,
    }


def _values(replicas: int) -> Tree:
    return {
        "crds": {"create": True},
        "replicaCount": replicas,
        "topologySpreadConstraints": [*spread({**_labels()})],
        "resources": resources("50m", "128Mi", "512Mi"),
        "podAnnotations": prometheus(_METRICS_PORT),
    }


def _disruption_budget(
    name: str, namespace: pulumi.Input[str], parent: pulumi.Resource
) -> kubernetes.policy.v1.PodDisruptionBudget:
    """The chart has none."""
    return kubernetes.policy.v1.PodDisruptionBudget(
        name,
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=CLOUDNATIVE_PG.name, namespace=namespace),
        spec=kubernetes.policy.v1.PodDisruptionBudgetSpecArgs(
            max_unavailable=1,
            selector=kubernetes.meta.v1.LabelSelectorArgs(match_labels=_labels()),
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
