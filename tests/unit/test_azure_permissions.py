"""The permissions of an Azure stack: of what it makes, in a role that Azure takes."""

import json
import re
from pathlib import Path

import pytest

from stacks.config import AzureConfig, load
from tests.graph.program import OWN_SECRETS, graph
from tests.samples import raw
from tools.permissions import ALWAYS, documents, needed, table

_STACKS = ("azure-development", "azure-production")
_ACTION = re.compile(r"Microsoft\.[A-Za-z]+(/[A-Za-z]+)+/(read|write|delete|action)")


def _types(tmp_path: Path, name: str) -> set[str]:
    found = graph(tmp_path, name=name, secrets=OWN_SECRETS)
    return {it.type for it in found if it.type.startswith("azure-native:")}


def test_every_type_in_the_graphs_has_its_permissions_and_no_other_has(tmp_path: Path) -> None:
    used = {token for name in _STACKS for token in _types(tmp_path, name)}
    assert used == set(table("azure")) - {ALWAYS}


def test_every_action_is_one_by_its_form() -> None:
    actions = {action for actions in table("azure").values() for action in actions}
    assert [it for it in sorted(actions) if not _ACTION.fullmatch(it)] == []


def test_what_can_be_made_can_be_deleted() -> None:
    # Parameters of a server and properties of a blob service are there as long as what has them.
    stays = ("Configuration", "BlobServiceProperties")
    for token, actions in table("azure").items():
        made = any(it.endswith("/write") for it in actions)
        if token != ALWAYS and made and not token.endswith(stays):
            assert any(it.endswith("/delete") for it in actions), token


@pytest.mark.parametrize("name", _STACKS)
def test_the_role_allows_what_the_stack_needs_and_no_more(tmp_path: Path, name: str) -> None:
    config = load(raw(tmp_path, name=name, secrets=OWN_SECRETS))
    assert isinstance(config, AzureConfig)
    types = _types(tmp_path, name)
    (document,) = documents(config, types)
    role = json.loads(document.text)
    assert role["Actions"] == list(needed("azure", types))
    assert role["AssignableScopes"] == [f"/subscriptions/{config.azure.subscription_id}"]
