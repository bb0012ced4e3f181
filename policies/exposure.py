"""Not to be reached from where nobody should come: databases, nodes, the Kubernetes API."""

from collections.abc import Iterator, Mapping
from typing import Any

from policies.ports import is_anywhere
from policies.rule import Rule
from policies.sources import AWS, GOOGLE
from policies.subject import Hidden, Subject, items
from policies.wanted import Want, false, one_of, true, wants

STORES = Rule(
    name="private-stores",
    says="Databases and caches have no public address, nodes and subnets neither.",
    remedy="Switch public access off; the cluster reaches them inside of the network.",
    source=AWS,
    table=wants(
        false("aws:rds/instance:Instance", "publiclyAccessible", given=True),
        false("aws:ec2/subnet:Subnet", "mapPublicIpOnLaunch"),
        Want(
            type="azure-native:dbforpostgresql:Server",
            path="network",
            says="name a delegated subnet or have publicNetworkAccess Disabled",
            test=lambda it: (
                isinstance(it, Mapping)
                and (
                    bool(it.get("delegatedSubnetResourceId"))
                    or it.get("publicNetworkAccess") == "Disabled"
                )
            ),
        ),
        one_of("azure-native:redisenterprise:RedisEnterprise", "publicNetworkAccess", "Disabled"),
        one_of("azure-native:redis:Redis", "publicNetworkAccess", "Disabled"),
        false(
            "gcp:sql/databaseInstance:DatabaseInstance",
            "settings.ipConfiguration.ipv4Enabled",
            given=True,
        ),
        true("gcp:container/cluster:Cluster", "privateClusterConfig.enablePrivateNodes"),
        Want(
            type="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
            path="",
            says="have no rules, as everything new is in it",
            test=lambda it: not it.get("ingress") and not it.get("egress"),
        ),
    ),
)


def _api(subject: Subject) -> Iterator[str]:
    if any(is_anywhere(it) for it in _api_sources(subject) if not isinstance(it, Hidden)):
        yield "its Kubernetes API can be reached from the whole internet"


def _api_sources(subject: Subject) -> list[Any]:
    match subject.type:
        case "aws:eks/cluster:Cluster" if (
            subject.one("vpcConfig.endpointPublicAccess") is not False
        ):
            return _given(subject.one("vpcConfig.publicAccessCidrs"))
        case "azure-native:containerservice:ManagedCluster" if (
            subject.one("apiServerAccessProfile.enablePrivateCluster") is not True
        ):
            return _given(subject.one("apiServerAccessProfile.authorizedIPRanges"))
        case "gcp:container/cluster:Cluster" if (
            subject.one("privateClusterConfig.enablePrivateEndpoint") is not True
        ):
            networks = subject.one("masterAuthorizedNetworksConfig")
            blocks = subject.at("masterAuthorizedNetworksConfig.cidrBlocks[].cidrBlock")
            return blocks if networks is not None else ["0.0.0.0/0"]
        case _:
            return []


def _given(sources: Any) -> list[Any]:
    """What is given; nothing at all is anywhere, for the clouds."""
    return ["0.0.0.0/0"] if not sources else items(sources)


API = Rule(
    name="kubernetes-api-not-open",
    says="The Kubernetes API is private, or for addresses that are named.",
    remedy="Under cluster.access name the addresses of your people and of CI, or make it private.",
    source=AWS,
    resource=_api,
)


NODES = Rule(
    name="guarded-nodes",
    says="Pods cannot take a node's identity, nodes start verified, and nobody uses local accounts.",
    remedy="Require session tokens of the metadata service, and keep the guard on.",
    source=GOOGLE,
    table=wants(
        one_of("aws:ec2/launchTemplate:LaunchTemplate", "metadataOptions.httpTokens", "required"),
        Want(
            type="aws:ec2/launchTemplate:LaunchTemplate",
            path="metadataOptions.httpPutResponseHopLimit",
            says="be 1, so that no container gets an answer",
            test=lambda it: it == 1,
        ),
        true("azure-native:containerservice:ManagedCluster", "disableLocalAccounts"),
        true("azure-native:containerservice:ManagedCluster", "enableRBAC"),
        true("gcp:container/cluster:Cluster", "enableShieldedNodes"),
        false("gcp:container/cluster:Cluster", "enableLegacyAbac"),
        one_of("aws:eks/cluster:Cluster", "accessConfig.authenticationMode", "API"),
        false(
            "aws:eks/cluster:Cluster",
            "accessConfig.bootstrapClusterCreatorAdminPermissions",
            given=True,
        ),
    ),
)
RULES = (STORES, API, NODES)
