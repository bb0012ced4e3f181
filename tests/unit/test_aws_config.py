"""Stack files for AWS whose parts are made: what each fault is told, and what the sound ones mean."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.aws.instances import CACHES, DATABASES, NODES, architecture_of
from components.instances import smallest
from components.maintenance import DAYS, MaintenanceHour
from components.sizing import SIZES
from stacks import sections
from stacks.config import AwsConfig, load
from stacks.plan import node_bounds
from stacks.problems import ConfigErrors, Problem
from tests.samples import SECRETS, raw

_OWN = {key: SECRETS[key] for key in ("licenseKey", "adminPassword")}
_EXISTING_NETWORK = {
    "mode": "existing",
    "networkId": "vpc-1",
    "privateSubnetIds": ["subnet-1", "subnet-2"],
    "publicSubnetIds": ["subnet-3"],
    "dataSubnetIds": ["subnet-4", "subnet-5"],
}
_EXISTING_CLUSTER = {"mode": "existing", "name": "platform"}


def _load(tmp_path: Path, changes: dict[str, Any], stack: str = "aws-development") -> AwsConfig:
    secrets = {**_OWN, **{key: SECRETS[key] for key in ("kubeconfig",) if "cluster" in changes}}
    config = load(raw(tmp_path, changes, secrets=secrets, name=stack))
    assert isinstance(config, AwsConfig)
    return config


def _problems(tmp_path: Path, changes: dict[str, Any], stack: str) -> dict[str, Problem]:
    with pytest.raises(ConfigErrors) as caught:
        _load(tmp_path, changes, stack)
    return {problem.key: problem for problem in caught.value.problems}


@pytest.mark.parametrize("stack", ["aws-development", "aws-production"])
def test_the_shipped_files_are_sound(tmp_path: Path, stack: str) -> None:
    assert _load(tmp_path, {}, stack).stack == "sample"


_ROLE = "arn:aws:iam::123456789012:role/platform"
_SESSION = "arn:aws:sts::123456789012:assumed-role/platform/me"


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"cluster.kubernetesVersion": "1.25"}, "cluster.kubernetesVersion", "1.35"),
        ({"cluster.kubernetesVersion": "1.99"}, "cluster.kubernetesVersion", "newer"),
        ({"zones": ["eu-west-1a", "eu-west-1x"]}, "zones[1]", "from a to f"),
        ({"zones": ["eu-west-1a", "us-east-1a"]}, "zones[1]", "a zone of eu-west-1"),
        ({"zones": ["eu-west-1a"]}, "zones", "two to six"),
        ({"zones": None}, "zones", "two to six"),
        ({"cluster.nodes": {"minPerZone": 3, "maxPerZone": 1}}, "cluster.nodes.minPerZone", "1"),
        ({"network.cidr": "10.0.0.0/24"}, "network.cidr", "/16 to /20"),
        ({"network.cidr": "10.0.0.0/8"}, "network.cidr", "/16 to /20"),
        ({"network.cidr": "8.8.0.0/16"}, "network.cidr", "10.0.0.0/8"),
        ({"network.cidr": "10.0.0.1/16"}, "network.cidr", "network address"),
        ({"network.cidr": "172.20.0.0/16"}, "cluster.serviceCidr", "overlap"),
        ({"cluster.serviceCidr": "10.10.128.0/20"}, "cluster.serviceCidr", "10.10.0.0/16"),
        ({"cluster.serviceCidr": "192.168.0.0/25"}, "cluster.serviceCidr", "/12 to /24"),
        (
            {"cluster.nodes": {"instanceTypes": ["m7g.large"]}},
            "cluster.nodes.instanceTypes[0]",
            "set architecture to arm64",
        ),
        (
            {"cluster.nodes": {"instanceTypes": ["m7i.large"], "architecture": "arm64"}},
            "cluster.nodes.instanceTypes[0]",
            "set architecture to amd64",
        ),
        (
            {"cluster.nodes": {"instanceTypes": ["large"]}},
            "cluster.nodes.instanceTypes[0]",
            "m7i.xlarge",
        ),
        ({"cluster.admins": []}, "cluster.admins", "runs Pulumi"),
        ({"cluster.admins": [_SESSION]}, "cluster.admins[0]", "behind the session"),
        ({"cluster.admins": ["platform"]}, "cluster.admins[0]", "ARN"),
        ({"cluster.admins": [_ROLE, _ROLE]}, "cluster.admins[1]", "each once"),
        ({"cluster.access": {"mode": "allow-list"}}, "cluster.access.cidrs", "required"),
        ({"cluster.addOnVersions": {"dns": "v1"}}, "cluster.addOnVersions.dns", "coredns"),
        ({"sizing": {"nodeVcpu": 128}}, "cluster.nodes.instanceTypes", "largest"),
        ({"sizing": {"postgresMemoryGib": 1024}}, "postgres.instanceClass", "largest"),
        ({"sizing": {"redisMemoryGib": 500}}, "redis.nodeType", "largest"),
        ({"postgres.instanceClass": "m7g.large"}, "postgres.instanceClass", "db."),
        ({"postgres.majorVersion": 13}, "postgres.majorVersion", "14"),
        ({"postgres.maxStorageGib": 22, "sizing": {"postgresStorageGib": 100}}, "postgres", "100"),
        ({"postgres.username": "ttsadmin"}, "postgres.username", "adminUsername"),
        ({"postgres.username": "Robert'); --"}, "postgres.username", "lower-case"),
        ({"postgres.backupDays": 0}, "postgres.backupDays", "1"),
        (
            {"postgres.restores": [{"mode": "point-in-time", "time": "yesterday"}]},
            "postgres.restores",
            "2026-01-31T12:00:00Z",
        ),
        ({"redis.version": "7.4"}, "redis.version", "ElastiCache"),
        ({"redis.nodeType": "m7g.large"}, "redis.nodeType", "cache."),
        ({"redis.restores": [{"mode": "point-in-time"}]}, "redis.restores", ""),
        ({"network": None}, "network", "required"),
        ({"metricsServer": {"mode": "existing"}}, "metricsServer.mode", "managed or off"),
        ({"aws.logRetentionDays": 100}, "aws.logRetentionDays", "120"),
        ({"maintenance": {"hour": 24}}, "maintenance.hour", "23"),
        ({"maintenance": {"day": "sun"}}, "maintenance.day", "sunday"),
        ({"ingress.udp": {"selector": {}}}, "ingress.udp.selector", "1"),
        ({"cluster": _EXISTING_CLUSTER}, "network.mode", "existing where the cluster is"),
        (
            {"cluster": _EXISTING_CLUSTER, "network": _EXISTING_NETWORK, "zones": None},
            "cluster.securityGroupId",
            "postgres or redis",
        ),
        (
            {"network": {**_EXISTING_NETWORK, "privateSubnetIds": ["subnet-1"]}},
            "network.privateSubnetIds",
            "2 zones",
        ),
        (
            {"network": {**_EXISTING_NETWORK, "dataSubnetIds": ["subnet-1"]}},
            "network.dataSubnetIds",
            "at least two",
        ),
        (
            {"network": {**_EXISTING_NETWORK, "publicSubnetIds": []}},
            "network.publicSubnetIds",
            "load balancer",
        ),
        (
            {"network": {**_EXISTING_NETWORK, "cidr": "172.20.128.0/20"}},
            "cluster.serviceCidr",
            "172.20.128.0/20",
        ),
    ],
)
def test_a_fault_is_named_with_what_is_allowed(
    tmp_path: Path, changes: dict[str, Any], key: str, words: str
) -> None:
    found = _problems(tmp_path, changes, "aws-development")
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
        ({"availability": None}, "tts:availability", "say which"),
        ({"availability": "high"}, "tts:availability", "'redundant' or 'single'"),
    ],
)
def test_production_is_stricter(
    tmp_path: Path, changes: dict[str, Any], key: str, words: str
) -> None:
    assert words in str(_problems(tmp_path, changes, "aws-production")[key])
    if "cluster.access" in changes:
        _load(tmp_path, changes)


def test_an_existing_network_serves_all_managed_parts(tmp_path: Path) -> None:
    assert _load(tmp_path, {"network": _EXISTING_NETWORK}).network is not None


def test_managed_databases_go_beside_an_existing_cluster(tmp_path: Path) -> None:
    cluster = {**_EXISTING_CLUSTER, "securityGroupId": "sg-1"}
    config = _load(tmp_path, {"cluster": cluster, "network": _EXISTING_NETWORK, "zones": None})
    assert isinstance(config.postgres, sections.ManagedPostgres)


def test_a_moment_is_told_in_utc(tmp_path: Path) -> None:
    restores = [{"mode": "point-in-time", "time": "2026-01-31T13:00:00+01:00"}]
    config = _load(tmp_path, {"postgres.restores": restores})
    assert isinstance(config.postgres, sections.ManagedPostgres)
    restore = config.postgres.restores[0]
    assert isinstance(restore, sections.PointInTimeRestore)
    assert restore.time == "2026-01-31T12:00:00Z"


@pytest.mark.parametrize(
    ("name", "architecture"),
    [
        ("m7i.xlarge", "amd64"),
        ("m7a.large", "amd64"),
        ("t3.medium", "amd64"),
        ("g5.xlarge", "amd64"),
        ("m7i-flex.large", "amd64"),
        ("m7g.xlarge", "arm64"),
        ("c6gn.large", "arm64"),
        ("t4g.small", "arm64"),
        ("a1.large", "arm64"),
        ("g5g.xlarge", "arm64"),
        ("x2gd.metal", "arm64"),
        ("large", None),
        ("m7i", None),
    ],
)
def test_an_instance_type_tells_its_architecture(name: str, architecture: str | None) -> None:
    assert architecture_of(name) == architecture


@pytest.mark.parametrize("size", SIZES)
def test_every_size_has_its_classes(size: str) -> None:
    capacity = SIZES[size]  # type: ignore[index]
    for nodes in NODES.values():
        found = smallest(nodes, vcpu=capacity.node_vcpu, memory_gib=capacity.node_memory_gib)
        assert found is not None
        assert (found.vcpu, found.memory_gib) == (capacity.node_vcpu, capacity.node_memory_gib)
    database = smallest(
        DATABASES, vcpu=capacity.postgres_vcpu, memory_gib=capacity.postgres_memory_gib
    )
    cache = smallest(CACHES, memory_gib=capacity.redis_memory_gib)
    assert database is not None and database.memory_gib == capacity.postgres_memory_gib
    assert cache is not None and capacity.redis_memory_gib <= cache.memory_gib


def test_all_nodes_of_an_architecture_have_it() -> None:
    for architecture, classes in NODES.items():
        assert {architecture_of(it.name) for it in classes} == {architecture}


@given(
    count=st.integers(1, 100),
    zones=st.integers(2, 6),
    low=st.none() | st.integers(0, 20),
    high=st.none() | st.integers(1, 20),
)
def test_nodes_are_enough_and_within_what_is_asked(
    count: int, zones: int, low: int | None, high: int | None
) -> None:
    nodes = sections.Nodes.model_validate({"minPerZone": low, "maxPerZone": high})
    capacity = SIZES["small"].__class__(**{**vars(SIZES["small"]), "node_count": count})
    bounds = node_bounds(nodes, capacity, zones)
    assert low is None or bounds.minimum == low
    assert high is None or bounds.maximum == high
    assert (low is not None and high is not None) or bounds.minimum <= bounds.maximum
    if low is None and high is None:
        assert count <= bounds.minimum * zones < count + zones


@given(day=st.sampled_from(DAYS), hour=st.integers(0, 23), hours=st.integers(-30, 30))
def test_an_hour_before_and_back_is_the_same_hour(day: Any, hour: int, hours: int) -> None:
    start = MaintenanceHour(day=day, hour=hour)
    assert start.before(hours=hours).before(hours=-hours) == start


def test_windows_are_written_as_aws_does() -> None:
    late = MaintenanceHour(day="sunday", hour=23)
    assert late.weekly == "sun:23:00-mon:00:00"
    assert late.daily == "23:00-00:00"
    assert MaintenanceHour(day="monday", hour=1).before(hours=2).weekly == "sun:23:00-mon:00:00"
