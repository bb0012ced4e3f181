"""From what the engine says to what a report says."""

from collections.abc import Mapping
from typing import Any

import pytest
from pulumi.automation import (
    DiagnosticEvent,
    DiffKind,
    EngineEvent,
    OpType,
    PropertyDiff,
    ResourcePreEvent,
    ResOutputsEvent,
    StepEventMetadata,
    StepEventStateMetadata,
)

from review.changes import SECRET, UNKNOWN, ResourceChange
from review.compared import resource_changes, unchanged
from review.observed import Observed
from review.report_of import Landscape, made, report_of

_SIGN = "4dabf18193072939515e22adb298388d"
_SECRET = {_SIGN: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_DATABASE = "aws:rds/instance:Instance"
_STACK = "urn:pulumi:s::tts::pulumi:pulumi:Stack::tts-s"


def _urn(token: str, name: str) -> str:
    return f"urn:pulumi:s::tts::{token}::{name}"


def _state(urn: str, inputs: Mapping[str, Any], **options: Any) -> StepEventStateMetadata:
    parent = options.pop("parent", _urn("tts:aws:Postgres", "postgres"))
    custom = options.pop("custom", True)
    return StepEventStateMetadata(
        type=urn.split("::")[2],
        urn=urn,
        id="1",
        parent=parent,
        provider="",
        custom=custom,
        inputs=inputs,
        outputs=options.pop("outputs", {}),
        **options,
    )


def _step(
    operation: OpType,
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any] | None,
    *,
    details: Mapping[str, PropertyDiff] | None = None,
    keys: list[str] | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    token: str = _DATABASE,
    name: str = "db",
) -> EngineEvent:
    urn = _urn(token, name)
    metadata = StepEventMetadata(
        op=operation,
        urn=urn,
        type=token,
        provider="",
        old=None if old is None else _state(urn, old, **(before or {})),
        new=None if new is None else _state(urn, new, **(after or {})),
        keys=keys,
        detailed_diff=details or {},
    )
    return EngineEvent(1, 1, resource_pre_event=ResourcePreEvent(metadata))


def _seen(*events: EngineEvent) -> Observed:
    seen = Observed()
    for event in events:
        seen.take(event)
    return seen


def _only(*events: EngineEvent) -> ResourceChange:
    found = resource_changes(_seen(*events))
    assert len(found) == 1
    return found[0]


_UPDATE = PropertyDiff(DiffKind.UPDATE, True)
_REPLACE = PropertyDiff(DiffKind.UPDATE_REPLACE, True)


def test_an_update_is_told_along_the_provider_s_paths() -> None:
    found = _only(
        _step(
            OpType.UPDATE,
            {"size": "a", "same": 1, "password": _SECRET},
            {"size": "b", "same": 1, "password": _SECRET},
            details={"size": _UPDATE, "password": _UPDATE},
        )
    )
    assert (found.operation, found.component, found.holds) == ("update", "postgres", "a database")
    told = {it.path: (it.before, it.after) for it in found.changes}
    assert told["password"] == (SECRET, SECRET)
    assert [str(it) for it in told["size"]] == ["a", "b"]
    assert set(told) == {"password", "size"}


def test_without_paths_the_inputs_are_compared_and_the_keys_say_what_replaces() -> None:
    found = _only(_step(OpType.REPLACE, {"a": 1, "b": 1}, {"a": 2, "b": 2}, keys=["a"]))
    assert [(it.path, it.replaces) for it in found.changes] == [("a", True), ("b", False)]


def test_a_replacement_of_three_steps_is_one_change() -> None:
    found = _only(
        _step(OpType.CREATE_REPLACEMENT, {"a": 1}, {"a": 2}),
        _step(OpType.REPLACE, {"a": 1}, {"a": 2}, details={"a": _REPLACE}),
        _step(OpType.DELETE_REPLACED, {"a": 1}, None),
    )
    assert found.operation == "replace"
    assert [it.replaces for it in found.changes] == [True]


def test_what_only_follows_is_told_apart() -> None:
    follows = _only(_step(OpType.UPDATE, {"a": "x"}, {"a": _UNKNOWN}, details={"a": _UPDATE}))
    own = _only(_step(OpType.UPDATE, {"a": "x"}, {"a": "y"}, details={"a": _UPDATE}))
    assert (follows.follows, own.follows) == (True, False)
    assert follows.changes[0].after == UNKNOWN


def test_protection_that_is_lost_is_a_change_even_where_the_engine_sees_none() -> None:
    same = _step(OpType.SAME, {}, {}, before={"protect": True})
    assert (_only(same).operation, _only(same).protection) == ("update", "lost")
    kept = _step(OpType.SAME, {}, {}, before={"protect": True}, after={"protect": True})
    assert resource_changes(_seen(kept)) == ()
    assert unchanged(_seen(kept)) == 1


def test_a_created_resource_tells_its_inputs_and_a_deleted_one_is_first() -> None:
    found = resource_changes(
        _seen(
            _step(OpType.CREATE, None, {"a": {"b": 1}}, name="new"),
            _step(OpType.DELETE, {"a": 1}, None, name="old", before={"retain_on_delete": True}),
        )
    )
    assert [(it.name, it.operation, it.left) for it in found] == [
        ("old", "delete", True),
        ("new", "create", False),
    ]
    assert [(it.path, it.how) for it in found[1].changes] == [("a", "add")]


def test_components_are_no_resources() -> None:
    step = _step(OpType.CREATE, None, {}, token="tts:aws:Postgres", after={"custom": False})
    assert resource_changes(_seen(step)) == ()


def _error(message: str, urn: str | None = None) -> EngineEvent:
    said = DiagnosticEvent(message=message, color="never", severity="error", urn=urn)
    return EngineEvent(1, 1, diagnostic_event=said)


def test_what_pulumi_refuses_is_no_failure() -> None:
    urn = _urn(_DATABASE, "db")
    refusal = f'unable to delete resource "{urn}"\nas it is currently marked for protection.'
    seen = _seen(
        _step(OpType.DELETE, {}, None),
        _error(refusal),
        _error("preview failed"),
        _error("boom", urn),
    )
    assert seen.refused == {urn}
    assert seen.errors == [f"db ({_DATABASE}): boom"]
    assert resource_changes(seen)[0].refused


def _deployed(**inputs: Any) -> list[Mapping[str, Any]]:
    component = _urn("tts:aws:Postgres", "postgres")
    network = _urn("tts:aws:Network", "network")
    vpc = _urn("aws:ec2/vpc:Vpc", "vpc")
    return [
        {"urn": component, "parent": _STACK},
        {"urn": network, "parent": _STACK},
        {"urn": vpc, "parent": network, "custom": True, "inputs": {}},
        {
            "urn": _urn(_DATABASE, "db"),
            "parent": component,
            "custom": True,
            "inputs": inputs,
            "dependencies": [vpc],
        },
    ]


def _landscape(secret: Any = None, **values: Any) -> Landscape:
    outputs: dict[str, Any] = {"helmValues": values, "warnings": [], "helmSecrets": secret or {}}
    return Landscape.of(_deployed(a=1), outputs, {"helmSecrets"})


def test_no_landscape_knows_what_the_inputs_secrets_say() -> None:
    found = Landscape.of(
        _deployed(password={_SIGN: _SECRET[_SIGN], "plaintext": '"hidden-text"'}), {}, set()
    )
    assert "hidden" not in str(found)


def test_nothing_changed_is_said_so() -> None:
    found = report_of("s", _seen(), _landscape(), _landscape(), "yes", ())
    assert found.outcome == "same"


def test_secrets_are_told_by_key_alone() -> None:
    before = _landscape({"licence": {"key": "hidden-1"}, "gone": "hidden-2", "same": "hidden-3"})
    after = _landscape({"licence": {"key": "hidden-4"}, "come": "hidden-5", "same": "hidden-3"})
    found = report_of("s", _seen(), before, after, "yes", ())
    assert "hidden" not in str(found)
    assert [(it.path, it.how) for it in found.secrets] == [
        ("helmSecrets.licence.key", "update"),
        ("helmSecrets.gone", "delete"),
        ("helmSecrets.come", "add"),
    ]


def test_values_that_are_not_known_yet_say_so() -> None:
    after = Landscape.of(_deployed(), {"helmValues": _UNKNOWN}, set())
    found = report_of("s", _seen(), _landscape(a=1), after, "refused", ("no",))
    assert [(it.path, it.after) for it in found.values] == [("(every key)", UNKNOWN)]


def test_components_say_what_they_need() -> None:
    step = _step(OpType.UPDATE, {"a": 1}, {"a": 2}, details={"a": _UPDATE})
    found = report_of("s", _seen(step), _landscape(), _landscape(), "yes", ())
    assert {it.name: (it.resources, dict(it.changes), it.needs) for it in found.components} == {
        "network": (1, {}, ()),
        "postgres": (1, {"update": 1}, ("network",)),
    }


@pytest.mark.parametrize(
    ("step", "there"),
    [
        (_step(OpType.DELETE, {"a": 1}, None), None),
        (_step(OpType.UPDATE, {"a": 1}, {"a": 2}), {"a": 2}),
        (_step(OpType.CREATE, None, {"a": 3}, name="new"), {"a": 1}),
    ],
)
def test_a_preview_alone_foresees_what_it_can(step: EngineEvent, there: Any) -> None:
    outputs = StepEventMetadata(
        op=OpType.SAME,
        urn=_STACK,
        type="pulumi:pulumi:Stack",
        provider="",
        new=_state(_STACK, {}, outputs={"helmValues": {"a": 2}, "helmSecrets": _SECRET}),
    )
    event = EngineEvent(1, 1, res_outputs_event=ResOutputsEvent(outputs))
    found = made(_landscape(a=1), _seen(step, event))
    assert found.inputs.get(_urn(_DATABASE, "db")) == there
    assert found.outputs == {"helmValues": {"a": 2}}
    assert found.secrets is None
