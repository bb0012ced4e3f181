"""The kubeconfig in a file: one context of it, with all that it refers to, as one text."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from stacks import sections
from stacks.problems import Problem, key_of, shown

_KEY = key_of("cluster", "kubeconfigPath")
# Fields that name a file, and those that hold the file's content in base64.
_EMBEDDED = {
    "certificate-authority": "certificate-authority-data",
    "client-certificate": "client-certificate-data",
    "client-key": "client-key-data",
}


def read_kubeconfig(cluster: object) -> tuple[str | None, list[Problem]]:
    """The content of the file that an existing cluster names, or why it cannot be had.

    A relative path starts at the project's folder. Files that the kubeconfig names are put into it, as
    `kubectl config view --flatten` does, and of several contexts only the one that is meant is taken
    over, so that no other cluster's credentials get into the state.
    """
    if not isinstance(cluster, sections.ExistingCluster) or cluster.kubeconfig_path is None:
        return None, []
    path = Path(cluster.kubeconfig_path).expanduser()
    try:
        text = path.read_text(encoding="utf-8")
        return _standing_alone(text, path.resolve().parent, cluster.context), []
    except UnicodeDecodeError:
        reason = "it is no text"
    except OSError as error:
        reason = f"{error.filename or path}: {error.strerror or 'cannot be read'}"
    return None, [
        Problem(
            key=_KEY,
            value=shown(cluster.kubeconfig_path),
            allowed=f"a kubeconfig that can be read; {reason}",
            remedy=(
                "correct the path, or take it out and set the content: "
                "pulumi config set --secret kubeconfig < kubeconfig.yaml"
            ),
        )
    ]


def _standing_alone(text: str, folder: Path, context: str | None) -> str:
    """Raises OSError for a file that it names and that cannot be read; leaves what is no kubeconfig."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    if not isinstance(found, dict):
        return text
    found = _only(found, context)
    for part, inner in (("clusters", "cluster"), ("users", "user")):
        for entry in _entries(found, part):
            if isinstance(entry.get(inner), dict):
                entry[inner] = _embedded(entry[inner], folder)
    return yaml.safe_dump(found, sort_keys=False)


def _entries(found: Mapping[str, Any], part: str) -> list[dict[str, Any]]:
    entries = found.get(part)
    if not isinstance(entries, list):
        return []
    return [it for it in entries if isinstance(it, dict)]


def _only(found: dict[str, Any], context: str | None) -> dict[str, Any]:
    """The context that is meant, with its cluster and user; all of it where that is not clear."""
    chosen = [it for it in _entries(found, "contexts") if it.get("name") == context]
    names = chosen[0].get("context") if len(chosen) == 1 else None
    if not isinstance(names, dict):
        return found
    kept = {
        part: [it for it in _entries(found, part) if it.get("name") == names.get(part[:-1])]
        for part in ("clusters", "users")
    }
    return {**found, **kept, "contexts": chosen, "current-context": context}


def _embedded(fields: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    result = dict(fields)
    for field, data in _EMBEDDED.items():
        path = result.pop(field, None)
        if isinstance(path, str) and path and not result.get(data):
            result[data] = base64.b64encode((folder / path).read_bytes()).decode()
    path = result.pop("tokenFile", None)
    if isinstance(path, str) and path and not result.get("token"):
        result["token"] = (folder / path).read_text(encoding="utf-8").strip()
    return result
