"""One contract for every target: the same record, the same values, the same protection.

A target is here as soon as there are stack files called `<target>-development` and `<target>-production`.
"""

import runpy
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest

from components import values
from components.prerequisites import Buckets, Credentials, Prerequisites, settle
from rehearsal.workspace import stack_path, stacks
from review.stateful import HOLDS
from stacks.config import load, needed_secrets
from stacks.raw import RawConfig
from tests.graph.program import Graph
from tests.graph.recording import record
from tests.samples import ROOT, SECRETS, raw

_ENDINGS = ("development", "production")
_TARGETS = sorted(
    start
    for name in stacks(ROOT)
    for start, _, end in [name.rpartition("-")]
    if end == "production" and f"{start}-development" in stacks(ROOT)
)
# What one cloud's product keys say of itself: https://www.thethingsindustries.com/docs/enterprise/kubernetes/generic/configuration/
_OWN = ("global.blob.", "global.redis.readOnly.", "global.tls.rootCA")


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A target's record, what it is made of, and the Helm values that come of it."""

    graph: Graph
    facts: Prerequisites[str]
    credentials: Credentials[str]
    plain: Mapping[str, Any]
    secret: Mapping[str, Any]


def _filled(folder: Path, name: str) -> Filled:
    wanted = needed_secrets(RawConfig.from_file(stack_path(ROOT, name)))
    config = load(raw(folder, name=name, secrets={key: SECRETS[key] for key in wanted}))
    main = runpy.run_path(str(ROOT / "__main__.py"), run_name="program")
    settled: dict[str, Any] = {}

    def keep_facts(facts: Prerequisites[str]) -> None:
        settled["facts"] = facts

    def keep_credentials(credentials: Credentials[str]) -> None:
        settled["credentials"] = credentials

    def program() -> None:
        made = main["provision"](config)
        settle(made.prerequisites).apply(keep_facts)
        settle(made.credentials).apply(keep_credentials)

    graph = record(program)
    facts, credentials = settled["facts"], settled["credentials"]
    return Filled(
        graph=graph,
        facts=facts,
        credentials=credentials,
        plain=_leaves(values.helm_values(facts, {})),
        secret=_leaves(values.helm_secrets(facts, credentials, {})),
    )


def _leaves(tree: Any, path: str = "") -> dict[str, Any]:
    if not isinstance(tree, dict) or path.endswith("annotations"):
        return {path: tree}
    found: dict[str, Any] = {}
    for key, inner in tree.items():
        found.update(_leaves(inner, f"{path}.{key}" if path else key))
    return found


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, str], Filled]:
    folder = tmp_path_factory.mktemp("contract")
    return {
        (target, ending): _filled(folder, f"{target}-{ending}")
        for target in _TARGETS
        for ending in _ENDINGS
    }


def _shared(keys: Mapping[str, Any]) -> set[str]:
    return {key for key in keys if not key.startswith(_OWN)}


def test_more_than_one_target_is_held_to_the_contract() -> None:
    assert {"aws", "azure"} <= set(_TARGETS)


@pytest.mark.parametrize("ending", _ENDINGS)
def test_the_value_keys_are_the_same_on_every_target(
    filled: Mapping[tuple[str, str], Filled], ending: str
) -> None:
    first, *others = [filled[target, ending] for target in _TARGETS]
    for other in others:
        assert _shared(other.plain) == _shared(first.plain)
        assert _shared(other.secret) == _shared(first.secret)


@pytest.mark.parametrize("ending", _ENDINGS)
@pytest.mark.parametrize("target", _TARGETS)
def test_the_record_is_filled(
    filled: Mapping[tuple[str, str], Filled], target: str, ending: str
) -> None:
    facts = filled[target, ending].facts
    assert facts.postgres.host
    assert facts.postgres.ssl_mode in ("require", "verify-ca", "verify-full")
    host, _, port = facts.redis.address.rpartition(":")
    assert host and port.isdigit()
    assert facts.ingress.controller == "traefik"
    assert facts.tls.secret_name
    assert len(facts.public.ingress) >= 1
    assert len(facts.public.egress) >= 1
    assert all(text for text in (*facts.public.ingress, *facts.public.egress))


@pytest.mark.parametrize("ending", _ENDINGS)
@pytest.mark.parametrize("target", _TARGETS)
def test_there_are_five_buckets_each_its_own(
    filled: Mapping[tuple[str, str], Filled], target: str, ending: str
) -> None:
    buckets = filled[target, ending].facts.blobs.buckets
    names = [getattr(buckets, each.name) for each in fields(Buckets)]
    assert len(names) == 5
    assert all(names) and len(set(names)) == 5


@pytest.mark.parametrize("ending", _ENDINGS)
@pytest.mark.parametrize("target", _TARGETS)
def test_redis_has_a_password_and_postgres_one_of_the_product_s_own(
    filled: Mapping[tuple[str, str], Filled], target: str, ending: str
) -> None:
    found = filled[target, ending]
    assert found.credentials.redis_password
    uri = found.secret["is.database.uri"]
    assert uri.startswith(f"postgres://{found.facts.postgres.username}:")
    assert found.credentials.postgres_password in uri
    jobs = [it for it in found.graph if it.type == "kubernetes:batch/v1:Job"]
    assert "application-database" in {it.name for it in jobs}


def _holds_data(graph: Graph) -> list[Any]:
    """All that holds data but namespaces of what can be installed again."""
    return [
        it
        for it in graph
        if it.custom
        and it.type in HOLDS
        and (it.type != "kubernetes:core/v1:Namespace" or it.name == "product")
    ]


@pytest.mark.parametrize("target", _TARGETS)
def test_production_protects_all_that_holds_data(
    filled: Mapping[tuple[str, str], Filled], target: str
) -> None:
    data = _holds_data(filled[target, "production"].graph)
    kinds = {HOLDS[it.type] for it in data}
    assert {"a database", "a cache", "a generated secret"} <= kinds
    assert "a cluster and all that runs on it" in kinds
    assert "a namespace and all that is in it" in kinds
    assert [f"{it.type} {it.name}" for it in data if not it.protect] == []


@pytest.mark.parametrize("target", _TARGETS)
def test_development_protects_nothing(
    filled: Mapping[tuple[str, str], Filled], target: str
) -> None:
    graph = filled[target, "development"].graph
    assert [f"{it.type} {it.name}" for it in graph if it.protect] == []


@pytest.mark.parametrize("ending", _ENDINGS)
@pytest.mark.parametrize("target", _TARGETS)
def test_seeds_and_generated_secrets_outlive_everything(
    filled: Mapping[tuple[str, str], Filled], target: str, ending: str
) -> None:
    made_once = [
        it
        for it in filled[target, ending].graph
        if it.custom and (it.name.endswith("-seed") or it.type.endswith(":RandomBytes"))
    ]
    assert len([it for it in made_once if it.name.endswith("-seed")]) == 3
    assert all(it.retain_on_delete for it in made_once)


@pytest.mark.parametrize("target", _TARGETS)
def test_no_provider_is_the_ambient_one(
    filled: Mapping[tuple[str, str], Filled], target: str
) -> None:
    for it in filled[target, "production"].graph:
        package = it.type.partition(":")[0]
        if it.custom and package not in ("pulumi", "random", "tls"):
            assert it.provider and "default" not in it.provider, f"{it.type} {it.name}"
