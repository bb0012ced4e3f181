"""Stack files for a cluster of one's own, and what you bring to any target: each fault has its message."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks.config import SelfManagedConfig, load
from stacks.problems import ConfigErrors, Problem
from tests.samples import KUBECONFIG, SECRETS, certificate, raw

_SELF_MANAGED = {**SECRETS, "blobSecretAccessKey": "blob-secret"}
_DISPOSABLE = {"protection": "disposable"}
_LOCAL = {"mode": "local", "volume": {"mode": "storage-class", "storageClass": "nfs-client"}}
_CA = certificate(["ca.example.com"])[0]


def _problems(
    tmp_path: Path,
    changes: Mapping[str, Any],
    secrets: Mapping[str, str] = _SELF_MANAGED,
    name: str = "self-managed",
) -> dict[str, Problem]:
    with pytest.raises(ConfigErrors) as caught:
        load(raw(tmp_path, changes, secrets=secrets, name=name))
    return {problem.key: problem for problem in caught.value.problems}


def test_the_shipped_file_is_sound(tmp_path: Path) -> None:
    config = load(raw(tmp_path, secrets=_SELF_MANAGED, name="self-managed"))
    assert isinstance(config, SelfManagedConfig)


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"cluster.kubernetesVersion": None}, "cluster.kubernetesVersion", "required"),
        ({"cluster.kubernetesVersion": "1.20"}, "cluster.kubernetesVersion", "1.21 or later"),
        ({"cluster.securityGroupId": "sg-1"}, "cluster.securityGroupId", "for AWS"),
        ({"network": {"mode": "existing", "networkId": "n"}}, "network", "left out"),
        ({"tags": {"a": "b"}}, "tags", "bears tags"),
        ({"zones": ["a"]}, "zones", "left out"),
        ({"region": "eu-west-1"}, "region", "not known"),
        ({"postgres.majorVersion": 13}, "postgres.majorVersion", "14"),
        ({"redis.clusterMode": True}, "redis.clusterMode", "cluster mode"),
        ({"redis.version": "6.0"}, "redis.version", "6.2"),
        ({"redis.tls": False}, "redisPassword", "couples password and TLS"),
        ({"redis.readOnlyAddress": "redis.internal.example.com:6379"}, "redis.readOnlyAddress", ""),
        ({"blobs.buckets.plugins": None}, "blobs.buckets.plugins", "all five buckets"),
        ({"blobs.buckets.plugins": "example-edcs"}, "blobs.buckets.plugins", "of its own"),
        (
            {"blobs.visibility": {"profilePictures": "private"}},
            "blobs.visibility.profilePictures",
            "public: browsers",
        ),
        ({"blobs.visibility": {"edcs": "public"}}, "blobs.visibility.edcs", "private: its files"),
        ({"blobs.visibility": {"edcs": "secret"}}, "blobs.visibility.edcs", "'private'"),
        ({"blobs.create": True}, "blobs.create", "nothing is left to make"),
        ({"blobs.bucketPrefix": "tts"}, "blobs.bucketPrefix", "create: true"),
        ({"blobs.endpoint": "s3.example.com"}, "blobs.endpoint", "https://"),
        ({"blobs.endpoint": "https://s3.example.com/bucket"}, "blobs.endpoint", "leave out path"),
        ({"blobs.endpoint": "http://s3.example.com"}, "blobs.endpoint", "in production"),
        (
            {"blobs.endpoint": "https://s3.eu-west-1.amazonaws.com"},
            "blobs.region",
            "the region that the endpoint",
        ),
        (
            {"blobs.endpoint": None, "blobs.caCertificate": _CA},
            "blobs.caCertificate",
            "of your own",
        ),
        ({"blobs.caCertificate": "no PEM"}, "blobs.caCertificate", "PEM"),
        ({"blobs.mode": "managed"}, "blobs.", ""),
        (
            {
                "blobs": {
                    **_LOCAL,
                    "volume": {"mode": "storage-class", "storageClass": "local-path"},
                }
            },
            "blobs.volume.storageClass",
            "ReadWriteMany",
        ),
        ({"blobs": {**_LOCAL, "volume": {"mode": "host-path"}}}, "blobs.volume.mode", "production"),
        (
            {"blobs": {**_LOCAL, "volume": {"mode": "host-path", "path": "/"}}},
            "blobs.volume.path",
            "two deep",
        ),
        (
            {"postgres.sslMode": "disable", "postgres.caCertificate": _CA},
            "postgres.caCertificate",
            "sslMode is disable",
        ),
        ({"postgres.caCertificate": "no PEM"}, "postgres.caCertificate", "PEM"),
        (
            {"ingress": {"mode": "managed", "exposure": "host-ports", "replicas": 2}},
            "ingress.replicas",
            "one on each node",
        ),
        (
            {
                "ingress": {"mode": "managed"},
                "dns": {"mode": "cloudflare", "zone": "example.com", "zoneId": "z"},
            },
            "dns.records",
            "not known",
        ),
        (
            {"ingress": {"mode": "managed"}, "cluster.kubernetesVersion": "1.24"},
            "cluster.kubernetesVersion",
            "1.25 or later",
        ),
        (
            {"cluster.mode": "managed", "cluster.name": None, "cluster.kubernetesVersion": "1.34"},
            "cluster.",
            "",
        ),
    ],
)
def test_a_fault_is_named_with_what_is_allowed(
    tmp_path: Path, changes: dict[str, Any], key: str, words: str
) -> None:
    found = _problems(tmp_path, changes)
    named = [str(it) for it in found.values() if it.key.startswith(f"tts:{key}")]
    assert any(words in it for it in named), [str(it) for it in found.values()]
    assert all(it.remedy and it.allowed for it in found.values())


def test_a_ca_for_a_redis_without_tls_is_refused(tmp_path: Path) -> None:
    without = {key: text for key, text in _SELF_MANAGED.items() if key != "redisPassword"}
    changes = {**_DISPOSABLE, "redis.tls": False, "redis.caCertificate": _CA}
    assert (
        "only where tls is true"
        in _problems(tmp_path, changes, without)["tts:redis.caCertificate"].allowed
    )


def test_a_host_path_is_for_the_target_with_one_node(tmp_path: Path) -> None:
    blobs = {"mode": "local", "volume": {"mode": "host-path"}}
    found = _problems(tmp_path, {"blobs": blobs}, SECRETS, "aws-existing")
    assert "on aws" in found["tts:blobs.volume.mode"].allowed


def test_host_ports_are_for_a_cluster_of_one_s_own(tmp_path: Path) -> None:
    ingress = {"mode": "managed", "exposure": "host-ports"}
    found = _problems(tmp_path, {"ingress": ingress}, SECRETS, "aws-existing")
    assert "load-balancer on aws" in found["tts:ingress.exposure"].allowed


def test_a_secret_of_blobs_is_wanted_for_s3_and_not_for_a_volume(tmp_path: Path) -> None:
    assert "tts:blobSecretAccessKey" in _problems(tmp_path, {}, SECRETS)
    found = _problems(tmp_path, {"blobs": _LOCAL})
    assert "nothing in this stack file uses it" in found["tts:blobSecretAccessKey"].allowed


def test_existing_buckets_of_a_cloud_have_their_visibility_too(tmp_path: Path) -> None:
    kinds = ("profilePictures", "endDevicePictures", "edcs", "interop", "plugins")
    blobs = {
        "mode": "existing",
        "buckets": {kind: f"my-{kind.lower()}" for kind in kinds},
        "visibility": {"endDevicePictures": "private"},
        "access": {"mode": "access-key"},
    }
    found = _problems(tmp_path, {"blobs": blobs}, SECRETS, "aws-existing")
    assert set(found) == {"tts:blobs.visibility.endDevicePictures"}


def test_a_cluster_in_another_region_is_noticed(tmp_path: Path) -> None:
    parsed = yaml.safe_load(KUBECONFIG)
    parsed["clusters"][0]["cluster"]["server"] = "https://0A1B.gr7.us-east-2.eks.amazonaws.com"
    secrets = {**SECRETS, "kubeconfig": yaml.safe_dump(parsed)}
    assert "us-east-2" in _problems(tmp_path, {}, secrets, "aws-existing")["tts:region"].allowed


def test_no_message_has_a_secret(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors) as caught:
        load(
            raw(
                tmp_path,
                {"domain": "X", "redis.tls": False},
                secrets=_SELF_MANAGED,
                name="self-managed",
            )
        )
    secrets = [text for key, text in _SELF_MANAGED.items() if key != "kubeconfig"]
    assert not [text for text in secrets if text in str(caught.value)]
