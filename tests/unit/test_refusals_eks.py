"""EKS: each rule refuses what it is there for, and nothing else."""

from typing import Any

import pytest

from rehearsal.refusals import eks
from tests.unit.refusals_deeds import Deed, Refusals, functions_of, is_refused
from tests.unit.refusals_landscape import (
    Simulated,
    elsewhere,
    environment,
    node_group,
    policy,
    role_arn,
    subnet_ids,
    trust,
)

_TABLE = Refusals()
_MINE = "arn:aws:iam::123456789012:role/platform"


def _eks(it: Simulated, **inputs: Any) -> None:
    own = it.get("Cluster", "sample").inputs
    given = {**own, "name": "second", **inputs}
    it.make("Cluster", "second", **given)


def _in_subnets(it: Simulated, *ids: str) -> None:
    _eks(it, vpcConfig={"subnetIds": list(ids)})


@_TABLE.refused("_zones", "are all in eu-west-1a; they must be in two zones or more")
def _(it: Simulated) -> None:
    _in_subnets(it, *subnet_ids(it, "a", "outside"))


@_TABLE.refused("_zones", r"vpcConfig\.subnetIds are in 2 VPCs; allowed: one")
def _(it: Simulated) -> None:
    _in_subnets(it, *subnet_ids(it, "a"), elsewhere(it)[1])


@_TABLE.refused("_cluster_role", r"role-nodes does not trust eks\.amazonaws\.com")
def _(it: Simulated) -> None:
    _eks(it, roleArn=role_arn(it, "nodes"))


@_TABLE.refused("_cluster_role", "has no policy AmazonEKSClusterPolicy yet; attach it first")
def _(it: Simulated) -> None:
    role = it.make("Role", "bare", name="bare", assumeRolePolicy=trust("eks"))
    _eks(it, roleArn=role.state["arn"])


def _services(it: Simulated, cidr: str) -> None:
    _eks(it, kubernetesNetworkConfig={"serviceIpv4Cidr": cidr})


for _cidr in ("100.64.0.0/16", "10.0.0.0/8", "10.100.0.0/25", "anything"):

    @_TABLE.refused("_service_range", f"serviceIpv4Cidr is '{_cidr}'; allowed: a /12 to /24 within")
    def _(it: Simulated, cidr: str = _cidr) -> None:
        _services(it, cidr)


@_TABLE.refused(
    "_service_range", r"serviceIpv4Cidr 10\.0\.128\.0/20 overlaps the VPC's 10\.0\.0\.0/16"
)
def _(it: Simulated) -> None:
    _services(it, "10.0.128.0/20")


@_TABLE.refused("_cluster_upgrade", r"version is 1\.33 and was 1\.34; it cannot be lowered")
def _(it: Simulated) -> None:
    it.change("Cluster", "sample", version="1.33")


@_TABLE.refused("_cluster_upgrade", r"version is 1\.36 and was 1\.34; allowed: 1\.35")
def _(it: Simulated) -> None:
    it.change("Cluster", "sample", version="1.36")


@_TABLE.refused("_cluster_upgrade", r"NodeGroup 'a' is of version 1\.34; it must follow to 1\.35")
def _(it: Simulated) -> None:
    it.change("Cluster", "sample", version="1.35")
    it.change("Cluster", "sample", version="1.36")


@_TABLE.refused("_mode_change", "authenticationMode is API_AND_CONFIG_MAP and was API")
def _(it: Simulated) -> None:
    it.change("Cluster", "sample", accessConfig={"authenticationMode": "API_AND_CONFIG_MAP"})


def _nodes(it: Simulated, **inputs: Any) -> None:
    template = it.get("LaunchTemplate", "nodes").id
    own = node_group(it, template, subnet_ids(it, "b")[0])
    it.make("NodeGroup", "b", **{**own, "nodeGroupName": "b", **inputs})


@_TABLE.refused("_sizes", "minSize 2, desiredSize 1, maxSize 3; desiredSize must be between")
def _(it: Simulated) -> None:
    it.change("NodeGroup", "a", scalingConfig={"minSize": 2, "desiredSize": 1, "maxSize": 3})


@_TABLE.refused("_node_role", r"role-cluster does not trust ec2\.amazonaws\.com")
def _(it: Simulated) -> None:
    _nodes(it, nodeRoleArn=role_arn(it, "cluster"))


for _missing in (
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKS_CNI_Policy",
    "AmazonEC2ContainerRegistryPullOnly",
):

    @_TABLE.refused("_node_role", f"NodeCreationFailure: .* has no policy {_missing} yet")
    def _(it: Simulated, missing: str = _missing) -> None:
        it.remove("RolePolicyAttachment", missing)
        _nodes(it)


@_TABLE.refused("_node_network", "NodeCreationFailure: cluster sample has no add-on vpc-cni yet")
def _(it: Simulated) -> None:
    it.remove("Addon", "vpc-cni")
    _nodes(it)


@_TABLE.refused("_node_version", r"version is 1\.33; the cluster's is 1\.34")
def _(it: Simulated) -> None:
    _nodes(it, version="1.33")


@_TABLE.refused("_node_version", r"version is 1\.35; the cluster's is 1\.34")
def _(it: Simulated) -> None:
    it.change("NodeGroup", "a", version="1.35")


@_TABLE.refused(
    "_architecture", "instanceTypes has m7i.large, on which amiType AL2023_ARM_64_STANDARD"
)
def _(it: Simulated) -> None:
    _nodes(it, instanceTypes=["m7g.large", "m7i.large"])


@_TABLE.refused("_architecture", "instanceTypes has c7gn.large")
def _(it: Simulated) -> None:
    _nodes(it, amiType="AL2023_x86_64_STANDARD", instanceTypes=["c7gn.large"])


@_TABLE.refused("_template_version", "launchTemplate has no version")
def _(it: Simulated) -> None:
    _nodes(it, launchTemplate={"id": it.get("LaunchTemplate", "nodes").id})


@_TABLE.refused("_template_version", "the launch template has an instanceType too")
def _(it: Simulated) -> None:
    own = it.make("LaunchTemplate", "own", name="own", instanceType="m7g.large").id
    _nodes(it, launchTemplate={"id": own, "version": "1"})


@_TABLE.refused("_needs_nodes", "InsufficientNumberOfReplicas: add-on metrics-server has no nodes")
def _(it: Simulated) -> None:
    it.remove("NodeGroup", "a")
    it.make("Addon", "metrics", addonName="metrics-server", clusterName="sample")


@_TABLE.refused("_pod_role", r"role-nodes does not trust pods\.eks\.amazonaws\.com")
def _(it: Simulated) -> None:
    _associate(it, roleArn=role_arn(it, "nodes"))


@_TABLE.refused("_pod_role", "does not trust pods.eks.* sts:AssumeRole and sts:TagSession")
def _(it: Simulated) -> None:
    role = it.make("Role", "tagless", name="tagless", assumeRolePolicy=trust("pods.eks"))
    given = [{"roleArn": role.state["arn"], "serviceAccount": "x"}]
    it.make("Addon", "e", addonName="e", clusterName="sample", podIdentityAssociations=given)


@_TABLE.refused("_tags_in_policy", "policy is given, which needs disableSessionTags")
def _(it: Simulated) -> None:
    _associate(it, policy=policy("s3:GetObject"))


@_TABLE.refused("_tags_in_policy", "policy is no JSON")
def _(it: Simulated) -> None:
    _associate(it, policy="s3:GetObject", disableSessionTags=True)


def _associate(it: Simulated, **inputs: Any) -> None:
    own = {"clusterName": "sample", "namespace": "n", "serviceAccount": "s"}
    it.make("PodIdentityAssociation", "s", **{**own, "roleArn": role_arn(it, "pods"), **inputs})


def _entry(it: Simulated, **inputs: Any) -> None:
    own = {"clusterName": "sample", "principalArn": role_arn(it, "nodes")}
    it.make("AccessEntry", "more", **{**own, **inputs})


@_TABLE.refused("_entry_mode", "authenticationMode is CONFIG_MAP; allowed: one with API")
def _(it: Simulated) -> None:
    _eks(it, accessConfig={"authenticationMode": "CONFIG_MAP"})
    _entry(it, clusterName="second")


@_TABLE.refused("_entry_of_nodes", "kubernetesGroups is given, which type EC2_LINUX does not take")
def _(it: Simulated) -> None:
    _entry(it, type="EC2_LINUX", kubernetesGroups=["a"])


@_TABLE.refused(
    "_entry_of_nodes", "type EC2_LINUX is for roles, and principalArn is arn:.*:user/blobs"
)
def _(it: Simulated) -> None:
    _entry(it, type="EC2_LINUX", principalArn=it.get("User", "blobs").state["arn"])


def _grant(it: Simulated, **inputs: Any) -> None:
    own = it.get("AccessPolicyAssociation", "admin").inputs
    it.make("AccessPolicyAssociation", "more", **{**own, **inputs})


@_TABLE.refused(
    "_entry_first", "ResourceNotFoundException: cluster sample has no access entry of arn:"
)
def _(it: Simulated) -> None:
    _grant(it, principalArn=role_arn(it, "nodes"))


@_TABLE.refused("_entry_first", "an access entry of type EC2_LINUX takes no access policy")
def _(it: Simulated) -> None:
    _entry(it, type="EC2_LINUX")
    _grant(it, principalArn=role_arn(it, "nodes"))


@_TABLE.refused("_scope", "accessScope has type namespace and 0 namespaces")
def _(it: Simulated) -> None:
    _grant(it, accessScope={"type": "namespace"})


@pytest.mark.parametrize(("deed", "said"), _TABLE.parameters())
def test_it_is_refused_in_words(deed: Deed, said: str) -> None:
    is_refused(deed, said)


def test_every_rule_that_is_a_function_has_been_seen_to_refuse() -> None:
    assert _TABLE.rules == functions_of(eks)


_ALLOWED: list[Deed] = [
    _eks,
    lambda it: _eks(it, roleArn=_MINE),
    lambda it: _services(it, "192.168.0.0/24"),
    lambda it: it.change("Cluster", "sample", version="1.35"),
    lambda it: it.change("NodeGroup", "a", labels={"a": "b"}),
    _nodes,
    lambda it: _nodes(it, instanceTypes=["m7i.large"], amiType="AL2023_x86_64_STANDARD"),
    lambda it: _entry(it, type="EC2_LINUX"),
    lambda it: _associate(it, policy=policy("s3:Get"), disableSessionTags=True),
    lambda it: _grant(it, accessScope={"type": "namespace", "namespaces": ["a"]}),
]


@pytest.mark.parametrize("deed", _ALLOWED)
def test_it_is_allowed(deed: Deed) -> None:
    deed(environment())


def test_nodes_follow_a_cluster_before_its_next_version() -> None:
    it = environment()
    it.change("Cluster", "sample", version="1.35")
    it.change("NodeGroup", "a", version="1.35")
    it.change("Cluster", "sample", version="1.36")
