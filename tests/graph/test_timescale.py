"""TimescaleDB in the cluster, and what brings it, as an engine would be told of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.kubernetes.timescale import IMAGE
from stacks.config import needed_secrets
from tests.graph.program import OWN_SECRETS, Graph, graph, of, only
from tests.graph.recording import Registered
from tests.samples import SECRETS as SAMPLES
from tests.samples import raw

_BACKUPS = {"bucket": "backups-example", "region": "eu-west-1", "accessKeyId": "AKIAEXAMPLE"}
_SECRETS = {**OWN_SECRETS, "timescaleBackupSecretAccessKey": "backup-secret-key"}


def _graph(tmp_path: Path, changes: dict[str, Any] | None = None) -> Graph:
    timescale = {"mode": "managed", "backups": _BACKUPS, **(changes or {})}
    return graph(tmp_path, {"timescale": timescale}, name="aws-production", secrets=_SECRETS)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return _graph(tmp_path_factory.mktemp("timescale"))


def _cluster(graph_: Graph) -> Registered:
    (it,) = (it for it in graph_ if it.type == "kubernetes:postgresql.cnpg.io/v1:Cluster")
    return it


def _after(it: Registered) -> set[str]:
    return {urn.rpartition(":")[2] for urn in it.depends_on}


def test_two_databases_with_the_extension_and_one_owner(found: Graph) -> None:
    databases = [it.inputs["spec"] for it in of(found, "Database").values()]
    assert {it["name"] for it in databases} == {"tts_storage", "tts_noc"}
    for database in databases:
        assert database["owner"] == "tts"
        assert database["extensions"] == [{"name": "timescaledb", "ensure": "present"}]
        assert database["databaseReclaimPolicy"] == "retain"


def test_the_edition_is_the_one_that_the_product_needs(found: Graph) -> None:
    spec = _cluster(found).inputs["spec"]
    assert spec["postgresql"]["parameters"]["timescaledb.license"] == "timescale"
    assert spec["postgresql"]["shared_preload_libraries"] == ["timescaledb"]
    catalog = only(found, "ImageCatalog").inputs["spec"]["images"]
    assert catalog == [{"major": 17, "image": IMAGE}]
    assert spec["imageCatalogRef"]["major"] == 17
    assert (spec["postgresUID"], spec["postgresGID"]) == (1000, 1000)
    assert ":latest" not in IMAGE and "-oss" not in IMAGE


def test_data_is_guarded_in_production(found: Graph) -> None:
    assert _cluster(found).protect
    assert all(it.protect for it in of(found, "Database").values())
    assert of(found, "RandomBytes")["timescale-password-1"].protect


def test_each_part_waits_for_what_brings_it(found: Graph) -> None:
    cluster = _cluster(found)
    assert {"postgres-operator", "postgres-backups", "timescale-backups"} <= _after(cluster)
    assert "postgres-operator" in _after(of(found, "Release")["postgres-backups"])
    for database in of(found, "Database").values():
        assert "timescale" in _after(database)


def test_backups_are_taken_each_night_and_kept_as_long_as_asked(found: Graph) -> None:
    backup = only(found, "ScheduledBackup").inputs["spec"]
    assert len(backup["schedule"].split()) == 6
    assert backup["pluginConfiguration"] == {"name": "barman-cloud.cloudnative-pg.io"}
    (plugin,) = _cluster(found).inputs["spec"]["plugins"]
    assert plugin["isWALArchiver"] is True
    store = only(found, "ObjectStore").inputs
    assert plugin["parameters"]["barmanObjectName"] == store["metadata"]["name"]
    assert store["spec"]["retentionPolicy"] == "30d"
    assert store["spec"]["configuration"]["destinationPath"] == "s3://backups-example/timescale"


def test_passwords_are_in_secrets_alone(found: Graph) -> None:
    secret = "backup-secret-key"
    bearing = [it for it in found if secret in json.dumps(dict(it.inputs))]
    assert {(it.type, it.name) for it in bearing} == {
        ("kubernetes:core/v1:Secret", "timescale-backups")
    }
    role = of(found, "Secret")["timescale"].inputs
    assert role["type"] == "kubernetes.io/basic-auth"


def test_without_backups_there_is_no_plugin(tmp_path: Path) -> None:
    changes = {"timescale": {"mode": "managed"}}
    bare = graph(tmp_path, changes, name="aws-development", secrets=OWN_SECRETS)
    releases = of(bare, "Release")
    assert "postgres-operator" in releases
    assert "postgres-backups" not in releases
    assert "plugins" not in _cluster(bare).inputs["spec"]
    assert _cluster(bare).inputs["spec"]["instances"] == 1


def test_an_operator_that_is_there_is_not_installed(tmp_path: Path) -> None:
    releases = of(_graph(tmp_path, {"operator": "existing"}), "Release")
    assert not {"postgres-operator", "postgres-backups"} & set(releases)


@pytest.mark.parametrize("own", [True, False])
def test_one_operator_and_one_plugin_serve_both_databases(tmp_path: Path, own: bool) -> None:
    postgres: dict[str, Any] = {"mode": "in-cluster", "majorVersion": 17}
    secrets = dict(_SECRETS)
    if own:
        postgres["backups"] = {**_BACKUPS, "bucket": "backups-postgres"}
        secrets["backupSecretAccessKey"] = "other-secret-key"
    changes = {
        "postgres": postgres,
        "timescale": {"mode": "managed", "backups": _BACKUPS},
        "protection": "disposable",
    }
    both = graph(tmp_path, changes, name="aws-production", secrets=secrets)
    names = [it.name for it in both if it.type == "kubernetes:helm.sh/v3:Release"]
    assert names.count("postgres-operator") == names.count("postgres-backups") == 1


@pytest.mark.parametrize("name", ["azure-production", "gcp-production", "self-managed"])
def test_it_is_made_on_every_target(tmp_path: Path, name: str) -> None:
    timescale = {"mode": "managed", "backups": _BACKUPS}
    wanted = needed_secrets(raw(tmp_path, {"timescale": timescale}, name=name))
    secrets = {str(key): SAMPLES.get(key, "a-secret") for key in wanted}
    made = graph(tmp_path, {"timescale": timescale}, name=name, secrets=secrets)
    databases = [it for it in made if it.type == "kubernetes:postgresql.cnpg.io/v1:Database"]
    names = {it.inputs["spec"]["name"] for it in databases}
    assert names == {"tts_storage", "tts_noc"}


@pytest.mark.parametrize(
    ("changes", "superuser"),
    [({}, True), ({"superuser": False}, False), ({"networkOperationsCenter": False}, False)],
)
def test_the_role_is_a_superuser_for_the_network_operations_center_alone(
    tmp_path: Path, changes: dict[str, bool], superuser: bool
) -> None:
    (role,) = _cluster(_graph(tmp_path, changes)).inputs["spec"]["managed"]["roles"]
    assert role["superuser"] is superuser


def test_the_network_operations_center_has_its_secrets(tmp_path: Path, found: Graph) -> None:
    names = {"noc-grafana-password-1", "noc-client-secret-1"}
    assert names <= set(of(found, "RandomBytes"))
    without = _graph(tmp_path, {"networkOperationsCenter": False})
    assert not names & set(of(without, "RandomBytes"))
    assert {it.inputs["spec"]["name"] for it in of(without, "Database").values()} == {"tts_storage"}


def test_replicas_are_spread_and_the_server_is_reached_from_its_namespace(found: Graph) -> None:
    spec = _cluster(found).inputs["spec"]
    assert spec["instances"] == 3
    assert spec["affinity"]["enablePodAntiAffinity"] is True
    policy = of(found, "NetworkPolicy")["timescale"].inputs["spec"]
    assert policy["podSelector"]["matchLabels"] == {"cnpg.io/cluster": "timescale"}
    sources = {int(rule["ports"][0]["port"]): rule.get("from") for rule in policy["ingress"]}
    assert {"podSelector": {}} in sources[5432]
    assert sources[9187] is None
