"""IAM and KMS: policies, trust, and how many of a kind there may be."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rehearsal.refusals.case import Case, Check, at, refusal

ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
_KEY = "aws:iam/accessKey:AccessKey"
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_KEYS_OF_A_USER = 2
_POLICIES_OF_A_ROLE = 10


def statements(policy: str | None) -> Iterator[Mapping[str, Any]]:
    """The statements of a policy document; none of what is no such document."""
    try:
        document = json.loads(policy or "")
    except ValueError:
        return
    found = document.get("Statement", []) if isinstance(document, dict) else []
    for it in found if isinstance(found, list) else [found]:
        if isinstance(it, dict):
            yield it


def listed(value: object) -> list[Any]:
    """What a policy says as one value or as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def trusts(case: Case, role_arn: str | None, service: str, *actions: str) -> bool:
    """Whether a role lets a service do this; of a role that is not this stack's, it is believed."""
    role = case.find("role ARN", role_arn)
    if role is None:
        return True
    trust = next((it for it in at(role.inputs, "assumeRolePolicy") if isinstance(it, str)), None)
    allowed: set[str] = set()
    for it in statements(trust):
        principal = it.get("Principal")
        services = listed(principal.get("Service")) if isinstance(principal, dict) else []
        if it.get("Effect") == "Allow" and any(each.startswith(service) for each in services):
            allowed |= {str(action) for action in listed(it.get("Action"))}
    return {"sts:AssumeRole", *actions} <= allowed or "sts:*" in allowed


def policies_of(case: Case, role_arn: str | None) -> set[str] | None:
    """The ARNs of a role's managed policies, or None of a role that is not this stack's."""
    role = case.find("role ARN", role_arn)
    if role is None:
        return None
    names = at(role.inputs, "name")
    attached = {
        arn
        for each in case.cloud.of(ATTACHMENT)
        if at(each.inputs, "role") == names
        for arn in at(each.inputs, "policyArn")
    }
    return attached | set(at(role.inputs, "managedPolicyArns[]"))


def lacks(policies: set[str] | None, *any_of: str) -> bool:
    """Whether a role has none of these policies of AWS's, and none of its owner's in their place."""
    if policies is None:
        return False
    own = any(":iam::aws:policy/" not in arn for arn in policies)
    return not own and not any(arn.rpartition("/")[2] in any_of for arn in policies)


def _document(path: str, needed: str) -> Check:
    """Its grammar, roughly.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
    """

    def check(case: Case) -> str | None:
        policy = case.text(path)
        if policy is None:
            return None
        found = list(statements(policy))
        if not found:
            return refusal("MalformedPolicyDocument", f"{path} has no Statement")
        for number, it in enumerate(found):
            if it.get("Effect") not in ("Allow", "Deny"):
                what = f"Effect of statement {number} is {it.get('Effect')!r}; allowed: Allow, Deny"
                return refusal("MalformedPolicyDocument", what)
            for element in ("Action", needed):
                if element not in it and f"Not{element}" not in it:
                    what = f"statement {number} of {path} has no {element}"
                    return refusal("MalformedPolicyDocument", what)
        return None

    return check


def _third_key(case: Case) -> str | None:
    user = case.text("user")
    keys = [it for it in case.of(_KEY) if user in at(it.inputs, "user")]
    if not case.making or user is None or len(keys) < _KEYS_OF_A_USER:
        return None
    what = f"user {user} has {len(keys)} access keys; allowed: {_KEYS_OF_A_USER}"
    return refusal("LimitExceeded", what)


def _too_many_policies(case: Case) -> str | None:
    role = case.text("role")
    attached = [it for it in case.of(ATTACHMENT) if role in at(it.inputs, "role")]
    if not case.making or role is None or len(attached) < _POLICIES_OF_A_ROLE:
        return None
    what = f"role {role} has {len(attached)} managed policies; allowed by default: {_POLICIES_OF_A_ROLE}"
    return refusal("LimitExceeded", what)


WRITES: Mapping[str, tuple[Check, ...]] = {
    ROLE: (_document("assumeRolePolicy", "Principal"),),
    "aws:iam/policy:Policy": (_document("policy", "Resource"),),
    "aws:iam/rolePolicy:RolePolicy": (_document("policy", "Resource"),),
    "aws:iam/userPolicy:UserPolicy": (_document("policy", "Resource"),),
    _KEY: (_third_key,),
    ATTACHMENT: (_too_many_policies,),
}
DELETES: Mapping[str, tuple[Check, ...]] = {}
