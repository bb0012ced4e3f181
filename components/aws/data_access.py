"""Who reaches a data store: named security groups on one port, nobody else."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws


def only_from(
    parent: pulumi.Resource,
    name: str,
    *,
    vpc_id: pulumi.Output[str],
    port: int,
    clients: Mapping[str, pulumi.Output[str]],
    kept: pulumi.ResourceOptions,
) -> aws.ec2.SecurityGroup:
    """A security group that lets in the clients' groups on a TCP port, and lets nothing out.

    `clients`: security groups by a word for them, which names the rule. `kept`: options for the group,
    which must stay as long as the store does.
    """
    group = aws.ec2.SecurityGroup(
        name, vpc_id=vpc_id, description=f"The Things Stack: {name}", opts=kept
    )
    for client, client_group in clients.items():
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
    return group
