"""The documents speak of what is there."""

import re

import pytest

from stacks.config import TARGETS, file_keys
from stacks.secrets import SECRETS
from tests.samples import ROOT

_DOCS = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))


def test_every_key_has_its_place_in_the_configuration_page() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^## (\w+)$", text, re.MULTILINE))
    assert headings >= {k for m in TARGETS.values() for k in file_keys(m)} - set(SECRETS)
    assert all(f"- `{key}`: " in text for key in SECRETS)


@pytest.mark.parametrize("document", _DOCS, ids=lambda path: path.name)
def test_no_link_leads_nowhere(document: object) -> None:
    path = ROOT / str(document)
    links = re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8"))
    local = [link for link in links if not link.startswith("http")]
    assert [link for link in local if not (path.parent / link).exists()] == []
