"""IAM roles for service accounts in the cluster, bound by EKS Pod Identity: no keys anywhere.

The cluster needs the eks-pod-identity-agent add-on
(https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html).
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.trust import service_trust

POD_IDENTITY_TRUST = service_trust("pods.eks.amazonaws.com", "sts:AssumeRole", "sts:TagSession")


@dataclass(frozen=True, kw_only=True)
class PodRoleArgs:
    """`policy` (JSON) is what `service_account` in `namespace` of the EKS cluster may do.

    `role_name` is the role's name in IAM: at most 64 characters, unique in the account.
    """

    role_name: str
    policy: pulumi.Input[str]
    cluster_name: pulumi.Input[str]
    namespace: str
    service_account: str


class PodRole(pulumi.ComponentResource):
    """An IAM role with one inline policy, taken by one service account."""

    def __init__(
        self, name: str, args: PodRoleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:aws:PodRole", name, None, opts)
        mine = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            name, name=args.role_name, assume_role_policy=POD_IDENTITY_TRUST, opts=mine
        )
        policy = aws.iam.RolePolicy(
            name, name="permissions", role=role.name, policy=args.policy, opts=mine
        )
        self.association = aws.eks.PodIdentityAssociation(
            name,
            cluster_name=args.cluster_name,
            namespace=args.namespace,
            service_account=args.service_account,
            role_arn=role.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.register_outputs({"roleArn": role.arn})
