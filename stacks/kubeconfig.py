"""What can be told about a kubeconfig without asking its server."""

from collections.abc import Sequence

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stacks.problems import Problem, key_of, shown

_KEY = key_of("kubeconfig")
_CONTEXT = key_of("cluster", "context")
_SET = "pulumi config set --secret kubeconfig < kubeconfig.yaml"


class _Named(BaseModel):
    name: str


class _Kubeconfig(BaseModel):
    model_config = ConfigDict(extra="ignore")

    clusters: Sequence[_Named] = Field(min_length=1)
    contexts: Sequence[_Named] = Field(min_length=1)
    users: Sequence[_Named] = Field(min_length=1)


def check_kubeconfig(content: str, context: str | None) -> list[Problem]:
    """Whether it is a kubeconfig, and whether it is clear which of its contexts is meant.

    Its content is secret and is never quoted; the names of its contexts are not.
    """
    try:
        parsed = _Kubeconfig.model_validate(yaml.safe_load(content))
    except (yaml.YAMLError, ValidationError):
        return [
            Problem(
                key=_KEY,
                allowed="the content of a kubeconfig with clusters, contexts and users",
                remedy=f"{_SET} (the file's content, not its path)",
            )
        ]
    names = [entry.name for entry in parsed.contexts]
    listed = ", ".join(names)
    if context is None and len(names) > 1:
        return [
            Problem(
                key=_CONTEXT,
                allowed=f"one of {listed}: the kubeconfig has several contexts",
                remedy="name the one that is meant; the file's current-context is not trusted",
            )
        ]
    if context is not None and context not in names:
        return [
            Problem(
                key=_CONTEXT,
                value=shown(context),
                allowed=f"one of {listed}",
                remedy="name a context of the kubeconfig, or set one that has it",
            )
        ]
    return []
