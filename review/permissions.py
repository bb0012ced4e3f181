"""What identities may do: policy documents, role assignments and bindings, before and after."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from rehearsal.properties import is_unknown
from rehearsal.urns import name_of, type_of
from review.changes import Permissions
from review.documents import statements
from review.shown import value
from review.text import readable

Inputs = Mapping[str, Any]
# What is granted, to whom or on what, and whether it is allowed or denied: the first is listed together
# where the others are the same.
Grant = tuple[str, str, str]
Reader = Callable[[Inputs], Iterable[Grant]]
_LATER: Grant = ("(known after up)", "", "")


def permission_changes(
    before: Mapping[str, Inputs], after: Mapping[str, Inputs]
) -> tuple[Permissions, ...]:
    """What is granted more and less, document by document. Both arguments are inputs by URN."""
    found = [
        _compared(urn, document, before.get(urn), after.get(urn))
        for urn in dict.fromkeys([*before, *after])
        for document in _READERS.get(_token(urn), {})
    ]
    changed = [it for it in found if it.added or it.removed]
    return tuple(sorted(changed, key=lambda it: (not it.added, it.type, it.name)))


def _token(urn: str) -> str:
    package, _, rest = type_of(urn).partition(":")
    module, _, name = rest.partition(":")
    return f"{package}:{module.partition('/')[0] if package == 'azure-native' else module}:{name}"


def _compared(urn: str, document: str, old: Inputs | None, new: Inputs | None) -> Permissions:
    after = _grants(urn, document, new)
    # What it no longer grants is not known before what it grants.
    before: list[Grant] = [] if _LATER in after else _grants(urn, document, old)
    return Permissions(
        type=readable(type_of(urn)),
        name=readable(name_of(urn)),
        document=document,
        added=_listed(it for it in after if it not in before),
        removed=_listed(it for it in before if it not in after),
    )


def _grants(urn: str, document: str, inputs: Inputs | None) -> list[Grant]:
    if inputs is None:
        return []
    if is_unknown(inputs.get(document)):
        return [_LATER]
    return list(dict.fromkeys(_READERS[_token(urn)][document](inputs)))


def _listed(grants: Iterable[Grant]) -> tuple[str, ...]:
    together: dict[tuple[str, str], list[str]] = defaultdict(list)
    for what, rest, effect in grants:
        together[effect, rest].append(what)
    return tuple(
        f"{effect} {', '.join(whats)}{rest}".strip() for (effect, rest), whats in together.items()
    )


def _policy(name: str) -> Reader:
    def read(inputs: Inputs) -> Iterator[Grant]:
        for statement in statements(inputs.get(name)):
            who = ", ".join(statement.principals)
            for resource in statement.resources or ("",):
                on = f" on {resource}" if resource else ""
                to = f" for {who}" if who else ""
                for action in statement.actions:
                    yield action, f"{on}{to}{statement.when}", statement.effect

    return read


def _attachment(inputs: Inputs) -> Iterator[Grant]:
    holder = next((inputs[it] for it in ("role", "user", "group") if inputs.get(it)), None)
    yield f"policy {value(inputs.get('policyArn'))}", f" for {value(holder)}", ""


def _access_policy(inputs: Inputs) -> Iterator[Grant]:
    scope = inputs.get("accessScope")
    where = f" on {value(scope)}" if scope else ""
    yield (
        f"access policy {value(inputs.get('policyArn'))}",
        f" for {value(inputs.get('principalArn'))}{where}",
        "",
    )


def _pod_identity(inputs: Inputs) -> Iterator[Grant]:
    account = f"{value(inputs.get('namespace'))}/{value(inputs.get('serviceAccount'))}"
    yield f"role {value(inputs.get('roleArn'))}", f" for service account {account}", ""


def _federated(inputs: Inputs) -> Iterator[Grant]:
    yield (
        f"be {value(inputs.get('resourceName'))}",
        f" for {value(inputs.get('subject'))} of {value(inputs.get('issuer'))}",
        "Allow to",
    )


def _service_account_key(inputs: Inputs) -> Iterator[Grant]:
    yield f"key for {value(inputs.get('serviceAccountId'))}", "", ""


def _role_assignment(inputs: Inputs) -> Iterator[Grant]:
    yield (
        f"role {value(inputs.get('roleDefinitionId'))}",
        f" for {value(inputs.get('principalId'))} on {value(inputs.get('scope'))}",
        "",
    )


def _role_definition(inputs: Inputs) -> Iterator[Grant]:
    for permission in inputs.get("permissions") or []:
        for kind in ("actions", "dataActions", "notActions", "notDataActions"):
            for action in (permission.get(kind) if isinstance(permission, Mapping) else None) or []:
                prefix = "not " if kind.startswith("not") else ""
                yield f"{prefix}{value(action)}", "", ""


def _member(inputs: Inputs) -> Iterator[Grant]:
    members = inputs.get("members") or [inputs.get("member")]
    on = next((inputs[it] for it in _GOOGLE_SCOPES if inputs.get(it)), None)
    for member in members:
        where = f" on {value(on)}" if on else ""
        yield f"role {value(inputs.get('role'))}", f" for {value(member)}{where}", ""


_GOOGLE_SCOPES = ("bucket", "cryptoKeyId", "keyRingId", "secretId", "serviceAccountId", "project")


def _custom_role(inputs: Inputs) -> Iterator[Grant]:
    for permission in inputs.get("permissions") or []:
        yield str(value(permission)), "", ""


def _rules(inputs: Inputs) -> Iterator[Grant]:
    for rule in inputs.get("rules") or []:
        if not isinstance(rule, Mapping):
            continue
        for thing in [*(rule.get("resources") or []), *(rule.get("nonResourceURLs") or [])]:
            for verb in rule.get("verbs") or []:
                groups = ", ".join(str(value(it)) for it in rule.get("apiGroups") or [] if it)
                group = f" of {groups}" if groups else ""
                yield str(value(verb)), f" on {value(thing)}{group}", ""


def _binding(inputs: Inputs) -> Iterator[Grant]:
    role = inputs.get("roleRef") or {}
    for subject in inputs.get("subjects") or []:
        place = "/".join(str(value(subject[it])) for it in ("namespace", "name") if subject.get(it))
        yield (
            f"{value(role.get('kind'))} {value(role.get('name'))}",
            f" for {value(subject.get('kind'))} {place}",
            "",
        )


_RBAC = "kubernetes:rbac.authorization.k8s.io/v1"
# By type the documents that it has, each under the property that holds it.
_READERS: Mapping[str, Mapping[str, Reader]] = {
    "aws:iam/policy:Policy": {"policy": _policy("policy")},
    "aws:iam/rolePolicy:RolePolicy": {"policy": _policy("policy")},
    "aws:iam/userPolicy:UserPolicy": {"policy": _policy("policy")},
    "aws:iam/groupPolicy:GroupPolicy": {"policy": _policy("policy")},
    "aws:iam/role:Role": {"assumeRolePolicy": _policy("assumeRolePolicy")},
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {"policyArn": _attachment},
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": {"policyArn": _attachment},
    "aws:s3/bucketPolicy:BucketPolicy": {"policy": _policy("policy")},
    "aws:kms/key:Key": {"policy": _policy("policy")},
    "aws:secretsmanager/secretPolicy:SecretPolicy": {"policy": _policy("policy")},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {"policy": _policy("policy")},
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": {"policyArn": _access_policy},
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": {"roleArn": _pod_identity},
    "azure-native:authorization:RoleAssignment": {"roleDefinitionId": _role_assignment},
    "azure-native:authorization:RoleDefinition": {"permissions": _role_definition},
    "azure-native:managedidentity:FederatedIdentityCredential": {"subject": _federated},
    "gcp:projects/iAMMember:IAMMember": {"role": _member},
    "gcp:projects/iAMBinding:IAMBinding": {"role": _member},
    "gcp:projects/iAMCustomRole:IAMCustomRole": {"permissions": _custom_role},
    "gcp:storage/bucketIAMMember:BucketIAMMember": {"role": _member},
    "gcp:storage/bucketIAMBinding:BucketIAMBinding": {"role": _member},
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": {"role": _member},
    "gcp:serviceaccount/iAMMember:IAMMember": {"role": _member},
    "gcp:serviceaccount/iAMBinding:IAMBinding": {"role": _member},
    "gcp:serviceaccount/key:Key": {"serviceAccountId": _service_account_key},
    "gcp:secretmanager/secretIamMember:SecretIamMember": {"role": _member},
    f"{_RBAC}:Role": {"rules": _rules},
    f"{_RBAC}:ClusterRole": {"rules": _rules},
    f"{_RBAC}:RoleBinding": {"subjects": _binding},
    f"{_RBAC}:ClusterRoleBinding": {"subjects": _binding},
}
KNOWN = frozenset(_READERS)
