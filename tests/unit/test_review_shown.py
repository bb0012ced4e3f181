"""How values are shown to a reviewer, and where two of them differ."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.changes import ABSENT, SECRET, UNKNOWN, Change
from review.shown import at, differences, value
from review.text import readable

_SIGN = "4dabf18193072939515e22adb298388d"
_SECRET = {_SIGN: "1b47061264138c4ac30d75fd1eb44270", "plaintext": '"hidden-text"'}
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_ASSET = {_SIGN: "c44067f5952c0a294b673a41bacd8c17", "hash": "0123456789abcdef", "path": "/x/y"}


def _told(before: Any, after: Any) -> list[str]:
    return [f"{it.how} {it.path}: {it.before} => {it.after}" for it in differences(before, after)]


def test_a_secret_is_never_shown_however_deep() -> None:
    assert value(_SECRET) == SECRET
    assert "hidden" not in str(value({"a": [{"b": _SECRET}]}))
    found = list(differences({"a": _SECRET}, {"a": {**_SECRET, "plaintext": '"other-text"'}}))
    assert [(it.how, it.before, it.after) for it in found] == [("update", SECRET, SECRET)]


def test_what_is_known_later_and_what_is_not_there_say_so() -> None:
    assert value(_UNKNOWN) == UNKNOWN
    assert value(None) == ABSENT
    assert str(value({"a": _UNKNOWN})) == '{"a": "(known after up)"}'
    assert str(value(_ASSET)) == '"file 0123456789ab"'


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\nb", "a\\nb"), ("\x1b[31mred", "\\x1b[31mred"), ("a\u202eb", "a\\u202eb"), ("é ✓", "é ✓")],
)
def test_what_could_trick_an_eye_or_a_terminal_is_written_out(text: str, shown: str) -> None:
    assert readable(text) == shown
    assert value(text).text == shown


@given(st.text())
def test_a_value_is_one_printable_line(text: str) -> None:
    assert value(text).text.isprintable()


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 2}}, ["update a.b: 1 => 2"]),
        ({"a": 1}, {"a": True}, ["update a: 1 => true"]),
        ({"x/y.z": "1"}, {"x/y.z": "2"}, ['update ["x/y.z"]: 1 => 2']),
        ({}, {"a": "b"}, ["add a: (none) => b"]),
        ({"a": ["x", "y"]}, {"a": ["y", "z"]}, ["delete a[]: x => (none)", "add a[]: (none) => z"]),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, ['update a: ["x", "y"] => ["y", "x"]']),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, ["update a[0].b: 1 => 2"]),
        (
            {"p": [{"name": "a", "v": 1}, {"name": "b", "v": 1}]},
            {"p": [{"name": "b", "v": 2}]},
            ['delete p[a]: {"name": "a", "v": 1} => (none)', "update p[b].v: 1 => 2"],
        ),
        ({"p": '{"Action": "a"}'}, {"p": '{"Action":"b"}'}, ["update p.Action: a => b"]),
        ({"p": '{"A": 1, "B": 2}'}, {"p": '{"B": 2, "A": 1}'}, []),
        (
            {"t": "a\nb\nc"},
            {"t": "a\nx\nc"},
            ["delete t (line): b => (none)", "add t (line): (none) => x"],
        ),
        ({"a": None}, {}, []),
    ],
)
def test_differences_are_found_where_they_are(before: Any, after: Any, told: list[str]) -> None:
    assert _told(before, after) == told


_TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(_TREES)
def test_a_tree_does_not_differ_from_itself(tree: Any) -> None:
    assert list(differences(tree, tree)) == []


def test_long_texts_are_shown_from_where_they_part() -> None:
    found = next(differences({"a": "x" * 900 + "old"}, {"a": "x" * 900 + "new"}))
    assert found.before.text.endswith("old")
    assert found.after.text.endswith("new")
    assert len(found.after.text) < 100


def test_a_long_value_is_cut_and_says_how_long_it_is() -> None:
    assert value("x" * 5000).text.endswith("… (5000 characters)")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.b[1]", 2),
        ("a.c.d", "dotted"),
        ('a["c.d"]', "dotted"),
        ("a.n/x.y[0].z", 3),
        ("a.missing", None),
        ("a.b[7]", None),
    ],
)
def test_a_path_of_the_engine_is_followed(path: str, found: Any) -> None:
    tree = {"a": {"b": [1, 2], "c.d": "dotted", "n/x.y": [{"z": 3}]}}
    assert at(tree, path) == found


def test_a_path_into_a_secret_ends_at_it() -> None:
    assert value(at({"a": _SECRET}, "a.b.c")) == SECRET


def test_a_change_is_a_record() -> None:
    assert next(differences({}, {"a": 1})) == Change(path="a", how="add", after=value(1))
