"""Custom resources are judged by the definitions of the projects that made them up."""

from collections.abc import Mapping
from typing import Any

import pytest

from components.charts import BARMAN_CLOUD, CLOUDNATIVE_PG, TRAEFIK
from tests.kubernetes.api_server import ApiServer
from tests.kubernetes.cluster import Cluster, Refusal
from tests.kubernetes.definitions import SOURCES, definitions

_METADATA = {"name": "sample", "namespace": "default"}
# What each version of a chart installs, where the two are numbered apart: appVersion in its Chart.yaml.
_INSTALLED = {
    "traefik.io": (TRAEFIK, {"41.3.0": "3.7.11"}),
    "postgresql.cnpg.io": (CLOUDNATIVE_PG, {"0.29.0": "1.30.0"}),
    "barmancloud.cnpg.io": (BARMAN_CLOUD, {"0.7.0": "0.13.0"}),
}


def _object(api_version: str, kind: str, **spec: Any) -> Mapping[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": _METADATA, "spec": spec}


def test_a_malformed_route_is_refused_and_its_field_named(api: ApiServer) -> None:
    cluster = Cluster(api)
    route = {"match": "HostSNI(`*`)", "services": [{"name": "mqtt", "port": 1883}]}
    good = _object("traefik.io/v1alpha1", "IngressRouteTCP", entryPoints=["mqtt"], routes=[route])
    cluster.apply(good)
    bad = {**good, "spec": {"entrypoints": ["mqtt"], "routes": [route]}}
    with pytest.raises(Refusal, match=r"\.spec\.entrypoints: field not declared in schema"):
        cluster.apply(bad)


def test_a_certificate_without_its_secret_is_refused(api: ApiServer) -> None:
    cluster = Cluster(api)
    good = {"dnsNames": ["a.example.com"], "issuerRef": {"name": "a"}, "secretName": "tls"}
    cluster.apply(_object("cert-manager.io/v1", "Certificate", **good))
    bad = _object("cert-manager.io/v1", "Certificate", dnsNames=["a.example.com"])
    with pytest.raises(Refusal, match=r"spec\.issuerRef: Required value"):
        cluster.apply({**bad, "metadata": {**_METADATA, "name": "other"}})


def test_a_database_cluster_without_instances_is_refused(api: ApiServer) -> None:
    cluster = Cluster(api)
    good = _object("postgresql.cnpg.io/v1", "Cluster", instances=1, storage={"size": "1Gi"})
    cluster.apply(good)
    with pytest.raises(Refusal, match=r"spec\.instances"):
        cluster.apply({**good, "spec": {"instances": 0, "storage": {"size": "1Gi"}}})


@pytest.mark.parametrize("group", SOURCES)
def test_a_source_defines_its_group(group: str) -> None:
    assert group in {str(it["spec"]["group"]) for it in definitions(group)}


@pytest.mark.parametrize("group", _INSTALLED)
def test_the_definitions_are_those_of_the_software_that_the_chart_installs(group: str) -> None:
    chart, versions = _INSTALLED[group]
    assert SOURCES[group].version == versions[chart.version]
