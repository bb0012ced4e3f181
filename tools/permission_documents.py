"""Permissions in the form that a cloud's own command takes: pure."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from components.naming import aws_partition, bucket_prefix, slug
from stacks import sections
from stacks.config import AwsConfig, AzureConfig

# White space does not count, and none is written:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LONGEST_AWS_POLICY = 6144


@dataclass(frozen=True, kw_only=True)
class Document:
    """A file and the command that takes it, with `{path}` for where the file is."""

    name: str
    text: str
    command: str


def aws_policies(config: AwsConfig, actions: Sequence[str]) -> tuple[Document, ...]:
    """Managed policies for whoever runs Pulumi, as few as AWS's limit on their length allows.

    IAM and S3 are scoped by this stack's names, the rest by its region: most calls that make something
    cannot be scoped by what is not there yet.
    """
    by_service: defaultdict[str, list[str]] = defaultdict(list)
    for action in actions:
        by_service[action.partition(":")[0]].append(action)
    statements = [_statement(config, service, mine) for service, mine in by_service.items()]
    return tuple(
        Document(
            name=f"policy-{number}.json",
            text=_policy(group),
            command=(
                f"aws iam create-policy --policy-name tts-{slug(config.stack)}-{number} "
                "--policy-document file://{path}"
            ),
        )
        for number, group in enumerate(_packed(statements), start=1)
    )


def azure_roles(config: AzureConfig, actions: Sequence[str]) -> tuple[Document, ...]:
    """A custom role for whoever runs Pulumi, to be given on the subscription: the group is not there yet.

    https://learn.microsoft.com/en-us/azure/role-based-access-control/custom-roles
    """
    role = {
        "Name": f"tts-{slug(config.stack)}",
        "IsCustom": True,
        "Description": f"Make and keep The Things Stack's environment {config.stack}.",
        "Actions": list(actions),
        "AssignableScopes": [f"/subscriptions/{config.azure.subscription_id}"],
    }
    command = "az role definition create --role-definition @{path}"
    return (Document(name="role.json", text=json.dumps(role, indent=2), command=command),)


def _statement(config: AwsConfig, service: str, actions: Sequence[str]) -> Mapping[str, object]:
    statement: dict[str, object] = {
        "Sid": service.capitalize(),
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": list(_resources(config, service)),
    }
    if service not in ("iam", "route53", "s3", "sts"):
        statement["Condition"] = {"StringEquals": {"aws:RequestedRegion": config.region}}
    return statement


def _resources(config: AwsConfig, service: str) -> Sequence[str]:
    partition = aws_partition(config.region)
    if service == "iam":
        # A name that has other characters or is too long ends in a hash of its own.
        plain = f"tts-{config.stack}-" if slug(config.stack) == config.stack else "tts-"
        account = f"arn:{partition}:iam::{config.aws.account_id}"
        kinds = [f"{account}:{kind}/{plain}*" for kind in ("role", "user", "policy")]
        return (*kinds, f"{account}:role/aws-service-role/*")
    if service == "route53":
        zone = config.dns.zone_id if isinstance(config.dns, sections.Route53Dns) else "*"
        return (
            f"arn:{partition}:route53:::hostedzone/{zone}",
            f"arn:{partition}:route53:::change/*",
        )
    if service == "s3":
        prefix = None
        if isinstance(config.blobs, sections.ManagedBlobs):
            prefix = config.blobs.bucket_prefix
        return (f"arn:{partition}:s3:::{prefix or bucket_prefix(config.stack, config.domain)}-*",)
    return ("*",)


def _packed(
    statements: Sequence[Mapping[str, object]],
) -> Sequence[Sequence[Mapping[str, object]]]:
    """The statements in as many groups as fit, each group one policy."""
    groups: list[list[Mapping[str, object]]] = []
    for statement in statements:
        if groups and len(_policy([*groups[-1], statement])) <= LONGEST_AWS_POLICY:
            groups[-1].append(statement)
        else:
            groups.append([statement])
    return groups


def _policy(statements: Sequence[Mapping[str, object]]) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": list(statements)}, separators=(",", ":")
    )
