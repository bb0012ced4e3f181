"""The one account, subscription or project that a stack may touch."""

from stacks.fields import AwsAccountId, LogRetentionDays, Section, Text, Texts


class AwsAccount(Section):
    """The one account that this stack may touch, and what there is to say of all of AWS.

    Tags with these keys or prefixes, such as an organisation's own, are neither set nor removed.
    """

    account_id: AwsAccountId
    ignore_tag_keys: Texts = ()
    ignore_tag_prefixes: Texts = ()
    log_retention_days: LogRetentionDays = 90


class AzureAccount(Section):
    """The one subscription that this stack may touch."""

    subscription_id: Text


class GcpAccount(Section):
    """The one project that this stack may touch."""

    project: Text
