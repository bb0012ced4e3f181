"""What there is to flip in the components: derived from their syntax, argument by argument."""

import ast
import copy
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

# Words that switch something off, beside those that switch it on; where they stand is found in the code.
_OPPOSITES: Mapping[str, str] = {
    "required": "optional",
    "Enabled": "Disabled",
    "Disabled": "Enabled",
    "enforced": "inherited",
    "Deny": "Allow",
    "Allow": "Deny",
    "false": "true",
    "true": "false",
    "Retain": "Delete",
    "Encrypted": "Plaintext",
    "TLS1_2": "TLS1_0",
    "1.2": "1.0",
    "noeviction": "allkeys-lru",
    "NoEviction": "VolatileLRU",
    "NoCluster": "OSSCluster",
    "ENCRYPTED_ONLY": "ALLOW_UNENCRYPTED_AND_ENCRYPTED",
    "SERVER_AUTHENTICATION": "DISABLED",
    "SERVER_AUTHENTICATION_ONLY": "DISABLED",
    "API": "API_AND_CONFIG_MAP",
    "BucketOwnerEnforced": "ObjectWriter",
    "verify-full": "disable",
    "s3:GetObject": "s3:*",
    "on": "off",
    "RuntimeDefault": "Unconfined",
    "roles/storage.legacyObjectReader": "roles/storage.objectViewer",
}
_ENUMS: Mapping[str, str] = {
    "TLS1_2": "TLS1_0",
    "NONE": "Container",
    "BLOB": "Container",
    "NO_CLUSTER": "OSSCluster",
    "NO_EVICTION": "VolatileLRU",
    "ENCRYPTED": "Plaintext",
    "DISABLED": "Enabled",
    "ENABLED": "Disabled",
}
_ZEROED = re.compile(r"retention|backup_days|deletion_window|snapshot_retention")


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One argument, flipped. `line` and `says` are for people; `tree` is the module with it."""

    path: Path
    line: int
    says: str
    tree: ast.Module

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.says}"


def mutants(path: Path, root: Path) -> Iterator[Mutant]:
    """All that can be flipped in one file, in order."""
    source = ast.parse((root / path).read_text(encoding="utf-8"))
    for index, node in enumerate(ast.walk(source)):
        for number, (line, says, _) in enumerate(_changes(node)):
            tree = copy.deepcopy(source)
            twin = next(it for place, it in enumerate(ast.walk(tree)) if place == index)
            list(_changes(twin))[number][2]()
            yield Mutant(
                path=path,
                line=line,
                says=says,
                tree=ast.fix_missing_locations(tree),
            )


_Change = tuple[int, str, Callable[[], None]]


def _changes(node: ast.AST) -> Iterator[_Change]:
    if isinstance(node, ast.Call) and ast.unparse(node.func) != "dataclass":
        yield from _protection(node)
        for keyword in node.keywords:
            if keyword.arg is not None:
                yield from _of_value(keyword, keyword.arg)
        yield from _forgotten(node)
    elif isinstance(node, ast.Dict):
        for number, key in enumerate(node.keys):
            if isinstance(key, ast.Constant):
                yield from _of_item(node, number, str(key.value))
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        name = node.target.id if isinstance(node.target, ast.Name) else ""
        yield from _of_value(node, name)


def _of_value(holder: ast.keyword | ast.AnnAssign, name: str) -> Iterator[_Change]:
    value = holder.value
    if value is None:
        return

    def put(new: ast.expr) -> Callable[[], None]:
        return lambda: setattr(holder, "value", new)

    for words, new in _flipped(name, value):
        yield value.lineno, f"{name}: {words}", put(new)


def _of_item(node: ast.Dict, number: int, name: str) -> Iterator[_Change]:
    def put(new: ast.expr) -> Callable[[], None]:
        return lambda: node.values.__setitem__(number, new)

    for words, new in _flipped(name, node.values[number]):
        yield node.values[number].lineno, f"{name!r}: {words}", put(new)
    if name in ("Action", "Resource"):
        yield node.values[number].lineno, f"{name!r}: -> '*'", put(ast.Constant("*"))


def _flipped(name: str, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(value, ast.Constant):
        if isinstance(value.value, bool):
            yield f"{value.value} -> {not value.value}", ast.Constant(not value.value)
        elif isinstance(value.value, str) and value.value in _OPPOSITES:
            other = _OPPOSITES[value.value]
            yield f"{value.value!r} -> {other!r}", ast.Constant(other)
        elif isinstance(value.value, int) and "hop_limit" in name:
            yield f"{value.value} -> 5", ast.Constant(5)
    elif isinstance(value, ast.Attribute) and value.attr in _ENUMS:
        other = _ENUMS[value.attr]
        yield f"{value.attr} -> {other!r}", ast.Constant(other)
    elif _is_switch(value):
        words = ast.unparse(value)
        yield f"{words} -> not", ast.UnaryOp(op=ast.Not(), operand=value)
    if _ZEROED.search(name) and not isinstance(value, ast.Call):
        yield f"{ast.unparse(value)} -> 0", ast.Constant(0)


def _is_switch(value: ast.expr) -> bool:
    """Whether an expression is true or false, as far as its form or its name tells."""
    if isinstance(value, ast.Compare):
        return True
    if isinstance(value, ast.BoolOp):
        return isinstance(value.op, ast.And)
    if isinstance(value, ast.UnaryOp):
        return isinstance(value.op, ast.Not)
    name = value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")
    return name in ("guarded", "production", "protect")


def _protection(node: ast.Call) -> Iterator[_Change]:
    """Options of Protection that are not asked for."""
    called = node.func
    if not isinstance(called, ast.Attribute) or not ast.unparse(called.value).endswith(
        "protection"
    ):
        return

    def plain() -> None:
        (parent,) = node.args
        node.func = ast.parse("__import__('pulumi').ResourceOptions", mode="eval").body
        node.args.clear()
        node.keywords[:] = [ast.keyword(arg="parent", value=parent)]

    if called.attr in ("data", "made_once") and len(node.args) == 1:
        yield node.lineno, f"protection.{called.attr}: -> no protection", plain
    if called.attr == "made_once" and len(node.args) == 1:
        yield node.lineno, "protection.made_once: -> data", lambda: setattr(called, "attr", "data")


def _forgotten(node: ast.Call) -> Iterator[_Change]:
    """What is no longer ignored: an operator's edit of a seed would be overwritten."""
    for keyword in node.keywords:
        if keyword.arg == "ignore_changes":
            yield (
                keyword.value.lineno,
                "ignore_changes: -> none",
                lambda it=keyword: node.keywords.remove(it),  # type: ignore[misc]
            )
