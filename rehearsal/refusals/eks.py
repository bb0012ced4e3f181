"""EKS: what a cluster, its nodes, its add-ons and its access need to be there before."""

import ipaddress
import json
import re
from collections.abc import Iterator, Mapping

from rehearsal.cloud import Remembered
from rehearsal.refusals.case import Case, Check, at, called, refusal
from rehearsal.refusals.identity import lacks, policies_of, trusts
from rehearsal.refusals.network import VPC, text_of, vpcs_of, zones_of
from rehearsal.refusals.versions import parts

CLUSTER = "aws:eks/cluster:Cluster"
NODES = "aws:eks/nodeGroup:NodeGroup"
ADD_ON = "aws:eks/addon:Addon"
ENTRY = "aws:eks/accessEntry:AccessEntry"
POD_IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
_INVALID = "InvalidParameterException"
_NEED_NODES = ("coredns", "aws-ebs-csi-driver", "metrics-server")
_NODE_TYPES = ("EC2_LINUX", "EC2_WINDOWS", "HYBRID_LINUX", "FARGATE_LINUX")
_PRIVATE = tuple(map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_MODES = ("CONFIG_MAP", "API_AND_CONFIG_MAP", "API")


def _zones(case: Case) -> str | None:
    """https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html."""
    subnets = case.texts("vpcConfig.subnetIds[]")
    zones, vpcs = zones_of(case, subnets), vpcs_of(case, subnets)
    if zones is not None and len(zones) < 2:
        what = (
            f"vpcConfig.subnetIds are all in {', '.join(zones)}; they must be in two zones or more"
        )
        return refusal(_INVALID, what)
    if vpcs is not None and len(vpcs) > 1:
        return refusal(_INVALID, f"vpcConfig.subnetIds are in {len(vpcs)} VPCs; allowed: one")
    return None


def _cluster_role(case: Case) -> str | None:
    """https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html."""
    role = case.text("roleArn")
    if not case.changed("roleArn"):
        return None
    if not trusts(case, role, "eks.amazonaws.com"):
        return refusal(_INVALID, f"roleArn {role} does not trust eks.amazonaws.com")
    if lacks(policies_of(case, role), "AmazonEKSClusterPolicy"):
        what = f"roleArn {role} has no policy AmazonEKSClusterPolicy yet; attach it first"
        return refusal(_INVALID, what)
    return None


def _service_range(case: Case) -> str | None:
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html."""
    path = "kubernetesNetworkConfig.serviceIpv4Cidr"
    text = case.text(path)
    if text is None:
        return None
    try:
        services = ipaddress.IPv4Network(text)
    except ValueError:
        services = None
    allowed = "a /12 to /24 within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16"
    inside = services is not None and any(map(services.subnet_of, _PRIVATE))
    if services is None or not inside or not 12 <= services.prefixlen <= 24:
        return refusal(_INVALID, f"{path} is {text!r}; allowed: {allowed}")
    for vpc in vpcs_of(case, case.texts("vpcConfig.subnetIds[]")) or ():
        whole = text_of(case.cloud.find(VPC, vpc), "cidrBlock")
        if whole is not None and services.overlaps(ipaddress.IPv4Network(whole)):
            return refusal(_INVALID, f"{path} {text} overlaps the VPC's {whole}")
    return None


def _cluster_upgrade(case: Case) -> str | None:
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateClusterVersion.html."""
    old, new = text_of(case.before, "version"), case.text("version")
    if old is None or new is None or old == new:
        return None
    if parts(new) < parts(old):
        return refusal(_INVALID, f"version is {new} and was {old}; it cannot be lowered")
    if parts(new)[1] - parts(old)[1] > 1:
        next_minor = f"1.{parts(old)[1] + 1}"
        return refusal(_INVALID, f"version is {new} and was {old}; allowed: {next_minor}")
    for each in _of_cluster(case, NODES, text_of(case.before, "name")):
        nodes = text_of(each, "version")
        if nodes is not None and parts(nodes) < parts(old):
            what = f"{called(each)} is of version {nodes}; it must follow to {old} before {new}"
            return refusal(_INVALID, what)
    return None


def _mode_change(case: Case) -> str | None:
    """https://docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html."""
    path = "accessConfig.authenticationMode"
    old, new = text_of(case.before, path), case.text(path)
    if old not in _MODES or new not in _MODES or _MODES.index(new) >= _MODES.index(old):
        return None
    return refusal(_INVALID, f"{path} is {new} and was {old}; there is no way back")


def _of_cluster(case: Case, token: str, name: str | None) -> Iterator[Remembered]:
    for each in case.of(token):
        if name is not None and text_of(each, "clusterName") == name:
            yield each


def _own_cluster(case: Case) -> Remembered | None:
    return case.find("EKS cluster", case.text("clusterName"))


def _sizes(case: Case) -> str | None:
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_NodegroupScalingConfig.html."""
    names = ("minSize", "desiredSize", "maxSize")
    low, wanted, high = (case.number(f"scalingConfig.{it}") for it in names)
    if low is None or wanted is None or high is None or low <= wanted <= high:
        return None
    what = f"scalingConfig has minSize {low}, desiredSize {wanted}, maxSize {high}"
    return refusal(_INVALID, f"{what}; desiredSize must be between the other two")


def _node_role(case: Case) -> str | None:
    """https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html."""
    role = case.text("nodeRoleArn")
    if not case.changed("nodeRoleArn"):
        return None
    if not trusts(case, role, "ec2.amazonaws.com"):
        return refusal(_INVALID, f"nodeRoleArn {role} does not trust ec2.amazonaws.com")
    policies = policies_of(case, role)
    wanted: list[tuple[str, ...]] = [
        ("AmazonEKSWorkerNodePolicy", "AmazonEKSWorkerNodeMinimalPolicy"),
        ("AmazonEC2ContainerRegistryPullOnly", "AmazonEC2ContainerRegistryReadOnly"),
    ]
    # The network add-on may have a role of its own instead.
    if not any(text_of(it, "serviceAccount") == "aws-node" for it in case.of(POD_IDENTITY)):
        wanted.append(("AmazonEKS_CNI_Policy",))
    for names in wanted:
        if lacks(policies, *names):
            what = f"nodeRoleArn {role} has no policy {names[0]} yet: no node would join"
            return refusal("NodeCreationFailure", what)
    return None


def _node_network(case: Case) -> str | None:
    """A cluster without AWS's own networking has none until the add-on is installed.

    https://docs.aws.amazon.com/eks/latest/userguide/managing-vpc-cni.html
    """
    cluster = _own_cluster(case)
    if not case.making or cluster is None:
        return None
    bare = False in at(cluster.inputs, "bootstrapSelfManagedAddons")
    name = case.text("clusterName")
    installed = {text_of(it, "addonName") for it in _of_cluster(case, ADD_ON, name)}
    if bare and "vpc-cni" not in installed:
        what = f"cluster {name} has no add-on vpc-cni yet: no node would become ready"
        return refusal("NodeCreationFailure", what)
    return None


def _node_version(case: Case) -> str | None:
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html."""
    nodes, cluster = case.text("version"), text_of(_own_cluster(case), "version")
    if nodes is None or cluster is None or not case.changed("version"):
        return None
    allowed = parts(nodes) == parts(cluster) if case.making else parts(nodes) <= parts(cluster)
    if allowed:
        return None
    return refusal(_INVALID, f"version is {nodes}; the cluster's is {cluster}, and allowed is that")


def _architecture(case: Case) -> str | None:
    """A `g` after the generation stands for Graviton, which is arm64.

    https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
    """
    image = case.text("amiType") or ""
    for it in case.texts("instanceTypes[]"):
        graviton = re.match(r"[a-z]+\d+[a-z]*g[a-z]*[.-]|a1\.", it) is not None
        if ("ARM_64" in image and not graviton) or ("x86_64" in image and graviton):
            return refusal(
                _INVALID, f"instanceTypes has {it}, on which amiType {image} does not run"
            )
    return None


def _template_version(case: Case) -> str | None:
    """https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html."""
    if case.inputs.get("launchTemplate") and case.inputs["launchTemplate"].get("version") is None:
        return refusal(_INVALID, "launchTemplate has no version")
    template = case.find("launch template", case.text("launchTemplate.id"))
    if (
        template is not None
        and at(template.inputs, "instanceType")
        and case.inputs.get("instanceTypes")
    ):
        what = "instanceTypes are given, and the launch template has an instanceType too"
        return refusal(_INVALID, what)
    return None


def _needs_nodes(case: Case) -> str | None:
    """Its pods wait for nodes, and EKS calls the add-on degraded.

    https://docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html
    """
    add_on, name = case.text("addonName"), case.text("clusterName")
    if not case.making or add_on not in _NEED_NODES or _own_cluster(case) is None:
        return None
    if any(_of_cluster(case, NODES, name)):
        return None
    what = f"add-on {add_on} has no nodes to run on: cluster {name} has no node group yet"
    return refusal("InsufficientNumberOfReplicas", what)


def _pod_role(*paths: str) -> Check:
    """https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html."""

    def check(case: Case) -> str | None:
        service = "pods.eks.amazonaws.com"
        for role in [it for path in paths for it in case.texts(path)]:
            if not trusts(case, role, service, "sts:TagSession"):
                what = (
                    f"role {role} does not trust {service} with sts:AssumeRole and sts:TagSession"
                )
                return refusal(_INVALID, what)
        return None

    return check


def _entry_mode(case: Case) -> str | None:
    """https://docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html."""
    cluster = _own_cluster(case)
    mode = text_of(cluster, "accessConfig.authenticationMode")
    if cluster is None or mode in ("API", "API_AND_CONFIG_MAP"):
        return None
    what = f"the cluster's authenticationMode is {mode or 'CONFIG_MAP'}; allowed: one with API"
    return refusal("InvalidRequestException", what)


def _entry_of_nodes(case: Case) -> str | None:
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateAccessEntry.html."""
    kind, principal = case.text("type"), case.text("principalArn") or ""
    if kind in _NODE_TYPES and ":role/" not in principal:
        return refusal(_INVALID, f"type {kind} is for roles, and principalArn is {principal}")
    for path in ("kubernetesGroups", "userName"):
        if kind in _NODE_TYPES and case.inputs.get(path):
            return refusal(_INVALID, f"{path} is given, which type {kind} does not take")
    return None


def _entry_first(case: Case) -> str | None:
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_AssociateAccessPolicy.html."""
    principal, name = case.text("principalArn"), case.text("clusterName")
    if not case.making or _own_cluster(case) is None:
        return None
    entries = [
        it for it in _of_cluster(case, ENTRY, name) if text_of(it, "principalArn") == principal
    ]
    if not entries:
        what = f"cluster {name} has no access entry of {principal} yet"
        return refusal("ResourceNotFoundException", what)
    kind = text_of(entries[0], "type") or "STANDARD"
    if kind in _NODE_TYPES:
        return refusal(_INVALID, f"an access entry of type {kind} takes no access policy")
    return None


def _scope(case: Case) -> str | None:
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_AccessScope.html."""
    kind, names = case.text("accessScope.type"), at(case.inputs, "accessScope.namespaces[]")
    if (kind == "namespace") == bool(names) or kind is None:
        return None
    rule = "namespaces are given with type namespace, and only with it"
    return refusal(_INVALID, f"accessScope has type {kind} and {len(names)} namespaces; {rule}")


def _tags_in_policy(case: Case) -> str | None:
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html."""
    policy = case.text("policy")
    if policy is None:
        return None
    try:
        json.loads(policy)
    except ValueError:
        return refusal(_INVALID, "policy is no JSON")
    if case.is_on("disableSessionTags"):
        return None
    return refusal(_INVALID, "policy is given, which needs disableSessionTags to be true")


WRITES: Mapping[str, tuple[Check, ...]] = {
    CLUSTER: (_zones, _cluster_role, _service_range, _cluster_upgrade, _mode_change),
    NODES: (
        _sizes,
        _node_role,
        _node_network,
        _node_version,
        _architecture,
        _template_version,
    ),
    ADD_ON: (_needs_nodes, _pod_role("podIdentityAssociations[].roleArn")),
    ENTRY: (_entry_mode, _entry_of_nodes),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": (_entry_first, _scope),
    POD_IDENTITY: (_pod_role("roleArn"), _tags_in_policy),
}
DELETES: Mapping[str, tuple[Check, ...]] = {}
