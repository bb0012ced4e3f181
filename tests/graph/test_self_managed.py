"""The graph of a stack on a cluster of one's own, property by property."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.protection import Protection
from tests.graph.program import Graph, graph, of, only
from tests.samples import SECRETS, certificate

_SECRETS = {**SECRETS, "blobSecretAccessKey": "blob-secret"}
_NO_BLOB_KEY = SECRETS


def _local(volume: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"protection": "disposable", "blobs": {"mode": "local", "volume": volume, **more}}


@pytest.fixture
def shipped(tmp_path: Path) -> Graph:
    return graph(tmp_path, name="self-managed", secrets=_SECRETS)


def test_no_cloud_is_asked_for(shipped: Graph) -> None:
    assert {it.type.partition(":")[0] for it in shipped} <= {
        "kubernetes",
        "random",
        "tts",
        "pulumi",
    }


def test_all_is_in_the_cluster_that_the_kubeconfig_leads_to(shipped: Graph) -> None:
    (provider,) = [it for it in shipped if it.type == "pulumi:providers:kubernetes"]
    assert "kubernetes.example.com" in json.dumps(provider.inputs["kubeconfig"])
    assert provider.inputs["clusterIdentifier"] == "on-premises"
    inside = [it for it in shipped if it.type.startswith("kubernetes:")]
    assert inside
    assert all(it.provider for it in inside)


def test_the_seeds_job_has_its_key_from_a_secret_alone(shipped: Graph) -> None:
    (secret,) = [it for it in shipped if "blob-secret" in json.dumps(it.inputs)]
    assert secret.type == "kubernetes:core/v1:Secret"
    pod = only(shipped, "Job").inputs["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    plain = {it["name"]: it.get("value") for it in container["env"]}
    assert plain["BUCKETS"].split() == [
        "example-profile-pictures",
        "example-end-device-pictures",
        "example-edcs",
        "example-interop",
        "example-plugins",
    ]
    assert plain["SEEDS"].split() == [
        "example-edcs/config.yml",
        "example-interop/config.yml",
        "example-plugins/plugins.yml",
    ]
    assert plain["SECRET_ACCESS_KEY"] is None
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert pod["securityContext"]["runAsNonRoot"] is True


def test_buckets_that_are_to_be_left_alone_are(tmp_path: Path) -> None:
    found = graph(tmp_path, {"blobs.seeds": "leave"}, name="self-managed", secrets=_SECRETS)
    assert of(found, "Job") == {}


def test_a_service_behind_a_private_ca_is_verified(tmp_path: Path) -> None:
    ca = certificate(["s3.example.com"])[0]
    found = graph(tmp_path, {"blobs.caCertificate": ca}, name="self-managed", secrets=_SECRETS)
    assert only(found, "ConfigMap").inputs["data"]["ca.crt"] == ca


def test_a_volume_is_shared_by_all_pods_and_guarded_in_production(tmp_path: Path) -> None:
    changes = {"blobs": _local({"mode": "storage-class", "storageClass": "nfs-client"})["blobs"]}
    found = graph(tmp_path, changes, name="self-managed", secrets=_NO_BLOB_KEY)
    claim = only(found, "PersistentVolumeClaim")
    assert claim.protect is Protection.PRODUCTION.guarded
    assert claim.inputs["spec"]["accessModes"] == ["ReadWriteMany"]
    assert claim.inputs["spec"]["storageClassName"] == "nfs-client"
    assert of(found, "PersistentVolume") == {}


def test_the_default_class_is_named_by_no_one(tmp_path: Path) -> None:
    found = graph(
        tmp_path, _local({"mode": "storage-class"}), name="self-managed", secrets=_NO_BLOB_KEY
    )
    assert "storageClassName" not in only(found, "PersistentVolumeClaim").inputs["spec"]


def test_a_folder_of_the_node_outlives_its_claim(tmp_path: Path) -> None:
    found = graph(
        tmp_path, _local({"mode": "host-path"}), name="self-managed", secrets=_NO_BLOB_KEY
    )
    volume = only(found, "PersistentVolume")
    assert volume.inputs["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
    assert volume.inputs["spec"]["hostPath"]["path"] == "/var/lib/tts-blobs"
    spec = only(found, "PersistentVolumeClaim").inputs["spec"]
    # An empty class is not the default one: nothing is provisioned.
    assert spec["storageClassName"] == ""
    assert spec["volumeName"] == volume.inputs["metadata"]["name"]


def test_a_claim_that_is_there_is_used_and_not_made(tmp_path: Path) -> None:
    found = graph(
        tmp_path,
        _local({"mode": "existing", "claim": "theirs"}),
        name="self-managed",
        secrets=_NO_BLOB_KEY,
    )
    assert of(found, "PersistentVolumeClaim") == {}
    pod = only(found, "Job").inputs["spec"]["template"]["spec"]
    claims = [it["persistentVolumeClaim"] for it in pod["volumes"] if "configMap" not in it]
    assert claims == [{"claimName": "theirs"}]
    capabilities = pod["containers"][0]["securityContext"]["capabilities"]
    assert capabilities == {"drop": ["ALL"], "add": ["CHOWN", "DAC_OVERRIDE"]}
    left = _local({"mode": "existing", "claim": "theirs"}, seeds="leave")
    assert of(graph(tmp_path, left, name="self-managed", secrets=_NO_BLOB_KEY), "Job") == {}
