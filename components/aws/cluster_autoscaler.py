"""The Cluster Autoscaler: as many nodes as the pods need, within the node groups' bounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.aws.controller_policies import ClusterPlace, autoscaler_policy
from components.aws.pod_identity import PodRole, PodRoleArgs
from components.charts import CLUSTER_AUTOSCALER
from components.kubernetes.release import prometheus, spread
from components.naming import aws_partition, iam_name

_NAME = "cluster-autoscaler"
_NAMESPACE = "kube-system"
# The autoscaler simulates the scheduler, so its minor version is to be the cluster's. The newest image of
# each in August 2026: https://github.com/kubernetes/autoscaler/releases
IMAGE_TAGS: Mapping[str, str] = {
    "1.32": "v1.32.7",
    "1.33": "v1.33.6",
    "1.34": "v1.34.5",
    "1.35": "v1.35.2",
    "1.36": "v1.36.1",
}
_NOBODY = 65534


@dataclass(frozen=True, kw_only=True)
class ClusterAutoscalerArgs:
    """`cluster_name`: of an EKS cluster with the eks-pod-identity-agent add-on.

    `kubernetes_version`: the cluster's minor version, such as 1.35; one that `IMAGE_TAGS` does not know
    gets the chart's own image. `replicas`: one works, the others stand by. `after`: what must be there
    before pods run.
    """

    stack: str
    region: str
    account_id: str
    cluster_name: pulumi.Input[str]
    kubernetes_version: str
    replicas: int
    after: Sequence[pulumi.Resource] = ()


class ClusterAutoscaler(pulumi.ComponentResource):
    """The autoscaler from its Helm chart, with a role that sets the size of just this cluster's groups.

    Values: https://github.com/kubernetes/autoscaler/tree/master/cluster-autoscaler/charts/cluster-autoscaler
    """

    def __init__(
        self, name: str, args: ClusterAutoscalerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:aws:ClusterAutoscaler", name, None, opts)
        role = PodRole(
            name,
            PodRoleArgs(
                role_name=iam_name(args.stack, "autoscaler"),
                policy=pulumi.Output.from_input(args.cluster_name).apply(
                    lambda found: autoscaler_policy(_place(args, found))
                ),
                cluster_name=args.cluster_name,
                namespace=_NAMESPACE,
                service_account=_NAME,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.release = kubernetes.helm.v3.Release(
            name,
            name=_NAME,
            namespace=_NAMESPACE,
            chart=_NAME,
            version=CLUSTER_AUTOSCALER.version,
            repository_opts=kubernetes.helm.v3.RepositoryOptsArgs(
                repo=CLUSTER_AUTOSCALER.repository
            ),
            atomic=True,
            timeout=600,
            max_history=5,
            values=_values(args),
            # A pod gets its role's credentials only if the association is there when it starts.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[role.association, *args.after]),
        )
        self.register_outputs({})


def _place(args: ClusterAutoscalerArgs, cluster_name: str) -> ClusterPlace:
    return ClusterPlace(
        partition=aws_partition(args.region),
        region=args.region,
        account_id=args.account_id,
        cluster_name=cluster_name,
    )


def _values(args: ClusterAutoscalerArgs) -> Mapping[str, pulumi.Input[object]]:
    tag = IMAGE_TAGS.get(args.kubernetes_version)
    image = {} if tag is None else {"image": {"tag": tag}}
    return {
        **image,
        "fullnameOverride": _NAME,
        "cloudProvider": "aws",
        # Pods cannot ask the instance metadata for it.
        "awsRegion": args.region,
        "autoDiscovery": {"clusterName": args.cluster_name},
        "rbac": {"serviceAccount": {"create": True, "name": _NAME}},
        "replicaCount": args.replicas,
        "podDisruptionBudget": {"maxUnavailable": 1},
        "topologySpreadConstraints": [*spread({"app.kubernetes.io/instance": _NAME})],
        "podAnnotations": prometheus(8085),
        "resources": {
            "requests": {"cpu": "100m", "memory": "300Mi"},
            "limits": {"memory": "600Mi"},
        },
        # The group makes the role's token readable.
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _NOBODY,
            "runAsGroup": _NOBODY,
            "fsGroup": _NOBODY,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containerSecurityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "extraArgs": {
            # The groups of the zones are alike and grow evenly.
            "balance-similar-node-groups": True,
            "expander": "least-waste",
            # DNS and the like have replicas and disruption budgets; a node may go although they are on it.
            "skip-nodes-with-system-pods": False,
        },
    }
