"""The documents speak of what is there."""

import re
from collections.abc import Iterator
from typing import get_args

import pytest
from pydantic import BaseModel

from stacks.config import TARGETS, file_keys
from stacks.secrets import SECRETS
from tests.samples import ROOT
from tools.configuration import PAGE, page

_DOCS = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))


def test_the_configuration_page_is_written_from_the_models() -> None:
    """If this fails: python -m tools.configuration."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_key_has_its_place_in_the_configuration_page() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^## (\w+)$", text, re.MULTILINE))
    assert headings >= {k for m in TARGETS.values() for k in file_keys(m)} - set(SECRETS)
    assert all(f"- `{key}`: " in text for key in SECRETS)


def _fields(annotation: object) -> Iterator[str]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            yield field.alias or name
            yield from _fields(field.annotation)
    for part in get_args(annotation):
        yield from _fields(part)


def test_every_key_of_every_section_is_on_the_configuration_page() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    models = [field.annotation for it in TARGETS.values() for field in it.model_fields.values()]
    keys = {key for annotation in models for key in _fields(annotation)} - {"mode"}
    assert sorted(key for key in keys if f"`{key}`" not in text) == []


@pytest.mark.parametrize("document", _DOCS, ids=lambda path: path.name)
def test_no_link_leads_nowhere(document: object) -> None:
    path = ROOT / str(document)
    links = re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8"))
    local = [link for link in links if not link.startswith("http")]
    assert [link for link in local if not (path.parent / link).exists()] == []
