"""The one account, subscription or project that a stack may touch."""

from typing import Literal

from stacks.fields import (
    AwsAccountId,
    GcpProject,
    GoogleGroup,
    Guid,
    LogRetentionDays,
    RangeName,
    ResourceGroupName,
    Section,
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
    """The one project that this stack may touch, and what only Google Cloud has.

    `enableApis`: turn on the APIs that the project needs. `releaseChannel`: how soon GKE moves the cluster
    on. `securityGroup`: gke-security-groups@<your domain>, for groups among `cluster.admins`.
    `podRange`, `serviceRange`: secondary ranges of an existing network's subnetwork. `publicPictures`:
    whether anyone may read the two buckets with pictures. `redisTls`: false turns off TLS and password of
    a managed Redis, which the network alone reaches.
    """

    project: GcpProject
    enable_apis: bool = True
    release_channel: Literal["rapid", "regular", "stable", "extended"] = "stable"
    security_group: GoogleGroup | None = None
    pod_range: RangeName = "pods"
    service_range: RangeName = "services"
    public_pictures: bool = True
    redis_tls: bool = True
