"""CloudNativePG, the operator that runs PostgreSQL in the cluster, and its plugin for backups."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.charts import BARMAN_CLOUD, CLOUDNATIVE_PG
from components.kubernetes.release import ReleaseArgs, prometheus, release, resources, spread
from components.kubernetes.system_namespace import SystemNamespaceArgs, system_namespace
from components.values import Tree

NAMESPACE = "cnpg-system"
# By which a Cluster names the plugin:
# https://cloudnative-pg.io/plugin-barman-cloud/docs/usage/
BACKUP_PLUGIN = "barman-cloud.cloudnative-pg.io"
_NAME = "cnpg"
# The operator's webhook and metrics, and the plugin's port: values.yaml of the charts.
_METRICS_PORT = 8080
_PORTS = (9443, _METRICS_PORT, 9090)


@dataclass(frozen=True, kw_only=True)
class PostgresOperatorArgs:
    """`replicas`: one works, the others stand by. `after`: what must be there before pods run.

    `backups`: with the plugin that takes them to buckets. It has its certificates from cert-manager,
    and `cert_manager` is what brings that, empty where the cluster has it.
    """

    replicas: int
    backups: bool = False
    cert_manager: Sequence[pulumi.Resource] = ()
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
                values=_values(CLOUDNATIVE_PG.name, _NAME, args.replicas),
                after=args.after,
            ),
            self,
        )
        _disruption_budget(name, namespace.metadata.name, self)
        self.ready: tuple[kubernetes.helm.v3.Release, ...] = (operator,)
        if args.backups:
            plugin = release(
                f"{name}-backups",
                ReleaseArgs(
                    chart=BARMAN_CLOUD,
                    name=BARMAN_CLOUD.name,
                    namespace=namespace.metadata.name,
                    values=_values(BARMAN_CLOUD.name, BARMAN_CLOUD.name, 1),
                    after=(operator, *args.cert_manager, *args.after),
                ),
                self,
            )
            self.ready = (operator, plugin)
        self.register_outputs({})


def _values(chart: str, instance: str, replicas: int) -> Tree:
    labels: Tree = {"app.kubernetes.io/name": chart, "app.kubernetes.io/instance": instance}
    return {
        "crds": {"create": True},
        "replicaCount": replicas,
        "topologySpreadConstraints": [*spread(labels)],
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
            selector=kubernetes.meta.v1.LabelSelectorArgs(
                match_labels={
                    "app.kubernetes.io/name": CLOUDNATIVE_PG.name,
                    "app.kubernetes.io/instance": _NAME,
                }
            ),
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
