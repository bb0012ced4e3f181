"""A chart of the table, installed as all of them are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.charts import Chart
from components.values import Tree

_INSTALL_SECONDS = 15 * 60


@dataclass(frozen=True, kw_only=True)
class ReleaseArgs:
    """`name`: the release's. `after`: what must be there before its pods run."""

    chart: Chart
    name: str
    namespace: pulumi.Input[str]
    values: Mapping[str, object]
    after: Sequence[pulumi.Resource] = ()


def release(name: str, args: ReleaseArgs, parent: pulumi.Resource) -> kubernetes.helm.v3.Release:
    """A release that is there in full or not at all; Pulumi waits for its pods."""
    return kubernetes.helm.v3.Release(
        name,
        name=args.name,
        namespace=args.namespace,
        chart=args.chart.name,
        version=args.chart.version,
        repository_opts=kubernetes.helm.v3.RepositoryOptsArgs(repo=args.chart.repository),
        values=args.values,
        timeout=_INSTALL_SECONDS,
        # Half an installation would stand in the way of the next attempt.
        atomic=True,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=list(args.after)),
    )


def spread(labels: Tree) -> list[Tree]:
    """Constraints that spread the pods with these labels over zones and nodes, as far as these go."""
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": dict(labels)},
        }
        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    ]


def resources(cpu: str, memory: str, limit: str) -> Tree:
    """What a container is promised, and the memory that it may not go beyond."""
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": limit}}


def prometheus(port: int) -> Tree:
    """Annotations by which Prometheus finds the metrics of a pod."""
    return {"prometheus.io/scrape": "true", "prometheus.io/port": str(port)}
