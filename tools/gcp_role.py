"""The permissions of a stack on Google Cloud, as a custom role: pure."""

from collections.abc import Sequence

import yaml

from components.naming import slug
from stacks.config import GcpConfig
from tools.permission_documents import Document

# https://cloud.google.com/iam/docs/creating-custom-roles
_MOST_PERMISSIONS = 3000
_LONGEST_ID = 64


def gcp_role(config: GcpConfig, permissions: Sequence[str]) -> tuple[Document, ...]:
    """A role for whoever runs Pulumi, good in the stack's project alone.

    Raises ValueError for more permissions than a role may have.
    """
    if len(permissions) > _MOST_PERMISSIONS:
        raise ValueError(f"a custom role has {_MOST_PERMISSIONS} permissions at most")
    role = {
        "title": f"Pulumi, {config.stack}"[:100],
        "description": "What a stack of The Things Stack's prerequisites needs",
        "stage": "GA",
        "includedPermissions": list(permissions),
    }
    name = f"tts_{slug(config.stack).replace('-', '_')}"[:_LONGEST_ID]
    command = f"gcloud iam roles create {name} --project {config.gcp.project} --file {{path}}"
    return (
        Document(name="role.yaml", text=yaml.safe_dump(role, sort_keys=False), command=command),
    )
