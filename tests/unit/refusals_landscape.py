"""A small environment in the simulated cloud, made as its rules want it: what tests change for the worse."""

import json
from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2

from rehearsal import believable
from rehearsal.cloud import Cloud, Operation, Remembered
from rehearsal.properties import put
from rehearsal.refusals import CloudRules, known_types
from rehearsal.sdk import resource_type

GIVEN = frozenset({"arn:aws:iam::123456789012:role/platform", "platform"})
_TOKENS = {
    token.rpartition(":")[2]: token
    for token in sorted(known_types(), reverse=True)
    if token.startswith(("aws:", "kubernetes:"))
}


def token_of(kind: str) -> str:
    """A type token by its last word; a whole token is itself."""
    return _TOKENS.get(kind, kind)


def policy(*actions: str, resource: str = "*") -> str:
    return json.dumps(
        {"Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": resource}]}
    )


def trust(service: str, *actions: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": ["sts:AssumeRole", *actions],
    }
    return json.dumps({"Statement": [statement]})


class Simulated:
    """A cloud with the rules, and what has been made in it."""

    def __init__(self, given: frozenset[str] = GIVEN) -> None:
        self.cloud = Cloud(rules=CloudRules(given=given))
        self.made: list[tuple[str, str]] = []

    def make(self, kind: str, name: str, /, **inputs: Any) -> Remembered:
        """Make a resource as a provider would. Raises Refused."""
        token = token_of(kind)
        request = believable.Request(
            kind=resource_type(token), urn=_urn(token, name), inputs=inputs, provider={}
        )
        made = believable.make(request)
        self._apply("create", token, name, made.id, inputs, made.outputs)
        self.made.append((kind, name))
        return self.get(kind, name)

    def change(self, kind: str, name: str, /, **inputs: Any) -> None:
        """Update a resource: these inputs instead of those it had; None takes one out."""
        before = self.get(kind, name)
        merged = {key: it for key, it in {**before.inputs, **inputs}.items() if it is not None}
        self._apply("update", before.type, name, before.id, merged, before.state)

    def remove(self, kind: str, name: str) -> None:
        """Delete a resource. Raises Refused."""
        gone = self.get(kind, name)
        operation = Operation(
            kind="delete", type=gone.type, urn=gone.urn, id=gone.id, inputs=gone.state
        )
        self.cloud.apply(operation, None)
        self.made.remove((kind, name))

    def get(self, kind: str, name: str) -> Remembered:
        """What was made under a name."""
        token = token_of(kind)
        return next(it for it in self.cloud.of(token) if it.urn == _urn(token, name))

    def _apply(
        self,
        kind: Any,
        token: str,
        name: str,
        id_: str,
        inputs: Mapping[str, Any],
        outputs: Mapping[str, Any],
    ) -> None:
        state = struct_pb2.Struct()
        put(state, {**outputs, **inputs})
        own = Operation(kind=kind, type=token, urn=_urn(token, name), id=id_, inputs=inputs)
        self.cloud.apply(own, state)


def _urn(token: str, name: str) -> str:
    return f"urn:pulumi:sample::tts::{token}::{name}"


def environment() -> Simulated:
    """Everything once, in an order that is allowed."""
    it = Simulated()
    _network(it)
    _cluster(it)
    _stores(it)
    _buckets(it)
    _objects(it)
    return it


def _network(it: Simulated) -> None:
    vpc = it.make(
        "Vpc",
        "vpc",
        cidrBlock="10.0.0.0/16",
        enableDnsSupport=True,
        enableDnsHostnames=True,
        instanceTenancy="default",
    ).id
    for name, cidr, zone in (
        ("a", "10.0.0.0/24", "eu-west-1a"),
        ("b", "10.0.1.0/24", "eu-west-1b"),
        ("outside", "10.0.2.0/24", "eu-west-1a"),
    ):
        it.make("Subnet", name, vpcId=vpc, cidrBlock=cidr, availabilityZone=zone)
    gateway = it.make("InternetGateway", "internet", vpcId=vpc).id
    public = it.make("RouteTable", "public", vpcId=vpc).id
    private = it.make("RouteTable", "private", vpcId=vpc).id
    outside = it.get("Subnet", "outside").id
    it.make("RouteTableAssociation", "public", routeTableId=public, subnetId=outside)
    anywhere = "0.0.0.0/0"
    it.make(
        "Route",
        "public",
        routeTableId=public,
        destinationCidrBlock=anywhere,
        gatewayId=gateway,
    )
    address = it.make("Eip", "nat", domain="vpc").id
    nat = it.make("NatGateway", "nat", subnetId=outside, allocationId=address).id
    it.make(
        "Route",
        "private",
        routeTableId=private,
        destinationCidrBlock=anywhere,
        natGatewayId=nat,
    )
    it.make(
        "VpcEndpoint",
        "s3",
        vpcId=vpc,
        serviceName="com.amazonaws.eu-west-1.s3",
        vpcEndpointType="Gateway",
        routeTableIds=[private],
    )
    it.make("DefaultSecurityGroup", "default", vpcId=vpc)
    for name in ("clients", "servers"):
        it.make("SecurityGroup", name, name=f"{name}-1", description=f"the {name}", vpcId=vpc)
    it.make(
        "SecurityGroupIngressRule",
        "in",
        securityGroupId=it.get("SecurityGroup", "servers").id,
        ipProtocol="tcp",
        fromPort=5432,
        toPort=5432,
        description="From clients",
        referencedSecurityGroupId=it.get("SecurityGroup", "clients").id,
    )
    it.make(
        "SecurityGroupEgressRule",
        "out",
        securityGroupId=it.get("SecurityGroup", "clients").id,
        ipProtocol="-1",
        description="To anywhere",
        cidrIpv4=anywhere,
    )


def _cluster(it: Simulated) -> None:
    roles: dict[str, tuple[str, list[str]]] = {
        "cluster": (trust("eks"), ["AmazonEKSClusterPolicy"]),
        "nodes": (
            trust("ec2"),
            [
                "AmazonEKSWorkerNodePolicy",
                "AmazonEKS_CNI_Policy",
                "AmazonEC2ContainerRegistryPullOnly",
            ],
        ),
        "pods": (trust("pods.eks", "sts:TagSession"), []),
    }
    for name, (document, policies) in roles.items():
        it.make("Role", name, name=f"role-{name}", path="/", assumeRolePolicy=document)
        for each in policies:
            it.make(
                "RolePolicyAttachment",
                each,
                role=f"role-{name}",
                policyArn=f"arn:aws:iam::aws:policy/{each}",
            )
    it.make("RolePolicy", "pods", name="use", role="role-pods", policy=policy("s3:GetObject"))
    own = it.make("Policy", "own", name="own", path="/", policy=policy("s3:GetObject"))
    it.make("RolePolicyAttachment", "own", role="role-pods", policyArn=str(own.state["arn"]))
    key = it.make("Key", "secrets", description="secrets", deletionWindowInDays=7)
    it.make("Alias", "secrets", name="alias/secrets", targetKeyId=key.id)
    it.make("LogGroup", "cluster", name="/aws/eks/sample/cluster", retentionInDays=30)
    subnets = [it.get("Subnet", name).id for name in ("a", "b")]
    it.make(
        "Cluster",
        "sample",
        name="sample",
        version="1.34",
        roleArn=role_arn(it, "cluster"),
        bootstrapSelfManagedAddons=False,
        accessConfig={
            "authenticationMode": "API",
            "bootstrapClusterCreatorAdminPermissions": False,
        },
        vpcConfig={"subnetIds": subnets, "publicAccessCidrs": ["192.0.2.0/24"]},
        kubernetesNetworkConfig={"ipFamily": "ipv4", "serviceIpv4Cidr": "172.20.0.0/16"},
        encryptionConfig={"resources": ["secrets"], "provider": {"keyArn": key.state["arn"]}},
        enabledClusterLogTypes=["api"],
    )
    it.make("Addon", "vpc-cni", addonName="vpc-cni", clusterName="sample")
    template = it.make(
        "LaunchTemplate",
        "nodes",
        name="nodes-1",
        metadataOptions={"httpTokens": "required", "httpPutResponseHopLimit": 1},
    )
    it.make("NodeGroup", "a", **node_group(it, template.id, subnets[0]))
    it.make(
        "Addon",
        "coredns",
        addonName="coredns",
        addonVersion="v1.12.1-eksbuild.2",
        clusterName="sample",
    )
    principal = "arn:aws:iam::123456789012:role/platform"
    it.make("AccessEntry", "admin", clusterName="sample", principalArn=principal, type="STANDARD")
    it.make(
        "AccessPolicyAssociation",
        "admin",
        clusterName="sample",
        principalArn=principal,
        policyArn="arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        accessScope={"type": "cluster"},
    )
    it.make(
        "PodIdentityAssociation",
        "pods",
        clusterName="sample",
        namespace="product",
        serviceAccount="product",
        roleArn=role_arn(it, "pods"),
    )


def role_arn(it: Simulated, role: str) -> str:
    """The ARN of a role."""
    return str(it.get("Role", role).state["arn"])


def node_group(it: Simulated, template: str, subnet: str) -> dict[str, Any]:
    """What a node group is made with."""
    return {
        "nodeGroupName": "a",
        "clusterName": "sample",
        "nodeRoleArn": role_arn(it, "nodes"),
        "subnetIds": [subnet],
        "version": "1.34",
        "amiType": "AL2023_ARM_64_STANDARD",
        "instanceTypes": ["m7g.large"],
        "launchTemplate": {"id": template, "version": "1"},
        "scalingConfig": {"minSize": 1, "desiredSize": 1, "maxSize": 3},
        "updateConfig": {"maxUnavailable": 1},
    }


def _stores(it: Simulated) -> None:
    subnets = [it.get("Subnet", name).id for name in ("a", "b")]
    group = it.get("SecurityGroup", "servers").id
    it.make("aws:rds/subnetGroup:SubnetGroup", "db", name="db", subnetIds=subnets)
    it.make(
        "aws:rds/parameterGroup:ParameterGroup",
        "db",
        name="db-17",
        family="postgres17",
        parameters=[{"name": "rds.force_ssl", "value": "1", "applyMethod": "pending-reboot"}],
    )
    for log in ("postgresql", "upgrade"):
        it.make("LogGroup", log, name=f"/aws/rds/instance/db-1/{log}", retentionInDays=30)
    it.make("Instance", "db", **database(group))
    it.make("aws:elasticache/subnetGroup:SubnetGroup", "cache", name="cache", subnetIds=subnets)
    it.make("aws:elasticache/parameterGroup:ParameterGroup", "cache", name="cache", family="redis7")
    it.make("ReplicationGroup", "cache", **replication_group(group))


def database(group: str) -> dict[str, Any]:
    """What a server is made with."""
    return {
        "identifier": "db-1",
        "engine": "postgres",
        "engineVersion": "17.4",
        "instanceClass": "db.m7g.large",
        "username": "ttsadmin",
        "password": "a-Password-of-32-characters-1234",
        "allocatedStorage": 100,
        "maxAllocatedStorage": 200,
        "storageType": "gp3",
        "multiAz": True,
        "dbSubnetGroupName": "db",
        "parameterGroupName": "db-17",
        "vpcSecurityGroupIds": [group],
        "backupWindow": "01:00-02:00",
        "maintenanceWindow": "sun:03:00-sun:04:00",
        "enabledCloudwatchLogsExports": ["postgresql", "upgrade"],
        "skipFinalSnapshot": False,
        "finalSnapshotIdentifier": "db-1-last",
    }


def replication_group(group: str) -> dict[str, Any]:
    """What a replication group is made with."""
    return {
        "replicationGroupId": "cache-1",
        "description": "cache",
        "engine": "redis",
        "engineVersion": "7.1",
        "nodeType": "cache.m7g.large",
        "numCacheClusters": 2,
        "automaticFailoverEnabled": True,
        "multiAzEnabled": True,
        "subnetGroupName": "cache",
        "parameterGroupName": "cache",
        "securityGroupIds": [group],
        "atRestEncryptionEnabled": True,
        "transitEncryptionEnabled": True,
        "authToken": "a-token-of-32-characters-12345678",
        "snapshotWindow": "01:00-02:00",
        "maintenanceWindow": "sun:03:00-sun:04:00",
        "finalSnapshotIdentifier": "cache-1-last",
    }


def _buckets(it: Simulated) -> None:
    it.make("Bucket", "blobs", bucket="example-blobs", forceDestroy=True)
    for kind, inputs in {
        "BucketPublicAccessBlock": {"blockPublicPolicy": False},
        "BucketOwnershipControls": {"rule": {"objectOwnership": "BucketOwnerEnforced"}},
        "BucketVersioning": {"versioningConfiguration": {"status": "Enabled"}},
        "BucketServerSideEncryptionConfiguration": {
            "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]
        },
        "BucketLifecycleConfiguration": {"rules": [{"id": "old", "status": "Enabled"}]},
        "BucketPolicy": {"policy": public_policy("example-blobs")},
        "BucketObjectv2": {"key": "config.yml", "content": ""},
    }.items():
        it.make(kind, "blobs", bucket="example-blobs", **inputs)
    it.make("User", "blobs", name="blobs", path="/")
    it.make("UserPolicy", "blobs", name="buckets", user="blobs", policy=policy("s3:GetObject"))
    it.make(
        "UserPolicyAttachment",
        "blobs",
        user="blobs",
        policyArn="arn:aws:iam::aws:policy/ReadOnlyAccess",
    )
    it.make("AccessKey", "blobs", user="blobs")


def public_policy(bucket: str, **more: Any) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    return json.dumps({"Statement": [{**statement, **more}]})


def _objects(it: Simulated) -> None:
    labels = {"app.kubernetes.io/name": "product"}
    it.make("Namespace", "product", metadata={"name": "product", "labels": labels})
    it.make(
        "Release",
        "controller",
        name="controller",
        namespace="kube-system",
        chart="aws-load-balancer-controller",
    )
    it.make(
        "Secret",
        "tls",
        metadata={"name": "tls", "namespace": "product"},
        type="kubernetes.io/tls",
        stringData={"tls.crt": "certificate", "tls.key": "key"},
    )
    it.make(
        "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding",
        "ingress",
        metadata={"name": "ingress", "namespace": "product"},
    )
    done = {token_of(kind) for kind, _ in it.made}
    for token in sorted(known_types()):
        kind = token.rpartition(":")[2]
        if token.startswith("kubernetes:") and token not in done:
            place = {"namespace": "product"} if believable.namespaced(token) else {}
            it.make(token, kind.lower(), metadata={"name": kind.lower(), **place})


def vpc_id(it: Simulated) -> str:
    """The VPC."""
    return it.get("Vpc", "vpc").id


def subnet_ids(it: Simulated, *names: str) -> list[str]:
    """Subnets by name: a and b are in two zones, outside is in that of a."""
    return [it.get("Subnet", name).id for name in names]


def elsewhere(it: Simulated) -> tuple[str, str, str]:
    """Another VPC with a subnet and a security group."""
    vpc = it.make("Vpc", "other", cidrBlock="10.1.0.0/16").id
    zone = "eu-west-1b"
    subnet = it.make(
        "Subnet", "other", vpcId=vpc, cidrBlock="10.1.0.0/24", availabilityZone=zone
    ).id
    return vpc, subnet, it.make("SecurityGroup", "other", name="other", vpcId=vpc).id
