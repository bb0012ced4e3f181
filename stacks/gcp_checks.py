"""Rules between the parts of a stack file for Google Cloud; each runs once the parts it reads are valid.

What the stores, buckets and the entry may be is in gcp_store_checks.py.
"""

import ipaddress
import re
from collections.abc import Sequence

import stacks.gcp_store_checks  # noqa: F401 (its rules register themselves)
from components.gcp.instances import architecture_of
from components.gcp.ranges import LARGEST_PREFIX, SMALLEST_PREFIX, most_nodes
from components.protection import Protection
from stacks import gcp_plan, sections
from stacks.checking import Found, check
from stacks.plan import capacity_of, node_bounds
from stacks.problems import Problem, key_of, shown

_ADMIN = re.compile(r"(user|serviceAccount|group):[^@\s:]+@[a-z0-9.-]+\.[a-z]+")
_NETWORK = re.compile(r"projects/[a-z0-9.:-]+/global/networks/[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_SUBNETWORK = re.compile(
    r"projects/[a-z0-9.:-]+/regions/([a-z0-9-]+)/subnetworks/[a-z]([a-z0-9-]{0,61}[a-z0-9])?"
)


@check("target", "region", "zones", "cluster", "availability")
def _zones(
    target: str, region: str, zones: Sequence[str], cluster: object, availability: object
) -> Found:
    if target != "gcp":
        return
    for index, zone in enumerate(zones):
        if zone.startswith(region) and not re.fullmatch(f"{region}-[a-z]", zone):
            yield Problem(
                key=key_of("zones", index),
                value=shown(zone),
                allowed=f"{region}-a and the like",
                remedy=f"gcloud compute zones list --filter=region:{region}",
            )
    least = 2 if availability == "redundant" else 1
    if isinstance(cluster, sections.ManagedCluster) and len(zones) < least:
        yield Problem(
            key=key_of("zones"),
            value=shown(list(zones)),
            allowed=f"at least {least}: nodes are spread over them",
            remedy="name the zones, for example three in production",
        )


@check("target", "network", "cluster", "postgres", "redis")
def _network(target: str, network: object, *parts: object) -> Found:
    if target != "gcp":
        return
    cluster = parts[0]
    placed = any(getattr(part, "mode", None) == "managed" for part in parts)
    if placed and network is None:
        yield Problem(
            key=key_of("network"),
            allowed="required: cluster, postgres and redis are placed in one if managed",
            remedy="add mode: managed with a cidr, or mode: existing with its ID",
        )
    if not placed and network is not None:
        yield Problem(
            key=key_of("network"),
            value=shown(getattr(network, "mode", None)),
            allowed="left out: nothing that this stack makes is placed in a network",
            remedy="remove the section network",
        )
    if isinstance(network, sections.ManagedNetwork) and isinstance(
        cluster, sections.ExistingCluster
    ):
        yield Problem(
            key=key_of("network", "mode"),
            value="managed",
            allowed="existing where the cluster is: it is not in a network that is made now",
            remedy="name the cluster's network",
        )
    if isinstance(network, sections.ManagedNetwork) and network.nat_gateways is not None:
        yield Problem(
            key=key_of("network", "natGateways"),
            value=shown(network.nat_gateways),
            allowed="left out on Google Cloud: Cloud NAT is one for all zones of a region",
            remedy="remove it; with availability redundant it has two addresses",
        )


@check("target", "network", "region")
def _existing_network(target: str, network: object, region: str) -> Found:
    if target != "gcp" or not isinstance(network, sections.ExistingNetwork):
        return
    if not _NETWORK.fullmatch(network.network_id):
        yield Problem(
            key=key_of("network", "networkId"),
            value=shown(network.network_id),
            allowed="projects/<project>/global/networks/<name>",
            remedy="write the whole path; a shared VPC's names its host project",
        )
    for index, name in enumerate(network.private_subnet_ids):
        match = _SUBNETWORK.fullmatch(name)
        if match is None or match.group(1) != region:
            yield Problem(
                key=key_of("network", "privateSubnetIds", index),
                value=shown(name),
                allowed=f"projects/<project>/regions/{region}/subnetworks/<name>",
                remedy="write the whole path of a subnetwork in the stack's region",
            )
    if network.public_subnet_ids:
        yield Problem(
            key=key_of("network", "publicSubnetIds"),
            value=shown(list(network.public_subnet_ids)),
            allowed="left out on Google Cloud: load balancers stand in no subnetwork",
            remedy="remove it",
        )


@check("target", "network", "cluster", "postgres", "redis")
def _parts_of_network(
    target: str, network: object, cluster: object, postgres: object, redis: object
) -> Found:
    if target != "gcp" or not isinstance(network, sections.ExistingNetwork):
        return
    nodes = isinstance(cluster, sections.ManagedCluster)
    stores = isinstance(postgres, sections.ManagedPostgres) or isinstance(
        redis, sections.ManagedRedis
    )
    yield from _exactly(
        "privateSubnetIds",
        network.private_subnet_ids,
        wanted=nodes,
        why="nodes go there, with gcp.podRange and gcp.serviceRange as its secondary ranges",
    )
    yield from _exactly(
        "dataSubnetIds",
        network.data_subnet_ids,
        wanted=stores,
        why="the name of the range for private services, from which databases get addresses",
    )


def _exactly(key: str, names: Sequence[str], *, wanted: bool, why: str) -> Found:
    if len(names) == (1 if wanted else 0):
        return
    yield Problem(
        key=key_of("network", key),
        value=shown(list(names)),
        allowed=f"exactly one: {why}" if wanted else "left out: nothing here is placed there",
        remedy="name one" if wanted else "remove it",
    )


@check("target", "network", "cluster", "zones", "size", "sizing")
def _size_of_network(
    target: str,
    network: object,
    cluster: object,
    zones: Sequence[str],
    size: str,
    sizing: sections.Sizing,
) -> Found:
    if target != "gcp" or not isinstance(network, sections.ManagedNetwork):
        return
    length = ipaddress.IPv4Network(network.cidr).prefixlen
    if not LARGEST_PREFIX <= length <= SMALLEST_PREFIX:
        yield Problem(
            key=key_of("network", "cidr"),
            value=shown(network.cidr),
            allowed=f"/{LARGEST_PREFIX} to /{SMALLEST_PREFIX}: half is for pods, 256 addresses for each node",
            remedy="choose a network of this size, for example 10.0.0.0/16",
        )
    elif isinstance(cluster, sections.ManagedCluster) and zones:
        bounds = node_bounds(cluster.nodes, capacity_of(size, sizing), len(zones))
        # One more in the pool while nodes are exchanged.
        wanted, room = bounds.maximum * len(zones) + 1, most_nodes(network.cidr)
        if wanted > room:
            yield Problem(
                key=key_of("network", "cidr"),
                value=shown(network.cidr),
                allowed=f"a larger network: this one has pod addresses for {room} nodes, of which "
                f"there may be {wanted}",
                remedy="choose a shorter prefix, or lower cluster.nodes.maxPerZone",
            )


@check("target", "network", "cluster")
def _service_cidr(target: str, network: object, cluster: object) -> Found:
    if target != "gcp" or not isinstance(cluster, sections.ManagedCluster):
        return
    if isinstance(network, sections.ExistingNetwork):
        if "service_cidr" in cluster.model_fields_set:
            yield Problem(
                key=key_of("cluster", "serviceCidr"),
                value=shown(cluster.service_cidr),
                allowed="left out with an existing network: gcp.serviceRange names the range",
                remedy="remove it",
            )
        return
    services = ipaddress.IPv4Network(cluster.service_cidr)
    if not 13 <= services.prefixlen <= 24:
        yield Problem(
            key=key_of("cluster", "serviceCidr"),
            value=shown(cluster.service_cidr),
            allowed="/13 to /24",
            remedy="leave it out for 172.20.0.0/16",
        )
    if isinstance(network, sections.ManagedNetwork) and services.overlaps(
        ipaddress.IPv4Network(network.cidr)
    ):
        yield Problem(
            key=key_of("cluster", "serviceCidr"),
            value=shown(cluster.service_cidr),
            allowed=f"a network that does not overlap network.cidr, {network.cidr}",
            remedy="change one of the two; neither can be changed later",
        )


@check("target", "cluster", "protection", "gcp")
def _cluster(
    target: str, cluster: object, protection: Protection, account: sections.GcpAccount
) -> Found:
    if target != "gcp" or not isinstance(cluster, sections.ManagedCluster):
        return
    if cluster.kubernetes_version not in gcp_plan.GKE_VERSIONS:
        yield Problem(
            key=key_of("cluster", "kubernetesVersion"),
            value=shown(cluster.kubernetes_version),
            allowed=f"one that GKE runs: {', '.join(gcp_plan.GKE_VERSIONS)}",
            remedy="choose one; a newer one needs a newer version of this project",
        )
    yield from _admins(cluster.admins, account)
    for name in cluster.add_on_versions:
        yield Problem(
            key=key_of("cluster", "addOnVersions", name),
            value=shown(cluster.add_on_versions[name]),
            allowed="left out on Google Cloud: GKE's add-ons go with the cluster's version",
            remedy="remove it",
        )
    if isinstance(cluster.access, sections.AllowListAccess) and protection.guarded:
        for index, cidr in enumerate(cluster.access.cidrs):
            if cidr.endswith("/0"):
                yield Problem(
                    key=key_of("cluster", "access", "cidrs", index),
                    value=shown(cidr),
                    allowed="known addresses in production, not the whole internet",
                    remedy="name your offices' and CI's addresses, or use mode private",
                )


def _admins(admins: Sequence[str], account: sections.GcpAccount) -> Found:
    if not admins:
        yield Problem(
            key=key_of("cluster", "admins"),
            value="[]",
            allowed="at least who runs Pulumi, in CI and by hand",
            remedy="name them as IAM does, for example user:name@example.com",
        )
    for index, member in enumerate(admins):
        key = key_of("cluster", "admins", index)
        if not _ADMIN.fullmatch(member):
            yield Problem(
                key=key,
                value=shown(member),
                allowed="user:<e-mail>, serviceAccount:<e-mail> or group:<e-mail>",
                remedy="write it as IAM does; gcloud config get account shows your own e-mail",
            )
        elif member.startswith("group:") and account.security_group is None:
            yield Problem(
                key=key,
                value=shown(member),
                allowed="users and service accounts, as gcp.securityGroup is left out",
                remedy="set gcp.securityGroup to gke-security-groups@<your domain>, which must have "
                "this group as a member",
            )
        elif member in admins[:index]:
            yield Problem(
                key=key, value=shown(member), allowed="each once", remedy="remove the repeated one"
            )


@check("target", "cluster", "size", "sizing", "zones")
def _nodes(
    target: str, cluster: object, size: str, sizing: sections.Sizing, zones: Sequence[str]
) -> Found:
    if target != "gcp" or not isinstance(cluster, sections.ManagedCluster) or not zones:
        return
    nodes = cluster.nodes
    wanted = capacity_of(size, sizing)
    bounds = node_bounds(nodes, wanted, len(zones))
    if bounds.minimum > bounds.maximum:
        yield Problem(
            key=key_of("cluster", "nodes", "minPerZone"),
            value=shown(bounds.minimum),
            allowed=f"at most maxPerZone, which is {bounds.maximum}",
            remedy="the smaller number is the minimum",
        )
    if gcp_plan.machine_type(nodes, wanted) is None:
        yield Problem(
            key=key_of("cluster", "nodes", "instanceTypes"),
            value=f"{wanted.node_vcpu} vCPU, {wanted.node_memory_gib} GiB",
            allowed="what the largest machine type in components/gcp/instances.py has",
            remedy="ask for less in sizing, or name a machine type here",
        )
    if len(nodes.instance_types) > 1:
        yield Problem(
            key=key_of("cluster", "nodes", "instanceTypes"),
            value=shown(list(nodes.instance_types)),
            allowed="one on Google Cloud: a node pool has one machine type",
            remedy="leave the first",
        )
    for index, name in enumerate(nodes.instance_types):
        found = architecture_of(name)
        if found != nodes.architecture:
            yield Problem(
                key=key_of("cluster", "nodes", "instanceTypes", index),
                value=shown(name),
                allowed=f"a machine type of the architecture {nodes.architecture}",
                remedy=(
                    f"choose another type, or set architecture to {found}"
                    if found
                    else "write it as Google does, for example e2-standard-4"
                ),
            )


@check("target", "cluster")
def _existing_cluster(target: str, cluster: object) -> Found:
    if target != "gcp" or not isinstance(cluster, sections.ExistingCluster):
        return
    if cluster.security_group_id is not None:
        yield Problem(
            key=key_of("cluster", "securityGroupId"),
            value=shown(cluster.security_group_id),
            allowed="left out on Google Cloud: databases let in the network that is named",
            remedy="remove it",
        )


@check("target", "cluster", "metrics_server")
def _metrics_server(target: str, cluster: object, metrics_server: object) -> Found:
    if target != "gcp" or not isinstance(metrics_server, sections.MetricsServer):
        return
    mode = metrics_server.mode
    if mode == "managed" and isinstance(cluster, sections.ExistingCluster):
        allowed = "existing: nothing cluster-wide is installed into a cluster that is yours"
        remedy = "leave metricsServer out; GKE brings one"
    elif mode == "existing" and isinstance(cluster, sections.ManagedCluster):
        allowed = "managed: GKE brings one into a cluster that is made now"
        remedy = "leave metricsServer out"
    else:
        return
    yield Problem(
        key=key_of("metricsServer", "mode"), value=shown(mode), allowed=allowed, remedy=remedy
    )


@check("target", "tags")
def _tags(target: str, tags: dict[str, str]) -> Found:
    if target != "gcp":
        return
    for key in gcp_plan.refused_labels(tags):
        yield Problem(
            key=key_of("tags", key),
            value=shown(tags[key]),
            allowed=(
                "up to 63 lower-case letters, digits, hyphens and underscores in key and value, "
                "a letter first in the key: they become labels"
            ),
            remedy="write it differently, for example environment: production",
        )


@check("target", "gcp", "network", "cluster", "redis", "blobs")
def _unused(
    target: str,
    account: sections.GcpAccount,
    network: object,
    cluster: object,
    redis: object,
    blobs: object,
) -> Found:
    if target != "gcp":
        return
    uses = {
        "pod_range": ("podRange", network, sections.ExistingNetwork, "network is existing"),
        "service_range": ("serviceRange", network, sections.ExistingNetwork, "network is existing"),
        "release_channel": (
            "releaseChannel",
            cluster,
            sections.ManagedCluster,
            "cluster is managed",
        ),
        "security_group": ("securityGroup", cluster, sections.ManagedCluster, "cluster is managed"),
        "redis_tls": ("redisTls", redis, sections.ManagedRedis, "redis is managed"),
        "public_pictures": ("publicPictures", blobs, sections.ManagedBlobs, "blobs are managed"),
    }
    for field in account.model_fields_set & uses.keys():
        key, section, kind, when = uses[field]
        if not isinstance(section, kind):
            yield Problem(
                key=key_of("gcp", key),
                value=shown(getattr(account, field)),
                allowed=f"only where {when}",
                remedy="remove it",
            )
