"""What AWS computes."""

import base64
import hashlib
from collections.abc import Callable, Mapping

from rehearsal.believable.request import Request, Values, identifier_of

ACCOUNT = "123456789012"


def common(request: Request, identifier: str) -> Values:
    """What most AWS resources have: an ARN, a region and all tags."""
    outputs = request.kind.outputs
    service = request.kind.token.split(":")[1].partition("/")[0]
    found: Values = {}
    if "arn" in outputs:
        found["arn"] = f"arn:aws:{service}:{request.region}:{ACCOUNT}:{identifier}"
    if "region" in outputs:
        found["region"] = request.region
    if "tagsAll" in outputs:
        found["tagsAll"] = all_tags(request)
    return found


def all_tags(request: Request) -> Values:
    """The default tags of the provider and the resource's own."""
    defaults = request.provider.get("defaultTags") or {}
    return {**(defaults.get("tags") or {}), **(request.inputs.get("tags") or {})}


def _bucket(request: Request) -> Values:
    name = identifier_of(request)
    return {
        "id": name,
        "bucket": name,
        "arn": f"arn:aws:s3:::{name}",
        "bucketDomainName": f"{name}.s3.amazonaws.com",
        "bucketRegionalDomainName": f"{name}.s3.{request.region}.amazonaws.com",
    }


def _object(request: Request) -> Values:
    bucket, key = request.inputs.get("bucket"), request.inputs.get("key")
    return {
        "id": f"{bucket}/{key}",
        "arn": f"arn:aws:s3:::{bucket}/{key}",
        "versionId": request.digest("version", 32),
        "etag": hashlib.md5(b"", usedforsecurity=False).hexdigest(),
    }


def _iam(what: str, prefix: str = "") -> Callable[[Request], Values]:
    """An IAM entity; AWS begins the unique ids of each kind with letters of its own."""

    def found(request: Request) -> Values:
        name, path = identifier_of(request), request.inputs.get("path") or "/"
        values: Values = {"arn": f"arn:aws:iam::{ACCOUNT}:{what}{path}{name}"}
        if prefix:
            return {**values, "uniqueId": f"{prefix}{request.digest('unique', 17).upper()}"}
        return {
            **values,
            "id": values["arn"],
            "policyId": f"ANPA{request.digest('unique').upper()}",
        }

    return found


def _inline_policy(owner: str) -> Callable[[Request], Values]:
    """Its name is unique only within the user or role that has it."""
    return lambda request: {"id": f"{request.inputs.get(owner)}:{identifier_of(request)}"}


def _attachment(owner: str) -> Callable[[Request], Values]:
    return lambda request: {"id": f"{request.inputs.get(owner)}/{request.inputs.get('policyArn')}"}


def _access_key(request: Request) -> Values:
    secret = base64.b64encode(request.data("secret", 30)).decode()
    return {"id": f"AKIA{request.digest('key', 16).upper()}", "secret": secret, "status": "Active"}


def _pod_identity(request: Request) -> Values:
    identifier = f"a-{request.digest('id', 17)}"
    where = f"arn:aws:eks:{request.region}:{ACCOUNT}:podidentityassociation"
    return {
        "id": identifier,
        "associationId": identifier,
        "associationArn": f"{where}/{request.inputs.get('clusterName')}/{identifier}",
    }


def _numbered(prefix: str, *same: str) -> Callable[[Request], Values]:
    """An identifier as EC2 gives them, `vpc-0123…`; `same` are outputs that are equal to it."""

    def found(request: Request) -> Values:
        identifier = f"{prefix}-0{request.digest('id', 16)}"
        return {"id": identifier, **dict.fromkeys(same, identifier)}

    return found


def _named_by(*inputs: str, separator: str = ":") -> Callable[[Request], Values]:
    """An identifier put together from inputs."""
    return lambda request: {"id": separator.join(str(request.inputs.get(it)) for it in inputs)}


def _address(request: Request) -> Values:
    """An address of the range that RFC 2544 keeps for benchmarks."""
    low = int(request.digest("address", 4), 16)
    address = f"198.{18 + low % 2}.{low >> 8}.{low & 255}"
    name = f"ec2-{address.replace('.', '-')}.{request.region}.compute.amazonaws.com"
    return {
        **_numbered("eipalloc", "allocationId")(request),
        "publicIp": address,
        "publicDns": name,
    }


def _launch_template(request: Request) -> Values:
    return {**_numbered("lt")(request), "latestVersion": 1, "defaultVersion": 1}


def _cluster(request: Request) -> Values:
    name = identifier_of(request)
    host = f"{request.digest('endpoint', 32).upper()}.gr7.{request.region}.eks.amazonaws.com"
    authority = f"-----BEGIN CERTIFICATE-----\n{request.digest('ca', 64)}\n"
    return {
        "id": name,
        "arn": f"arn:aws:eks:{request.region}:{ACCOUNT}:cluster/{name}",
        "endpoint": f"https://{host}",
        "certificateAuthority": {"data": base64.b64encode(authority.encode()).decode()},
        "vpcConfig": {"clusterSecurityGroupId": f"sg-0{request.digest('group', 16)}"},
        "status": "ACTIVE",
    }


def _node_group(request: Request) -> Values:
    name = request.inputs.get("nodeGroupName") or f"{request.name}-{request.digest('name', 7)}"
    return {
        "id": f"{request.inputs.get('clusterName')}:{name}",
        "nodeGroupName": name,
        "status": "ACTIVE",
    }


def _add_on(request: Request) -> Values:
    identifier = f"{request.inputs.get('clusterName')}:{request.inputs.get('addonName')}"
    version = request.inputs.get("addonVersion") or "v1.0.0-eksbuild.1"
    return {"id": identifier, "addonVersion": version}


def _key(request: Request) -> Values:
    digits = request.digest("key", 32)
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    identifier = "-".join(parts)
    arn = f"arn:aws:kms:{request.region}:{ACCOUNT}:key/{identifier}"
    return {"id": identifier, "keyId": identifier, "arn": arn}


def _log_group(request: Request) -> Values:
    name = identifier_of(request)
    return {"id": name, "arn": f"arn:aws:logs:{request.region}:{ACCOUNT}:log-group:{name}"}


def _database(request: Request) -> Values:
    name = request.inputs.get("identifier") or f"{request.name}-{request.digest('name', 7)}"
    host = f"{name}.{request.digest('account', 12)}.{request.region}.rds.amazonaws.com"
    resource = f"db-{request.digest('resource', 26).upper()}"
    return {
        "id": resource,
        "resourceId": resource,
        "identifier": name,
        "arn": f"arn:aws:rds:{request.region}:{ACCOUNT}:db:{name}",
        "address": host,
        "endpoint": f"{host}:{request.whole('port', 5432)}",
        "status": "available",
    }


def _replication_group(request: Request) -> Values:
    name = str(request.inputs.get("replicationGroupId"))
    domain = f"{name}.{request.digest('account', 6)}.{request.region}.cache.amazonaws.com"
    return {
        "id": name,
        "arn": f"arn:aws:elasticache:{request.region}:{ACCOUNT}:replicationgroup:{name}",
        "primaryEndpointAddress": f"master.{domain}",
        "readerEndpointAddress": f"replica.{domain}",
        "memberClusters": [
            f"{name}-{number:03}" for number in range(1, request.whole("numCacheClusters", 1) + 1)
        ],
    }


_NO_VERSION = frozenset({"tags", "__defaults"})


def follow(request: Request, olds: Mapping[str, object]) -> Values:
    """What an update in place changes among the computed values.

    A launch template gets a version where something but its tags changes (terraform-provider-aws,
    internal/service/ec2/ec2_launch_template.go): not by an update that only tries again.
    """
    changed = any(
        olds.get(key) != it for key, it in request.inputs.items() if key not in _NO_VERSION
    )
    if changed and request.kind.token == "aws:ec2/launchTemplate:LaunchTemplate":
        latest = int(str(olds.get("latestVersion") or 0).partition(".")[0]) + 1
        return {"latestVersion": latest, "defaultVersion": latest}
    return {}


SPECIAL: Mapping[str, Callable[[Request], Values]] = {
    "aws:ec2/vpc:Vpc": _numbered("vpc"),
    "aws:ec2/subnet:Subnet": _numbered("subnet"),
    "aws:ec2/internetGateway:InternetGateway": _numbered("igw"),
    "aws:ec2/eip:Eip": _address,
    "aws:ec2/natGateway:NatGateway": _numbered("nat"),
    "aws:ec2/routeTable:RouteTable": _numbered("rtb"),
    "aws:ec2/route:Route": _numbered("r-rtb"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _numbered("rtbassoc"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _numbered("vpce"),
    "aws:ec2/securityGroup:SecurityGroup": _numbered("sg"),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _numbered("sg"),
    "aws:ec2/launchTemplate:LaunchTemplate": _launch_template,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _numbered("sgr"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _numbered("sgr"),
    "aws:eks/cluster:Cluster": _cluster,
    "aws:eks/nodeGroup:NodeGroup": _node_group,
    "aws:eks/addon:Addon": _add_on,
    "aws:eks/accessEntry:AccessEntry": _named_by("clusterName", "principalArn"),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": _named_by(
        "clusterName", "principalArn", "policyArn", separator="#"
    ),
    "aws:kms/key:Key": _key,
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:rds/instance:Instance": _database,
    "aws:elasticache/replicationGroup:ReplicationGroup": _replication_group,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketObjectv2:BucketObjectv2": _object,
    "aws:iam/user:User": _iam("user", "AIDA"),
    "aws:iam/role:Role": _iam("role", "AROA"),
    "aws:iam/policy:Policy": _iam("policy"),
    "aws:iam/accessKey:AccessKey": _access_key,
    "aws:iam/userPolicy:UserPolicy": _inline_policy("user"),
    "aws:iam/rolePolicy:RolePolicy": _inline_policy("role"),
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": _attachment("user"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _attachment("role"),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": _pod_identity,
}
