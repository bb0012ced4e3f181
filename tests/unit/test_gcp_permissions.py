"""The custom role of a stack on Google Cloud: what its types need, and no more."""

import re
from pathlib import Path

import pytest
import yaml

from stacks.config import GcpConfig, load
from tests.graph.program import OWN_SECRETS, graph
from tests.samples import raw
from tools.permissions import documents, needed, table

_STACKS = ["gcp-development", "gcp-production"]
_FORM = re.compile(r"[a-z]+\.[a-zA-Z]+\.[a-zA-Z]+")


def _config(tmp_path: Path, name: str) -> GcpConfig:
    config = load(raw(tmp_path, name=name, secrets=OWN_SECRETS))
    assert isinstance(config, GcpConfig)
    return config


def _types(tmp_path: Path, name: str) -> set[str]:
    found = graph(tmp_path, name=name, secrets=OWN_SECRETS)
    return {it.type for it in found if it.type.startswith("gcp:")}


@pytest.mark.parametrize("name", _STACKS)
def test_a_role_has_what_the_graph_needs_and_no_more(tmp_path: Path, name: str) -> None:
    types = _types(tmp_path, name)
    assert types - set(table("gcp")) == set()
    (document,) = documents(_config(tmp_path, name), types)
    role = yaml.safe_load(document.text)
    assert role["includedPermissions"] == list(needed("gcp", types))
    assert "--project example-" in document.command


def test_permissions_have_the_form_that_iam_gives_them() -> None:
    permissions = {it for permissions in table("gcp").values() for it in permissions}
    assert [it for it in permissions if not _FORM.fullmatch(it)] == []


def test_what_can_be_made_can_be_deleted() -> None:
    lasting = {"gcp:storage/bucketObject:BucketObject", "gcp:sql/user:User"}
    for token, permissions in table("gcp").items():
        makes = any(it.rpartition(".")[2].startswith("create") for it in permissions)
        ends = any(it.rpartition(".")[2].startswith("delete") for it in permissions)
        assert makes <= ends or token in lasting, token
