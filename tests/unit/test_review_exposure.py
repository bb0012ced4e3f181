"""Who can get in and who may do what, read from the inputs of resources of every cloud."""

import json
from typing import Any

import pytest

from review.exposure import exposures, is_anywhere, openings, public_openings
from review.permissions import permission_changes

_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def _urn(token: str, name: str = "it") -> str:
    return f"urn:pulumi:stack::tts::{token}::{name}"


def _ways(token: str, inputs: dict[str, Any]) -> list[tuple[str, bool]]:
    return [(it.says, it.public) for it in openings(_urn(token), inputs)]


def _service(**spec: Any) -> dict[str, Any]:
    annotations = spec.pop("annotations", {})
    ports = [{"port": 443, "protocol": "TCP"}]
    return {
        "metadata": {"annotations": annotations},
        "spec": {"type": "LoadBalancer", "ports": ports, **spec},
    }


_SCHEME = "service.beta.kubernetes.io/aws-load-balancer-scheme"
_PUBLIC_POLICY = json.dumps(
    {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}}
)


@pytest.mark.parametrize(
    ("token", "inputs", "ways"),
    [
        (
            "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
            {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIpv4": "0.0.0.0/0"},
            [("tcp 22 from 0.0.0.0/0", True)],
        ),
        (
            "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
            {"ipProtocol": "-1", "referencedSecurityGroupId": "sg-1"},
            [("any protocol, any port from sg-1", False)],
        ),
        (
            "aws:ec2/securityGroup:SecurityGroup",
            {
                "ingress": [
                    {"protocol": "tcp", "fromPort": 1, "toPort": 9, "cidrBlocks": ["10.0.0.0/8"]}
                ]
            },
            [("tcp 1-9 from 10.0.0.0/8", False)],
        ),
        ("kubernetes:core/v1:Service", _service(), [("tcp 443 from 0.0.0.0/0", True)]),
        (
            "kubernetes:core/v1:Service",
            _service(loadBalancerSourceRanges=["192.0.2.0/24"]),
            [("tcp 443 from 192.0.2.0/24", False)],
        ),
        (
            "kubernetes:core/v1:Service",
            _service(loadBalancerClass="service.k8s.aws/nlb"),
            [("tcp 443 from the load balancer's network", False)],
        ),
        (
            "kubernetes:core/v1:Service",
            _service(
                loadBalancerClass="service.k8s.aws/nlb", annotations={_SCHEME: "internet-facing"}
            ),
            [("tcp 443 from 0.0.0.0/0", True)],
        ),
        ("kubernetes:core/v1:Service", {"spec": {"type": "ClusterIP", "ports": []}}, []),
        (
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
            {
                "blockPublicAcls": True,
                "blockPublicPolicy": False,
                "ignorePublicAcls": True,
                "restrictPublicBuckets": True,
            },
            [("blockPublicPolicy is not set", True)],
        ),
        (
            "aws:s3/bucketPolicy:BucketPolicy",
            {"policy": _PUBLIC_POLICY},
            [("policy allows everybody s3:GetObject", True)],
        ),
        (
            "aws:s3/bucketPolicy:BucketPolicy",
            {"policy": _UNKNOWN},
            [("policy (known after up)", False)],
        ),
        (
            "aws:rds/instance:Instance",
            {"publiclyAccessible": True},
            [("publicly accessible", True)],
        ),
        (
            "aws:eks/cluster:Cluster",
            {"vpcConfig": {"endpointPublicAccess": True}},
            [("the Kubernetes API from 0.0.0.0/0", True)],
        ),
        ("aws:eks/cluster:Cluster", {"vpcConfig": {"endpointPublicAccess": False}}, []),
        (
            "azure-native:network/v20240501:SecurityRule",
            {
                "access": "Allow",
                "direction": "Inbound",
                "protocol": "Tcp",
                "destinationPortRange": "22",
                "sourceAddressPrefix": "Internet",
            },
            [("tcp 22 from Internet", True)],
        ),
        (
            "azure-native:storage:BlobContainer",
            {"publicAccess": "Blob"},
            [("public access: Blob", True)],
        ),
        ("azure-native:storage:StorageAccount", {"publicNetworkAccess": "Disabled"}, []),
        (
            "azure-native:dbforpostgresql:FirewallRule",
            {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"},  # noqa: S104
            [("the database from 0.0.0.0 to 255.255.255.255", True)],
        ),
        (
            "azure-native:containerservice:ManagedCluster",
            {"apiServerAccessProfile": {"authorizedIPRanges": ["192.0.2.0/24"]}},
            [("the Kubernetes API from 192.0.2.0/24", False)],
        ),
        (
            "gcp:compute/firewall:Firewall",
            {"allows": [{"protocol": "tcp", "ports": ["22"]}], "sourceRanges": ["0.0.0.0/0"]},
            [("tcp 22 from 0.0.0.0/0", True)],
        ),
        ("gcp:compute/firewall:Firewall", {"direction": "EGRESS", "allows": []}, []),
        (
            "gcp:storage/bucketIAMMember:BucketIAMMember",
            {"role": "roles/storage.objectViewer", "member": "allUsers"},
            [("roles/storage.objectViewer for allUsers", True)],
        ),
        (
            "gcp:sql/databaseInstance:DatabaseInstance",
            {"settings": {"ipConfiguration": {"authorizedNetworks": [{"value": "0.0.0.0/0"}]}}},
            [("the database from 0.0.0.0/0", True)],
        ),
        (
            "gcp:container/cluster:Cluster",
            {"masterAuthorizedNetworksConfig": {"cidrBlocks": [{"cidrBlock": "192.0.2.0/24"}]}},
            [("the Kubernetes API from 192.0.2.0/24", False)],
        ),
        ("aws:iam/role:Role", {"cidrIpv4": "0.0.0.0/0"}, []),
    ],
)
def test_ways_in(token: str, inputs: dict[str, Any], ways: list[tuple[str, bool]]) -> None:
    assert _ways(token, inputs) == ways


@pytest.mark.parametrize(
    ("source", "public"),
    [
        ("0.0.0.0/0", True),
        ("0.0.0.0/1", True),
        ("::/0", True),
        ("10.0.0.0/8", False),
        ("sg-1", False),
    ],
)
def test_what_is_anywhere(source: str, public: bool) -> None:
    assert is_anywhere(source) is public


def test_what_became_public_comes_first_and_is_counted() -> None:
    token = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"

    def rule(source: str) -> dict[str, Any]:
        return {"ipProtocol": "tcp", "fromPort": 1, "toPort": 1, "cidrIpv4": source}

    before = {_urn(token, "a"): rule("10.0.0.0/8"), _urn(token, "b"): rule("10.0.0.0/8")}
    after = {_urn(token, "a"): rule("10.1.0.0/16"), _urn(token, "b"): rule("0.0.0.0/0")}
    found = exposures(before, after)
    assert [it.name for it in found] == ["b", "a"]
    assert [it.says for it in found[0].closed] == ["tcp 1 from 10.0.0.0/8"]
    assert (public_openings(before), public_openings(after)) == (0, 1)
    assert exposures(after, after) == ()


def _policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"policy": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})}


def _changed(token: str, before: Any, after: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    old = {} if before is None else {_urn(token): before}
    new = {} if after is None else {_urn(token): after}
    found = permission_changes(old, new)
    assert len(found) == 1
    return found[0].added, found[0].removed


_READ = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "arn:a"}


@pytest.mark.parametrize(
    ("token", "before", "after", "added", "removed"),
    [
        (
            "aws:iam/policy:Policy",
            _policy(_READ),
            _policy({**_READ, "Action": ["s3:GetObject", "s3:*"]}),
            ("Allow s3:* on arn:a",),
            ("Allow s3:ListBucket on arn:a",),
        ),
        (
            "aws:iam/role:Role",
            None,
            {
                "assumeRolePolicy": {
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": "sts:AssumeRole",
                            "Principal": {"Service": "ec2.amazonaws.com"},
                            "Condition": {"StringEquals": {"aws:SourceAccount": "1"}},
                        }
                    ]
                }
            },
            ("Allow sts:AssumeRole for ec2.amazonaws.com when aws:SourceAccount StringEquals 1",),
            (),
        ),
        (
            "aws:s3/bucketPolicy:BucketPolicy",
            _policy({**_READ, "Principal": "*", "NotAction": "s3:Delete*"}),
            None,
            (),
            ("Allow anything but s3:Delete* on arn:a for everybody",),
        ),
        (
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            None,
            {"role": "r", "policyArn": "arn:p"},
            ("policy arn:p for r",),
            (),
        ),
        (
            "azure-native:authorization:RoleAssignment",
            {"roleDefinitionId": "reader", "principalId": "p", "scope": "/s"},
            {"roleDefinitionId": "owner", "principalId": "p", "scope": "/s"},
            ("role owner for p on /s",),
            ("role reader for p on /s",),
        ),
        (
            "gcp:storage/bucketIAMMember:BucketIAMMember",
            None,
            {"bucket": "b", "role": "roles/a", "member": "user:a@example.com"},
            ("role roles/a for user:a@example.com on b",),
            (),
        ),
        (
            "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
            {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]},
            {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}]},
            ("list on pods",),
            (),
        ),
        (
            "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
            None,
            {
                "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"},
                "subjects": [{"kind": "ServiceAccount", "namespace": "n", "name": "s"}],
            },
            ("ClusterRole cluster-admin for ServiceAccount n/s",),
            (),
        ),
        (
            "aws:iam/rolePolicy:RolePolicy",
            _policy(_READ),
            {"policy": _UNKNOWN},
            ("(known after up)",),
            (),
        ),
    ],
)
def test_permissions_that_came_and_went(
    token: str, before: Any, after: Any, added: tuple[str, ...], removed: tuple[str, ...]
) -> None:
    assert _changed(token, before, after) == (added, removed)


def test_the_order_of_statements_and_the_form_of_the_document_are_no_change() -> None:
    write = {"Effect": "Deny", "Action": ["s3:PutObject"], "Resource": ["arn:a"]}
    token = "aws:iam/policy:Policy"
    before = {_urn(token): _policy(_READ, write)}
    after = {_urn(token): _policy({**write, "Action": "s3:PutObject"}, _READ)}
    assert permission_changes(before, after) == ()


def test_a_document_that_is_no_policy_grants_nothing() -> None:
    token = "aws:iam/policy:Policy"
    for document in ("no json", "[]", '{"Statement": 5}', '{"Statement": ["x"]}', None):
        assert permission_changes({}, {_urn(token): {"policy": document}}) == ()
