"""Stack files for Azure whose parts are made: what each fault is told, and what the sound ones mean."""

from pathlib import Path
from typing import Any

import pytest

from components.azure.instances import (
    CACHES,
    DATABASES,
    NODES,
    STEADY_DATABASES,
    architecture_of,
    storage_gib,
    tier_of,
)
from components.azure.names import pool_name, public_name, storage_account_name
from components.azure.subnets import ZONES, plan_subnets
from components.instances import smallest
from components.sizing import SIZES
from stacks.config import AzureConfig, load
from stacks.problems import ConfigErrors, Problem
from tests.samples import SECRETS, raw

_OWN = {key: SECRETS[key] for key in ("licenseKey", "adminPassword")}
_GROUP = "00000000-0000-4000-8000-000000000002"
_ID = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/g/providers"
_VNET = f"{_ID}/Microsoft.Network/virtualNetworks/network"
_EXISTING_NETWORK = {
    "mode": "existing",
    "networkId": _VNET,
    "privateSubnetIds": [f"{_VNET}/subnets/a", f"{_VNET}/subnets/b"],
    "dataSubnetIds": [f"{_VNET}/subnets/postgres", f"{_VNET}/subnets/endpoints"],
}
_EXISTING_CLUSTER = {
    "mode": "existing",
    "name": "platform",
    "oidcIssuerUrl": "https://westeurope.oic.prod-aks.azure.com/t/i/",
}
_ACCOUNTS = {"mode": "workload-identity", "serviceAccounts": ["example"]}
_KINDS = ("profilePictures", "endDevicePictures", "edcs", "interop", "plugins")
_EXISTING_BLOBS = {
    "mode": "existing",
    "accountName": "theirs",
    "buckets": {kind: f"theirs-{kind.lower()}" for kind in _KINDS},
    "access": {"mode": "existing-identity", "clientId": _GROUP},
}


def _load(tmp_path: Path, changes: dict[str, Any], stack: str = "azure-development") -> AzureConfig:
    secrets = {**_OWN, **{key: SECRETS[key] for key in ("kubeconfig",) if "cluster" in changes}}
    config = load(raw(tmp_path, changes, secrets=secrets, name=stack))
    assert isinstance(config, AzureConfig)
    return config


def _problems(tmp_path: Path, changes: dict[str, Any], stack: str) -> dict[str, Problem]:
    with pytest.raises(ConfigErrors) as caught:
        _load(tmp_path, changes, stack)
    return {problem.key: problem for problem in caught.value.problems}


@pytest.mark.parametrize("stack", ["azure-development", "azure-production"])
def test_the_shipped_files_are_sound(tmp_path: Path, stack: str) -> None:
    assert _load(tmp_path, {}, stack).stack == "sample"


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"azure.subscriptionId": "mine"}, "azure.subscriptionId", "GUID"),
        ({"azure.resourceGroup": "ends."}, "azure.resourceGroup", "full stop"),
        ({"azure.systemVmSize": "D2"}, "azure.systemVmSize", "Standard_D4ds_v5"),
        ({"region": "West Europe"}, "region", "westeurope"),
        ({"zones": ["westeurope-1"]}, "zones[0]", "a number"),
        ({"zones": [1]}, "zones[0]", "in quotes"),
        ({"zones": ["4"]}, "zones[0]", "1, 2, 3"),
        ({"zones": None}, "zones", "one to three"),
        ({"cluster.kubernetesVersion": "1.25"}, "cluster.kubernetesVersion", "1.34"),
        ({"cluster.admins": []}, "cluster.admins", "runs Pulumi"),
        ({"cluster.admins": ["platform"]}, "cluster.admins[0]", "az ad group show"),
        ({"cluster.admins": [_GROUP, _GROUP]}, "cluster.admins[1]", "each once"),
        ({"cluster.addOnVersions": {"coredns": "v1"}}, "cluster.addOnVersions", "AKS"),
        ({"cluster.serviceCidr": "10.10.0.0/20"}, "cluster.serviceCidr", "10.10.0.0/16"),
        ({"cluster.serviceCidr": "100.64.0.0/20"}, "cluster.serviceCidr", "pods"),
        ({"cluster.serviceCidr": "172.16.0.0/12"}, "cluster.serviceCidr", "/13 to /24"),
        ({"cluster.nodes": {"minPerZone": 3, "maxPerZone": 1}}, "cluster.nodes.minPerZone", "1"),
        ({"cluster.nodes": {"diskGib": 20}}, "cluster.nodes.diskGib", "30"),
        (
            {"cluster.nodes": {"instanceTypes": ["Standard_D4s_v5", "Standard_D8s_v5"]}},
            "cluster.nodes.instanceTypes",
            "one size",
        ),
        (
            {"cluster.nodes": {"instanceTypes": ["Standard_D4ps_v5"]}},
            "cluster.nodes.instanceTypes[0]",
            "set architecture to arm64",
        ),
        (
            {"cluster.nodes": {"instanceTypes": ["m7i.large"]}},
            "cluster.nodes.instanceTypes[0]",
            "Standard_D4s_v5",
        ),
        ({"network.cidr": "10.0.0.0/25"}, "network.cidr", "/16 to /24"),
        ({"network.cidr": "100.64.0.0/16"}, "network.cidr", "pods"),
        ({"network": None}, "network", "required"),
        (
            {"network": {**_EXISTING_NETWORK, "networkId": "network"}},
            "network.networkId",
            "az network vnet show",
        ),
        (
            {"network": {**_EXISTING_NETWORK, "privateSubnetIds": ["a", "b"]}},
            "network.privateSubnetIds[0]",
            "resource ID",
        ),
        (
            {"network": {**_EXISTING_NETWORK, "privateSubnetIds": [f"{_VNET}/subnets/a"]}},
            "network.privateSubnetIds",
            "2 zones",
        ),
        (
            {"network": {**_EXISTING_NETWORK, "dataSubnetIds": [f"{_VNET}/subnets/a"]}},
            "network.dataSubnetIds",
            "flexibleServers",
        ),
        (
            {"network": {**_EXISTING_NETWORK, "publicSubnetIds": [f"{_VNET}/subnets/a"]}},
            "network.publicSubnetIds",
            "no subnet",
        ),
        ({"cluster": _EXISTING_CLUSTER}, "network.mode", "existing where the cluster is"),
        (
            {
                "cluster": {**_EXISTING_CLUSTER, "oidcIssuerUrl": None},
                "network": _EXISTING_NETWORK,
                "zones": None,
            },
            "cluster.oidcIssuerUrl",
            "az aks show",
        ),
        (
            {
                "cluster": {**_EXISTING_CLUSTER, "securityGroupId": "sg-1"},
                "network": _EXISTING_NETWORK,
                "zones": None,
            },
            "cluster.securityGroupId",
            "network security groups",
        ),
        ({"postgres.instanceClass": "db.m7g.large"}, "postgres.instanceClass", "Standard_D2ds_v5"),
        ({"postgres.minorVersion": 4}, "postgres.minorVersion", "itself"),
        ({"postgres.maxStorageGib": 100}, "postgres.maxStorageGib", "32 TiB"),
        ({"postgres.backupDays": 5}, "postgres.backupDays", "7 to 35"),
        ({"postgres.username": "ttsadmin"}, "postgres.username", "adminUsername"),
        ({"postgres.adminUsername": "administrator"}, "postgres.adminUsername", "pg_"),
        ({"postgres.username": "pg_mine"}, "postgres.username", "pg_"),
        (
            {"postgres.restores": [{"mode": "snapshot", "snapshot": "daily"}]},
            "postgres.restores[0].mode",
            "no snapshots",
        ),
        (
            {"postgres.restores": [{"mode": "point-in-time"}]},
            "postgres.restores[0].time",
            "a moment",
        ),
        (
            {
                "postgres.restores": [
                    {"mode": "point-in-time", "time": "2026-01-31T12:00:00Z", "source": "mine"}
                ]
            },
            "postgres.restores[0].source",
            "az postgres flexible-server show",
        ),
        ({"sizing": {"postgresMemoryGib": 1024}}, "postgres.instanceClass", "largest"),
        ({"sizing": {"nodeVcpu": 128}}, "cluster.nodes.instanceTypes", "largest"),
        ({"redis.version": "7.1"}, "redis.version", "7.4"),
        ({"sizing": {"redisMemoryGib": 25}}, "sizing.redisMemoryGib", "redis.mode"),
        ({"redis.nodeType": "Balanced_B50"}, "redis.nodeType", "Redis Cluster"),
        ({"redis.nodeType": "cache.m7g.large"}, "redis.nodeType", "Balanced_B5"),
        ({"redis.replicas": 2}, "redis.replicas", "one replica"),
        ({"redis.previousAuthToken": "refused"}, "redis.previousAuthToken", "regenerate-key"),
        (
            {"redis.restores": [{"mode": "snapshot", "snapshot": "daily"}]},
            "redis.restores",
            "docs/azure.md",
        ),
        ({"redis.oldServers": "remove"}, "redis.oldServers", "no other server"),
        ({"blobs.access": {"mode": "access-key"}}, "blobs.access.mode", "workload-identity"),
        ({"blobs.bucketPrefix": "mine"}, "blobs.bucketPrefix", "accountName"),
        ({"blobs.accountName": "Mine"}, "blobs.accountName", "3 to 24"),
        ({"blobs.existingBuckets": {"edcs": "mine"}}, "blobs.existingBuckets", "one account"),
        (
            {"blobs.access": {"mode": "existing-identity", "clientId": _GROUP}},
            "blobs.access.mode",
            "workload-identity",
        ),
        (
            {"blobs.access": {"mode": "workload-identity", "serviceAccounts": ["a", "a"]}},
            "blobs.access.serviceAccounts[1]",
            "each once",
        ),
        (
            {
                "blobs.access": {
                    "mode": "workload-identity",
                    "serviceAccounts": [f"account-{number}" for number in range(21)],
                }
            },
            "blobs.access.serviceAccounts",
            "20",
        ),
        ({"blobs": {**_EXISTING_BLOBS, "accountName": None}}, "blobs.accountName", "required"),
        ({"blobs": {**_EXISTING_BLOBS, "region": "x"}}, "blobs.region", "name alone"),
        ({"blobs": {**_EXISTING_BLOBS, "access": _ACCOUNTS}}, "blobs.access.mode", "existing-id"),
        ({"generations": {"blobAccessKey": 2}}, "generations.blobAccessKey", "without any key"),
        (
            {"ingress.udp": {"selector": {"a": "b"}, "healthCheckPort": 1885}},
            "ingress.udp.healthCheckPort",
            "asks the node",
        ),
        ({"metricsServer": {"mode": "off"}}, "metricsServer.mode", "AKS"),
        ({"tags": {"a/b": "c"}}, "tags.a/b", "without"),
    ],
)
def test_a_fault_is_named_with_what_is_allowed(
    tmp_path: Path, changes: dict[str, Any], key: str, words: str
) -> None:
    found = _problems(tmp_path, changes, "azure-development")
    named = [it for it in found.values() if it.key.startswith(f"tts:{key}")]
    assert any(words in str(problem) for problem in named), [str(it) for it in found.values()]
    assert all(problem.remedy and problem.allowed for problem in found.values())


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        (
            {"cluster.access": {"mode": "allow-list", "cidrs": ["0.0.0.0/0"]}},
            "tts:cluster.access.cidrs[0]",
            "not the whole internet",
        ),
        ({"postgres.instanceClass": "Standard_B2s"}, "tts:postgres.instanceClass", "no standby"),
        ({"zones": ["1"]}, "tts:zones", "two or three"),
        ({"availability": "single"}, "tts:availability", "redundant in production"),
    ],
)
def test_production_is_stricter(
    tmp_path: Path, changes: dict[str, Any], key: str, words: str
) -> None:
    assert words in str(_problems(tmp_path, changes, "azure-production")[key])
    if "availability" not in changes:
        _load(tmp_path, changes)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"postgres.geoRedundantBackup": True}, "tts:postgres.geoRedundantBackup"),
        ({"blobs.accountName": "mine"}, "tts:blobs.accountName"),
    ],
)
def test_what_azure_alone_has_is_refused_on_another_cloud(
    tmp_path: Path, changes: dict[str, Any], key: str
) -> None:
    with pytest.raises(ConfigErrors) as caught:
        load(raw(tmp_path, changes, secrets=_OWN, name="aws-development"))
    (problem,) = caught.value.problems
    assert problem.key == key
    assert "on aws" in problem.allowed


def test_parts_of_one_s_own_take_the_place_of_managed_ones(tmp_path: Path) -> None:
    assert _load(tmp_path, {"network": _EXISTING_NETWORK}).network is not None
    assert _load(tmp_path, {"blobs": _EXISTING_BLOBS}).blobs.mode == "existing"
    changes = {"cluster": _EXISTING_CLUSTER, "network": _EXISTING_NETWORK, "zones": None}
    assert _load(tmp_path, changes).cluster.mode == "existing"


@pytest.mark.parametrize("size", SIZES)
def test_every_size_has_its_sizes(size: str) -> None:
    capacity = SIZES[size]  # type: ignore[index]
    for architecture, nodes in NODES.items():
        found = smallest(nodes, vcpu=capacity.node_vcpu, memory_gib=capacity.node_memory_gib)
        assert found is not None
        assert (found.vcpu, found.memory_gib) == (capacity.node_vcpu, capacity.node_memory_gib)
        assert {architecture_of(it.name) for it in nodes} == {architecture}
    for databases in (DATABASES, STEADY_DATABASES):
        assert smallest(
            databases, vcpu=capacity.postgres_vcpu, memory_gib=capacity.postgres_memory_gib
        )
        assert all(tier_of(it.name) for it in databases)
    cache = smallest(CACHES, memory_gib=capacity.redis_memory_gib)
    assert cache is not None and cache.memory_gib == capacity.redis_memory_gib
    assert storage_gib(capacity.postgres_storage_gib)


@pytest.mark.parametrize(
    ("name", "architecture"),
    [
        ("Standard_D4s_v5", "amd64"),
        ("Standard_D2as_v5", "amd64"),
        ("Standard_E4-2ds_v5", "amd64"),
        ("Standard_D4ps_v5", "arm64"),
        ("Standard_D4pds_v5", "arm64"),
        ("Standard_B2pts_v2", "arm64"),
        ("Standard_M8ms", "amd64"),
        ("m7i.large", None),
    ],
)
def test_a_vm_size_tells_its_architecture(name: str, architecture: str | None) -> None:
    assert architecture_of(name) == architecture


def test_names_are_within_azure_s_limits() -> None:
    long = "a-rather-long-stack-name-" * 4
    subscription = "00000000-0000-4000-8000-000000000001"
    for domain in ("thethings.example.com", "x.co", "-".join(["long"] * 20) + ".example.com"):
        name = storage_account_name(subscription, long, domain, "blobs")
        assert 3 <= len(name) <= 24 and name.isalnum() and name == name.lower()
        assert name != storage_account_name(subscription, long, domain, "redis")
    assert len(public_name(subscription, long, "postgres-12", longest=63)) <= 63
    assert len(pool_name("3", "Standard_D96ads_v5", "16384")) <= 12


def test_a_zone_s_subnet_does_not_depend_on_the_others() -> None:
    whole = plan_subnets("10.0.0.0/16", ZONES)
    for zone in ZONES:
        assert plan_subnets("10.0.0.0/16", (zone,)).nodes == {zone: whole.nodes[zone]}
    assert len({*whole.nodes.values(), whole.postgres, whole.endpoints}) == 5
