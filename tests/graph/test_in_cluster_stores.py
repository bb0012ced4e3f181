"""PostgreSQL and Redis in the cluster, property by property, on the target of one's own and on AWS."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.graph.program import OWN_SECRETS, Graph, graph, of, only
from tests.graph.recording import Registered
from tests.samples import SECRETS, certificate

_KUBECONFIG = {**OWN_SECRETS, "kubeconfig": SECRETS["kubeconfig"]}
_BACKUPS = {
    "bucket": "example-backups",
    "endpoint": "https://s3.example.com",
    "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
}
_WITH_BACKUPS = {**_KUBECONFIG, "backupSecretAccessKey": "backup-secret"}
_POSTGRES = {"mode": "in-cluster", "majorVersion": 17}
_REDIS = {"mode": "in-cluster"}


def _local(tmp_path: Path, secrets: Any = _KUBECONFIG, **changes: Any) -> Graph:
    without: dict[str, Any] = {"cluster.kubeconfigPath": None, "cluster.context": None}
    return graph(tmp_path, {**without, **changes}, name="local", secrets=secrets)


def _production(tmp_path: Path, **changes: Any) -> Graph:
    blobs = {"mode": "local", "volume": {"mode": "existing", "claim": "theirs"}}
    sections = {
        "protection": "production",
        "availability": "redundant",
        "tls": {"mode": "existing", "secretName": "theirs"},
        "blobs": blobs,
        "postgres": {**_POSTGRES, "backups": _BACKUPS},
        "redis": {**_REDIS, "tls": True},
    }
    return _local(tmp_path, _WITH_BACKUPS, **{**sections, **changes})


@pytest.fixture
def development(tmp_path: Path) -> Graph:
    return _local(tmp_path)


@pytest.fixture
def production(tmp_path: Path) -> Graph:
    return _production(tmp_path)


def _spec(found: Graph, kind: str = "Cluster") -> dict[str, Any]:
    spec: dict[str, Any] = only(found, kind).inputs["spec"]
    return spec


def _release(found: Graph, name: str) -> Registered:
    return of(found, "Release")[name]


def _values(found: Graph) -> dict[str, Any]:
    values: dict[str, Any] = _release(found, "redis").inputs["values"]
    return values


def test_the_product_s_role_owns_its_database_with_pgcrypto(development: Graph) -> None:
    spec = _spec(development)
    assert spec["instances"] == 1
    begun = spec["bootstrap"]["initdb"]
    assert begun["database"] == begun["owner"] == "thethingsstack"
    assert begun["postInitApplicationSQL"] == ["CREATE EXTENSION IF NOT EXISTS pgcrypto"]
    role = of(development, "Secret")["postgres-application"]
    assert role.inputs["type"] == "kubernetes.io/basic-auth"
    assert begun["secret"]["name"] == role.inputs["metadata"]["name"]
    assert "plugins" not in spec


def test_the_server_refuses_what_has_no_tls_and_has_its_certificate_from_our_ca(
    development: Graph,
) -> None:
    spec = _spec(development)
    assert "hostnossl all all all reject" in spec["postgresql"]["pg_hba"]
    secret = of(development, "Secret")["postgres-ca"].inputs
    assert spec["certificates"]["serverCASecret"] == secret["metadata"]["name"]
    data = secret["stringData"]
    text = json.dumps(data)
    assert "ca.crt" in text
    assert "ca.key" in text
    signed = of(development, "SelfSignedCert")["postgres-ca"]
    assert signed.inputs["isCaCertificate"] is True
    assert signed.inputs["validityPeriodHours"] == 87600


def test_the_operator_is_there_before_its_objects(production: Graph) -> None:
    cluster = only(production, "Cluster")
    needed = {it.rpartition("::")[2] for it in cluster.depends_on}
    assert {"postgres-operator", "postgres-backups"} <= needed
    assert _release(production, "postgres-operator").inputs["chart"] == "cloudnative-pg"
    assert _release(production, "postgres-backups").inputs["chart"] == "plugin-barman-cloud"


def test_an_operator_that_is_there_is_not_installed(tmp_path: Path) -> None:
    postgres = {**_POSTGRES, "operator": "existing", "backups": _BACKUPS}
    found = _local(tmp_path, _WITH_BACKUPS, postgres=postgres)
    assert not {"postgres-operator", "postgres-backups"} & set(of(found, "Release"))


def test_standbys_are_on_nodes_of_their_own_and_data_is_guarded(production: Graph) -> None:
    spec = _spec(production)
    assert spec["instances"] == 3
    assert spec["affinity"]["podAntiAffinityType"] == "required"
    assert only(production, "Cluster").protect
    assert _release(production, "redis").protect


def test_backups_go_to_the_bucket_daily_and_as_they_are_written(production: Graph) -> None:
    store = _spec(production, "ObjectStore")
    assert store["retentionPolicy"] == "30d"
    assert store["configuration"]["destinationPath"] == "s3://example-backups/postgres"
    assert store["configuration"]["endpointURL"] == "https://s3.example.com"
    assert {it["name"] for it in store["instanceSidecarConfiguration"]["env"]} == {
        "AWS_REQUEST_CHECKSUM_CALCULATION",
        "AWS_RESPONSE_CHECKSUM_VALIDATION",
    }
    schedule = _spec(production, "ScheduledBackup")
    assert schedule["schedule"] == "0 0 1 * * *"
    assert schedule["immediate"] is True
    (plugin,) = _spec(production)["plugins"]
    assert plugin["isWALArchiver"] is True
    assert plugin["parameters"] == {
        "barmanObjectName": "postgres-backups",
        "serverName": "postgres-1",
    }


def test_the_key_of_backups_is_in_one_secret_alone(production: Graph) -> None:
    holders = [it for it in production if "backup-secret" in json.dumps(it.inputs)]
    assert [it.name for it in holders] == ["postgres-backups"]
    assert holders[0].type == "kubernetes:core/v1:Secret"


def test_a_bucket_behind_a_private_ca(tmp_path: Path) -> None:
    ca = certificate(["s3.example.com"])[0]
    postgres = {**_POSTGRES, "backups": {**_BACKUPS, "caCertificate": ca}}
    found = _local(tmp_path, _WITH_BACKUPS, postgres=postgres)
    told = _spec(found, "ObjectStore")["configuration"]["endpointCA"]
    assert told == {"name": "postgres-backups", "key": "ca.crt"}


def test_a_restore_is_another_server_from_the_one_before(tmp_path: Path) -> None:
    restores = [{"mode": "point-in-time", "time": "2026-01-31T12:00:00Z"}]
    postgres = {**_POSTGRES, "backups": _BACKUPS, "restores": restores}
    found = _production(tmp_path, postgres=postgres)
    clusters = of(found, "Cluster")
    assert set(clusters) == {"postgres-1", "postgres-2"}
    assert all(it.protect for it in clusters.values())
    spec = clusters["postgres-2"].inputs["spec"]
    begun = spec["bootstrap"]["recovery"]
    assert begun["recoveryTarget"] == {"targetTime": "2026-01-31T12:00:00Z"}
    assert begun["owner"] == "thethingsstack"
    (origin,) = spec["externalClusters"]
    assert origin["name"] == begun["source"]
    assert origin["plugin"]["parameters"]["serverName"] == "postgres-1"
    # A place of its own in the bucket: no server writes where another wrote.
    assert spec["plugins"][0]["parameters"]["serverName"] == "postgres-2"


def test_a_released_server_may_be_deleted_and_a_removed_one_is_gone(tmp_path: Path) -> None:
    restores = [{"mode": "point-in-time", "source": "theirs-1"}]
    postgres = {**_POSTGRES, "backups": _BACKUPS, "restores": restores}
    released = of(_production(tmp_path, postgres={**postgres, "oldServers": "release"}), "Cluster")
    assert {name: it.protect for name, it in released.items()} == {
        "postgres-1": False,
        "postgres-2": True,
    }
    removed = of(_production(tmp_path, postgres={**postgres, "oldServers": "remove"}), "Cluster")
    assert set(removed) == {"postgres-2"}
    (origin,) = removed["postgres-2"].inputs["spec"]["externalClusters"]
    assert origin["plugin"]["parameters"]["serverName"] == "theirs-1"


def test_redis_keeps_everything_it_is_told(development: Graph) -> None:
    values = _values(development)
    config = values["redis"]["config"]
    assert config["maxmemory-policy"] == "noeviction"
    assert config["appendonly"] == "yes"
    assert values["persistentVolume"]["enabled"] is True
    assert values["haproxy"]["enabled"] is True
    assert values["networkPolicy"]["enabled"] is True
    assert values["haproxy"]["networkPolicy"]["enabled"] is True


def test_redis_has_tls_with_a_password_or_neither(development: Graph, production: Graph) -> None:
    plain = _values(development)
    assert "auth" not in plain
    assert "tls" not in plain["haproxy"]
    assert of(development, "LocallySignedCert") == {}
    values = _values(production)
    secret = of(production, "Secret")["redis"]
    assert values["auth"] is True
    assert values["existingSecret"] == secret.inputs["metadata"]["name"]
    assert values["haproxy"]["tls"]["secretName"] == values["existingSecret"]
    assert {values["authKey"], values["haproxy"]["tls"]["keyName"]} == {"password", "redis.pem"}
    names = of(production, "CertRequest")["redis-proxy"].inputs["dnsNames"]
    assert names == ["redis-haproxy", "redis-haproxy.the-things-stack.svc"]


def test_one_redis_does_without_a_replica_and_three_do_not(
    development: Graph, production: Graph
) -> None:
    one, three = _values(development), _values(production)
    assert (one["replicas"], one["sentinel"]["quorum"]) == (1, 1)
    assert one["redis"]["config"]["min-replicas-to-write"] == 0
    assert (three["replicas"], three["sentinel"]["quorum"]) == (3, 2)
    assert three["redis"]["config"]["min-replicas-to-write"] == 1
    assert three["haproxy"]["replicas"] == 2


def test_no_image_is_bitnami_s(development: Graph, production: Graph) -> None:
    for it in (*development, *production):
        assert "bitnami" not in json.dumps(it.inputs).lower()


def test_no_password_stands_outside_of_secrets(production: Graph) -> None:
    for it in production:
        if it.type.endswith(":Release"):
            assert "AUTH" not in json.dumps(it.inputs)
            assert "redisPassword" not in json.dumps(it.inputs)


def test_aws_takes_them_for_development(tmp_path: Path) -> None:
    changes = {"postgres": _POSTGRES, "redis": _REDIS}
    found = graph(tmp_path, changes, name="aws-development", secrets=OWN_SECRETS)
    assert of(found, "instance:Instance") == {}
    assert of(found, "ReplicationGroup") == {}
    (cluster,) = [it for it in found if it.type == "kubernetes:postgresql.cnpg.io/v1:Cluster"]
    assert {"postgres-operator"} <= {it.rpartition("::")[2] for it in cluster.depends_on}
    # Its pods need nodes and volumes.
    needed = {it.rpartition("::")[2] for it in _release(found, "redis").depends_on}
    assert needed & {"aws-ebs-csi-driver", "eu-west-1a", "nodes-eu-west-1a"}


def test_timescale_has_the_same_operator_and_its_plugin(tmp_path: Path) -> None:
    backups = {"bucket": "example-timescale", "accessKeyId": "AKIAIOSFODNN7EXAMPLE"}
    timescale = {"mode": "managed", "backups": backups}
    secrets = {**_KUBECONFIG, "timescaleBackupSecretAccessKey": "timescale-backup-secret"}
    found = _local(tmp_path, secrets, timescale=timescale)
    charts = [it.inputs["chart"] for it in of(found, "Release").values()]
    assert charts.count("cloudnative-pg") == charts.count("plugin-barman-cloud") == 1
    assert {"postgres-1"} < set(of(found, "Cluster"))
