"""The mutants: what is found in code, and that each is the code with one thing flipped."""

import ast
from pathlib import Path

import pytest

from tests.samples import ROOT
from tools.mutants.sites import mutants


def _found(tmp_path: Path, code: str) -> dict[str, str]:
    (tmp_path / "it.py").write_text(code)
    return {it.says: ast.unparse(it.tree) for it in mutants(Path("it.py"), tmp_path)}


@pytest.mark.parametrize(
    ("code", "says", "mutated"),
    [
        ("f(encrypted=True)", "encrypted: True -> False", "f(encrypted=False)"),
        ("x = {'a': False}", "'a': False -> True", "x = {'a': True}"),
        ("f(protect=a.guarded)", "protect: a.guarded -> not", "f(protect=not a.guarded)"),
        ("f(mode='required')", "mode: 'required' -> 'optional'", "f(mode='optional')"),
        ("x = {'Action': ['s3:GetObject']}", "'Action': -> '*'", "x = {'Action': '*'}"),
        ("f(retention_in_days=a.days)", "retention_in_days: a.days -> 0", "f(retention_in_days=0)"),
        ("f(ignore_changes=['a'], b=c)", "ignore_changes: -> none", "f(b=c)"),
        (
            "f(opts=self.protection.data(self))",
            "protection.data: -> no protection",
            "f(opts=__import__('pulumi').ResourceOptions(parent=self))",
        ),
        (
            "f(opts=protection.made_once(self))",
            "protection.made_once: -> data",
            "f(opts=protection.data(self))",
        ),
        ("class A:\n    b: bool = True", "b: True -> False", "class A:\n    b: bool = False"),
    ],
)
def test_one_thing_is_flipped(tmp_path: Path, code: str, says: str, mutated: str) -> None:
    assert _found(tmp_path, code)[says] == mutated


def test_what_is_no_argument_is_left_alone(tmp_path: Path) -> None:
    code = "@dataclass(frozen=True)\nclass A:\n    b: int = 1\nx = 'required'\nf(True, name='required-by')"
    assert _found(tmp_path, code) == {}


def test_every_cloud_s_components_have_mutants_that_are_told_apart() -> None:
    for cloud in ("aws", "azure", "gcp", "kubernetes"):
        folder = Path("components") / cloud
        found = [
            it
            for path in (ROOT / folder).glob("*.py")
            for it in mutants(path.relative_to(ROOT), ROOT)
        ]
        assert len(found) > 40, cloud
        assert len({(str(it), ast.dump(it.tree)) for it in found}) == len(found)
