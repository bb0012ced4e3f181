"""Who reaches a data store: named security groups on one port, nobody else."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class DataAccess:
    """A store's security group, and the rules without which no client reaches it."""

    group: aws.ec2.SecurityGroup
    rules: tuple[pulumi.Resource, ...]


def only_from(
    parent: pulumi.Resource,
    name: str,
    *,
    vpc_id: pulumi.Output[str],
    port: int,
    clients: Mapping[str, pulumi.Output[str]],
    kept: pulumi.ResourceOptions,
) -> DataAccess:
    """A security group that lets in the clients' groups on a TCP port, and lets nothing out.

    `clients`: security groups by a word for them, which names the rule. `kept`: options for the group,
    which must stay as long as the store does.
    """
    group = aws.ec2.SecurityGroup(
        name, vpc_id=vpc_id, description=f"The Things Stack: {name}", opts=kept
    )
    rules = [
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-from-{client}",
            security_group_id=group.id,
            description=f"From {client}",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            referenced_security_group_id=client_group,
            opts=pulumi.ResourceOptions(parent=parent),
        )
        for client, client_group in clients.items()
    ]
    return DataAccess(group=group, rules=tuple(rules))
