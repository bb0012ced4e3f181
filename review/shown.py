"""Values as a reviewer may see them, and the places at which two trees of values differ."""

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rehearsal.properties import is_secret, is_signed, is_unknown
from review.changes import ABSENT, SECRET, UNKNOWN, Change, Value
from review.text import readable

_LONGEST = 600
_CONTEXT = 30
_BARE = re.compile(r"[\w$-]+")
# By which the items of a list are told apart, where all have it and each another.
_IDENTITIES = ("name", "Sid", "sid", "key", "port", "id")
_MISSING: Any = object()


def value(tree: Any) -> Value:
    """A value of the engine's as it may be shown."""
    if tree is _MISSING or tree is None:
        return ABSENT
    if is_secret(tree):
        return SECRET
    if is_unknown(tree):
        return UNKNOWN
    return Value(kind="text", text=_shortened(readable(_text(tree))))


def _text(tree: Any) -> str:
    return tree if isinstance(tree, str) else json.dumps(_veiled(tree), ensure_ascii=False)


def _veiled(tree: Any) -> Any:
    """A tree with words for what stands for something else."""
    if is_secret(tree):
        return str(SECRET)
    if is_unknown(tree):
        return str(UNKNOWN)
    if is_signed(tree):
        return f"file {str(tree.get('hash') or '')[:12]}".strip()
    if isinstance(tree, Mapping):
        return {str(key): _veiled(inner) for key, inner in tree.items()}
    if isinstance(tree, list):
        return [_veiled(inner) for inner in tree]
    return tree


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}… ({len(text)} characters)"


def change(path: str, before: Any, after: Any, *, replaces: bool = False) -> Change:
    """A change of one property; long texts are shown from shortly before they part."""
    if isinstance(before, str) and isinstance(after, str) and max(len(before), len(after)) > 200:
        before, after = _from_difference(before, after)
    old, new = value(before), value(after)
    how = "add" if old == ABSENT else "delete" if new == ABSENT else "update"
    return Change(path=path, how=how, before=old, after=new, replaces=replaces)


def _from_difference(before: str, after: str) -> tuple[str, str]:
    if is_unknown(before) or is_unknown(after):
        return before, after
    pairs = enumerate(zip(before, after, strict=False))
    same = next((index for index, (old, new) in pairs if old != new), 0)
    start = max(0, same - _CONTEXT)
    return (before, after) if start == 0 else (f"…{before[start:]}", f"…{after[start:]}")


def differences(
    before: Any, after: Any, path: str = "", *, replaces: bool = False
) -> Iterator[Change]:
    """Every place at which two trees differ. JSON in a text is looked into, lists are matched up."""
    before, after = _parsed(before, after)
    if _same(before, after):
        return
    if _is_tree(before) and _is_tree(after):
        for key in dict.fromkeys([*before, *after]):
            inner = (before.get(key, _MISSING), after.get(key, _MISSING))
            yield from differences(*inner, _below(path, str(key)), replaces=replaces)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _of_lists(before, after, path, replaces)
    elif _has_lines(before) and _has_lines(after):
        yield from _of_lines(before, after, path, replaces)
    else:
        found = change(path, before, after, replaces=replaces)
        if found.before.kind != "absent" or found.after.kind != "absent":
            yield found


def _same(before: Any, after: Any) -> bool:
    """Whether two trees are the same; for Python, 1 is True."""
    return bool(before == after) and json.dumps(_veiled(before), sort_keys=True) == json.dumps(
        _veiled(after), sort_keys=True
    )


def _parsed(before: Any, after: Any) -> tuple[Any, Any]:
    """Two JSON texts as what they mean, anything else as it is."""
    if not (isinstance(before, str) and isinstance(after, str)):
        return before, after
    found = _json(before), _json(after)
    return found if None not in found else (before, after)


def _json(text: str) -> Any:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _is_tree(tree: Any) -> bool:
    return isinstance(tree, Mapping) and not is_signed(tree)


def _has_lines(tree: Any) -> bool:
    return isinstance(tree, str) and "\n" in tree.strip()


def _below(path: str, key: str) -> str:
    if not _BARE.fullmatch(key):
        return f'{path}["{readable(key)}"]'
    return f"{path}.{key}" if path else key


def _of_lists(before: list[Any], after: list[Any], path: str, replaces: bool) -> Iterator[Change]:
    identity = _identity(before, after)
    if identity is not None:
        old = {str(it[identity]): it for it in before}
        new = {str(it[identity]): it for it in after}
        for key in dict.fromkeys([*old, *new]):
            inner = (old.get(key, _MISSING), new.get(key, _MISSING))
            yield from differences(*inner, f"{path}[{readable(key)}]", replaces=replaces)
    elif len(before) == len(after) and not all(map(_is_scalar, [*before, *after])):
        for index, (old_item, new_item) in enumerate(zip(before, after, strict=True)):
            yield from differences(old_item, new_item, f"{path}[{index}]", replaces=replaces)
    else:
        gone, come = _without(before, after), _without(after, before)
        for item in gone:
            yield change(f"{path}[]", item, _MISSING, replaces=replaces)
        for item in come:
            yield change(f"{path}[]", _MISSING, item, replaces=replaces)
        if not gone and not come:
            yield change(path, before, after, replaces=replaces)


def _identity(before: Sequence[Any], after: Sequence[Any]) -> str | None:
    for key in _IDENTITIES:
        if all(_told_apart(items, key) for items in (before, after)):
            return key
    return None


def _told_apart(items: Sequence[Any], key: str) -> bool:
    names = [it.get(key) for it in items if isinstance(it, Mapping)]
    known = [str(it) for it in names if isinstance(it, (str, int))]
    return bool(items) and len(set(known)) == len(items)


def _is_scalar(item: Any) -> bool:
    return not isinstance(item, (Mapping, list))


def _without(items: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    left = list(others)
    found = []
    for item in items:
        if item in left:
            left.remove(item)
        else:
            found.append(item)
    return found


def _of_lines(before: str, after: str, path: str, replaces: bool) -> Iterator[Change]:
    compared = difflib.ndiff(before.splitlines(), after.splitlines())
    for line in compared:
        if line.startswith("- "):
            yield change(f"{path} (line)", line[2:], _MISSING, replaces=replaces)
        elif line.startswith("+ "):
            yield change(f"{path} (line)", _MISSING, line[2:], replaces=replaces)


def at(tree: Any, path: str) -> Any:
    """What is at a path such as the engine names: `a.b[0]["c.d"]`, or `a.c.d` where the key is `c.d`.

    None where there is nothing; a secret where the path leads into one.
    """
    rest = path
    while rest and not is_secret(tree):
        step = _step(tree, rest)
        if step is None:
            return None
        tree, rest = step
    return tree


def _step(tree: Any, path: str) -> tuple[Any, str] | None:
    """One step down a path, and what is left of it."""
    indexed = re.match(r'\.?\[(?:"((?:[^"\\]|\\.)*)"|(\d+))\]', path)
    if indexed is not None:
        quoted, index, rest = indexed[1], indexed[2], path[indexed.end() :]
        if quoted is not None and isinstance(tree, Mapping) and quoted in tree:
            return tree[quoted], rest
        if index is not None and isinstance(tree, list) and int(index) < len(tree):
            return tree[int(index)], rest
        return None
    if not isinstance(tree, Mapping):
        return None
    path = path.removeprefix(".")
    for key in sorted((str(it) for it in tree), key=len, reverse=True):
        if path == key or path.startswith((f"{key}.", f"{key}[")):
            return tree[key], path[len(key) :]
    return None
