"""All rules together let a sound environment be made, changed and taken down."""

from pathlib import Path

import pytest
import yaml

from rehearsal.refusals import strings_of
from stacks.raw import RawConfig
from tests.unit.refusals_deeds import Deed, is_refused
from tests.unit.refusals_landscape import (
    database,
    environment,
    public_policy,
    subnet_ids,
    token_of,
    trust,
    vpc_id,
)

_SAID: list[tuple[Deed, str]] = [
    (lambda it: it.remove("Vpc", "vpc"), "DependencyViolation: vpc-"),
    (lambda it: it.remove("Subnet", "a"), "DependencyViolation: subnet-.* Cluster 'sample'"),
    (lambda it: it.remove("Subnet", "outside"), "DependencyViolation: .* NatGateway 'nat'"),
    (
        lambda it: it.remove("SecurityGroup", "servers"),
        "DependencyViolation: sg-.* ReplicationGroup 'cache'",
    ),
    (lambda it: it.remove("Eip", "nat"), r"InvalidIPAddress\.InUse: eipalloc-.* NatGateway 'nat'"),
    (lambda it: it.remove("RouteTable", "public"), "DependencyViolation: rtb-"),
    (lambda it: it.remove("Cluster", "sample"), "ResourceInUseException: sample .* NodeGroup 'a'"),
    (lambda it: it.remove("Role", "nodes"), "DeleteConflict: .* unless forceDetachPolicies"),
    (lambda it: it.remove("User", "blobs"), "DeleteConflict: .* UserPolicy 'blobs'"),
    (lambda it: it.remove("Policy", "own"), "DeleteConflict: .* RolePolicyAttachment 'own'"),
    (
        lambda it: it.remove("aws:rds/subnetGroup:SubnetGroup", "db"),
        "InvalidDBSubnetGroupStateFault: ",
    ),
    (
        lambda it: it.remove("aws:rds/parameterGroup:ParameterGroup", "db"),
        "InvalidDBParameterGroupState: ",
    ),
    (
        lambda it: it.remove("aws:elasticache/subnetGroup:SubnetGroup", "cache"),
        "CacheSubnetGroupInUse: ",
    ),
    (
        lambda it: it.remove("aws:elasticache/parameterGroup:ParameterGroup", "cache"),
        "InvalidCacheParameterGroupState: ",
    ),
    (
        lambda it: it.make("Bucket", "b", bucket="example-blobs"),
        "BucketAlreadyOwnedByYou: Bucket 'blobs' has the same bucket, 'example-blobs'",
    ),
    (
        lambda it: it.make("Bucket", "b", bucket="Example"),
        "InvalidBucketName: bucket is 'Example'; allowed: 3 to 63 lower-case letters",
    ),
    (
        lambda it: it.make("BucketPolicy", "b", bucket="another", policy=public_policy("another")),
        "NoSuchBucket: bucket is 'another', and there is no bucket of that name",
    ),
    (
        lambda it: it.make("Role", "r", name="ROLE-nodes", assumeRolePolicy=trust("ec2")),
        "EntityAlreadyExists: Role 'nodes' has the same name",
    ),
    (
        lambda it: it.make("SecurityGroup", "g", name="Clients-1", vpcId=vpc_id(it)),
        r"InvalidGroup\.Duplicate: SecurityGroup 'clients' .* unique within vpcId",
    ),
    (
        lambda it: it.make("Subnet", "s", vpcId="vpc-none", cidrBlock="10.0.9.0/24"),
        r"InvalidVpcID\.NotFound: vpcId is 'vpc-none', and there is no VPC",
    ),
    (
        lambda it: it.make(
            "RouteTableAssociation",
            "r",
            routeTableId=it.get("RouteTable", "private").id,
            subnetId=subnet_ids(it, "outside")[0],
        ),
        r"Resource\.AlreadyAssociated: ",
    ),
    (
        lambda it: it.make(
            "SecurityGroupIngressRule", "r", **it.get("SecurityGroupIngressRule", "in").inputs
        ),
        r"InvalidPermission\.Duplicate: ",
    ),
    (
        lambda it: it.make("Instance", "i", **database(it.get("SecurityGroup", "servers").id)),
        "DBInstanceAlreadyExists: Instance 'db' has the same identifier, 'db-1'",
    ),
    (
        lambda it: it.make("LogGroup", "l", name="l", retentionInDays=10),
        "InvalidParameterException: retentionInDays is 10; allowed: 0, 1, 3, 5, 7, 14",
    ),
]


@pytest.mark.parametrize(("deed", "said"), _SAID)
def test_what_is_refused_most_often_reads_as_aws_says_it(deed: Deed, said: str) -> None:
    is_refused(deed, said)


def test_an_environment_is_made_and_taken_down_unhindered() -> None:
    it = environment()
    assert {each.type for each in it.cloud} > {token_of("Cluster"), token_of("Instance")}
    for kind, name in reversed(it.made.copy()):
        it.remove(kind, name)
    assert len(it.cloud) == 0


def test_all_texts_of_a_stack_file_but_its_secrets_are_given(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.sample.yaml"
    config = {
        "tts:network": {"subnets": ["subnet-1", {"deep": "subnet-2"}]},
        "tts:domain": "example.com",
        "tts:licenseKey": {"secure": "v1:abc"},
    }
    path.write_text(yaml.safe_dump({"config": config}))
    found = strings_of(RawConfig.from_file(path, {"licenseKey": "stand-in"}))
    assert {"subnet-1", "subnet-2", "example.com"} <= found
    assert "stand-in" not in found
