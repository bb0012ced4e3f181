"""An AKS control plane with the nodes of its own: who may reach it, who may administer it."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure
import yaml

from components.azure.limits import POD_CIDR
from components.azure.resource_group import GroupPlace
from components.azure.roles import assign
from components.maintenance import MaintenanceHour
from components.protection import Protection

Promised = pulumi.Output[str]
# Entra ID's application that stands for the API of every AKS cluster:
# https://learn.microsoft.com/en-us/azure/aks/kubelogin-authentication
ENTRA_SERVER_ID = "6dae42f8-4368-4678-94ff-3960e28e3630"
SYSTEM_TAINT = "CriticalAddonsOnly=true:NoSchedule"
_SYSTEM_DISK_GIB = 64
_MAINTENANCE_HOURS = 4


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """`name`: at most 54 letters, digits and hyphens. `version`: a Kubernetes minor version.

    `admins`: object IDs of Entra groups whose members administer the cluster, whoever runs Pulumi among
    them. `public_cidrs`: from where the public API server answers; none means a private one. `egress`: the
    addresses from which the nodes themselves call it. `subnets`: of the nodes, by zone. `redundant`: nodes
    of its own in each zone, and a service level. `after`: what must be there before nodes start.
    """

    stack: str
    name: str
    subscription: str
    group: GroupPlace
    version: str
    admins: Sequence[str]
    public_cidrs: Sequence[str]
    egress: Sequence[Promised]
    service_cidr: str
    dns_service_ip: str
    subnets: dict[str, Promised]
    system_vm_size: str
    redundant: bool
    maintenance: MaintenanceHour
    after: Sequence[pulumi.Resource]
    protection: Protection


class Cluster(pulumi.ComponentResource):
    """A control plane with Entra ID and without local accounts; pods in an overlay, Cilium between them.

    Its own small nodes run what AKS runs, and nothing else. Patch versions and node images come by
    themselves in the hour of maintenance; minor versions come only by an edit.
    """

    def __init__(
        self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:azure:Cluster", name, None, opts)
        self._args = args
        self._name = name
        self._mine = pulumi.ResourceOptions(parent=self)
        # The namespace of the product and volumes live in it, so it is kept like data.
        self._kept = args.protection.data(self)
        made = self._control_plane()
        self._maintenance(made)
        self.name: Promised = made.name
        self.id: Promised = made.id
        self.issuer_url: Promised = made.oidc_issuer_profile.apply(
            lambda it: (it.issuer_url if it else None) or ""
        )
        credentials = azure.containerservice.list_managed_cluster_user_credentials_output(
            resource_group_name=args.group.name,
            resource_name=made.name,
            format="exec",
            opts=pulumi.InvokeOutputOptions(parent=self, depends_on=[made]),
        )
        self.kubeconfig: Promised = credentials.kubeconfigs.apply(
            lambda found: kubeconfig(found[0].value, args.name)
        )
        self.register_outputs({"name": made.name, "issuerUrl": self.issuer_url})

    def _identity(self) -> tuple[azure.managedidentity.UserAssignedIdentity, list[pulumi.Resource]]:
        """The identity of the control plane, and what it needs before AKS takes it."""
        args = self._args
        made = azure.managedidentity.UserAssignedIdentity(
            self._name,
            resource_name_=f"{args.name}-cluster",
            resource_group_name=args.group.name,
            location=args.group.location,
            tags=dict(args.group.tags),
            opts=self._kept,
        )
        scopes = {"group": args.group.id} | {f"zone-{z}": it for z, it in args.subnets.items()}
        roles: list[pulumi.Resource] = [
            assign(
                self,
                f"{self._name}-{where}",
                subscription=args.subscription,
                stack=args.stack,
                role="Network Contributor",
                scope=scope,
                principal_id=made.principal_id,
            )
            for where, scope in scopes.items()
        ]
        return made, roles

    def _control_plane(self) -> azure.containerservice.ManagedCluster:
        args = self._args
        aks = azure.containerservice
        identity, roles = self._identity()
        return aks.ManagedCluster(
            self._name,
            resource_name_=args.name,
            resource_group_name=args.group.name,
            location=args.group.location,
            node_resource_group=args.group.name.apply(lambda name: f"{name}-nodes"),
            dns_prefix=args.name,
            kubernetes_version=args.version,
            sku=aks.ManagedClusterSKUArgs(
                name="Base", tier="Standard" if args.redundant else "Free"
            ),
            identity=aks.ManagedClusterIdentityArgs(
                type=aks.ResourceIdentityType.USER_ASSIGNED, user_assigned_identities=[identity.id]
            ),
            enable_rbac=True,
            disable_local_accounts=True,
            aad_profile=aks.ManagedClusterAADProfileArgs(
                managed=True, enable_azure_rbac=False, admin_group_object_ids=list(args.admins)
            ),
            api_server_access_profile=self._access(),
            network_profile=aks.ContainerServiceNetworkProfileArgs(
                network_plugin="azure",
                network_plugin_mode="overlay",
                network_dataplane="cilium",
                network_policy="cilium",
                pod_cidr=POD_CIDR,
                service_cidr=args.service_cidr,
                dns_service_ip=args.dns_service_ip,
                load_balancer_sku="standard",
                outbound_type="userAssignedNATGateway",
            ),
            oidc_issuer_profile=aks.ManagedClusterOIDCIssuerProfileArgs(enabled=True),
            security_profile=aks.ManagedClusterSecurityProfileArgs(
                workload_identity=aks.ManagedClusterSecurityProfileWorkloadIdentityArgs(
                    enabled=True
                ),
                image_cleaner=aks.ManagedClusterSecurityProfileImageCleanerArgs(
                    enabled=True, interval_hours=48
                ),
            ),
            auto_upgrade_profile=aks.ManagedClusterAutoUpgradeProfileArgs(
                upgrade_channel="patch", node_os_upgrade_channel="NodeImage"
            ),
            auto_scaler_profile=aks.ManagedClusterPropertiesAutoScalerProfileArgs(
                balance_similar_node_groups="true", expander="least-waste"
            ),
            agent_pool_profiles=[
                self._system_pool(zone)
                for zone in list(args.subnets)[: None if args.redundant else 1]
            ],
            tags=dict(args.group.tags),
            opts=pulumi.ResourceOptions.merge(
                self._kept, pulumi.ResourceOptions(depends_on=[*roles, *args.after])
            ),
        )

    def _access(self) -> azure.containerservice.ManagedClusterAPIServerAccessProfileArgs:
        """Nodes behind a NAT gateway call the public API server from its address, so it is let in too."""
        args = self._args
        ranges: list[pulumi.Input[str]] = [*args.public_cidrs]
        if args.public_cidrs:
            ranges += [address.apply(lambda ip: f"{ip}/32") for address in args.egress]
        return azure.containerservice.ManagedClusterAPIServerAccessProfileArgs(
            enable_private_cluster=not args.public_cidrs,
            private_dns_zone=None if args.public_cidrs else "system",
            authorized_ip_ranges=ranges or None,
            disable_run_command=True,
        )

    def _system_pool(self, zone: str) -> azure.containerservice.ManagedClusterAgentPoolProfileArgs:
        # Autoscaled pools have no count of ours: how many nodes run is no difference to Pulumi.
        return azure.containerservice.ManagedClusterAgentPoolProfileArgs(
            name=f"system{zone}",
            mode="System",
            type="VirtualMachineScaleSets",
            vm_size=self._args.system_vm_size,
            vnet_subnet_id=self._args.subnets[zone],
            availability_zones=[zone],
            enable_auto_scaling=True,
            min_count=1,
            max_count=3,
            orchestrator_version=self._args.version,
            os_type="Linux",
            os_sku="AzureLinux",
            os_disk_type="Managed",
            os_disk_size_gb=_SYSTEM_DISK_GIB,
            node_taints=[SYSTEM_TAINT],
            upgrade_settings=azure.containerservice.AgentPoolUpgradeSettingsArgs(max_surge="1"),
            tags=dict(self._args.group.tags),
        )

    def _maintenance(self, cluster: azure.containerservice.ManagedCluster) -> None:
        """https://learn.microsoft.com/en-us/azure/aks/planned-maintenance."""
        aks = azure.containerservice
        when = self._args.maintenance
        for what in ("aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule"):
            aks.MaintenanceConfiguration(
                f"{self._name}-{what}",
                config_name=what,
                resource_group_name=self._args.group.name,
                resource_name_=cluster.name,
                maintenance_window=aks.MaintenanceWindowArgs(
                    schedule=aks.ScheduleArgs(
                        weekly=aks.WeeklyScheduleArgs(
                            day_of_week=when.day.capitalize(), interval_weeks=1
                        )
                    ),
                    start_time=f"{when.hour:02}:00",
                    duration_hours=_MAINTENANCE_HOURS,
                    utc_offset="+00:00",
                ),
                opts=self._mine,
            )


def kubeconfig(given: str, cluster_name: str) -> str:
    """A kubeconfig (JSON) without any credential: kubelogin asks the Azure CLI for a token.

    `given`: AKS's own, in base64, of which just the server's address and authority are taken; it would
    open a browser. https://learn.microsoft.com/en-us/azure/aks/kubelogin-authentication
    """
    server = yaml.safe_load(base64.b64decode(given))["clusters"][0]["cluster"]
    command = ["get-token", "--login", "azurecli", "--server-id", ENTRA_SERVER_ID]
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": cluster_name,
            "clusters": [
                {
                    "name": cluster_name,
                    "cluster": {
                        "server": server["server"],
                        "certificate-authority-data": server["certificate-authority-data"],
                    },
                }
            ],
            "contexts": [
                {"name": cluster_name, "context": {"cluster": cluster_name, "user": cluster_name}}
            ],
            "users": [
                {
                    "name": cluster_name,
                    "user": {
                        "exec": {
                            "apiVersion": "client.authentication.k8s.io/v1beta1",
                            "command": "kubelogin",
                            "args": command,
                            "interactiveMode": "Never",
                        }
                    },
                }
            ],
        }
    )
