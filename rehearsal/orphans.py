"""What is in the cloud and not in the state, and the exact commands that put it right.

A provider that never heard how a creation ended, or an engine that was killed meanwhile, leaves something
that no later run knows of.
"""

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from rehearsal.cloud import Cloud, Remembered
from rehearsal.faults import LOCAL, package_of
from rehearsal.urns import name_of

_COMMANDS = Path(__file__).parent / "rules" / "delete_commands.yaml"
_PLACEHOLDER = re.compile(r"\{([^}]+)\}")


@dataclass(frozen=True, kw_only=True)
class Home:
    """Where a resource belongs in a program: the URNs of its parent and provider."""

    parent: str
    provider: str


@dataclass(frozen=True, kw_only=True)
class Orphan:
    """One such thing, and what to type: `adopt` makes it the program's, `delete` removes it.

    `delete` is None where no such command is known; `pending` says that the state has its creation as
    interrupted.
    """

    resource: Remembered
    pending: bool
    adopt: str
    delete: str | None

    def __str__(self) -> str:
        what = f"{name_of(self.resource.urn)} ({self.resource.type}) is there as {self.resource.id}"
        ways = [f"adopt it: {self.adopt}"] + (
            [f"or delete it: {self.delete}"] if self.delete else []
        )
        return "\n    ".join([what, *ways])


def unknown_to(state: Iterable[Mapping[str, Any]], cloud: Cloud) -> list[Remembered]:
    """What the cloud has and this state does not know; what exists in a state alone is never lost."""
    known = {(it["type"], it.get("id")) for it in state}
    return [
        it for it in cloud if package_of(it.type) not in LOCAL and (it.type, it.id) not in known
    ]


def orphan(resource: Remembered, stack: str, home: Home, pending: bool) -> Orphan:
    """What to type. `pending`: the state says that its creation was interrupted."""
    take = _import_pending if pending else _import
    return Orphan(
        resource=resource,
        pending=pending,
        adopt=take(resource, stack, home),
        delete=delete_command(resource),
    )


def import_arguments(resource: Remembered, home: Home) -> list[str]:
    """The arguments of `pulumi import` but for the stack.

    https://www.pulumi.com/docs/iac/cli/commands/pulumi_import/
    """
    provider = _urn(home.provider)
    return [
        *("--parent", f"{_variable(home.parent)}={home.parent}"),
        *("--provider", f"{_variable(provider)}={provider}"),
        *("--protect=false", "--generate-code=false"),
        *(resource.type, name_of(resource.urn), resource.id),
    ]


def import_file(resources: Iterable[Remembered], homes: Mapping[str, Home]) -> Mapping[str, Any]:
    """The same for several at once: what `pulumi import --file` reads. `homes` are by URN."""
    table: dict[str, str] = {}
    listed: list[Mapping[str, str]] = []
    for each in resources:
        parent, provider = homes[each.urn].parent, _urn(homes[each.urn].provider)
        table |= {_variable(parent): parent, _variable(provider): provider}
        names = {"parent": _variable(parent), "provider": _variable(provider)}
        what = {"type": each.type, "name": name_of(each.urn), "id": each.id}
        listed.append({**what, **names})
    return {"nameTable": table, "resources": listed}


def _urn(reference: str) -> str:
    """A provider's URN, without the identifier that a reference to it has behind."""
    return reference.rpartition("::")[0] if reference.count("::") > 3 else reference


def _import(resource: Remembered, stack: str, home: Home) -> str:
    return shlex.join(["pulumi", "import", "--stack", stack, *import_arguments(resource, home)])


def _import_pending(resource: Remembered, stack: str, home: Home) -> str:
    """https://www.pulumi.com/docs/iac/cli/commands/pulumi_refresh/."""
    words = ["pulumi", "refresh", "--stack", stack]
    for word in (resource.urn, resource.id):
        words += ["--import-pending-creates", word]
    return shlex.join(words)


def _variable(urn: str) -> str:
    """A name for the name table, in which a parent and a provider must not be the same."""
    kind = "provider" if "pulumi:providers:" in urn else "parent"
    return f"{kind}_{re.sub(r'[^A-Za-z0-9]+', '_', name_of(urn))}"


@cache
def _commands() -> Mapping[str, str]:
    found: Mapping[str, str] = yaml.safe_load(_COMMANDS.read_text(encoding="utf-8"))
    return found


def has_delete_command(token: str) -> bool:
    """Whether a command of the cloud's own tool is known that deletes it."""
    return _pattern(token) is not None


def delete_command(resource: Remembered) -> str | None:
    """The cloud's own command that deletes it, None where none is known."""
    pattern = _pattern(resource.type)
    if pattern is None:
        return None
    return _PLACEHOLDER.sub(lambda found: shlex.quote(_value(resource, found.group(1))), pattern)


def _pattern(token: str) -> str | None:
    commands = _commands()
    return commands.get(token) or commands.get(package_of(token))


def _value(resource: Remembered, path: str) -> str:
    if path == "id":
        return resource.id
    if path == "kind":
        return resource.type.rpartition(":")[2].lower()
    found: Any = {**resource.state, **resource.inputs}
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return str(found)
