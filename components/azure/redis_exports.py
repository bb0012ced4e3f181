"""A daily export of Redis into a storage account of its own, by a CronJob in the cluster."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_azure_native as azure
import pulumi_kubernetes as kubernetes

from components.azure.identity import FederatedIdentity, FederatedIdentityArgs
from components.azure.locks import no_delete
from components.azure.names import assignment_name
from components.azure.resource_group import GroupPlace
from components.azure.roles import assign
from components.protection import Protection

Promised = pulumi.Output[str]
CONTAINER = "redis-exports"
SERVICE_ACCOUNT = "redis-export"
# https://mcr.microsoft.com/en-us/artifact/mar/azure-cli
_IMAGE = "mcr.microsoft.com/azure-cli:2.77.0"
_SCRIPT = Path(__file__).parent / "redis_export.sh"
_NOBODY, _HOME = 65534, "/export"
_DEADLINE_SECONDS = 30 * 60
# What the export asks of Azure: https://learn.microsoft.com/en-us/azure/role-based-access-control/permissions/databases
_ACTIONS = (
    "Microsoft.Cache/redisEnterprise/read",
    "Microsoft.Cache/redisEnterprise/databases/read",
    "Microsoft.Cache/redisEnterprise/databases/export/action",
)


@dataclass(frozen=True, kw_only=True)
class RedisExportsArgs:
    """`account_name`: of the storage account, unique in all of Azure. `hour`: 0 to 23, UTC.

    `days`: how long an export is kept. `after`: what must be there before pods run.
    """

    stack: str
    subscription: str
    group: GroupPlace
    account_name: str
    identity_name: str
    database_id: Promised
    issuer_url: Promised
    namespace: Promised
    hour: int
    days: int
    redundant: bool
    after: Sequence[pulumi.Resource]
    protection: Protection


class RedisExports(pulumi.ComponentResource):
    """A storage account without keys or public blobs, an identity that may export, and who does it daily.

    Azure Managed Redis has no backups by itself, and cannot be made from one: an export is imported into
    a running Redis. The identity may start an export of this one database and write to this one container.
    """

    def __init__(
        self, name: str, args: RedisExportsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:azure:RedisExports", name, None, opts)
        self._args = args
        self._name = name
        self._mine = pulumi.ResourceOptions(parent=self)
        self._kept = args.protection.data(self)
        account = self._account()
        container = self._container(account)
        identity = FederatedIdentity(
            name,
            FederatedIdentityArgs(
                stack=args.stack,
                subscription=args.subscription,
                group=args.group,
                name=args.identity_name,
                issuer_url=args.issuer_url,
                namespace=args.namespace,
                service_accounts=[SERVICE_ACCOUNT],
                containers={CONTAINER: container.id},
            ),
            self._mine,
        )
        roles = [*identity.roles, *self._roles(account, identity)]
        no_delete(self, name, account.id, args.protection)
        self._job(account, identity, roles)
        self.account_name: Promised = account.name
        self.register_outputs({"accountName": self.account_name})

    def _account(self) -> azure.storage.StorageAccount:
        args = self._args
        return azure.storage.StorageAccount(
            self._name,
            account_name=args.account_name,
            resource_group_name=args.group.name,
            location=args.group.location,
            kind=azure.storage.Kind.STORAGE_V2,
            sku=azure.storage.SkuArgs(name="Standard_ZRS" if args.redundant else "Standard_LRS"),
            access_tier=azure.storage.AccessTier.COOL,
            allow_blob_public_access=False,
            allow_shared_key_access=False,
            allow_cross_tenant_replication=False,
            default_to_o_auth_authentication=True,
            enable_https_traffic_only=True,
            minimum_tls_version=azure.storage.MinimumTlsVersion.TLS1_2,
            is_local_user_enabled=False,
            # Azure's Redis writes to it from outside of the network.
            public_network_access="Enabled",
            tags=dict(args.group.tags),
            opts=self._kept,
        )

    def _container(self, account: azure.storage.StorageAccount) -> azure.storage.BlobContainer:
        storage = azure.storage
        after = storage.DateAfterModificationArgs(
            days_after_modification_greater_than=self._args.days
        )
        storage.ManagementPolicy(
            self._name,
            management_policy_name="default",
            account_name=account.name,
            resource_group_name=self._args.group.name,
            policy=storage.ManagementPolicySchemaArgs(
                rules=[
                    storage.ManagementPolicyRuleArgs(
                        name="expire-exports",
                        type=storage.RuleType.LIFECYCLE,
                        enabled=True,
                        definition=storage.ManagementPolicyDefinitionArgs(
                            filters=storage.ManagementPolicyFilterArgs(blob_types=["blockBlob"]),
                            actions=storage.ManagementPolicyActionArgs(
                                base_blob=storage.ManagementPolicyBaseBlobArgs(delete=after)
                            ),
                        ),
                    )
                ]
            ),
            opts=self._kept,
        )
        return storage.BlobContainer(
            self._name,
            container_name=CONTAINER,
            account_name=account.name,
            resource_group_name=self._args.group.name,
            public_access=storage.PublicAccess.NONE,
            opts=self._kept,
        )

    def _roles(
        self, account: azure.storage.StorageAccount, identity: FederatedIdentity
    ) -> list[pulumi.Resource]:
        """To sign with its own key for a while, and to start an export."""
        args = self._args
        signing = assign(
            self,
            f"{self._name}-signing",
            subscription=args.subscription,
            stack=args.stack,
            role="Storage Blob Delegator",
            scope=account.id,
            principal_id=identity.principal_id,
        )
        definition = azure.authorization.RoleDefinition(
            self._name,
            role_definition_id=assignment_name(args.subscription, args.stack, "redis-export-role"),
            role_name=args.group.name.apply(lambda group: f"Export Redis of {group}"),
            role_type="CustomRole",
            description="Start an export of Azure Managed Redis, and nothing else.",
            scope=args.group.id,
            assignable_scopes=[args.group.id],
            permissions=[azure.authorization.PermissionArgs(actions=list(_ACTIONS))],
            opts=self._mine,
        )
        exporting = azure.authorization.RoleAssignment(
            f"{self._name}-exporting",
            role_assignment_name=assignment_name(args.subscription, args.stack, "redis-exporting"),
            scope=args.database_id,
            role_definition_id=definition.id,
            principal_id=identity.principal_id,
            principal_type=azure.authorization.PrincipalType.SERVICE_PRINCIPAL,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        return [signing, exporting]

    def _job(
        self,
        account: azure.storage.StorageAccount,
        identity: FederatedIdentity,
        roles: Sequence[pulumi.Resource],
    ) -> None:
        args = self._args
        core, batch, meta = kubernetes.core.v1, kubernetes.batch.v1, kubernetes.meta.v1
        user = core.ServiceAccount(
            self._name,
            metadata=meta.ObjectMetaArgs(
                name=SERVICE_ACCOUNT,
                namespace=args.namespace,
                annotations={"azure.workload.identity/client-id": identity.client_id},
            ),
            opts=self._mine,
        )
        template = core.PodTemplateSpecArgs(
            # The label makes AKS hand the pod a token for its identity.
            metadata=meta.ObjectMetaArgs(labels={"azure.workload.identity/use": "true"}),
            spec=self._pod(account.name, user.metadata.name.apply(lambda it: it or "")),
        )
        batch.CronJob(
            self._name,
            metadata=meta.ObjectMetaArgs(name=SERVICE_ACCOUNT, namespace=args.namespace),
            spec=batch.CronJobSpecArgs(
                schedule=f"0 {args.hour} * * *",
                time_zone="Etc/UTC",
                concurrency_policy="Forbid",
                successful_jobs_history_limit=1,
                failed_jobs_history_limit=3,
                job_template=batch.JobTemplateSpecArgs(
                    spec=batch.JobSpecArgs(
                        backoff_limit=3,
                        active_deadline_seconds=_DEADLINE_SECONDS,
                        template=template,
                    )
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*roles, *args.after]),
        )

    def _pod(self, account: Promised, user: Promised) -> kubernetes.core.v1.PodSpecArgs:
        core = kubernetes.core.v1
        environment: dict[str, pulumi.Input[str]] = {
            "ACCOUNT": account,
            "CONTAINER": CONTAINER,
            "DATABASE": self._args.database_id,
            # Where the CLI keeps what it knows, in a place that ends with the pod.
            "HOME": _HOME,
        }
        return core.PodSpecArgs(
            restart_policy="Never",
            service_account_name=user,
            enable_service_links=False,
            security_context=core.PodSecurityContextArgs(
                run_as_non_root=True,
                run_as_user=_NOBODY,
                run_as_group=_NOBODY,
                seccomp_profile=core.SeccompProfileArgs(type="RuntimeDefault"),
            ),
            containers=[
                core.ContainerArgs(
                    name="export",
                    image=_IMAGE,
                    command=["/bin/sh", "-c", _SCRIPT.read_text(encoding="utf-8")],
                    env=[core.EnvVarArgs(name=key, value=environment[key]) for key in environment],
                    volume_mounts=[core.VolumeMountArgs(name="home", mount_path=_HOME)],
                    resources=core.ResourceRequirementsArgs(
                        requests={"cpu": "100m", "memory": "256Mi"}, limits={"memory": "512Mi"}
                    ),
                    security_context=core.SecurityContextArgs(
                        allow_privilege_escalation=False,
                        read_only_root_filesystem=True,
                        capabilities=core.CapabilitiesArgs(drop=["ALL"]),
                    ),
                )
            ],
            volumes=[core.VolumeArgs(name="home", empty_dir=core.EmptyDirVolumeSourceArgs())],
        )
