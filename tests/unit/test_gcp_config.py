"""Stack files for Google Cloud: what each fault is told, and what the sound ones mean."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.gcp.instances import (
    NODES,
    architecture_of,
    custom_tier,
    disk_type,
    edition_of,
)
from components.gcp.ranges import most_nodes, plan_ranges
from components.instances import smallest
from components.sizing import SIZES
from stacks import gcp_plan, sections
from stacks.config import GcpConfig, load
from stacks.problems import ConfigErrors, Problem
from tests.samples import SECRETS, raw

_OWN = {key: SECRETS[key] for key in ("licenseKey", "adminPassword")}
_EXISTING_CLUSTER = {"mode": "existing", "name": "platform"}
_EXISTING_NETWORK = {
    "mode": "existing",
    "networkId": "projects/host/global/networks/shared",
    "privateSubnetIds": ["projects/host/regions/europe-west4/subnetworks/nodes"],
    "dataSubnetIds": ["private-services"],
}
_CREDENTIALS = {"blobs.access": {"mode": "existing-credentials"}}
_UDP = {"app": "gs"}


def _load(
    tmp_path: Path,
    changes: dict[str, Any],
    stack: str = "gcp-development",
    more: dict[str, str] | None = None,
) -> GcpConfig:
    kubeconfig = {key: SECRETS[key] for key in ("kubeconfig",) if "cluster" in changes}
    secrets = {**_OWN, **kubeconfig, **(more or {})}
    config = load(raw(tmp_path, changes, secrets=secrets, name=stack))
    assert isinstance(config, GcpConfig)
    return config


def _problems(
    tmp_path: Path, changes: dict[str, Any], stack: str, more: dict[str, str] | None = None
) -> dict[str, Problem]:
    with pytest.raises(ConfigErrors) as caught:
        _load(tmp_path, changes, stack, more)
    return {problem.key: problem for problem in caught.value.problems}


@pytest.mark.parametrize("stack", ["gcp-development", "gcp-production"])
def test_the_shipped_files_are_sound(tmp_path: Path, stack: str) -> None:
    assert _load(tmp_path, {}, stack).stack == "sample"


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"region": "eu"}, "region", "europe-west4"),
        ({"gcp.project": "Example"}, "gcp.project", "6 to 30"),
        ({"gcp.project": "123456789012"}, "gcp.project", "a letter first"),
        ({"gcp.releaseChannel": "fast"}, "gcp.releaseChannel", "'stable'"),
        ({"gcp.securityGroup": "platform@example.com"}, "gcp.securityGroup", "gke-security-groups"),
        ({"gcp.podRange": "Pods"}, "gcp.podRange", "secondary range"),
        ({"gcp.podRange": "pods"}, "gcp.podRange", "only where network is existing"),
        ({"gcp.accountId": "1"}, "gcp.accountId", "not known"),
        ({"zones": ["europe-west4-a", "europe-west4a"]}, "zones[1]", "europe-west4-a and the like"),
        ({"zones": ["europe-west1-b"]}, "zones[0]", "a zone of europe-west4"),
        ({"zones": []}, "zones", "at least 1"),
        ({"availability": "redundant", "zones": ["europe-west4-a"]}, "zones", "at least 2"),
        ({"network": None}, "network", "required"),
        ({"network.cidr": "10.0.0.0/24"}, "network.cidr", "/12 to /20"),
        ({"network.cidr": "10.0.0.0/8"}, "network.cidr", "/12 to /20"),
        ({"network.cidr": "8.8.0.0/16"}, "network.cidr", "10.0.0.0/8"),
        (
            {"network.cidr": "10.0.0.0/20", "cluster.nodes": {"maxPerZone": 5}},
            "network.cidr",
            "pod addresses for 8 nodes, of which there may be 11",
        ),
        ({"network.natGateways": "per-zone"}, "network.natGateways", "Cloud NAT is one"),
        ({"network.cidr": "172.20.0.0/16"}, "cluster.serviceCidr", "overlap"),
        ({"cluster.serviceCidr": "192.168.0.0/28"}, "cluster.serviceCidr", "/13 to /24"),
        ({"cluster.kubernetesVersion": "1.32"}, "cluster.kubernetesVersion", "1.33"),
        ({"cluster.kubernetesVersion": "1.99"}, "cluster.kubernetesVersion", "newer"),
        ({"cluster.admins": []}, "cluster.admins", "runs Pulumi"),
        ({"cluster.admins": ["platform@example.com"]}, "cluster.admins[0]", "user:<e-mail>"),
        ({"cluster.admins": ["group:a@example.com"]}, "cluster.admins[0]", "gcp.securityGroup"),
        (
            {"cluster.admins": ["user:a@example.com", "user:a@example.com"]},
            "cluster.admins[1]",
            "each once",
        ),
        ({"cluster.addOnVersions": {"dns": "1"}}, "cluster.addOnVersions.dns", "add-ons go with"),
        ({"cluster.nodes": {"minPerZone": 3, "maxPerZone": 1}}, "cluster.nodes.minPerZone", "1"),
        (
            {"cluster.nodes": {"instanceTypes": ["e2-standard-4", "e2-standard-8"]}},
            "cluster.nodes.instanceTypes",
            "one machine type",
        ),
        (
            {"cluster.nodes": {"instanceTypes": ["t2a-standard-4"]}},
            "cluster.nodes.instanceTypes[0]",
            "set architecture to arm64",
        ),
        (
            {"cluster.nodes": {"instanceTypes": ["large"]}},
            "cluster.nodes.instanceTypes[0]",
            "e2-standard-4",
        ),
        ({"sizing": {"nodeMemoryGib": 1024}}, "cluster.nodes.instanceTypes", "largest"),
        ({"metricsServer": {"mode": "off"}}, "metricsServer.mode", "GKE ships one"),
        ({"metricsServer": {"mode": "existing"}}, "metricsServer.mode", "leave metricsServer out"),
        ({"tags": {"Environment": "production"}}, "tags.Environment", "lower-case"),
        ({"tags": {"owner": "A Team"}}, "tags.owner", "labels"),
        ({"postgres.instanceClass": "db.m7g.large"}, "postgres.instanceClass", "db-custom-2-8192"),
        ({"postgres.instanceClass": "db-custom-3-8192"}, "postgres.instanceClass", "even number"),
        ({"sizing": {"postgresVcpu": 128}}, "postgres.instanceClass", "96 vCPU"),
        ({"postgres.minorVersion": 2}, "postgres.minorVersion", "chooses minor versions itself"),
        ({"postgres.username": "ttsadmin"}, "postgres.username", "adminUsername"),
        (
            {"postgres.maxStorageGib": 22, "sizing": {"postgresStorageGib": 100}},
            "postgres.maxStorageGib",
            "100 GiB",
        ),
        (
            {"postgres.restores": [{"mode": "snapshot", "snapshot": "daily"}]},
            "postgres.restores[0].snapshot",
            "gcloud sql backups list",
        ),
        (
            {"postgres.restores": [{"mode": "point-in-time", "source": "arn:aws:rds"}]},
            "postgres.restores[0].source",
            "gcloud sql instances list",
        ),
        ({"redis.version": "6.2"}, "redis.version", "7.0, 7.2"),
        ({"redis.nodeType": "cache.m7g.large"}, "redis.nodeType", "sizing.redisMemoryGib"),
        ({"redis.snapshotDays": 7}, "redis.snapshotDays", "docs/gcp.md#backup"),
        ({"redis.previousAuthToken": "refused"}, "redis.previousAuthToken", "docs/gcp.md#rotate"),
        (
            {"redis.restores": [{"mode": "snapshot", "snapshot": "a"}]},
            "redis.restores",
            "import an export",
        ),
        ({"redis.oldServers": "release"}, "redis.oldServers", "one server"),
        ({"redis.replicas": 2}, "redis.replicas", "below 5 GiB"),
        ({"sizing": {"redisMemoryGib": 400}}, "sizing.redisMemoryGib", "up to 300"),
        ({"generations": {"redisAuthToken": 2}}, "generations.redisAuthToken", "Memorystore"),
        ({"blobs.access": {"mode": "existing-key"}}, "blobs.access", "required"),
        (
            {"blobs.access": {"mode": "existing-key", "accessKeyId": "a"}},
            "blobs.access.mode",
            "existing-credentials",
        ),
        (
            {"blobs.access": {"mode": "pod-identity", "serviceAccounts": ["a"]}},
            "blobs.access.mode",
            "credentials in JSON",
        ),
        ({"blobs.bucketPrefix": "my-google-buckets"}, "blobs.bucketPrefix", "without google"),
        ({"domain": "goog.example.com"}, "blobs.bucketPrefix", "begin with goog"),
        (
            {"ingress.udp": {"selector": _UDP, "healthCheckPort": 1885}},
            "ingress.udp.healthCheckPort",
            "left out",
        ),
        ({"dns": {"mode": "route53", "zone": "a.com", "zoneId": "Z"}}, "dns.mode", "cloud-dns"),
        ({"cluster": _EXISTING_CLUSTER}, "network.mode", "existing where the cluster is"),
        (
            {"cluster": {**_EXISTING_CLUSTER, "securityGroupId": "sg-1"}},
            "cluster.securityGroupId",
            "left out",
        ),
        (
            {"network": {**_EXISTING_NETWORK, "networkId": "shared"}},
            "network.networkId",
            "projects/<project>/global/networks/<name>",
        ),
        (
            {
                "network": {
                    **_EXISTING_NETWORK,
                    "privateSubnetIds": ["projects/a/regions/us-east1/subnetworks/nodes"],
                }
            },
            "network.privateSubnetIds[0]",
            "europe-west4",
        ),
        (
            {"network": {**_EXISTING_NETWORK, "privateSubnetIds": []}},
            "network.privateSubnetIds",
            "exactly one",
        ),
        (
            {"network": {**_EXISTING_NETWORK, "dataSubnetIds": ["a", "b"]}},
            "network.dataSubnetIds",
            "exactly one",
        ),
        (
            {"network": {**_EXISTING_NETWORK, "publicSubnetIds": ["a"]}},
            "network.publicSubnetIds",
            "stand in no subnetwork",
        ),
        (
            {"network": _EXISTING_NETWORK, "cluster.serviceCidr": "172.20.0.0/16"},
            "cluster.serviceCidr",
            "gcp.serviceRange",
        ),
    ],
)
def test_a_fault_is_named_with_what_is_allowed(
    tmp_path: Path, changes: dict[str, Any], key: str, words: str
) -> None:
    found = _problems(tmp_path, changes, "gcp-development")
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
        ({"redis.replicas": 0}, "tts:redis.replicas", "nothing takes over"),
        ({"availability": "single"}, "tts:availability", "redundant in production"),
    ],
)
def test_production_is_stricter(
    tmp_path: Path, changes: dict[str, Any], key: str, words: str
) -> None:
    assert words in str(_problems(tmp_path, changes, "gcp-production")[key])


@pytest.mark.parametrize("text", ["not JSON", '["a"]', '{"type": "authorized_user"}'])
def test_credentials_are_those_of_a_service_account(tmp_path: Path, text: str) -> None:
    found = _problems(tmp_path, _CREDENTIALS, "gcp-development", {"blobCredentials": text})
    assert "service_account or external_account" in found["tts:blobCredentials"].allowed
    assert text not in str(found["tts:blobCredentials"])


def test_credentials_are_asked_for_by_name(tmp_path: Path) -> None:
    found = _problems(tmp_path, _CREDENTIALS, "gcp-development")
    assert "is not set" in found["tts:blobCredentials"].allowed
    credentials = json.dumps({"type": "service_account"})
    _load(tmp_path, _CREDENTIALS, more={"blobCredentials": credentials})


def test_an_existing_network_serves_all_managed_parts(tmp_path: Path) -> None:
    changes = {"network": _EXISTING_NETWORK, "gcp.podRange": "gke-pods"}
    assert _load(tmp_path, changes).gcp.pod_range == "gke-pods"


def test_managed_databases_go_beside_an_existing_cluster(tmp_path: Path) -> None:
    network: dict[str, Any] = {**_EXISTING_NETWORK, "privateSubnetIds": []}
    config = _load(tmp_path, {"cluster": _EXISTING_CLUSTER, "network": network, "zones": None})
    assert isinstance(config.postgres, sections.ManagedPostgres)


@pytest.mark.parametrize("size", list(SIZES))
def test_every_size_has_its_classes(size: Any) -> None:
    capacity = SIZES[size]
    for classes in NODES.values():
        assert smallest(classes, vcpu=capacity.node_vcpu, memory_gib=capacity.node_memory_gib)
    assert custom_tier(capacity.postgres_vcpu, capacity.postgres_memory_gib)


@given(vcpu=st.integers(1, 96), memory=st.integers(1, 624))
def test_a_custom_tier_is_one_of_cloud_sql_and_large_enough(vcpu: int, memory: int) -> None:
    tier = custom_tier(vcpu, memory)
    assert tier is not None
    assert edition_of(tier) == "ENTERPRISE"
    cpus, mib = map(int, tier.removeprefix("db-custom-").split("-"))
    assert cpus >= vcpu and mib >= memory * 1024


@pytest.mark.parametrize(
    ("tier", "edition"),
    [
        ("db-f1-micro", "ENTERPRISE"),
        ("db-custom-1-3840", "ENTERPRISE"),
        ("db-perf-optimized-N-8", "ENTERPRISE_PLUS"),
        ("db-custom-2-100000", None),
        ("db-custom-2-4000", None),
        ("db-custom-0-3840", None),
        ("db-n1-standard-1", None),
    ],
)
def test_a_tier_tells_its_edition(tier: str, edition: str | None) -> None:
    assert edition_of(tier) == edition


@pytest.mark.parametrize(
    ("name", "architecture", "disk"),
    [
        ("e2-standard-4", "amd64", "pd-balanced"),
        ("n2d-highmem-8", "amd64", "pd-balanced"),
        ("c4-standard-8", "amd64", "hyperdisk-balanced"),
        ("c4a-highmem-8", "arm64", "hyperdisk-balanced"),
        ("t2a-standard-4", "arm64", "pd-balanced"),
        ("m7i.xlarge", None, "pd-balanced"),
    ],
)
def test_a_machine_type_tells_its_processor_and_disk(
    name: str, architecture: str | None, disk: str
) -> None:
    assert architecture_of(name) == architecture
    assert disk_type(name) == disk


@given(st.integers(12, 20))
def test_ranges_fill_the_network(length: int) -> None:
    ranges = plan_ranges(f"10.0.0.0/{length}")
    lengths = [int(it.rpartition("/")[2]) for it in (ranges.pods, ranges.nodes)]
    assert lengths == [length + 1, length + 2]
    assert most_nodes(f"10.0.0.0/{length}") == 2 ** (23 - length)


def test_labels_are_those_of_google(tmp_path: Path) -> None:
    assert gcp_plan.refused_labels({"a": "b", "A": "b", "1": "b", "c": "D"}) == ("A", "1", "c")
