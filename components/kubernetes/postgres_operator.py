"""CloudNativePG, the operator that runs PostgreSQL in the cluster, and its plugin for backups."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.charts import BARMAN_CLOUD, CLOUDNATIVE_PG
from components.kubernetes.release import ReleaseArgs, release, resources, spread
from components.kubernetes.system_namespace import SystemNamespaceArgs, system_namespace
from components.values import Tree

NAMESPACE = "cnpg-system"
# By which a Cluster names the plugin:
# https://cloudnative-pg.io/plugin-barman-cloud/docs/usage/
BACKUP_PLUGIN = "barman-cloud.cloudnative-pg.io"
_NAME = "cnpg"
# The operator's webhook and metrics, and the plugin's port: values.yaml of the charts.
_PORTS = (9443, 8080, 9090)


@dataclass(frozen=True, kw_only=True)
class PostgresOperatorArgs:
    """`replicas`: one works, the others stand by. `after`: what must be there before pods run.

    `cert_manager`: what brings it, for the plugin has its certificates from there; empty for no plugin,
    and so no backups to buckets.
    """

    replicas: int
    cert_manager: Sequence[pulumi.Resource] = ()
    after: Sequence[pulumi.Resource] = ()


class PostgresOperator(pulumi.ComponentResource):
    """The operator by its Helm chart, for the whole cluster; `ready` is what its objects need.

    Its kinds go with it: with them goes every PostgreSQL of the cluster, so what is made of them depends
    on `ready` and is deleted first, or guarded.
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
        self.ready: tuple[kubernetes.helm.v3.Release, ...] = (operator,)
        if args.cert_manager:
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
    }
