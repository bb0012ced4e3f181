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


def _laptop(tmp_path: Path, **ingress: Any) -> Graph:
    changes: dict[str, Any] = {"cluster.kubeconfigPath": None, "cluster.context": None}
    changes |= {f"ingress.{key}": value for key, value in ingress.items()}
    secrets = {key: SECRETS[key] for key in ("licenseKey", "adminPassword", "kubeconfig")}
    return graph(tmp_path, changes, name="local", secrets=secrets)


def test_on_a_laptop_the_nodes_own_ports_lead_to_traefik(tmp_path: Path) -> None:
    found = _laptop(tmp_path)
    values = of(found, "Release")["ingress"].inputs["values"]
    ports = {name: it.get("hostPort") for name, it in values["ports"].items()}
    assert ports["web"] == 80
    assert ports["websecure"] == 443
    assert ports["appmqttsecure"] == 8883
    assert ports["traefik"] is None
    assert values["deployment"]["kind"] == "DaemonSet"
    # A port of the node is free only once its holder is gone.
    assert values["updateStrategy"]["rollingUpdate"] == {"maxUnavailable": 1, "maxSurge": 0}
    assert of(found, "Service")["ingress"].inputs["spec"]["type"] == "ClusterIP"
    labels = of(found, "Namespace")["ingress"].inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "privileged"


def test_udp_has_a_port_of_the_nodes_or_a_load_balancer(tmp_path: Path) -> None:
    udp = {"selector": {"example.com/component": "gateway-server"}}
    spec = of(_laptop(tmp_path, udp=udp), "Service")["udp"].inputs["spec"]
    assert spec["type"] == "NodePort"
    assert spec["ports"][0]["nodePort"] == 31700
    assert spec["externalTrafficPolicy"] == "Local"
    balanced = _laptop(tmp_path, udp=udp, exposure="load-balancer")
    spec = of(balanced, "Service")["udp"].inputs["spec"]
    assert spec["type"] == "LoadBalancer"
    assert "nodePort" not in spec["ports"][0]
    assert of(balanced, "Service")["ingress"].inputs["spec"]["type"] == "LoadBalancer"


def test_buckets_are_made_where_the_endpoint_is_and_only_those_that_are_not_named(
    tmp_path: Path,
) -> None:
    changes = {
        "blobs.create": True,
        "blobs.bucketPrefix": "example-tts",
        "blobs.buckets": {"edcs": "theirs-edcs"},
    }
    found = graph(tmp_path, changes, name="self-managed", secrets=_SECRETS)
    (provider,) = [it for it in found if it.type == "pulumi:providers:aws"]
    assert json.loads(provider.inputs["endpoints"]) == [{"s3": "https://s3.internal.example.com"}]
    assert provider.inputs["s3UsePathStyle"] == "true"
    for skipped in ("CredentialsValidation", "MetadataApiCheck", "RequestingAccountId"):
        assert provider.inputs[f"skip{skipped}"] == "true"
    buckets = of(found, "Bucket")
    assert {it.inputs["bucket"] for it in buckets.values()} == {
        "example-tts-profile-pictures",
        "example-tts-end-device-pictures",
        "example-tts-interop",
        "example-tts-plugins",
    }
    assert all(it.protect for it in buckets.values())
    assert set(of(found, "BucketPolicy")) == {"profile-pictures", "end-device-pictures"}
    assert set(of(found, "BucketVersioning")) == {"interop", "plugins"}
    # Nothing else: many services have no other call.
    assert {it.type for it in found if it.type.startswith("aws:")} == {
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketVersioning:BucketVersioning",
    }
    needed = {it.rpartition("::")[2] for it in only(found, "Job").depends_on}
    assert {"interop", "plugins"} <= needed


def test_a_metrics_server_is_installed_where_it_is_asked_for(tmp_path: Path) -> None:
    found = graph(
        tmp_path, {"metricsServer": {"mode": "managed"}}, name="self-managed", secrets=_SECRETS
    )
    assert of(found, "Release")["metrics-server"].inputs["chart"] == "metrics-server"
