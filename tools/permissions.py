"""The permissions that a stack needs of its cloud, from the types of resources in its graph.

    python -m tools.permissions STACK

The graph is that of a rehearsal, so no account is needed. The documents go to out/STACK/permissions/,
in the form that the cloud's own command takes, which is printed.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml
from typing_extensions import assert_never

from rehearsal.engine import EngineUnavailable, obtain
from rehearsal.report import Reporter, console
from rehearsal.run import RehearsalFailed, rehearse
from rehearsal.workspace import UnknownStack, prepare
from stacks.config import AwsConfig, AzureConfig, GcpConfig, SelfManagedConfig, StackConfig, load
from stacks.problems import ConfigErrors
from tools.permission_documents import Document, aws_policies, azure_roles

ROOT = Path(__file__).resolve().parent.parent
ALWAYS = "always"


@cache
def table(target: str) -> Mapping[str, tuple[str, ...]]:
    """What each type of resource needs: type token -> actions, and under `always` what any stack does."""
    path = ROOT / "docs" / f"{target}-permissions.yaml"
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {token: tuple(actions) for token, actions in found.items()}


def needed(target: str, types: Iterable[str]) -> tuple[str, ...]:
    """The actions that these types need, sorted. Raises KeyError for a type that the table lacks."""
    known = table(target)
    return tuple(sorted({action for it in (ALWAYS, *types) for action in known[it]}))


def documents(config: StackConfig, types: Iterable[str]) -> Sequence[Document]:
    """The documents for a stack whose graph has these types of its cloud; none for no cloud."""
    match config:
        case AwsConfig():
            return aws_policies(config, needed("aws", _of("aws", types)))
        case AzureConfig():
            return azure_roles(config, needed("azure", _of("azure-native", types)))
        case GcpConfig() | SelfManagedConfig():
            return ()
        case _:
            assert_never(config)


def _of(package: str, types: Iterable[str]) -> set[str]:
    return {it for it in types if it.startswith(f"{package}:")}


def _config(stack: str) -> StackConfig:
    """A stack's configuration, with stand-ins for its secrets."""
    with tempfile.TemporaryDirectory(prefix="permissions-") as folder:
        return load(prepare(ROOT, stack, Path(folder) / "project").raw)


def main() -> int:
    """Write the documents and print how to use them; 1 with a message where the stack is not sound."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stack")
    stack = parser.parse_args().stack
    try:
        config = _config(stack)
        with Reporter(console()) as reporter:
            result = rehearse(ROOT, stack, lambda: obtain(reporter.note), listener=reporter)
    except (ConfigErrors, UnknownStack, EngineUnavailable, RehearsalFailed) as error:
        print(error, file=sys.stderr)
        return 1
    found = documents(config, {it.type for it in result.resources})
    folder = ROOT / "out" / stack / "permissions"
    folder.mkdir(parents=True, exist_ok=True)
    for it in found:
        (folder / it.name).write_text(it.text, encoding="utf-8")
        print(it.command.format(path=folder / it.name))
    if not found:
        print(f"{stack} makes nothing in a cloud, so it needs no permissions of one.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
