"""The graph of a stack file, as the real program registers it."""

import json
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stacks.config import load
from tests.graph.recording import Registered, record
from tests.samples import ROOT, SECRETS, raw

Graph = tuple[Registered, ...]
OWN_SECRETS = {key: SECRETS[key] for key in ("licenseKey", "adminPassword")}


def graph(
    tmp_path: Path,
    changes: Mapping[str, Any] | None = None,
    *,
    name: str = "aws-existing",
    secrets: Mapping[str, str] = SECRETS,
) -> Graph:
    """What the program registers for a shipped stack file with these changes."""
    main = runpy.run_path(str(ROOT / "__main__.py"), run_name="program")
    config = load(raw(tmp_path, changes, secrets=secrets, name=name))
    return record(lambda: main["export"](config, main["provision"](config)))


def of(found: Graph, token: str) -> dict[str, Registered]:
    """The resources of a type, by name."""
    return {it.name: it for it in found if it.type.endswith(f":{token}")}


def only(found: Graph, token: str) -> Registered:
    """The one resource of a type."""
    (it,) = of(found, token).values()
    return it


def statements(document: str) -> list[dict[str, Any]]:
    """The statements of a policy."""
    parsed = json.loads(document)["Statement"]
    return parsed if isinstance(parsed, list) else [parsed]
