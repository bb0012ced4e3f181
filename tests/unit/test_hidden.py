"""What a cloud refuses is told without the secrets in it."""

import pytest
from google.protobuf import struct_pb2

from rehearsal.cloud import Cloud, Operation, Refused
from rehearsal.properties import hidden

_MARK = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
_PASSWORD = "a-password-that-is-refused"


def _properties() -> struct_pb2.Struct:
    found = struct_pb2.Struct()
    found.update(
        {
            "name": "plain",
            "password": {**_MARK, "value": _PASSWORD},
            "users": [{**_MARK, "value": {"key": "k" * 100}}],
        }
    )
    return found


def test_a_secret_is_hidden_whole_or_cut_short() -> None:
    said = f"InvalidParameter: password is '{_PASSWORD}'; allowed: another; name is 'plain'"
    shown = hidden(said, _properties())
    assert shown == "InvalidParameter: password is '[secret]'; allowed: another; name is 'plain'"
    assert hidden(f"key is '{'k' * 80}…", _properties()) == "key is '[secret]"
    assert hidden("nothing of it", None) == "nothing of it"


def test_a_rule_that_shows_a_value_shows_no_secret() -> None:
    class Showing:
        def refusal(self, operation: Operation, cloud: Cloud) -> str | None:
            return f"password is {operation.inputs['password']!r}"

    token = "aws:rds/instance:Instance"
    inputs = {"password": _PASSWORD}
    operation = Operation(
        kind="create", type=token, urn=f"urn:pulumi:s::p::{token}::x", id="x", inputs=inputs
    )
    with pytest.raises(Refused) as caught:
        Cloud(rules=Showing()).apply(operation, _properties())
    assert str(caught.value) == "password is '[secret]'"
