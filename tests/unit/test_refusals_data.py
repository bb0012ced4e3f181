"""Every rule that is data refuses what it is there for, and nothing else."""

import runpy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import struct_pb2

from rehearsal import refusals, replacement
from rehearsal.cloud import Cloud, Operation
from rehearsal.properties import UNKNOWN, put
from rehearsal.refusals import kubernetes
from rehearsal.refusals.case import ID, Case, at
from rehearsal.refusals.data import TypeRules, ValueRule, holders, things, types
from rehearsal.refusals.declared import delete_refusals, write_refusals
from rehearsal.sdk import resource_type
from rehearsal.workspace import prepare, stacks
from stacks.config import load
from tests.graph.recording import record
from tests.samples import ROOT
from tests.unit.refusals_azure_landscape import azure
from tests.unit.refusals_gcp_landscape import google
from tests.unit.refusals_landscape import Simulated, environment

_ODD = ("", " ", "-", "/%", "x" * 600, "not one of these", "x--y-")


def _operation(
    token: str, inputs: Mapping[str, Any], kind: Any = "create", id_: str = "new"
) -> Operation:
    urn = f"urn:pulumi:sample::tts::{token}::{id_}"
    return Operation(kind=kind, type=token, urn=urn, id=id_, inputs=inputs)


def _case(
    token: str, inputs: Mapping[str, Any], cloud: Cloud | None = None, given: str = ""
) -> Case:
    return Case(
        operation=_operation(token, inputs),
        cloud=Cloud() if cloud is None else cloud,
        given=frozenset({given}),
    )


def _said(case: Case) -> list[str]:
    return list(write_refusals(case, types()[case.operation.type]))


def _tree(path: str, value: Any) -> Any:
    """The inputs that have a value at a path."""
    if not path:
        return value
    head, _, rest = path.partition(".")
    inner = _tree(rest, value)
    return {head.removesuffix("[]"): [inner] if head.endswith("[]") else inner}


def _merged(*trees: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for tree in trees:
        for key, value in tree.items():
            both = isinstance(value, dict) and isinstance(found.get(key), dict)
            found[key] = _merged(found[key], value) if both else value
    return found


def _put(cloud: Cloud, token: str, id_: str, tree: Mapping[str, Any]) -> None:
    state = struct_pb2.Struct()
    put(state, tree)
    cloud.apply(_operation(token, tree, id_=id_), state)


def _entries(name: str) -> list[Any]:
    """Type tokens with each item of a part of their rules."""
    return [
        pytest.param(token, item, id=f"{token.rpartition(':')[2]}-{item}"[:60])
        for token, rules in types().items()
        for item in getattr(rules, name)
    ]


def _bad(rule: ValueRule) -> Iterator[Any]:
    if rule.one_of is not None:
        yield "not one of these"
    if rule.range is not None:
        yield from (rule.range[0] - 1, rule.range[1] + 1)
    if rule.length is not None:
        yield "x" * (rule.length[1] + 1)
    if rule.count is not None:
        yield ["x"] * (rule.count[1] + 1)
    if rule.pattern is not None:
        yield next(it for it in _ODD if not rule.pattern.search(it))
    if rule.network is not None:
        yield from ("10.0.0.1/24", "10.0.0.0", "anything") if rule.network[1] < 32 else ("any",)
    if rule.json is not None:
        yield from ("{", "[]", '{"a": "' + "x" * rule.json + '"}')


def _good(rule: ValueRule) -> Iterator[Any]:
    yield from rule.one_of or ()
    yield from rule.range or ()
    if rule.length is not None:
        yield "x" * rule.length[1]
    if rule.count is not None:
        yield from (["x"] * rule.count[0], ["x"] * rule.count[1])
    if rule.network is not None:
        yield "10.0.0.0/24" if rule.network[1] < 64 else "2001:db8::/64"
    if rule.json is not None:
        yield '{"Statement": []}'


@pytest.mark.parametrize(("token", "path"), _entries("values"))
def test_a_bad_value_is_refused_by_name_and_a_good_one_is_not(token: str, path: str) -> None:
    rule = types()[token].values[path]
    for value in _bad(rule):
        said = [it for it in _said(_case(token, _tree(path, value))) if path in it]
        assert said, value
        assert said[0].startswith(f"{rule.error}: {path} is ")
        assert "allowed: " in said[0]
    for value in (*_good(rule), UNKNOWN):
        said = _said(_case(token, _tree(path, value)))
        named = f"{rule.error}: {path} is "
        assert not [it for it in said if it.startswith(named) and "; allowed: " in it], value


@pytest.fixture(scope="module")
def made() -> tuple[Simulated, ...]:
    return environment(), google(), azure()


def test_every_pattern_lets_a_usual_value_pass(made: tuple[Simulated, ...]) -> None:
    untried = [
        f"{token} {path}"
        for token, rules in types().items()
        for path, rule in rules.values.items()
        if rule.pattern is not None
        and not any(at(each.inputs, path) for it in made for each in it.cloud.of(token))
    ]
    assert untried == []


@pytest.mark.parametrize(("token", "group"), _entries("exactly_one"))
def test_exactly_one_means_neither_none_nor_two(token: str, group: tuple[str, ...]) -> None:
    rule = f"exactly one of {', '.join(group)}"
    assert _groups(token, rule, *group[:2])
    assert _groups(token, rule)
    assert not _groups(token, rule, group[0])


@pytest.mark.parametrize(("token", "group"), _entries("at_most_one"))
def test_at_most_one_means_not_two(token: str, group: tuple[str, ...]) -> None:
    rule = f"at most one of {', '.join(group)}"
    assert _groups(token, rule, *group[:2])
    assert not _groups(token, rule)
    assert not _groups(token, rule, group[-1])


@pytest.mark.parametrize(("token", "group"), _entries("at_least_one"))
def test_at_least_one_means_not_none(token: str, group: tuple[str, ...]) -> None:
    rule = f"at least one of {', '.join(group)}"
    assert _groups(token, rule)
    assert not _groups(token, rule, group[0])


@pytest.mark.parametrize(("token", "path"), _entries("needs"))
def test_an_input_that_needs_another_is_refused_alone(token: str, path: str) -> None:
    needed = types()[token].needs[path]
    rule = f"{path} is given, which needs {needed}"
    assert _groups(token, rule, path)
    assert not _groups(token, rule, path, needed)
    assert not _groups(token, rule)


def _groups(token: str, rule: str, *present: str) -> list[str]:
    inputs = _merged(*(_tree(path, UNKNOWN) for path in present))
    return [it for it in _said(_case(token, inputs)) if rule in it]


@pytest.mark.parametrize(("token", "unique"), _entries("unique"))
def test_a_name_is_given_once(token: str, unique: Any) -> None:
    cloud = Cloud()
    first, *within = unique.by
    there = _merged(*(_tree(path, "same") for path in unique.by))
    _put(cloud, token, "old", there)
    rule = f"{unique.error}: {token.rpartition(':')[2]} 'old' has the same {first}"
    assert [it for it in _said(_case(token, there, cloud)) if it.startswith(rule)]
    elsewhere = [_merged(there, _tree(path, "other")) for path in (first, *within)]
    for inputs in elsewhere:
        assert not [it for it in _said(_case(token, inputs, cloud)) if it.startswith(rule)]
    shouted = _merged(there, _tree(first, "SAME"))
    found = [it for it in _said(_case(token, shouted, cloud)) if it.startswith(rule)]
    assert bool(found) == unique.ignore_case


@pytest.mark.parametrize(("token", "path"), _entries("refers"))
def test_what_is_named_must_be_there_or_be_brought(token: str, path: str) -> None:
    reference = types()[token].refers[path]
    inputs = _tree(path, "the-thing")
    rule = f"{reference.error}: {path} is 'the-thing', and there is no {reference.thing}"
    assert [it for it in _said(_case(token, inputs)) if it.startswith(rule)]
    assert not [it for it in _said(_case(token, inputs, given="the-thing")) if rule in it]
    assert not [it for it in _said(_case(token, _tree(path, UNKNOWN))) if rule in it]
    for target, names in things()[reference.thing].found_as.items():
        for name in names:
            cloud = Cloud()
            _put(cloud, target, "the-thing", {} if name == ID else _tree(name, "the-thing"))
            assert not [it for it in _said(_case(token, inputs, cloud)) if rule in it], target


def _held() -> list[Any]:
    return [
        pytest.param(token, holder, id=f"{token.rpartition(':')[2]}-{holder.type}-{holder.path}")
        for token in types()
        for holder in holders(token)
    ]


@pytest.mark.parametrize(("token", "holder"), _held())
def test_what_is_used_is_not_deleted(token: str, holder: Any) -> None:
    def gone(inputs: Mapping[str, Any], *, used: bool) -> list[str]:
        cloud = Cloud()
        name = holder.identities[0]
        there = dict(inputs) if name == ID else _merged(_tree(name, "the-thing"), inputs)
        _put(cloud, token, "the-thing", there)
        _put(cloud, holder.type, "user", _tree(holder.path, "the-thing" if used else "another"))
        case = Case(
            operation=_operation(token, there, "delete", "the-thing"),
            cloud=cloud,
            given=frozenset(),
            before=cloud.find(token, "the-thing"),
        )
        return [it for it in delete_refusals(case, types()[token]) if "'user' uses it" in it]

    assert gone({}, used=True)[0].startswith(f"{holder.hold.error}: the-thing cannot be deleted")
    assert not gone({}, used=False)
    if holder.hold.unless is not None:
        assert not gone({holder.hold.unless: True}, used=True)


_PROTECTED = [token for token, rules in types().items() if rules.protected_by is not None]


@pytest.mark.parametrize("token", _PROTECTED)
def test_protection_acts_on_what_is_in_the_state(token: str) -> None:
    switch = types()[token].protected_by
    assert switch is not None
    for on, asked in ((True, False), (False, True)):
        cloud = Cloud()
        _put(cloud, token, "kept", {switch.path: on})
        case = Case(
            operation=_operation(token, {switch.path: asked}, "delete", "kept"),
            cloud=cloud,
            given=frozenset(),
            before=cloud.find(token, "kept"),
        )
        said = list(delete_refusals(case, types()[token]))
        assert [it for it in said if it.startswith(f"{switch.error}: {switch.path} is on")] == (
            said if on else []
        )
        assert bool(said) == on


def test_every_input_that_a_rule_names_is_one_that_the_sdk_declares() -> None:
    for token, rules in types().items():
        declared = resource_type(token).inputs
        named = {_head(path) for path in _paths(rules)}
        assert named <= declared.keys(), (token, named - declared.keys())
        assert rules.source
    for name, thing in things().items():
        for token, paths in thing.found_as.items():
            outputs = {*resource_type(token).outputs, *resource_type(token).inputs, ID}
            assert {_head(path) for path in paths} <= outputs, (name, token)


def _paths(rules: TypeRules) -> Iterator[str]:
    yield from rules.values
    yield from rules.refers
    yield from rules.holds
    yield from (path for pair in rules.needs.items() for path in pair)
    for group in (*rules.exactly_one, *rules.at_most_one, *rules.at_least_one):
        yield from group
    for unique in rules.unique:
        yield from unique.by
    if rules.protected_by is not None:
        yield rules.protected_by.path


def _head(path: str) -> str:
    return path.partition(".")[0].removesuffix("[]")


def test_every_type_of_the_shipped_stacks_has_rules(tmp_path: Path) -> None:
    used = {token for name in stacks(ROOT) for token in _types_of(name, tmp_path / name)}
    ours = {it for it in used if it.startswith(("aws:", "azure-native:", "gcp:", "kubernetes:"))}
    assert len(ours) > 20
    custom = {it for it in ours if kubernetes.is_custom(it)}
    groups = {it.split(":")[1].partition("/")[0] for it in custom}
    assert groups <= kubernetes.custom_groups().keys()
    assert ours - custom <= refusals.known_types()
    clouds = {it for it in ours if it.startswith(("aws:", "azure-native:", "gcp:"))}
    assert clouds <= replacement.known_types()


def _types_of(name: str, folder: Path) -> set[str]:
    main = runpy.run_path(str(ROOT / "__main__.py"), run_name="program")
    config = load(prepare(ROOT, name, folder).raw)
    graph = record(lambda: main["export"](config, main["provision"](config)))
    return {it.type for it in graph if it.custom}
