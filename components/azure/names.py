"""Names of Azure within its limits, pure, so that a preview shows them.

https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/resource-name-rules
"""

import hashlib
import re
import uuid

from components.naming import stack_name

_DOMAIN_SHARE = 12
_HASH_LENGTH = 6


def group_name(stack: str) -> str:
    """The resource group of a stack: at most 80 characters, as names of node groups begin with it."""
    return stack_name(stack, longest=80)


def storage_account_name(subscription: str, stack: str, domain: str, purpose: str) -> str:
    """3 to 24 lower-case letters and digits, unique in all of Azure."""
    start = re.sub(r"[^a-z0-9]", "", domain.lower())[:_DOMAIN_SHARE]
    return f"tts{start}{_digest(f'{subscription}/{stack}/{domain}/{purpose}', 9)}"


def public_name(subscription: str, stack: str, purpose: str, *, longest: int) -> str:
    """`tts-<stack>-<purpose>-<hash>` for what has a public host name, unique in all of Azure."""
    digest = _digest(f"{subscription}/{stack}", _HASH_LENGTH)
    return stack_name(stack, f"{purpose}-{digest}", longest=longest)


def pool_name(zone: str, *fixed: str) -> str:
    """A node pool's name, another one when something that is fixed changes: at most 12 characters."""
    return f"z{zone}{_digest('/'.join(fixed), _HASH_LENGTH)}"


def assignment_name(subscription: str, stack: str, purpose: str) -> str:
    """The GUID that a role assignment is named by, always the same for one purpose."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"tts/{subscription}/{stack}/{purpose}"))


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]
