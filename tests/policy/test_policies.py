"""Every policy catches what violates it and passes what is sound; the tables name what the SDKs have."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from policies.every import RULES
from policies.rule import Rule, judge
from policies.subject import HIDDEN, subject, subjects
from policies.wanted import Want
from rehearsal.sdk import Record, resource_type
from tests.policy.cases import BROKEN, SOUND, made, sound, stack_with
from tools.policies import PAGE, listed

_BY_NAME = {rule.name: rule for rule in RULES}
_WRONG: tuple[Any, ...] = (None, False, True, 0, 99, "", "wrong", "1.0", [], {})


def _tables() -> Iterator[tuple[Rule, Want]]:
    for rule in RULES:
        yield from ((rule, want) for want in (rule.table.wants if rule.table else ()))


_WANTS = [pytest.param(*it, id=f"{it[0].name}-{it[1].type}-{it[1].path}") for it in _tables()]


def test_names_are_unique_and_all_is_said() -> None:
    assert len(_BY_NAME) == len(RULES) > 20
    for rule in RULES:
        assert rule.says.endswith(".") and rule.remedy.endswith(".")
        assert rule.source.startswith("https://")
        assert rule.table or rule.resource or rule.stack


def test_a_sound_stack_violates_nothing() -> None:
    assert [str(it) for it in judge(RULES, stack_with())] == []


@pytest.mark.parametrize("kind", SOUND)
def test_what_is_not_known_yet_violates_nothing(kind: str) -> None:
    unknown = made(kind, dict.fromkeys(SOUND[kind], HIDDEN))
    assert [str(it) for it in judge(RULES, stack_with(unknown)) if it.type == kind] == []


@pytest.mark.parametrize(("rule", "kind", "path", "value"), BROKEN)
def test_a_violation_is_caught(rule: str, kind: str, path: str, value: Any) -> None:
    found = judge([_BY_NAME[rule]], stack_with(sound(kind, path, value)))
    assert found
    for it in found:
        assert it.rule.remedy in str(it)
        assert it.name in str(it)


@pytest.mark.parametrize(("rule", "want"), _WANTS)
def test_each_line_of_a_table_catches_something(rule: Rule, want: Want) -> None:
    assert judge([rule], stack_with()) == ()
    caught = [
        it
        for wrong in _WRONG
        for it in judge([rule], stack_with(_set(want, wrong)))
        if f"must {want.says}" in it.wrong
    ]
    assert caught
    if want.protected:
        loose = [replace(_set(want, wrong), protected=False) for wrong in _WRONG]
        assert not [
            it
            for one in loose
            for it in judge([rule], [one])
            if it.wrong == caught[0].wrong and want.says not in _unprotected_words(rule, want)
        ]


def _unprotected_words(rule: Rule, want: Want) -> list[str]:
    """What other lines ask of the same property whether it is protected or not."""
    return [
        other.says
        for of, other in _tables()
        if of is rule and other.path == want.path and not other.protected
    ]


def _set(want: Want, wrong: Any) -> Any:
    """The sound resource with something wrong in each place that a line is about."""
    if not want.path:
        first = {"kubernetes:storage.k8s.io/v1:StorageClass": {"provisioner": "ebs.csi.aws.com"}}
        whole = {
            "azure-native:dbforpostgresql:Configuration": {
                "configurationName": "require_secure_transport"
            },
            "gcp:storage/bucketIAMMember:BucketIAMMember": {
                "member": "allUsers",
                "role": "roles/x",
            },
            "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {"ingress": [{"protocol": "-1"}]},
            "gcp:redis/cluster:Cluster": {},
            **first,
        }
        return made(want.type, whole[want.type])
    if "Container" in want.says:
        return sound(want.type, want.path, "Container")
    if want.says.startswith("not be enabled"):
        return sound(want.type, want.path, "enabled")
    return sound(want.type, want.path.replace("[]", ".0"), copy.deepcopy(wrong))


def test_only_where_there_is_a_case_may_a_policy_be() -> None:
    shown = {rule for rule, *_ in BROKEN} | {rule.name for rule, _ in _tables()}
    assert shown | {"data-is-protected"} == set(_BY_NAME)


def test_data_is_protected_together_or_not_at_all() -> None:
    rule = _BY_NAME["data-is-protected"]
    stack = stack_with()
    loose = [replace(it, protected=False) for it in stack]
    assert judge([rule], loose) == ()
    slip = [replace(it, protected=it.type != "aws:rds/instance:Instance") for it in stack]
    assert [it.type for it in judge([rule], slip)] == ["aws:rds/instance:Instance"]


def test_a_server_that_has_a_successor_may_be_released() -> None:
    rule = _BY_NAME["data-is-protected"]
    old = replace(sound("aws:rds/instance:Instance"), name="old", protected=False)
    assert judge([rule], [*stack_with(), old]) == ()


def test_root_may_give_files_away_and_do_nothing_else() -> None:
    context = {
        "runAsUser": 0,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"], "add": ["CHOWN", "DAC_OVERRIDE"]},
    }
    pod = {"containers": [{"name": "owner", "securityContext": context}]}
    job = sound("kubernetes:batch/v1:Job", "spec.template.spec", pod)
    assert judge([_BY_NAME["restricted-pods"]], [job]) == ()


@pytest.mark.parametrize(
    ("version", "passes"), [("41.3.0", True), ("v1.21.1", True), ("latest", False)]
)
def test_a_chart_has_a_version(version: str, *, passes: bool) -> None:
    chart = sound("kubernetes:helm.sh/v3:Release", "version", version)
    assert (judge([_BY_NAME["pinned-images"]], [chart]) == ()) is passes


def test_a_trial_may_expose_plain_ports() -> None:
    plain = sound("kubernetes:core/v1:Service", "spec.ports.0.port", 1883)
    rule = _BY_NAME["no-plain-ports-in-production"]
    assert judge([rule], [replace(plain, protected=False)]) == ()
    assert len(judge([rule], [plain])) == 1


@pytest.mark.parametrize(("rule", "want"), _WANTS)
def test_the_tables_name_what_the_sdks_have(rule: Rule, want: Want) -> None:
    if want.type.startswith("pulumi:providers:"):
        return
    fields = resource_type(want.type).inputs
    for key in filter(None, want.path.split(".")):
        assert key.removesuffix("[]") in fields, f"{rule.name}: {want.type} has no {want.path}"
        shape: Any = fields[key.removesuffix("[]")]
        shape = getattr(shape, "item", shape)
        fields = shape.fields if isinstance(shape, Record) else {}


@pytest.mark.parametrize("kind", [it for it in SOUND if not it.startswith("pulumi:")])
def test_the_cases_are_of_types_that_there_are(kind: str) -> None:
    fields = resource_type(kind).inputs
    assert set(SOUND[kind]) <= set(fields)


def test_secrets_and_unknown_values_are_hidden() -> None:
    sign = "4dabf18193072939515e22adb298388d"
    given = {
        "password": {sign: "1b47061264138c4ac30d75fd1eb44270", "plaintext": '"open"'},
        "address": "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "__defaults": ["x"],
    }
    found = subject(
        "urn:pulumi:s::tts::tts:aws:X$azure-native:storage/v20240101:Blob::it",
        given,
        protected=False,
    )
    assert found.type == "azure-native:storage:Blob"
    assert found.inputs == {"password": HIDDEN, "address": HIDDEN}
    assert "open" not in repr(found)


def test_components_and_what_waits_for_its_deletion_are_left_out() -> None:
    resources = [
        {"urn": "urn:pulumi:s::tts::tts:aws:Network::network", "custom": False},
        {"urn": "urn:pulumi:s::tts::aws:kms/key:Key::old", "custom": True, "delete": True},
        {"urn": "urn:pulumi:s::tts::aws:kms/key:Key::new", "custom": True},
    ]
    assert [it.name for it in subjects(resources)] == ["new"]


def test_the_page_lists_every_policy() -> None:
    assert PAGE.read_text().endswith(listed()), "python -m tools.policies"
