"""What the two controllers in a cluster may do in AWS: pure.

Which resources and conditions an action takes is told by the service authorization reference
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html,
list_amazonec2.html, list_amazonec2autoscaling.html and list_amazonelastickubernetesservice.html there).
No Describe action used here takes a resource, except eks:DescribeNodegroup: their resource is `*`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Statement = dict[str, object]
# The load balancer controller puts it on all that it makes:
# https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/
_OWNER_TAG = "elbv2.k8s.aws/cluster"
_ELB = "elasticloadbalancing"
_ELB_SERVICE = "elasticloadbalancing.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class ClusterPlace:
    """Where a cluster is. `partition`: aws, aws-cn or aws-us-gov."""

    partition: str
    region: str
    account_id: str
    cluster_name: str

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource in the cluster's account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    def global_arn(self, service: str, resource: str) -> str:
        """The ARN of a resource in the cluster's account that is in no region."""
        return f"arn:{self.partition}:{service}::{self.account_id}:{resource}"


def load_balancer_policy(place: ClusterPlace, vpc_id: str) -> str:
    """A policy (JSON): Network Load Balancers with listeners, targets and security groups in one VPC.

    Nothing can be changed that does not bear this cluster's tag, except the inbound rules of the
    cluster's own security groups, through which targets are reached. No Application Load Balancers,
    certificates, WAF or Shield. Made from what the controller calls (pkg/deploy, pkg/networking and
    pkg/targetgroupbinding of kubernetes-sigs/aws-load-balancer-controller v3.5.0) and from what Elastic
    Load Balancing asks for besides
    (https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-permissions.html).
    """
    return _document(
        [
            _allow("Look", _LOOKED_AT, "*"),
            _service_linked_role(place),
            *_load_balancers(place),
            *_load_balancer_tags(place),
            *_security_groups(place, vpc_id),
        ]
    )


def autoscaler_policy(place: ClusterPlace) -> str:
    """A policy (JSON): to set the size of just this cluster's Auto Scaling groups.

    EKS puts the tag on the groups of its managed node groups
    (https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html). What the autoscaler asks
    AWS for: https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md
    """
    return _document(
        [
            _allow("Look", _LOOKED_AT_BY_AUTOSCALER, "*"),
            _allow(
                "LookAtNodeGroups",
                ["eks:DescribeNodegroup"],
                place.arn("eks", f"nodegroup/{place.cluster_name}/*/*"),
            ),
            _allow(
                "SetTheSize",
                [
                    "autoscaling:SetDesiredCapacity",
                    "autoscaling:TerminateInstanceInAutoScalingGroup",
                ],
                place.arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*"),
                {_resource_tag(f"k8s.io/cluster-autoscaler/{place.cluster_name}"): "owned"},
            ),
        ]
    )


_LOOKED_AT = [
    "ec2:DescribeAccountAttributes",
    "ec2:DescribeAddresses",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeInstances",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeNetworkInterfaces",
    # Only for a Service that names no subnets, in a network without role tags.
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    f"{_ELB}:DescribeListenerAttributes",
    f"{_ELB}:DescribeListeners",
    f"{_ELB}:DescribeLoadBalancerAttributes",
    f"{_ELB}:DescribeLoadBalancers",
    f"{_ELB}:DescribeTags",
    f"{_ELB}:DescribeTargetGroupAttributes",
    f"{_ELB}:DescribeTargetGroups",
    f"{_ELB}:DescribeTargetHealth",
]
_LOOKED_AT_BY_AUTOSCALER = [
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeLaunchConfigurations",
    "autoscaling:DescribeScalingActivities",
    "ec2:DescribeImages",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:GetInstanceTypesFromInstanceRequirements",
]


def _service_linked_role(place: ClusterPlace) -> Statement:
    """Elastic Load Balancing has the caller make it with an account's first load balancer."""
    return _allow(
        "FirstLoadBalancerOfAnAccount",
        ["iam:CreateServiceLinkedRole"],
        place.global_arn("iam", f"role/aws-service-role/{_ELB_SERVICE}/*"),
        {"iam:AWSServiceName": _ELB_SERVICE},
    )


def _load_balancers(place: ClusterPlace) -> list[Statement]:
    balancers = place.arn(_ELB, "loadbalancer/net/*")
    groups = place.arn(_ELB, "targetgroup/*")
    return [
        _allow(
            "MakeWithTheTag",
            [f"{_ELB}:CreateLoadBalancer", f"{_ELB}:CreateTargetGroup"],
            [balancers, groups],
            _requested(place),
        ),
        _allow(
            "MakeListenersOfItsOwn",
            [f"{_ELB}:CreateListener"],
            balancers,
            {**_requested(place), **_owned(place)},
        ),
        _allow(
            "ChangeItsOwn",
            [
                f"{_ELB}:DeleteListener",
                f"{_ELB}:DeleteLoadBalancer",
                f"{_ELB}:DeleteTargetGroup",
                f"{_ELB}:DeregisterTargets",
                f"{_ELB}:ModifyListener",
                f"{_ELB}:ModifyListenerAttributes",
                f"{_ELB}:ModifyLoadBalancerAttributes",
                f"{_ELB}:ModifyTargetGroup",
                f"{_ELB}:ModifyTargetGroupAttributes",
                f"{_ELB}:RegisterTargets",
                f"{_ELB}:SetIpAddressType",
                f"{_ELB}:SetSecurityGroups",
                f"{_ELB}:SetSubnets",
            ],
            [balancers, groups, place.arn(_ELB, "listener/net/*")],
            _owned(place),
        ),
    ]


def _load_balancer_tags(place: ClusterPlace) -> list[Statement]:
    tagged = [
        place.arn(_ELB, f"{kind}/*") for kind in ("loadbalancer/net", "listener/net", "targetgroup")
    ]
    return [
        _allow(
            "TagWhatItMakes",
            [f"{_ELB}:AddTags"],
            tagged,
            {
                f"{_ELB}:CreateAction": [
                    "CreateListener",
                    "CreateLoadBalancer",
                    "CreateTargetGroup",
                ],
                **_requested(place),
            },
        ),
        _keep_the_tag(
            place, "TagItsOwn", [f"{_ELB}:AddTags", f"{_ELB}:RemoveTags"], resource=tagged
        ),
    ]


def _security_groups(place: ClusterPlace, vpc_id: str) -> list[Statement]:
    groups = place.arn("ec2", "security-group/*")
    rules = ["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"]
    return [
        _allow(
            "MakeSecurityGroupsInTheVpc",
            ["ec2:CreateSecurityGroup"],
            place.arn("ec2", f"vpc/{vpc_id}"),
        ),
        _allow(
            "MakeSecurityGroupsWithTheTag", ["ec2:CreateSecurityGroup"], groups, _requested(place)
        ),
        _allow(
            "TagSecurityGroupsItMakes",
            ["ec2:CreateTags"],
            groups,
            {"ec2:CreateAction": "CreateSecurityGroup", **_requested(place)},
        ),
        _keep_the_tag(
            place, "TagItsSecurityGroups", ["ec2:CreateTags", "ec2:DeleteTags"], resource=groups
        ),
        _allow(
            "ChangeItsSecurityGroups",
            [*rules, "ec2:DeleteSecurityGroup"],
            groups,
            _owned(place),
        ),
        # EKS tags the cluster's security group, which nodes and pods have:
        # https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
        _allow(
            "LetTargetsBeReached",
            rules,
            groups,
            {_resource_tag(f"kubernetes.io/cluster/{place.cluster_name}"): "owned"},
        ),
    ]


def _keep_the_tag(
    place: ClusterPlace, sid: str, actions: Sequence[str], *, resource: str | list[str]
) -> Statement:
    """Tags of what it made, but never the one that says whose it is: that would hand it over.

    `aws:TagKeys` holds for adding and removing; `ForAllValues` is true without any key as well.
    """
    statement = _allow(sid, actions, resource, _owned(place))
    statement["Condition"] = {
        "StringEquals": _owned(place),
        "ForAllValues:StringNotEquals": {"aws:TagKeys": [_OWNER_TAG]},
    }
    return statement


def _requested(place: ClusterPlace) -> Mapping[str, str]:
    return {f"aws:RequestTag/{_OWNER_TAG}": place.cluster_name}


def _owned(place: ClusterPlace) -> Mapping[str, str]:
    return {_resource_tag(_OWNER_TAG): place.cluster_name}


def _resource_tag(key: str) -> str:
    return f"aws:ResourceTag/{key}"


def _allow(
    sid: str,
    actions: Sequence[str],
    resource: str | list[str],
    equals: Mapping[str, str | list[str]] | None = None,
) -> Statement:
    """A statement; each of `equals` must hold."""
    statement: Statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": resource,
    }
    if equals:
        statement["Condition"] = {"StringEquals": dict(equals)}
    return statement


def _document(statements: Sequence[Statement]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
