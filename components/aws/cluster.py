"""An EKS control plane: who may reach it, who may administer it, what it writes down."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.trust import service_trust
from components.naming import iam_name
from components.protection import Protection

Promised = pulumi.Output[str]
LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """`name`: at most 100 characters. `version`: a Kubernetes minor version, such as 1.35.

    `admins`: ARNs of IAM roles and users who administer the cluster; whoever runs Pulumi must be
    one of them, and nobody else becomes one. `public_cidrs`: from where the public endpoint answers;
    none means that there is only the private one, inside the VPC.
    """

    stack: str
    name: str
    region: str
    partition: str
    version: str
    admins: Sequence[str]
    public_cidrs: Sequence[str]
    service_cidr: str
    subnet_ids: Sequence[Promised]
    log_retention_days: int
    protection: Protection


class Cluster(pulumi.ComponentResource):
    """A control plane in the API access mode, its secrets encrypted by a key of its own.

    No node runs yet and no add-on is installed. `access` are the resources without which the API
    answers nobody.
    """

    def __init__(
        self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:aws:Cluster", name, None, opts)
        self._args = args
        self._name = name
        self._mine = pulumi.ResourceOptions(parent=self)
        # The namespace of the product and volumes live in it, so it is kept like data.
        self._kept = args.protection.data(self)
        made = self._control_plane(self._encryption_key(), self._role(), self._log_group())
        self.name: Promised = made.name
        self.version: Promised = made.version
        self.security_group_id: Promised = made.vpc_config.cluster_security_group_id
        self.access: tuple[pulumi.Resource, ...] = tuple(
            self._admin(made, arn) for arn in args.admins
        )
        self.kubeconfig: Promised = pulumi.Output.all(
            made.endpoint, made.certificate_authority.data
        ).apply(lambda known: kubeconfig(known[0], known[1], args.name, args.region))
        self.register_outputs({"name": made.name, "endpoint": made.endpoint})

    def _encryption_key(self) -> aws.kms.Key:
        key = aws.kms.Key(
            self._name,
            description=f"Kubernetes secrets of {self._args.name}",
            enable_key_rotation=True,
            deletion_window_in_days=30 if self._args.protection.guarded else 7,
            opts=self._kept,
        )
        aws.kms.Alias(
            self._name,
            name=f"alias/{self._args.name}",
            target_key_id=key.key_id,
            opts=self._kept,
        )
        self._key_arn: Promised = key.arn
        return key

    def _role(self) -> list[pulumi.Resource]:
        """The role of the control plane, and what must be attached before EKS takes it."""
        role = aws.iam.Role(
            self._name,
            name=iam_name(self._args.stack, "cluster"),
            assume_role_policy=service_trust("eks.amazonaws.com"),
            opts=self._mine,
        )
        managed = aws.iam.RolePolicyAttachment(
            self._name,
            role=role.name,
            policy_arn=f"arn:{self._args.partition}:iam::aws:policy/AmazonEKSClusterPolicy",
            opts=self._mine,
        )
        encryption = aws.iam.RolePolicy(
            self._name,
            name="encrypt-secrets",
            role=role.name,
            policy=self._key_arn.apply(encryption_policy),
            opts=self._mine,
        )
        self._role_arn: Promised = role.arn
        return [managed, encryption]

    def _log_group(self) -> aws.cloudwatch.LogGroup:
        """Made before EKS would make it itself, to keep its lines for ever."""
        return aws.cloudwatch.LogGroup(
            self._name,
            name=f"/aws/eks/{self._args.name}/cluster",
            retention_in_days=self._args.log_retention_days,
            opts=self._mine,
        )

    def _control_plane(
        self, key: aws.kms.Key, role: Sequence[pulumi.Resource], logs: aws.cloudwatch.LogGroup
    ) -> aws.eks.Cluster:
        args = self._args
        return aws.eks.Cluster(
            self._name,
            name=args.name,
            version=args.version,
            role_arn=self._role_arn,
            bootstrap_self_managed_addons=False,
            access_config=aws.eks.ClusterAccessConfigArgs(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            vpc_config=aws.eks.ClusterVpcConfigArgs(
                subnet_ids=list(args.subnet_ids),
                endpoint_private_access=True,
                endpoint_public_access=bool(args.public_cidrs),
                public_access_cidrs=list(args.public_cidrs) or None,
            ),
            kubernetes_network_config=aws.eks.ClusterKubernetesNetworkConfigArgs(
                ip_family="ipv4", service_ipv4_cidr=args.service_cidr
            ),
            encryption_config=aws.eks.ClusterEncryptionConfigArgs(
                resources=["secrets"],
                provider=aws.eks.ClusterEncryptionConfigProviderArgs(key_arn=key.arn),
            ),
            enabled_cluster_log_types=list(LOG_TYPES),
            # Under STANDARD, AWS would upgrade the cluster by itself one day.
            upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type="EXTENDED"),
            deletion_protection=args.protection.guarded,
            opts=pulumi.ResourceOptions.merge(
                self._kept, pulumi.ResourceOptions(depends_on=[*role, logs])
            ),
        )

    def _admin(self, cluster: aws.eks.Cluster, arn: str) -> pulumi.Resource:
        who = arn.partition(":iam::")[2]
        entry = aws.eks.AccessEntry(
            who, cluster_name=cluster.name, principal_arn=arn, type="STANDARD", opts=self._mine
        )
        return aws.eks.AccessPolicyAssociation(
            who,
            cluster_name=cluster.name,
            principal_arn=arn,
            policy_arn=(
                f"arn:{self._args.partition}:eks::aws:cluster-access-policy/"
                "AmazonEKSClusterAdminPolicy"
            ),
            access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[entry]),
        )


def kubeconfig(endpoint: str, certificate_authority: str, cluster_name: str, region: str) -> str:
    """A kubeconfig (JSON) without any credential: `aws eks get-token` of whoever runs it gives one.

    https://docs.aws.amazon.com/eks/latest/userguide/create-kubeconfig.html
    """
    command = ["--region", region, "eks", "get-token", "--cluster-name", cluster_name]
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": cluster_name,
            "clusters": [
                {
                    "name": cluster_name,
                    "cluster": {
                        "server": endpoint,
                        "certificate-authority-data": certificate_authority,
                    },
                }
            ],
            "contexts": [
                {"name": cluster_name, "context": {"cluster": cluster_name, "user": cluster_name}}
            ],
            "users": [
                {
                    "name": cluster_name,
                    "user": {
                        "exec": {
                            "apiVersion": "client.authentication.k8s.io/v1beta1",
                            "command": "aws",
                            "args": [*command, "--output", "json"],
                            "interactiveMode": "Never",
                        }
                    },
                }
            ],
        }
    )


def encryption_policy(key_arn: str) -> str:
    """A policy (JSON): to encrypt and decrypt with just this key.

    https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html
    """
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ListGrants", "kms:DescribeKey"],
                    "Resource": key_arn,
                }
            ],
        }
    )
