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


SPECIAL: Mapping[str, Callable[[Request], Values]] = {
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
