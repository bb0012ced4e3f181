"""The add-ons that EKS keeps, in the order in which a new cluster can take them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.add_on_names import BEFORE_NODES, COREDNS, EBS_CSI, METRICS_SERVER, VPC_CNI
from components.aws.pod_identity import POD_IDENTITY_TRUST
from components.naming import iam_name

Promised = pulumi.Output[str]

# Network policies are objects without effect unless the add-on is told to enforce them:
# https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html
_CONFIGURATION: Mapping[str, str] = {VPC_CNI: json.dumps({"enableNetworkPolicy": "true"})}


@dataclass(frozen=True, kw_only=True)
class AddOnArgs:
    """`versions`: by add-on, where not AWS's default at the time of installation is wanted."""

    stack: str
    partition: str
    cluster_name: Promised
    versions: Mapping[str, str]
    tags: Mapping[str, str]
    metrics_server: bool


class NodeAddOns(pulumi.ComponentResource):
    """What a node needs to join: network, service addresses, and identities for pods."""

    def __init__(
        self, name: str, args: AddOnArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:aws:NodeAddOns", name, None, opts)
        self.ready: tuple[aws.eks.Addon, ...] = tuple(
            _add_on(add_on, args, pulumi.ResourceOptions(parent=self)) for add_on in BEFORE_NODES
        )
        self.register_outputs({})


class WorkloadAddOns(pulumi.ComponentResource):
    """What runs on nodes: DNS, volumes from EBS, and metrics for autoscaling if wanted.

    Versions: https://docs.aws.amazon.com/eks/latest/userguide/managing-add-ons.html
    """

    def __init__(
        self,
        name: str,
        args: AddOnArgs,
        nodes: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("tts:aws:WorkloadAddOns", name, None, opts)
        mine = pulumi.ResourceOptions(parent=self)
        after = pulumi.ResourceOptions(parent=self, depends_on=list(nodes))
        dns = _add_on(COREDNS, args, after)
        role, policy = _volume_role(args, mine)
        volumes = aws.eks.Addon(
            EBS_CSI,
            addon_name=EBS_CSI,
            addon_version=args.versions.get(EBS_CSI),
            cluster_name=args.cluster_name,
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            configuration_values=json.dumps({"controller": {"extraVolumeTags": dict(args.tags)}}),
            pod_identity_associations=[
                aws.eks.AddonPodIdentityAssociationArgs(
                    role_arn=role.arn, service_account="ebs-csi-controller-sa"
                )
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*nodes, policy]),
        )
        wanted = [METRICS_SERVER] if args.metrics_server else []
        self.ready: tuple[aws.eks.Addon, ...] = (
            dns,
            volumes,
            *(_add_on(add_on, args, after) for add_on in wanted),
        )
        self.register_outputs({})


def _add_on(add_on: str, args: AddOnArgs, opts: pulumi.ResourceOptions) -> aws.eks.Addon:
    return aws.eks.Addon(
        add_on,
        addon_name=add_on,
        addon_version=args.versions.get(add_on),
        cluster_name=args.cluster_name,
        resolve_conflicts_on_create="OVERWRITE",
        resolve_conflicts_on_update="OVERWRITE",
        configuration_values=_CONFIGURATION.get(add_on),
        opts=opts,
    )


def _volume_role(
    args: AddOnArgs, opts: pulumi.ResourceOptions
) -> tuple[aws.iam.Role, pulumi.Resource]:
    role = aws.iam.Role(
        "volumes",
        name=iam_name(args.stack, "volumes"),
        assume_role_policy=POD_IDENTITY_TRUST,
        opts=opts,
    )
    policy = aws.iam.RolePolicyAttachment(
        "volumes",
        role=role.name,
        policy_arn=f"arn:{args.partition}:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy",
        opts=opts,
    )
    return role, policy
