"""Files of Helm values: YAML that a person reads, and secrets that nobody else does."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

_NEVER_FOLD = 1 << 20


def write_yaml(path: Path, tree: Mapping[str, Any], mode: int, head: str = "") -> None:
    """Write a file at once, with this mode from its first byte under its name, below the line `head`."""
    text = yaml.dump(dict(tree), Dumper=_Readable, sort_keys=False, width=_NEVER_FOLD)
    # Such a file is its owner's alone (0600) as long as it is under this name.
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        fresh = Path(file.name)
        try:
            file.write(head + text)
            file.close()
            fresh.chmod(mode)
            fresh.replace(path)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise


class _Readable(yaml.SafeDumper):
    """YAML with texts of several lines as blocks."""


def _text(dumper: _Readable, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Readable.add_representer(str, _text)
