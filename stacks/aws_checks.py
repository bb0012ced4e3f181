"""Rules between the parts of a stack file for AWS; each runs as soon as the parts it reads are valid."""

import ipaddress
import re
from collections.abc import Sequence

from components.aws.add_on_names import ADD_ONS
from components.aws.instances import architecture_of
from components.aws.load_balancer import refused_tags
from components.aws.subnets import LARGEST_PREFIX, SMALLEST_PREFIX, ZONE_LETTERS
from components.protection import Protection
from stacks import aws_plan, sections
from stacks.checking import Found, check
from stacks.plan import capacity_of, node_bounds
from stacks.problems import Problem, key_of, shown

_ADMIN = re.compile(r"arn:aws(-[a-z-]+)?:iam::\d{12}:(role|user)/[\w+=,.@/-]+")
_CLASS = re.compile(r"[a-z0-9-]+\.[a-z0-9-]+")


@check("target", "region", "zones")
def _zones(target: str, region: str, zones: Sequence[str]) -> Found:
    if target != "aws":
        return
    for index, zone in enumerate(zones):
        if zone.startswith(region) and not re.fullmatch(f"{region}[{ZONE_LETTERS}]", zone):
            yield Problem(
                key=key_of("zones", index),
                value=shown(zone),
                allowed=f"{region} and a letter from {ZONE_LETTERS[0]} to {ZONE_LETTERS[-1]}",
                remedy="name an availability zone; local and wavelength zones have no databases",
            )


@check("target", "zones", "network", "cluster")
def _enough_zones(target: str, zones: Sequence[str], network: object, cluster: object) -> Found:
    managed = isinstance(network, sections.ManagedNetwork) or isinstance(
        cluster, sections.ManagedCluster
    )
    if target == "aws" and managed and len(zones) < 2:
        yield Problem(
            key=key_of("zones"),
            value=shown(list(zones)),
            allowed="two to six: EKS, RDS and ElastiCache each want two",
            remedy="name the zones, for example three in production",
        )


@check("target", "zones", "network", "ingress")
def _private_addresses(
    target: str, zones: Sequence[str], network: object, ingress: object
) -> Found:
    if target != "aws" or not isinstance(ingress, sections.ManagedIngress):
        return
    if not ingress.internal:
        return
    subnets = len(zones)
    if isinstance(network, sections.ExistingNetwork):
        subnets = len(network.private_subnet_ids)
    given = {"ingress.privateAddresses": ingress.private_addresses}
    if ingress.udp is not None:
        given["ingress.udp.privateAddresses"] = ingress.udp.private_addresses
    for key, addresses in given.items():
        if addresses and len(addresses) != subnets:
            yield Problem(
                key=key_of(*key.split(".")),
                value=shown(list(addresses)),
                allowed=f"{subnets}, one for each private subnet in their order, or none",
                remedy="name one more or fewer, or leave it out for addresses that AWS chooses",
            )


@check("target", "network", "cluster", "postgres", "redis", "ingress")
def _network(target: str, network: object, *parts: object) -> Found:
    if target != "aws":
        return
    cluster = parts[0]
    placed = any(getattr(part, "mode", None) == "managed" for part in parts)
    if placed and network is None:
        yield Problem(
            key=key_of("network"),
            allowed="required: cluster, postgres, redis and ingress are placed in one if managed",
            remedy="add mode: managed with a cidr, or mode: existing with its ID and subnets",
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
            remedy="name the cluster's VPC and its subnets",
        )


@check("target", "network", "cluster", "postgres", "redis", "ingress", "zones")
def _subnets(
    target: str,
    network: object,
    cluster: object,
    postgres: object,
    redis: object,
    ingress: object,
    zones: Sequence[str],
) -> Found:
    if target != "aws" or not isinstance(network, sections.ExistingNetwork):
        return
    if isinstance(cluster, sections.ManagedCluster) and len(network.private_subnet_ids) != len(
        zones
    ):
        yield Problem(
            key=key_of("network", "privateSubnetIds"),
            value=shown(list(network.private_subnet_ids)),
            allowed=f"one for each of the {len(zones)} zones, in their order: nodes go there",
            remedy="name them, or correct zones",
        )
    stores = isinstance(postgres, sections.ManagedPostgres) or isinstance(
        redis, sections.ManagedRedis
    )
    if stores and len(network.data_subnet_ids) < 2:
        yield Problem(
            key=key_of("network", "dataSubnetIds"),
            value=shown(list(network.data_subnet_ids)),
            allowed="at least two, in two zones: RDS and ElastiCache go there",
            remedy="name them; they may be private subnets",
        )
    if not isinstance(ingress, sections.ManagedIngress):
        return
    where = network.private_subnet_ids if ingress.internal else network.public_subnet_ids
    if not where:
        yield Problem(
            key=key_of("network", "privateSubnetIds" if ingress.internal else "publicSubnetIds"),
            value="[]",
            allowed="at least one, each in a zone of its own: the load balancer goes there",
            remedy="name them",
        )


@check("target", "network")
def _size_of_network(target: str, network: object) -> Found:
    if target != "aws" or not isinstance(network, sections.ManagedNetwork):
        return
    length = ipaddress.IPv4Network(network.cidr).prefixlen
    if not LARGEST_PREFIX <= length <= SMALLEST_PREFIX:
        yield Problem(
            key=key_of("network", "cidr"),
            value=shown(network.cidr),
            allowed=(
                f"/{LARGEST_PREFIX} to /{SMALLEST_PREFIX}: each pod has an address of its own, "
                "and AWS makes no larger VPC"
            ),
            remedy=f"choose a network of this size, for example 10.0.0.0/{LARGEST_PREFIX}",
        )


@check("target", "network", "cluster")
def _service_cidr(target: str, network: object, cluster: object) -> Found:
    if target != "aws" or not isinstance(cluster, sections.ManagedCluster):
        return
    services = ipaddress.IPv4Network(cluster.service_cidr)
    if not 12 <= services.prefixlen <= 24 or services.subnet_of(
        ipaddress.IPv4Network("100.64.0.0/10")
    ):
        yield Problem(
            key=key_of("cluster", "serviceCidr"),
            value=shown(cluster.service_cidr),
            allowed="/12 to /24 within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16: EKS takes no other",
            remedy="leave it out for 172.20.0.0/16",
        )
    if isinstance(network, (sections.ManagedNetwork, sections.ExistingNetwork)) and network.cidr:
        whole = ipaddress.IPv4Network(network.cidr)
        if services.overlaps(whole):
            yield Problem(
                key=key_of("cluster", "serviceCidr"),
                value=shown(cluster.service_cidr),
                allowed=f"a network that does not overlap network.cidr, {network.cidr}",
                remedy="change one of the two; neither can be changed later",
            )


@check("target", "cluster", "protection")
def _cluster(target: str, cluster: object, protection: Protection) -> Found:
    if target != "aws" or not isinstance(cluster, sections.ManagedCluster):
        return
    if cluster.kubernetes_version not in aws_plan.EKS_VERSIONS:
        yield Problem(
            key=key_of("cluster", "kubernetesVersion"),
            value=shown(cluster.kubernetes_version),
            allowed=f"one that EKS runs: {', '.join(aws_plan.EKS_VERSIONS)}",
            remedy="choose one; a newer one needs a newer version of this project",
        )
    yield from _admins(cluster.admins)
    for name in cluster.add_on_versions:
        if name not in ADD_ONS:
            yield Problem(
                key=key_of("cluster", "addOnVersions", name),
                value=shown(cluster.add_on_versions[name]),
                allowed=f"one of {', '.join(ADD_ONS)}",
                remedy="remove it: the stack installs no such add-on",
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


def _admins(admins: Sequence[str]) -> Found:
    if not admins:
        yield Problem(
            key=key_of("cluster", "admins"),
            value="[]",
            allowed="at least the role that runs Pulumi, in CI and by hand: EKS lets in nobody else",
            remedy="name IAM roles or users by their ARN",
        )
    for index, arn in enumerate(admins):
        if not _ADMIN.fullmatch(arn):
            session = ":sts::" in arn
            yield Problem(
                key=key_of("cluster", "admins", index),
                value=shown(arn),
                allowed="the ARN of an IAM role or user, arn:aws:iam::<account>:role/<name>",
                remedy=(
                    "name the role behind the session: aws iam get-role"
                    if session
                    else "aws iam get-role --role-name <name> --query Role.Arn"
                ),
            )
        elif arn in admins[:index]:
            yield Problem(
                key=key_of("cluster", "admins", index),
                value=shown(arn),
                allowed="each once",
                remedy="remove the repeated one",
            )


@check("target", "cluster", "size", "sizing", "zones")
def _nodes(
    target: str, cluster: object, size: str, sizing: sections.Sizing, zones: Sequence[str]
) -> Found:
    if target != "aws" or not isinstance(cluster, sections.ManagedCluster) or not zones:
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
    if not aws_plan.instance_types(nodes, wanted):
        yield _too_large("cluster.nodes.instanceTypes", f"{wanted.node_vcpu} vCPU", "nodes")
    for index, name in enumerate(nodes.instance_types):
        found = architecture_of(name)
        if found != nodes.architecture:
            yield Problem(
                key=key_of("cluster", "nodes", "instanceTypes", index),
                value=shown(name),
                allowed=f"an EC2 instance type of the architecture {nodes.architecture}",
                remedy=(
                    f"choose another type, or set architecture to {found}"
                    if found
                    else "write it as AWS does, for example m7i.xlarge"
                ),
            )


@check("target", "cluster", "postgres", "redis")
def _existing_cluster(target: str, cluster: object, *stores: object) -> Found:
    managed = any(getattr(store, "mode", None) == "managed" for store in stores)
    if target != "aws" or not managed or not isinstance(cluster, sections.ExistingCluster):
        return
    if cluster.security_group_id is None:
        yield Problem(
            key=key_of("cluster", "securityGroupId"),
            allowed="required where postgres or redis is managed: they let in nothing else",
            remedy=(
                "aws eks describe-cluster --query "
                "cluster.resourcesVpcConfig.clusterSecurityGroupId --name <cluster>"
            ),
        )


@check("target", "cluster", "metrics_server")
def _metrics_server(target: str, cluster: object, metrics_server: object) -> Found:
    if target != "aws" or not isinstance(metrics_server, sections.MetricsServer):
        return
    mode, existing = metrics_server.mode, isinstance(cluster, sections.ExistingCluster)
    if mode == "managed" and existing:
        allowed = "existing or off: nothing cluster-wide is installed into a cluster that is yours"
        remedy = "install it yourself, as the EKS add-on metrics-server"
    elif mode == "existing" and isinstance(cluster, sections.ManagedCluster):
        allowed = "managed or off: a cluster that is made now has none"
        remedy = "leave metricsServer out"
    else:
        return
    yield Problem(
        key=key_of("metricsServer", "mode"), value=shown(mode), allowed=allowed, remedy=remedy
    )


@check("target", "tags")
def _tags(target: str, tags: dict[str, str]) -> Found:
    if target != "aws":
        return
    for key in refused_tags(tags):
        yield Problem(
            key=key_of("tags", key),
            value=shown(tags[key]),
            allowed=(
                "up to 128 letters, digits, spaces and .:/+_@- in a key, 256 of these and = in a value, "
                "no space at an end, no key that begins with aws:"
            ),
            remedy="write it differently: the controller of load balancers refuses it",
        )


@check("target", "postgres", "size", "sizing")
def _postgres(target: str, postgres: object, size: str, sizing: sections.Sizing) -> Found:
    if target != "aws" or not isinstance(postgres, sections.ManagedPostgres):
        return
    wanted = capacity_of(size, sizing)
    chosen = aws_plan.database_class(postgres, wanted)
    if chosen is None:
        yield _too_large("postgres.instanceClass", f"{wanted.postgres_memory_gib} GiB", "databases")
    elif not chosen.startswith("db.") or not _CLASS.fullmatch(chosen.removeprefix("db.")):
        yield Problem(
            key=key_of("postgres", "instanceClass"),
            value=shown(chosen),
            allowed="a class of RDS, for example db.m7g.large",
            remedy="write it as AWS does, with db. before it",
        )
    storage, most = wanted.postgres_storage_gib, aws_plan.maximum_storage(postgres, wanted)
    if 10 * most < 11 * storage:
        yield Problem(
            key=key_of("postgres", "maxStorageGib"),
            value=shown(most),
            allowed=f"at least a tenth more than the {storage} GiB that it starts with",
            remedy="raise it; RDS never makes storage smaller",
        )
    if postgres.username == postgres.admin_username:
        yield Problem(
            key=key_of("postgres", "username"),
            value=shown(postgres.username),
            allowed="another name than adminUsername: the product is no administrator",
            remedy="change one of the two",
        )


@check("target", "redis", "size", "sizing", "availability")
def _redis(
    target: str, redis: object, size: str, sizing: sections.Sizing, availability: object
) -> Found:
    if target != "aws" or not isinstance(redis, sections.ManagedRedis):
        return
    if redis.version not in aws_plan.REDIS_VERSIONS:
        yield Problem(
            key=key_of("redis", "version"),
            value=shown(redis.version),
            allowed=f"one that ElastiCache runs: {', '.join(aws_plan.REDIS_VERSIONS)}",
            remedy="choose one, for example '7.1'",
        )
    wanted = capacity_of(size, sizing)
    chosen = aws_plan.cache_type(redis, wanted)
    if chosen is None:
        yield _too_large("redis.nodeType", f"{wanted.redis_memory_gib} GiB", "caches")
    elif not chosen.startswith("cache.") or not _CLASS.fullmatch(chosen.removeprefix("cache.")):
        yield Problem(
            key=key_of("redis", "nodeType"),
            value=shown(chosen),
            allowed="a node type of ElastiCache, for example cache.m7g.large",
            remedy="write it as AWS does, with cache. before it",
        )
    if availability == "redundant" and redis.replicas == 0:
        yield Problem(
            key=key_of("redis", "replicas"),
            value="0",
            allowed="1 to 5 where availability is redundant: without a replica nothing takes over",
            remedy="leave it out for one",
        )


def _too_large(key: str, value: str, what: str) -> Problem:
    return Problem(
        key=key_of(*key.split(".")),
        value=value,
        allowed=f"what the largest class for {what} in components/aws/instances.py has",
        remedy="ask for less in sizing, or name a class here",
    )
