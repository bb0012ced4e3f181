"""Values of Helm charts against the charts' own schemas, as far as Go modules publish these.

A chart's repository is not asked: it may be out of reach where the tests run. That leaves the charts in
`_WITHOUT` to Helm, which checks values by the same schemas before it installs anything.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from components.charts import (
    AWS_LOAD_BALANCER_CONTROLLER,
    BARMAN_CLOUD,
    CERT_MANAGER,
    CHARTS,
    CLOUDNATIVE_PG,
    CLUSTER_AUTOSCALER,
    METRICS_SERVER,
    REDIS_HA,
    TRAEFIK,
    Chart,
)
from rehearsal.engine import obtain
from tests.kubernetes.definitions import SOURCES, folder_of
from tests.kubernetes.environment import chart_of
from tests.kubernetes.objects import made_by
from tests.rehearsal.environment import project

_SCHEMAS: Mapping[Chart, str] = {
    CERT_MANAGER: "deploy/charts/cert-manager/values.schema.json",
}
# Why: the first three have a schema, in a repository that is no Go module; the rest publish none.
_WITHOUT = (
    TRAEFIK,
    CLOUDNATIVE_PG,
    BARMAN_CLOUD,
    METRICS_SERVER,
    AWS_LOAD_BALANCER_CONTROLLER,
    CLUSTER_AUTOSCALER,
    REDIS_HA,
)
_ROUTE53 = {"mode": "route53", "zone": "example.com", "zoneId": "Z0123456789"}
_CLOUDFLARE = {"mode": "cloudflare", "zone": "example.com", "zoneId": "0123456789abcdef"}
_ACME = {"mode": "acme", "email": "ops@example.com"}


def _schema(chart: Chart) -> Draft202012Validator:
    path = folder_of(SOURCES["cert-manager.io"].pinned) / _SCHEMAS[chart]
    return Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))


def test_every_chart_is_accounted_for() -> None:
    assert set(CHARTS) == {*_SCHEMAS, *_WITHOUT}


@pytest.mark.parametrize(
    ("stack", "dns"), [("aws-production", _ROUTE53), ("gcp-production", _CLOUDFLARE)]
)
def test_values_for_cert_manager_are_what_its_chart_takes(
    stack: str, dns: Mapping[str, Any], tmp_path: Path
) -> None:
    root = project(tmp_path, {"dns": dns, "tls": _ACME}, stack)
    values = chart_of(made_by(root, "sample", lambda: obtain(print)), CERT_MANAGER.name)
    assert values is not None
    assert list(_schema(CERT_MANAGER).iter_errors(values)) == []


def test_the_schema_refuses_a_key_that_the_chart_has_not() -> None:
    (error,) = _schema(CERT_MANAGER).iter_errors({"installCRD": True})
    assert "installCRD" in error.message
