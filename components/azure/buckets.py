"""The five buckets on Azure: containers of one storage account."""

from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.azure.locks import no_delete
from components.azure.resource_group import GroupPlace
from components.prerequisites import Buckets
from components.protection import Protection
from components.seeds import BUCKETS, BucketKind, BucketPlan

Promised = pulumi.Output[str]
_LONGEST_SOFT_DELETE_DAYS = 365


@dataclass(frozen=True, kw_only=True)
class BlobContainersArgs:
    """`account_name`: unique in all of Azure. `redundant`: copies in three zones, else in one.

    `noncurrent_version_days`: how long replaced and deleted versions are kept; what is deleted can be
    brought back in that time, at most a year.
    """

    account_name: str
    group: GroupPlace
    redundant: bool
    noncurrent_version_days: int
    protection: Protection


class BlobContainers(pulumi.ComponentResource):
    """Five containers: two whose pictures anyone may read by name but not list, three private.

    All are encrypted, versioned, and refuse requests without TLS 1.2. The private three start with the
    empty file that the product looks for. The account takes its keys, because Pulumi places these files
    with one; the product uses none.
    """

    def __init__(
        self, name: str, args: BlobContainersArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:azure:BlobContainers", name, None, opts)
        self._args = args
        self._name = name
        self._kept = args.protection.data(self)
        self._account = self._make_account()
        settled = [self._service(), self._expire_old_versions()]
        made = {plan.kind: self._container(plan, settled) for plan in BUCKETS}
        self.account_name: Promised = self._account.name
        self.account_id: Promised = self._account.id
        self.container_ids: dict[BucketKind, Promised] = {kind: it.id for kind, it in made.items()}
        names = {kind: it.name for kind, it in made.items()}
        self.buckets: Buckets[Promised] = Buckets(**names)
        no_delete(self, name, self._account.id, args.protection)
        self.register_outputs({"accountName": self.account_name})

    def _make_account(self) -> azure.storage.StorageAccount:
        args = self._args
        return azure.storage.StorageAccount(
            self._name,
            account_name=args.account_name,
            resource_group_name=args.group.name,
            location=args.group.location,
            kind=azure.storage.Kind.STORAGE_V2,
            sku=azure.storage.SkuArgs(name="Standard_ZRS" if args.redundant else "Standard_LRS"),
            access_tier=azure.storage.AccessTier.HOT,
            # Pictures are read by anyone who knows their name; each container says for itself.
            allow_blob_public_access=True,
            allow_shared_key_access=True,
            allow_cross_tenant_replication=False,
            default_to_o_auth_authentication=True,
            enable_https_traffic_only=True,
            minimum_tls_version=azure.storage.MinimumTlsVersion.TLS1_2,
            is_local_user_enabled=False,
            public_network_access="Enabled",
            tags=dict(args.group.tags),
            opts=self._kept,
        )

    def _service(self) -> pulumi.Resource:
        days = min(self._args.noncurrent_version_days, _LONGEST_SOFT_DELETE_DAYS)
        kept = azure.storage.DeleteRetentionPolicyArgs(enabled=True, days=days)
        return azure.storage.BlobServiceProperties(
            self._name,
            blob_services_name="default",
            account_name=self._account.name,
            resource_group_name=self._args.group.name,
            is_versioning_enabled=True,
            delete_retention_policy=kept,
            container_delete_retention_policy=kept,
            opts=self._kept,
        )

    def _expire_old_versions(self) -> pulumi.Resource:
        after = azure.storage.DateAfterCreationArgs(
            days_after_creation_greater_than=self._args.noncurrent_version_days
        )
        storage = azure.storage
        return storage.ManagementPolicy(
            self._name,
            management_policy_name="default",
            account_name=self._account.name,
            resource_group_name=self._args.group.name,
            policy=storage.ManagementPolicySchemaArgs(
                rules=[
                    storage.ManagementPolicyRuleArgs(
                        name="expire-old-versions",
                        type=storage.RuleType.LIFECYCLE,
                        enabled=True,
                        definition=storage.ManagementPolicyDefinitionArgs(
                            filters=storage.ManagementPolicyFilterArgs(blob_types=["blockBlob"]),
                            actions=storage.ManagementPolicyActionArgs(
                                version=storage.ManagementPolicyVersionArgs(delete=after)
                            ),
                        ),
                    )
                ]
            ),
            opts=self._kept,
        )

    def _container(
        self, plan: BucketPlan, settled: list[pulumi.Resource]
    ) -> azure.storage.BlobContainer:
        access = azure.storage.PublicAccess
        made = azure.storage.BlobContainer(
            plan.ending,
            container_name=plan.ending,
            account_name=self._account.name,
            resource_group_name=self._args.group.name,
            public_access=access.BLOB if plan.public else access.NONE,
            opts=pulumi.ResourceOptions.merge(
                self._kept, pulumi.ResourceOptions(depends_on=settled)
            ),
        )
        if plan.seed is not None:
            self._seed(plan, plan.seed, made)
        return made

    def _seed(self, plan: BucketPlan, key: str, container: azure.storage.BlobContainer) -> None:
        """An empty file, placed once; without a source the provider uploads nothing into it.

        From then on it is the operator's: no difference in it makes the provider upload it again, and its
        delete is never called.
        """
        azure.storage.Blob(
            f"{plan.ending}-seed",
            blob_name=key,
            container_name=container.name,
            account_name=self._account.name,
            resource_group_name=self._args.group.name,
            type=azure.storage.BlobType.BLOCK,
            content_type="application/yaml",
            opts=pulumi.ResourceOptions.merge(
                self._args.protection.made_once(self),
                pulumi.ResourceOptions(ignore_changes=list(_UPLOADED)),
            ),
        )


# What the provider looks at in a blob: provider/pkg/resources/customresources/custom_storage.go in
# https://github.com/pulumi/pulumi-azure-native.
_UPLOADED = ("accessTier", "contentMd5", "contentType", "metadata", "source", "type")
