"""Whether a secret can be read in the state on disk."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rehearsal.messages import label
from rehearsal.properties import is_secret, is_unknown
from rehearsal.stand_ins import traces
from rehearsal.workspace import Workspace
from stacks.problems import PROJECT

_SHORTEST_SECRET = 8


def leak(
    workspace: Workspace, secrets: Mapping[str, Any], deployed: Iterable[Mapping[str, Any]]
) -> str | None:
    """Which secret stands in which file, or None.

    Looked for are the stand-ins, the stack's secret output, and every text that the engine marks
    as secret in the deployed resources.
    """
    known = known_secrets(workspace, secrets, deployed)
    for holder, text in workspace.state():
        for name, secret in known.items():
            if any(it in text for it in secret):
                return f"{name} stands in plain text in the state, in {holder}"
    return None


def known_secrets(
    workspace: Workspace, secrets: Mapping[str, Any], deployed: Iterable[Mapping[str, Any]]
) -> dict[str, frozenset[str]]:
    """Every secret of a stack by what it is, and the texts that would show in what holds it.

    `secrets` is the stack's secret output, `deployed` its resources.
    """
    known = {f"{PROJECT}:{key}": traces(text) for key, text in workspace.stand_ins.items()}
    for path, text in _leaves(secrets):
        known[f"helmSecrets.{path}"] = frozenset({text})
    for resource in deployed:
        for path, text in _marked(resource.get("outputs")):
            # An access key's ID is no secret, though the AWS provider marks it as one.
            if path == "accessKey" and "pulumi:providers:aws" in resource["urn"]:
                continue
            known[f"{path} of {label(resource)}"] = frozenset({text})
    found = {
        name: frozenset(it for it in texts if len(it) >= _SHORTEST_SECRET)
        for name, texts in known.items()
    }
    return {name: texts for name, texts in found.items() if texts}


def _leaves(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(tree, Mapping):
        for key, inner in tree.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(tree, str):
        yield path, tree


def _marked(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The texts that a deployment marks as secret.

    Mappings that are secret as a whole are left out: a certificate beside its key is no secret.
    """
    if is_secret(tree):
        text = json.loads(tree.get("plaintext") or "null")
        # Where a run failed, a secret may not be known yet; what stands for it is no secret.
        if isinstance(text, str) and not is_unknown(text):
            yield path, text
    elif isinstance(tree, Mapping):
        for key, inner in tree.items():
            yield from _marked(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(tree, list):
        for inner in tree:
            yield from _marked(inner, f"{path}[]")
