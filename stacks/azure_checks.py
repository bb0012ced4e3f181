"""Rules between the parts of a stack file for Azure; each runs as soon as the parts it reads are valid.

Those on what keeps data are in `stacks.azure_store_checks`.
"""

import ipaddress
import re
from collections.abc import Sequence

from components.azure.instances import architecture_of
from components.azure.limits import POD_CIDR
from components.azure.subnets import LARGEST_PREFIX, SMALLEST_PREFIX, ZONES
from components.protection import Protection
from stacks import azure_plan, sections
from stacks.checking import Found, check
from stacks.plan import capacity_of, node_bounds
from stacks.problems import Problem, key_of, shown

_GROUP = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ID = "/subscriptions/[^/]+/resourceGroups/[^/]+/providers"
_VNET = re.compile(rf"{ID}/Microsoft\.Network/virtualNetworks/[^/]+", re.IGNORECASE)
_SUBNET = re.compile(rf"{_VNET.pattern}/subnets/[^/]+", re.IGNORECASE)
# https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/tag-resources
_TAG_KEY = re.compile(r"[^<>%&\\?/]{1,128}")
_MOST_TAGS = 48
_SMALLEST_DISK_GIB = 30


@check("target", "zones")
def _zones(target: str, zones: Sequence[str]) -> Found:
    if target != "azure":
        return
    for index, zone in enumerate(zones):
        if zone not in ZONES:
            yield Problem(
                key=key_of("zones", index),
                value=shown(zone),
                allowed=f"one of {', '.join(ZONES)}, in quotes: a zone of Azure has a number",
                remedy="write the number alone, without the region",
            )


@check("target", "zones", "network", "cluster", "availability")
def _enough_zones(
    target: str, zones: Sequence[str], network: object, cluster: object, availability: object
) -> Found:
    managed = isinstance(network, sections.ManagedNetwork) or isinstance(
        cluster, sections.ManagedCluster
    )
    wanted = 2 if availability == "redundant" else 1
    if target == "azure" and managed and len(zones) < wanted:
        yield Problem(
            key=key_of("zones"),
            value=shown(list(zones)),
            allowed="two or three where availability is redundant, else one to three",
            remedy="name the zones, for example '1', '2', '3' in production",
        )


@check("target", "network", "cluster", "postgres", "redis")
def _network(target: str, network: object, *parts: object) -> Found:
    if target != "azure":
        return
    cluster = parts[0]
    placed = any(getattr(part, "mode", None) == "managed" for part in parts)
    if placed and network is None:
        yield Problem(
            key=key_of("network"),
            allowed="required: cluster, postgres and redis are placed in one if managed",
            remedy="add mode: managed with a cidr, or mode: existing with the IDs of your own",
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
            remedy="name the cluster's virtual network and its subnets",
        )


@check("target", "network")
def _ids(target: str, network: object) -> Found:
    if target != "azure" or not isinstance(network, sections.ExistingNetwork):
        return
    if not _VNET.fullmatch(network.network_id):
        yield no_id(
            "a virtual network", "az network vnet show", network.network_id, "network", "networkId"
        )
    for key, ids in (
        ("privateSubnetIds", network.private_subnet_ids),
        ("dataSubnetIds", network.data_subnet_ids),
    ):
        for index, subnet in enumerate(ids):
            if not _SUBNET.fullmatch(subnet):
                yield no_id(
                    "a subnet", "az network vnet subnet show", subnet, "network", key, index
                )


def no_id(what: str, command: str, value: str, *key: str | int) -> Problem:
    """A name where Azure wants a resource ID."""
    return Problem(
        key=key_of(*key),
        value=shown(value),
        allowed=f"the resource ID of {what}, /subscriptions/…",
        remedy=f"{command} --query id",
    )


@check("target", "network", "cluster", "postgres", "redis", "zones")
def _subnets(
    target: str,
    network: object,
    cluster: object,
    postgres: object,
    redis: object,
    zones: Sequence[str],
) -> Found:
    if target != "azure" or not isinstance(network, sections.ExistingNetwork):
        return
    if isinstance(cluster, sections.ManagedCluster) and len(network.private_subnet_ids) != len(
        zones
    ):
        yield Problem(
            key=key_of("network", "privateSubnetIds"),
            value=shown(list(network.private_subnet_ids)),
            allowed=f"one for each of the {len(zones)} zones, in their order: nodes go there",
            remedy="name them, each with a NAT gateway, or correct zones",
        )
    stores = isinstance(postgres, sections.ManagedPostgres) or isinstance(
        redis, sections.ManagedRedis
    )
    if stores and len(network.data_subnet_ids) != 2:
        yield Problem(
            key=key_of("network", "dataSubnetIds"),
            value=shown(list(network.data_subnet_ids)),
            allowed=(
                "two: one delegated to Microsoft.DBforPostgreSQL/flexibleServers, and one for "
                "private endpoints, in this order"
            ),
            remedy="name them, and let in the cluster's nodes at 5432 and at 10000",
        )


@check("target", "network")
def _size_of_network(target: str, network: object) -> Found:
    if target != "azure" or not isinstance(network, sections.ManagedNetwork):
        return
    length = ipaddress.IPv4Network(network.cidr).prefixlen
    if not LARGEST_PREFIX <= length <= SMALLEST_PREFIX:
        yield Problem(
            key=key_of("network", "cidr"),
            value=shown(network.cidr),
            allowed=f"/{LARGEST_PREFIX} to /{SMALLEST_PREFIX}: an eighth is for the nodes of a zone",
            remedy=f"choose a network of this size, for example 10.0.0.0/{LARGEST_PREFIX}",
        )


@check("target", "network", "cluster")
def _address_ranges(target: str, network: object, cluster: object) -> Found:
    if target != "azure" or not isinstance(cluster, sections.ManagedCluster):
        return
    services, pods = ipaddress.IPv4Network(cluster.service_cidr), ipaddress.IPv4Network(POD_CIDR)
    if not 13 <= services.prefixlen <= 24:
        yield Problem(
            key=key_of("cluster", "serviceCidr"),
            value=shown(cluster.service_cidr),
            allowed="/13 to /24: AKS takes none larger",
            remedy="leave it out for 172.20.0.0/16",
        )
    given = {("cluster", "serviceCidr"): services}
    if isinstance(network, (sections.ManagedNetwork, sections.ExistingNetwork)) and network.cidr:
        whole = ipaddress.IPv4Network(network.cidr)
        given[("network", "cidr")] = whole
        if services.overlaps(whole):
            yield Problem(
                key=key_of("cluster", "serviceCidr"),
                value=shown(cluster.service_cidr),
                allowed=f"a network that does not overlap network.cidr, {network.cidr}",
                remedy="change one of the two; neither can be changed later",
            )
    for key, range_ in given.items():
        if range_.overlaps(pods):
            yield Problem(
                key=key_of(*key),
                value=shown(str(range_)),
                allowed=f"a network that does not overlap that of the pods, {POD_CIDR}",
                remedy="choose another one, for example within 10.0.0.0/8",
            )


@check("target", "cluster", "protection")
def _cluster(target: str, cluster: object, protection: Protection) -> Found:
    if target != "azure" or not isinstance(cluster, sections.ManagedCluster):
        return
    if cluster.kubernetes_version not in azure_plan.AKS_VERSIONS:
        yield Problem(
            key=key_of("cluster", "kubernetesVersion"),
            value=shown(cluster.kubernetes_version),
            allowed=f"one that AKS runs: {', '.join(azure_plan.AKS_VERSIONS)}",
            remedy="choose one; a newer one needs a newer version of this project",
        )
    yield from _admins(cluster.admins)
    if isinstance(cluster.access, sections.AllowListAccess) and protection.guarded:
        for index, cidr in enumerate(cluster.access.cidrs):
            if cidr.endswith("/0"):
                yield Problem(
                    key=key_of("cluster", "access", "cidrs", index),
                    value=shown(cidr),
                    allowed="known addresses in production, not the whole internet",
                    remedy="name your offices' and CI's addresses, or use mode private",
                )


def _admins(admins: Sequence[str]) -> Found:
    if not admins:
        yield Problem(
            key=key_of("cluster", "admins"),
            value="[]",
            allowed="at least one group with whoever runs Pulumi in it: there are no local accounts",
            remedy="name Entra groups by their object ID: az ad group show --query id --group <name>",
        )
    for index, group in enumerate(admins):
        if not _GROUP.fullmatch(group):
            yield Problem(
                key=key_of("cluster", "admins", index),
                value=shown(group),
                allowed="the object ID of an Entra group, a GUID in lower case",
                remedy="az ad group show --query id --group <name>; put people and CI into a group",
            )
        elif group in admins[:index]:
            yield Problem(
                key=key_of("cluster", "admins", index),
                value=shown(group),
                allowed="each once",
                remedy="remove the repeated one",
            )


@check("target", "cluster", "size", "sizing", "zones")
def _nodes(
    target: str, cluster: object, size: str, sizing: sections.Sizing, zones: Sequence[str]
) -> Found:
    if target != "azure" or not isinstance(cluster, sections.ManagedCluster) or not zones:
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
    if azure_plan.vm_size(nodes, wanted) is None:
        yield too_large("cluster.nodes.instanceTypes", f"{wanted.node_vcpu} vCPU", "nodes")
    if len(nodes.instance_types) > 1:
        yield Problem(
            key=key_of("cluster", "nodes", "instanceTypes"),
            value=shown(list(nodes.instance_types)),
            allowed="one size: a node pool of AKS has machines of one",
            remedy="name the one that you want",
        )
    for index, name in enumerate(nodes.instance_types):
        found = architecture_of(name)
        if found != nodes.architecture:
            yield Problem(
                key=key_of("cluster", "nodes", "instanceTypes", index),
                value=shown(name),
                allowed=f"a VM size of the architecture {nodes.architecture}",
                remedy=(
                    f"choose another size, or set architecture to {found}"
                    if found
                    else "write it as Azure does, for example Standard_D4s_v5"
                ),
            )
    if nodes.disk_gib < _SMALLEST_DISK_GIB:
        yield Problem(
            key=key_of("cluster", "nodes", "diskGib"),
            value=shown(nodes.disk_gib),
            allowed=f"at least {_SMALLEST_DISK_GIB}: the image of a node needs it",
            remedy="raise it, or leave it out",
        )


@check("target", "cluster", "blobs", "redis")
def _issuer(target: str, cluster: object, blobs: object, redis: object) -> Found:
    """Managed identities are bound to who vouches for the cluster's service accounts."""
    access = getattr(blobs, "access", None)
    used = isinstance(access, sections.WorkloadIdentityAccess) or isinstance(
        redis, sections.ManagedRedis
    )
    if target != "azure" or not used or not isinstance(cluster, sections.ExistingCluster):
        return
    if cluster.oidc_issuer_url is None or not cluster.oidc_issuer_url.startswith("https://"):
        yield Problem(
            key=key_of("cluster", "oidcIssuerUrl"),
            value=None if cluster.oidc_issuer_url is None else shown(cluster.oidc_issuer_url),
            allowed="an https address; blobs and exports of Redis are reached by managed identities",
            remedy="az aks show --query oidcIssuerProfile.issuerUrl --name <cluster>",
        )


@check("target", "tags")
def _tags(target: str, tags: dict[str, str]) -> Found:
    if target != "azure":
        return
    for key, value in tags.items():
        if not _TAG_KEY.fullmatch(key) or len(value) > 256:
            yield Problem(
                key=key_of("tags", key),
                value=shown(value),
                allowed="up to 128 characters without <>%&\\?/ in a key, 256 in a value",
                remedy="write it differently: a storage account's tags are refused otherwise",
            )
    if len(tags) > _MOST_TAGS:
        yield Problem(
            key=key_of("tags"),
            value=f"{len(tags)} of them",
            allowed=f"at most {_MOST_TAGS}: Azure takes 50, and two are the stack's",
            remedy="leave some out",
        )


def too_large(key: str, value: str, what: str) -> Problem:
    """More is asked for than there is."""
    return Problem(
        key=key_of(*key.split(".")),
        value=value,
        allowed=f"what the largest size for {what} in components/azure/instances.py has",
        remedy="ask for less in sizing, or name a size here",
    )
