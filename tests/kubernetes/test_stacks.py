"""Every object that our code makes for every shipped stack, in the engine's order, on a real API server."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from rehearsal.engine import obtain
from rehearsal.workspace import stacks
from tests.kubernetes.api_server import ApiServer
from tests.kubernetes.applying import refusals
from tests.kubernetes.cluster import Cluster
from tests.kubernetes.conftest import MadeBy
from tests.kubernetes.objects import made_by
from tests.rehearsal.environment import project
from tests.samples import ROOT
from tools.go_programs import KUBE_APISERVER

_CLOUDFLARE = {"mode": "cloudflare", "zone": "example.com", "zoneId": "0123456789abcdef"}
_ROUTE53 = {"mode": "route53", "zone": "example.com", "zoneId": "Z0123456789"}
_ACME = {"mode": "acme", "email": "ops@example.com"}
_BACKUPS = {"bucket": "backups-example", "region": "eu-west-1", "accessKeyId": "AKIAEXAMPLE"}
# What no shipped stack asks for, by the stack that is changed, and kinds that must come of it.
_VARIANTS: Mapping[str, tuple[str, Mapping[str, Any], set[str]]] = {
    "acme-route53": (
        "aws-production",
        {"dns": _ROUTE53, "tls": _ACME},
        {"ClusterIssuer", "Certificate"},
    ),
    "acme-cloudflare": (
        "gcp-production",
        {"dns": _CLOUDFLARE, "tls": _ACME},
        {"ClusterIssuer", "Certificate"},
    ),
    "timescale": (
        "aws-production",
        {"timescale": {"mode": "managed", "backups": _BACKUPS}},
        {"Cluster", "Database", "ImageCatalog", "ObjectStore", "ScheduledBackup"},
    ),
    "private-ca": ("azure-development", {"tls": {"mode": "private-ca"}}, {"Secret"}),
}


def test_the_api_server_is_the_version_that_was_built(api: ApiServer) -> None:
    assert api.version() == f"v{KUBE_APISERVER.module.version()}"


@pytest.mark.parametrize("stack", stacks(ROOT))
def test_every_object_is_accepted(stack: str, made: MadeBy, api: ApiServer) -> None:
    found = made(stack)
    assert found.objects
    assert refusals(Cluster(api), found) == []


@pytest.mark.parametrize("variant", _VARIANTS)
def test_every_object_of_a_changed_stack_is_accepted(
    variant: str, api: ApiServer, tmp_path: Path
) -> None:
    stack, changes, kinds = _VARIANTS[variant]
    root = project(tmp_path, dict(changes), stack)
    found = made_by(root, "sample", lambda: obtain(print))
    assert kinds - {it.kind for it in found.objects} == set()
    assert refusals(Cluster(api), found) == []
