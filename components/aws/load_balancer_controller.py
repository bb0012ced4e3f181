"""The AWS Load Balancer Controller: Network Load Balancers for Services that carry its class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.aws.controller_policies import ClusterPlace, load_balancer_policy
from components.aws.pod_identity import PodRole, PodRoleArgs
from components.charts import AWS_LOAD_BALANCER_CONTROLLER
from components.kubernetes.release import spread
from components.naming import aws_partition, iam_name

_NAME = "aws-load-balancer-controller"
_NAMESPACE = "kube-system"


@dataclass(frozen=True, kw_only=True)
class LoadBalancerControllerArgs:
    """`cluster_name`, `vpc_id`: of an EKS cluster with the eks-pod-identity-agent add-on.

    `replicas`: one works, the others stand by. `tags` go on all that the controller makes; those of
    load balancers may not contain a comma. `after`: what must be there before pods run.
    """

    stack: str
    region: str
    account_id: str
    cluster_name: pulumi.Input[str]
    vpc_id: pulumi.Input[str]
    replicas: int
    tags: Mapping[str, str]
    after: Sequence[pulumi.Resource] = ()


class LoadBalancerController(pulumi.ComponentResource):
    """The controller from its Helm chart, with a role of its own that reaches just this cluster's things.

    It is for Services only: no Ingress class, no Gateway API, no WAF or Shield. None of its webhooks
    stands in the way of Services and Ingresses while it is down. A Service of its class must depend on
    `release`: when the controller goes first, nobody deletes the load balancer.
    Values: https://github.com/aws/eks-charts/tree/master/stable/aws-load-balancer-controller
    """

    def __init__(
        self,
        name: str,
        args: LoadBalancerControllerArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("tts:aws:LoadBalancerController", name, None, opts)
        role = PodRole(
            name,
            PodRoleArgs(
                role_name=iam_name(args.stack, "load-balancers"),
                policy=_policy(args),
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
            version=AWS_LOAD_BALANCER_CONTROLLER.version,
            repository_opts=kubernetes.helm.v3.RepositoryOptsArgs(
                repo=AWS_LOAD_BALANCER_CONTROLLER.repository
            ),
            atomic=True,
            timeout=600,
            max_history=5,
            values=_values(args),
            # A pod gets its role's credentials only if the association is there when it starts.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[role.association, *args.after]),
        )
        self.register_outputs({})


def _policy(args: LoadBalancerControllerArgs) -> pulumi.Output[str]:
    known = pulumi.Output.all(args.cluster_name, args.vpc_id)
    return known.apply(
        lambda found: load_balancer_policy(
            ClusterPlace(
                partition=aws_partition(args.region),
                region=args.region,
                account_id=args.account_id,
                cluster_name=found[0],
            ),
            found[1],
        )
    )


def _values(args: LoadBalancerControllerArgs) -> Mapping[str, pulumi.Input[object]]:
    return {
        "fullnameOverride": _NAME,
        "clusterName": args.cluster_name,
        # Pods cannot ask the instance metadata for these two.
        "region": args.region,
        "vpcId": args.vpc_id,
        "serviceAccount": {"create": True, "name": _NAME},
        "replicaCount": args.replicas,
        "podDisruptionBudget": {"maxUnavailable": 1},
        "topologySpreadConstraints": [*spread({"app.kubernetes.io/instance": _NAME})],
        # As in the controller's own manifest: config/controller/controller.yaml.
        "resources": {
            "requests": {"cpu": "100m", "memory": "200Mi"},
            "limits": {"memory": "500Mi"},
        },
        "defaultTags": dict(args.tags),
        # The webhooks on Services and on Ingresses refuse all of them while no controller runs.
        "enableServiceMutatorWebhook": False,
        "webhookConfig": {"disableIngressValidation": True},
        "createIngressClassResource": False,
        "ingressClassParams": {"create": False},
        "disableIngressClassAnnotation": True,
        "enableShield": False,
        "enableWaf": False,
        "enableWafv2": False,
        # Else each upgrade makes a new certificate, which running pods do not have yet.
        "keepTLSSecret": True,
        "controllerConfig": {
            "featureGates": {
                # The policy tells the controller's listeners by their tags.
                "ListenerRulesTagging": True,
                # What the policy does not allow.
                "LBCapacityReservation": False,
                "ALBGatewayAPI": False,
                "NLBGatewayAPI": False,
            }
        },
    }
