"""The nodes of an EKS cluster: a managed node group in each zone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.trust import service_trust
from components.instances import Architecture
from components.naming import iam_name

Promised = pulumi.Output[str]
# https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html
NODE_POLICIES = (
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKS_CNI_Policy",
    "AmazonEC2ContainerRegistryPullOnly",
)
# EC2 alone has a principal of its own in China:
# https://docs.amazonaws.cn/en_us/aws/latest/userguide/iam.html
_EC2 = {"aws-cn": "ec2.amazonaws.com.cn"}
_AMI: Mapping[Architecture, str] = {
    "amd64": "AL2023_x86_64_STANDARD",
    "arm64": "AL2023_ARM_64_STANDARD",
}


@dataclass(frozen=True, kw_only=True)
class NodePoolsArgs:
    """`subnets`: by zone. `minimum`, `maximum`: nodes in each zone. `disk_gib`: of each node.

    `version` is the cluster's, so that nodes follow once the control plane is upgraded. `tags` go on
    instances, volumes and network interfaces, which the provider's default tags do not reach.
    `after`: the add-ons and routes without which a node does not become ready.
    """

    stack: str
    partition: str
    cluster_name: Promised
    version: Promised
    subnets: Mapping[str, Promised]
    architecture: Architecture
    instance_types: Sequence[str]
    minimum: int
    maximum: int
    disk_gib: int
    tags: Mapping[str, str]
    after: Sequence[pulumi.Resource]


class NodePools(pulumi.ComponentResource):
    """Amazon Linux 2023, encrypted gp3 disks, IMDSv2 that pods cannot reach.

    One group for each zone, because a volume is in one zone and the autoscaler must be able to add a
    node there. How many nodes run is the autoscaler's business and no difference to Pulumi. EKS itself
    tags the groups for the autoscaler
    (https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html).
    """

    def __init__(
        self, name: str, args: NodePoolsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:aws:NodePools", name, None, opts)
        self._args = args
        self._name = name
        self._mine = pulumi.ResourceOptions(parent=self)
        attachments = self._role()
        template = self._template()
        self.groups: tuple[aws.eks.NodeGroup, ...] = tuple(
            self._group(zone, subnet, template, attachments)
            for zone, subnet in args.subnets.items()
        )
        self.register_outputs({"roleArn": self._role_arn})

    def _role(self) -> list[pulumi.Resource]:
        role = aws.iam.Role(
            self._name,
            name=iam_name(self._args.stack, "nodes"),
            assume_role_policy=service_trust(_EC2.get(self._args.partition, "ec2.amazonaws.com")),
            opts=self._mine,
        )
        self._role_arn: Promised = role.arn
        return [
            aws.iam.RolePolicyAttachment(
                policy,
                role=role.name,
                policy_arn=f"arn:{self._args.partition}:iam::aws:policy/{policy}",
                opts=self._mine,
            )
            for policy in NODE_POLICIES
        ]

    def _template(self) -> aws.ec2.LaunchTemplate:
        tags = {**self._args.tags, "Name": f"tts-{self._args.stack}-node"}
        return aws.ec2.LaunchTemplate(
            self._name,
            update_default_version=True,
            block_device_mappings=[
                aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
                    device_name="/dev/xvda",
                    ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                        volume_type="gp3",
                        volume_size=self._args.disk_gib,
                        encrypted="true",
                        delete_on_termination="true",
                    ),
                )
            ],
            # One hop ends at the node: a pod of its own network cannot take the node's role.
            metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            tag_specifications=[
                aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=tags)
                for kind in ("instance", "volume", "network-interface")
            ],
            opts=self._mine,
        )

    def _group(
        self,
        zone: str,
        subnet: Promised,
        template: aws.ec2.LaunchTemplate,
        attachments: Sequence[pulumi.Resource],
    ) -> aws.eks.NodeGroup:
        args = self._args
        return aws.eks.NodeGroup(
            zone,
            cluster_name=args.cluster_name,
            node_role_arn=self._role_arn,
            subnet_ids=[subnet],
            version=args.version,
            ami_type=_AMI[args.architecture],
            capacity_type="ON_DEMAND",
            instance_types=list(args.instance_types),
            launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(str)
            ),
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(
                desired_size=args.minimum, min_size=args.minimum, max_size=args.maximum
            ),
            update_config=aws.eks.NodeGroupUpdateConfigArgs(max_unavailable=1),
            node_repair_config=aws.eks.NodeGroupNodeRepairConfigArgs(enabled=True),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*attachments, *args.after],
                ignore_changes=["scalingConfig.desiredSize"],
            ),
        )
