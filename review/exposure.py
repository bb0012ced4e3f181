"""Who can get in: openings of load balancers, firewalls, security groups, buckets, databases, clusters."""

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from rehearsal.properties import is_unknown
from rehearsal.urns import name_of, type_of
from review.changes import Exposure, Opening
from review.documents import statements
from review.shown import value
from review.text import readable

Inputs = Mapping[str, Any]
Reader = Callable[[Inputs], Iterable[Opening]]
_ANYWHERE = ("0.0.0.0/0", "::/0", "*", "internet", "any")


def exposures(before: Mapping[str, Inputs], after: Mapping[str, Inputs]) -> tuple[Exposure, ...]:
    """The openings that came and went, by resource; what became public first.

    Both arguments are inputs by URN.
    """
    found = []
    for urn in dict.fromkeys([*before, *after]):
        old, new = openings(urn, before.get(urn)), openings(urn, after.get(urn))
        opened = tuple(it for it in new if it not in old)
        closed = tuple(it for it in old if it not in new)
        if opened or closed:
            found.append(
                Exposure(
                    type=readable(type_of(urn)),
                    name=readable(name_of(urn)),
                    opened=opened,
                    closed=closed,
                )
            )
    return tuple(sorted(found, key=lambda it: not any(way.public for way in it.opened)))


def public_openings(resources: Mapping[str, Inputs]) -> int:
    """How many openings to the whole internet there are."""
    return sum(it.public for urn, inputs in resources.items() for it in openings(urn, inputs))


def openings(urn: str, inputs: Inputs | None) -> list[Opening]:
    """The ways in through one resource."""
    reader = _READERS.get(_without_version(type_of(urn)))
    if reader is None or inputs is None:
        return []
    return list(dict.fromkeys(reader(inputs)))


def _without_version(token: str) -> str:
    package, _, rest = token.partition(":")
    module, _, name = rest.partition(":")
    if package == "azure-native":
        module = module.partition("/")[0]
    return f"{package}:{module}:{name}"


def is_anywhere(source: object) -> bool:
    """Whether a source of traffic is the internet, or the better part of it."""
    text = str(source).lower()
    if text in _ANYWHERE:
        return True
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return network.prefixlen < 8 and not network.is_private


def _way(ports: str, source: object) -> Opening:
    return Opening(says=f"{ports} from {value(source)}", public=is_anywhere(source))


def _ports(protocol: object, first: object, last: object) -> str:
    name = "any protocol" if str(protocol) in ("-1", "all", "*") else str(value(protocol)).lower()
    if first is None or first == -1 or str(protocol) == "-1":
        return f"{name}, any port" if str(protocol) == "-1" else name
    return f"{name} {value(first)}" if first == last or last is None else f"{name} {first}-{last}"


def _list(tree: Any) -> list[Any]:
    if tree is None:
        return []
    return list(tree) if isinstance(tree, list) else [tree]


def _mapping(tree: Any) -> Inputs:
    return tree if isinstance(tree, Mapping) else {}


def _on(tree: Any) -> bool:
    return tree is True or str(tree).lower() in ("true", "enabled")


def _security_group_rule(inputs: Inputs) -> Iterator[Opening]:
    ports = _ports(inputs.get("ipProtocol"), inputs.get("fromPort"), inputs.get("toPort"))
    keys = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
    for key in keys:
        if inputs.get(key) is not None:
            yield _way(ports, inputs[key])


def _old_security_group_rule(inputs: Inputs) -> Iterator[Opening]:
    if inputs.get("type", "ingress") == "ingress":
        yield from _inline_rule(inputs)


def _inline_rule(rule: Inputs) -> Iterator[Opening]:
    ports = _ports(rule.get("protocol"), rule.get("fromPort"), rule.get("toPort"))
    names = (
        "cidrBlocks",
        "ipv6CidrBlocks",
        "prefixListIds",
        "securityGroups",
        "sourceSecurityGroupId",
    )
    for source in (it for name in names for it in _list(rule.get(name))):
        yield _way(ports, source)


def _security_group(inputs: Inputs) -> Iterator[Opening]:
    for rule in _list(inputs.get("ingress")):
        yield from _inline_rule(_mapping(rule))


def _listener(inputs: Inputs) -> Iterator[Opening]:
    yield Opening(
        says=f"listens on {value(inputs.get('protocol'))} {value(inputs.get('port'))}", public=False
    )


def _service(inputs: Inputs) -> Iterator[Opening]:
    spec = _mapping(inputs.get("spec"))
    if spec.get("type") not in ("LoadBalancer", "NodePort"):
        return
    annotations = _mapping(_mapping(inputs.get("metadata")).get("annotations"))
    balanced = spec.get("type") == "LoadBalancer"
    inside = not balanced or _is_internal(annotations, spec.get("loadBalancerClass"))
    sources = _list(spec.get("loadBalancerSourceRanges")) or ["0.0.0.0/0"]
    for port in map(_mapping, _list(spec.get("ports"))):
        ports = f"{str(value(port.get('protocol') or 'TCP')).lower()} {value(port.get('port'))}"
        if inside:
            where = "the load balancer's network" if balanced else "the nodes' network"
            yield Opening(says=f"{ports} from {where}", public=False)
            continue
        yield from (_way(ports, source) for source in sources)


def _is_internal(annotations: Inputs, load_balancer_class: Any) -> bool:
    """Whether a cloud makes the load balancer inside its network.

    The AWS Load Balancer Controller does unless told otherwise
    (https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/#lb-scheme).
    """
    scheme = annotations.get("service.beta.kubernetes.io/aws-load-balancer-scheme")
    if scheme is not None:
        return bool(scheme == "internal")
    aws = "service.beta.kubernetes.io/aws-load-balancer-internal"
    azure = "service.beta.kubernetes.io/azure-load-balancer-internal"
    google = str(annotations.get("networking.gke.io/load-balancer-type", "")).lower()
    return (
        load_balancer_class == "service.k8s.aws/nlb"
        or _on(annotations.get(aws))
        or _on(annotations.get(azure))
        or google == "internal"
    )


def _ingress(inputs: Inputs) -> Iterator[Opening]:
    for rule in map(_mapping, _list(_mapping(inputs.get("spec")).get("rules"))):
        yield Opening(says=f"routes {value(rule.get('host') or '*')}", public=False)


def _traefik_route(inputs: Inputs) -> Iterator[Opening]:
    spec = _mapping(inputs.get("spec"))
    entries = ", ".join(str(value(it)) for it in _list(spec.get("entryPoints"))) or "every entry"
    for route in map(_mapping, _list(spec.get("routes"))):
        yield Opening(says=f"routes {value(route.get('match'))} from {entries}", public=False)


def _public_access_block(inputs: Inputs) -> Iterator[Opening]:
    for name in (
        "blockPublicAcls",
        "blockPublicPolicy",
        "ignorePublicAcls",
        "restrictPublicBuckets",
    ):
        if inputs.get(name) is not True:
            yield Opening(says=f"{name} is not set", public=True)


def _acl(inputs: Inputs) -> Iterator[Opening]:
    acl = inputs.get("acl")
    if acl is not None and acl != "private":
        yield Opening(says=f"acl {value(acl)}", public=str(acl).startswith("public"))


def _resource_policy(inputs: Inputs) -> Iterator[Opening]:
    if is_unknown(inputs.get("policy")):
        yield Opening(says="policy (known after up)", public=False)
    for statement in statements(inputs.get("policy")):
        if statement.effect == "Allow" and "everybody" in statement.principals:
            says = f"policy allows everybody {', '.join(statement.actions)}"
            yield Opening(says=f"{says}{statement.when}", public=not statement.when)


def _publicly(name: str, says: str) -> Reader:
    def read(inputs: Inputs) -> Iterator[Opening]:
        if _on(inputs.get(name)):
            yield Opening(says=says, public=True)

    return read


def _eks(inputs: Inputs) -> Iterator[Opening]:
    config = _mapping(inputs.get("vpcConfig"))
    # AWS's defaults: public, from anywhere.
    if config.get("endpointPublicAccess") is not False:
        for source in _list(config.get("publicAccessCidrs")) or ["0.0.0.0/0"]:
            yield _way("the Kubernetes API", source)


def _aks(inputs: Inputs) -> Iterator[Opening]:
    profile = _mapping(inputs.get("apiServerAccessProfile"))
    if not _on(profile.get("enablePrivateCluster")):
        for source in _list(profile.get("authorizedIPRanges")) or ["0.0.0.0/0"]:
            yield _way("the Kubernetes API", source)


def _gke(inputs: Inputs) -> Iterator[Opening]:
    if _on(_mapping(inputs.get("privateClusterConfig")).get("enablePrivateEndpoint")):
        return
    config = _mapping(inputs.get("masterAuthorizedNetworksConfig"))
    blocks = [_mapping(it).get("cidrBlock") for it in _list(config.get("cidrBlocks"))]
    for source in blocks if config else ["0.0.0.0/0"]:
        yield _way("the Kubernetes API", source)


def _azure_rule(inputs: Inputs) -> Iterator[Opening]:
    if inputs.get("access") != "Allow" or inputs.get("direction") != "Inbound":
        return
    single, several = inputs.get("destinationPortRange"), inputs.get("destinationPortRanges")
    ports = ", ".join(str(value(it)) for it in [*_list(several), *_list(single)])
    names = ("sourceAddressPrefix", "sourceAddressPrefixes")
    for source in (it for name in names for it in _list(inputs.get(name))):
        yield _way(f"{_ports(inputs.get('protocol'), None, None)} {ports}", source)


def _azure_group(inputs: Inputs) -> Iterator[Opening]:
    for rule in _list(inputs.get("securityRules")):
        yield from _azure_rule(_mapping(rule))


def _azure_firewall(inputs: Inputs) -> Iterator[Opening]:
    first, last = inputs.get("startIpAddress"), inputs.get("endIpAddress")
    public = first == "0.0.0.0" and last != "0.0.0.0"  # noqa: S104
    yield Opening(says=f"the database from {value(first)} to {value(last)}", public=public)


def _azure_container(inputs: Inputs) -> Iterator[Opening]:
    access = inputs.get("publicAccess")
    if access not in (None, "None"):
        yield Opening(says=f"public access: {value(access)}", public=True)


def _azure_storage(inputs: Inputs) -> Iterator[Opening]:
    if _on(inputs.get("allowBlobPublicAccess")):
        yield Opening(says="containers may be made public", public=True)
    rules = _mapping(inputs.get("networkRuleSet"))
    if str(inputs.get("publicNetworkAccess")).lower() != "disabled" and (
        rules.get("defaultAction") != "Deny"
    ):
        yield Opening(says="reached from any network", public=True)


def _azure_network(inputs: Inputs) -> Iterator[Opening]:
    network = _mapping(inputs.get("network"))
    given = inputs.get("publicNetworkAccess", network.get("publicNetworkAccess"))
    if _on(given):
        yield Opening(says="reached from public networks", public=True)


def _google_firewall(inputs: Inputs) -> Iterator[Opening]:
    if inputs.get("direction") == "EGRESS" or inputs.get("disabled") is True:
        return
    names = ("sourceRanges", "sourceTags", "sourceServiceAccounts")
    sources = [it for name in names for it in _list(inputs.get(name))] or ["0.0.0.0/0"]
    for rule in map(_mapping, _list(inputs.get("allows"))):
        ports = ", ".join(str(value(it)) for it in _list(rule.get("ports"))) or "any port"
        for source in sources:
            yield _way(f"{value(rule.get('protocol'))} {ports}", source)


def _google_members(inputs: Inputs) -> Iterator[Opening]:
    for member in [*_list(inputs.get("member")), *_list(inputs.get("members"))]:
        if member in ("allUsers", "allAuthenticatedUsers"):
            yield Opening(says=f"{value(inputs.get('role'))} for {member}", public=True)


def _google_sql(inputs: Inputs) -> Iterator[Opening]:
    settings = _mapping(_mapping(inputs.get("settings")).get("ipConfiguration"))
    if settings.get("ipv4Enabled") is True:
        yield Opening(says="has a public address", public=False)
    for network in map(_mapping, _list(settings.get("authorizedNetworks"))):
        yield _way("the database", network.get("value"))


def _google_bucket(inputs: Inputs) -> Iterator[Opening]:
    if inputs.get("publicAccessPrevention") != "enforced":
        yield Opening(says="public access is not prevented", public=True)


def _unknown_as_absent(reader: Reader) -> Reader:
    """What is known only after up is no opening yet; the text says so where it is one of several."""

    def read(inputs: Inputs) -> Iterable[Opening]:
        known = {key: it for key, it in inputs.items() if not is_unknown(it) or key in _TOLD}
        return reader(known)

    return read


_TOLD = frozenset({"cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId", "policy"})
_PLAIN: Mapping[str, Reader] = {
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _security_group_rule,
    "aws:ec2/securityGroupRule:SecurityGroupRule": _old_security_group_rule,
    "aws:ec2/securityGroup:SecurityGroup": _security_group,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _security_group,
    "aws:lb/listener:Listener": _listener,
    "aws:eks/cluster:Cluster": _eks,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _public_access_block,
    "aws:s3/bucketAcl:BucketAcl": _acl,
    "aws:s3/bucketObject:BucketObject": _acl,
    "aws:s3/bucketObjectv2:BucketObjectv2": _acl,
    "aws:s3/bucketPolicy:BucketPolicy": _resource_policy,
    "aws:kms/key:Key": _resource_policy,
    "aws:rds/instance:Instance": _publicly("publiclyAccessible", "publicly accessible"),
    "aws:rds/clusterInstance:ClusterInstance": _publicly(
        "publiclyAccessible", "publicly accessible"
    ),
    "azure-native:network:SecurityRule": _azure_rule,
    "azure-native:network:NetworkSecurityGroup": _azure_group,
    "azure-native:dbforpostgresql:FirewallRule": _azure_firewall,
    "azure-native:dbforpostgresql:Server": _azure_network,
    "azure-native:redis:Redis": _azure_network,
    "azure-native:keyvault:Vault": _azure_network,
    "azure-native:redisenterprise:RedisEnterprise": _azure_network,
    "azure-native:storage:BlobContainer": _azure_container,
    "azure-native:storage:StorageAccount": _azure_storage,
    "azure-native:containerservice:ManagedCluster": _aks,
    "gcp:compute/firewall:Firewall": _google_firewall,
    "gcp:storage/bucket:Bucket": _google_bucket,
    "gcp:storage/bucketIAMMember:BucketIAMMember": _google_members,
    "gcp:storage/bucketIAMBinding:BucketIAMBinding": _google_members,
    "gcp:sql/databaseInstance:DatabaseInstance": _google_sql,
    "gcp:container/cluster:Cluster": _gke,
    "kubernetes:core/v1:Service": _service,
    "kubernetes:networking.k8s.io/v1:Ingress": _ingress,
    "kubernetes:traefik.io/v1alpha1:IngressRoute": _traefik_route,
    "kubernetes:traefik.io/v1alpha1:IngressRouteTCP": _traefik_route,
}
_READERS: Mapping[str, Reader] = {token: _unknown_as_absent(it) for token, it in _PLAIN.items()}
KNOWN = frozenset(_PLAIN)
