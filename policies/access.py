"""Nobody is granted more than is named: no wildcards, no roles for everything."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from policies.rule import Rule
from policies.sources import AWS, KUBERNETES
from policies.subject import Subject, items, mapping
from policies.wanted import parsed

_DOCUMENTS: Mapping[str, str] = {
    "aws:iam/policy:Policy": "policy",
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:iam/userPolicy:UserPolicy": "policy",
    "aws:iam/groupPolicy:GroupPolicy": "policy",
    "aws:iam/role:Role": "assumeRolePolicy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
}
_ATTACHED = frozenset({"AdministratorAccess", "PowerUserAccess", "IAMFullAccess"})
_GOOGLE = frozenset(
    {"roles/owner", "roles/editor", "roles/storage.admin", "roles/iam.securityAdmin"}
)
# Owner, Contributor, User Access Administrator, Role Based Access Control Administrator:
# https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
_AZURE = (
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
)
_WHOLE_SUBSCRIPTION = re.compile(
    r"^/subscriptions/[^/]+/?(resourceGroups/[^/]+/?)?$", re.IGNORECASE
)
_RBAC = "kubernetes:rbac.authorization.k8s.io/v1"


def _too_much(subject: Subject) -> Iterator[str]:
    if subject.type in _DOCUMENTS:
        yield from _document(parsed(subject.one(_DOCUMENTS[subject.type])))
    elif subject.type == "aws:iam/rolePolicyAttachment:RolePolicyAttachment":
        name = str(subject.one("policyArn")).rpartition("/")[2]
        if name in _ATTACHED:
            yield f"it attaches {name}"
    elif subject.type == "azure-native:authorization:RoleAssignment":
        role, scope = str(subject.one("roleDefinitionId")), str(subject.one("scope"))
        if role.endswith(_AZURE) and _WHOLE_SUBSCRIPTION.match(scope):
            yield "it grants a role for everything on a whole subscription or resource group"
    elif subject.type == "azure-native:authorization:RoleDefinition":
        for actions in [
            *subject.at("permissions[].actions"),
            *subject.at("permissions[].dataActions"),
        ]:
            if "*" in items(actions):
                yield "it allows every action"
    elif subject.type.startswith("gcp:") and subject.one("role") in _GOOGLE:
        yield f"it grants {subject.one('role')}"


def _document(document: Any) -> Iterator[str]:
    for it in map(mapping, items(mapping(document).get("Statement"))):
        if it.get("Effect", "Allow") == "Allow":
            yield from _statement(it)


def _statement(statement: Mapping[str, Any]) -> Iterator[str]:
    sid = statement.get("Sid") or "a statement"
    for action in items(statement.get("Action")):
        if action == "*" or str(action).endswith(":*"):
            yield f"{sid} allows {action}"
    for name in ("NotAction", "NotResource", "NotPrincipal"):
        if name in statement:
            yield f"{sid} allows all but what {name} names"
    who = statement.get("Principal")
    everybody = who == "*" or "*" in items(mapping(who).get("AWS"))
    reads = items(statement.get("Action")) == ["s3:GetObject"]
    if everybody and not reads and not statement.get("Condition"):
        yield f"{sid} allows everybody"


IAM = Rule(
    name="no-wildcard-permissions",
    says="Policies name the actions that they allow, and to whom.",
    remedy="Name the actions, and the resources where the service knows them; never a role for everything.",
    source=AWS,
    resource=_too_much,
)


def _rbac(subject: Subject) -> Iterator[str]:
    if subject.type in (f"{_RBAC}:Role", f"{_RBAC}:ClusterRole"):
        for rule in map(mapping, items(subject.one("rules"))):
            for key in ("verbs", "resources", "apiGroups"):
                if "*" in items(rule.get(key)):
                    yield f"a rule has * among its {key}"
    elif subject.type in (f"{_RBAC}:ClusterRoleBinding", f"{_RBAC}:RoleBinding"):
        kinds = subject.at("subjects[].kind")
        if subject.one("roleRef.name") == "cluster-admin" and "ServiceAccount" in kinds:
            yield "it makes a service account the cluster's administrator"


RBAC = Rule(
    name="no-wildcard-rbac",
    says="Roles in the cluster name their verbs and resources.",
    remedy="Name what the workload reads and writes.",
    source=KUBERNETES,
    resource=_rbac,
)
RULES = (IAM, RBAC)
