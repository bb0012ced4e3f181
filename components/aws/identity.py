"""Who may use the five buckets: a user with an access key, or pods by EKS Pod Identity."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.pod_identity import POD_IDENTITY_TRUST
from components.naming import iam_name
from components.prerequisites import Buckets


@dataclass(frozen=True, kw_only=True)
class BlobUserArgs:
    """`stack` names the user; a higher `generation` makes a new access key and deletes the old."""

    stack: str
    partition: str
    buckets: Buckets[pulumi.Output[str]]
    generation: int


class BlobUser(pulumi.ComponentResource):
    """An IAM user who can use just the five buckets, and an access key of his."""

    def __init__(
        self, name: str, args: BlobUserArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:aws:BlobUser", name, None, opts)
        mine = pulumi.ResourceOptions(parent=self)
        user = aws.iam.User(name, name=iam_name(args.stack, "blobs"), opts=mine)
        policy = aws.iam.UserPolicy(
            name,
            name="buckets",
            user=user.name,
            policy=_policy_for(args.buckets, args.partition),
            opts=mine,
        )
        # A generation is a name of its own: the new key is there before the old one goes.
        key = aws.iam.AccessKey(
            f"{name}-{args.generation}",
            user=user.name,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.access_key_id: pulumi.Output[str] = key.id
        self.secret_access_key: pulumi.Output[str] = pulumi.Output.secret(key.secret)
        self.register_outputs({"accessKeyId": key.id})


@dataclass(frozen=True, kw_only=True)
class BlobRoleArgs:
    """`service_accounts` in `namespace` of the EKS cluster `cluster_name` take the role."""

    stack: str
    partition: str
    buckets: Buckets[pulumi.Output[str]]
    cluster_name: pulumi.Input[str]
    namespace: pulumi.Input[str]
    service_accounts: Sequence[str]


class BlobRole(pulumi.ComponentResource):
    """An IAM role for just the five buckets, bound to service accounts by EKS Pod Identity.

    The cluster needs the eks-pod-identity-agent add-on
    (https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html).
    """

    def __init__(
        self, name: str, args: BlobRoleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:aws:BlobRole", name, None, opts)
        mine = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            name,
            name=iam_name(args.stack, "blobs"),
            assume_role_policy=POD_IDENTITY_TRUST,
            opts=mine,
        )
        policy = aws.iam.RolePolicy(
            name,
            name="buckets",
            role=role.name,
            policy=_policy_for(args.buckets, args.partition),
            opts=mine,
        )
        for account in args.service_accounts:
            aws.eks.PodIdentityAssociation(
                f"{name}-{account}",
                cluster_name=args.cluster_name,
                namespace=args.namespace,
                service_account=account,
                role_arn=role.arn,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
            )
        self.register_outputs({"roleArn": role.arn})


def access_policy(bucket_names: Sequence[str], partition: str) -> str:
    """A policy (JSON) to list these buckets and to read, write and delete their objects; no more.

    No `s3:DeleteObjectVersion`: what the product deletes stays restorable until it expires.
    """
    arns = [f"arn:{partition}:s3:::{name}" for name in bucket_names]
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "ListTheBuckets",
                    "Effect": "Allow",
                    "Action": ["s3:ListBucket", "s3:GetBucketLocation"],
                    "Resource": arns,
                },
                {
                    "Sid": "UseTheirObjects",
                    "Effect": "Allow",
                    "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                    "Resource": [f"{arn}/*" for arn in arns],
                },
            ],
        }
    )


def _policy_for(buckets: Buckets[pulumi.Output[str]], partition: str) -> pulumi.Output[str]:
    names = pulumi.Output.all(
        buckets.profile_pictures,
        buckets.end_device_pictures,
        buckets.edcs,
        buckets.interop,
        buckets.plugins,
    )
    return names.apply(lambda plain: access_policy(plain, partition))
