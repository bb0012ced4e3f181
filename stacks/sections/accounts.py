"""The one account, subscription or project that a stack may touch."""

from stacks.fields import (
    AwsAccountId,
    Guid,
    LogRetentionDays,
    ResourceGroupName,
    Section,
    Text,
    Texts,
    VmSize,
)


class AwsAccount(Section):
    """The one account that this stack may touch, and what there is to say of all of AWS.

    Tags with these keys or prefixes, such as an organisation's own, are neither set nor removed.
    """

    account_id: AwsAccountId
    ignore_tag_keys: Texts = ()
    ignore_tag_prefixes: Texts = ()
    log_retention_days: LogRetentionDays = 90


class AzureAccount(Section):
    """The one subscription that this stack may touch, and the resource group that it makes there.

    `resourceGroup`: `tts-<stack>` if left out. `systemVmSize`: of the nodes on which AKS runs what is its
    own; it cannot change later.
    """

    subscription_id: Guid
    resource_group: ResourceGroupName | None = None
    system_vm_size: VmSize = "Standard_D2as_v5"


class GcpAccount(Section):
    """The one project that this stack may touch."""

    project: Text
