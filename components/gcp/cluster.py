"""A GKE cluster: its control plane, who reaches it, when Google may work on it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.gcp.network import NetworkPlace
from components.gcp.ranges import PODS_PER_NODE
from components.maintenance import DAYS, MaintenanceHour
from components.protection import Protection

Promised = pulumi.Output[str]
LONGEST_NAME = 40
LOGS = ("SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER", "CONTROLLER_MANAGER", "SCHEDULER")
# GKE wants windows of at least 48 hours in 32 days, so twelve hours a week:
# https://cloud.google.com/kubernetes-engine/docs/concepts/maintenance-windows-and-exclusions
_WINDOW_HOURS = 12


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """`name`: at most 40 characters. `version`: a Kubernetes minor version; the channel may be ahead.

    `zones`: of the nodes; the control plane is in the whole region. `public_cidrs`: from where the public
    endpoint answers; none means that there is only the private one, inside the network.
    `security_group`: the Google group whose member groups Kubernetes' RBAC may name, if any.
    `node_account`: the e-mail address of the nodes' service account, `after`: its rights.
    """

    name: str
    project: str
    region: str
    zones: Sequence[str]
    version: str
    release_channel: str
    security_group: str | None
    public_cidrs: Sequence[str]
    place: NetworkPlace
    node_account: Promised
    maintenance: MaintenanceHour
    after: Sequence[pulumi.Resource]
    protection: Protection


class Cluster(pulumi.ComponentResource):
    """A regional GKE Standard cluster with private nodes and Dataplane V2, without nodes of its own.

    GKE brings a metrics server, a driver for disks and one for load balancers. It has identities for
    workloads, and takes no client certificate and no password. The release channel moves its version on;
    that is no difference to Pulumi, and an edit can only be ahead of it.
    """

    def __init__(
        self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:gcp:Cluster", name, None, opts)
        self._args = args
        made = self._control_plane(name)
        self.name: Promised = made.name
        self.cluster: pulumi.Resource = made
        self.kubeconfig: Promised = pulumi.Output.all(
            made.endpoint, made.master_auth.cluster_ca_certificate
        ).apply(lambda known: kubeconfig(known[0], known[1], args.name))
        self.register_outputs({"name": made.name, "endpoint": made.endpoint})

    def _control_plane(self, name: str) -> gcp.container.Cluster:
        args = self._args
        group = args.security_group
        return gcp.container.Cluster(
            name,
            name=args.name,
            location=args.region,
            node_locations=list(args.zones),
            min_master_version=args.version,
            release_channel=gcp.container.ClusterReleaseChannelArgs(channel=args.release_channel),
            network=args.place.network_id,
            subnetwork=args.place.subnetwork_id,
            networking_mode="VPC_NATIVE",
            ip_allocation_policy=gcp.container.ClusterIpAllocationPolicyArgs(
                cluster_secondary_range_name=args.place.pod_range,
                services_secondary_range_name=args.place.service_range,
            ),
            default_max_pods_per_node=PODS_PER_NODE,
            datapath_provider="ADVANCED_DATAPATH",
            enable_l4_ilb_subsetting=True,
            private_cluster_config=gcp.container.ClusterPrivateClusterConfigArgs(
                enable_private_nodes=True, enable_private_endpoint=not args.public_cidrs
            ),
            master_authorized_networks_config=self._allowed(),
            master_auth=gcp.container.ClusterMasterAuthArgs(
                client_certificate_config=gcp.container.ClusterMasterAuthClientCertificateConfigArgs(
                    issue_client_certificate=False
                )
            ),
            authenticator_groups_config=None
            if group is None
            else gcp.container.ClusterAuthenticatorGroupsConfigArgs(security_group=group),
            workload_identity_config=gcp.container.ClusterWorkloadIdentityConfigArgs(
                workload_pool=f"{args.project}.svc.id.goog"
            ),
            enable_shielded_nodes=True,
            enable_legacy_abac=False,
            addons_config=_ADD_ONS,
            logging_config=gcp.container.ClusterLoggingConfigArgs(enable_components=list(LOGS)),
            maintenance_policy=gcp.container.ClusterMaintenancePolicyArgs(
                recurring_window=maintenance_window(args.maintenance)
            ),
            # GKE makes a cluster only with nodes; these go at once, and node pools take their place.
            remove_default_node_pool=True,
            initial_node_count=1,
            node_config=gcp.container.ClusterNodeConfigArgs(service_account=args.node_account),
            deletion_protection=args.protection.guarded,
            # The namespace of the product and volumes live in it, so it is kept like data.
            opts=pulumi.ResourceOptions.merge(
                args.protection.data(self),
                pulumi.ResourceOptions(
                    depends_on=[*args.after, *args.place.routes],
                    ignore_changes=["initialNodeCount", "nodeConfig", "nodeVersion", "nodePools"],
                ),
            ),
        )

    def _allowed(self) -> gcp.container.ClusterMasterAuthorizedNetworksConfigArgs:
        """Who reaches the API. The nodes' own subnetwork always does."""
        return gcp.container.ClusterMasterAuthorizedNetworksConfigArgs(
            cidr_blocks=[
                gcp.container.ClusterMasterAuthorizedNetworksConfigCidrBlockArgs(
                    cidr_block=cidr, display_name="allowed"
                )
                for cidr in self._args.public_cidrs
            ],
            # Else virtual machines of all of Google's customers could reach it.
            gcp_public_cidrs_access_enabled=False,
        )


_ADD_ONS = gcp.container.ClusterAddonsConfigArgs(
    http_load_balancing=gcp.container.ClusterAddonsConfigHttpLoadBalancingArgs(disabled=False),
    horizontal_pod_autoscaling=gcp.container.ClusterAddonsConfigHorizontalPodAutoscalingArgs(
        disabled=False
    ),
    gce_persistent_disk_csi_driver_config=(
        gcp.container.ClusterAddonsConfigGcePersistentDiskCsiDriverConfigArgs(enabled=True)
    ),
)


def maintenance_window(
    hour: MaintenanceHour,
) -> gcp.container.ClusterMaintenancePolicyRecurringWindowArgs:
    """Twelve hours of each week from this hour on, as GKE writes it (RFC 3339 and RFC 5545)."""
    # The 5th of January 2026 is a Monday; the date only says on which day of the week it begins.
    day = 5 + DAYS.index(hour.day)
    end_day, end_hour = divmod(hour.hour + _WINDOW_HOURS, 24)
    return gcp.container.ClusterMaintenancePolicyRecurringWindowArgs(
        start_time=f"2026-01-{day:02}T{hour.hour:02}:00:00Z",
        end_time=f"2026-01-{day + end_day:02}T{end_hour:02}:00:00Z",
        recurrence=f"FREQ=WEEKLY;BYDAY={hour.day[:2].upper()}",
    )


def kubeconfig(endpoint: str, certificate_authority: str, name: str) -> str:
    """A kubeconfig (JSON) without any credential: gke-gcloud-auth-plugin gets a token.

    It uses the application default credentials, which are Pulumi's own.
    https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl
    """
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name,
            "clusters": [
                {
                    "name": name,
                    "cluster": {
                        "server": f"https://{endpoint}",
                        "certificate-authority-data": certificate_authority,
                    },
                }
            ],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "users": [
                {
                    "name": name,
                    "user": {
                        "exec": {
                            "apiVersion": "client.authentication.k8s.io/v1beta1",
                            "command": "gke-gcloud-auth-plugin",
                            "args": ["--use_application_default_credentials"],
                            "installHint": (
                                "https://cloud.google.com/kubernetes-engine/docs/how-to/"
                                "cluster-access-for-kubectl#install_plugin"
                            ),
                            "provideClusterInfo": True,
                            "interactiveMode": "Never",
                        }
                    },
                }
            ],
        }
    )
