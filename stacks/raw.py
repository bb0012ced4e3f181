"""A stack file before it means anything: texts by key, and which of them are secret."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pulumi
import yaml
from pulumi.runtime import config as runtime_config

from stacks.problems import PROJECT, ConfigErrors, Problem

_PREFIX = f"{PROJECT}:"


@dataclass(frozen=True, kw_only=True)
class RawConfig:
    """The keys of this project in one stack file.

    `values` holds what Pulumi hands a program: plain texts, and JSON for lists and mappings. It may
    hold secrets, so it is kept out of the representation. `secrets` names the keys whose value is
    encrypted, wholly or in a part.
    """

    stack: str
    values: Mapping[str, str] = field(repr=False)
    secrets: frozenset[str]

    @property
    def given(self) -> Mapping[str, str]:
        """The values without the empty ones, which are Pulumi.yaml's defaults."""
        return {key: text for key, text in self.values.items() if text not in ("", "{}", "[]")}

    @staticmethod
    def from_pulumi() -> "RawConfig":
        """What the engine hands to the running program."""
        found = {**runtime_config.get_config_env(), **runtime_config.CONFIG.get()}
        values = {key.removeprefix(_PREFIX): str(found[key]) for key in found if _ours(key)}
        secrets = {key for key in values if runtime_config.is_config_secret(_PREFIX + key)}
        return RawConfig(stack=pulumi.get_stack(), values=values, secrets=frozenset(secrets))

    @staticmethod
    def from_file(path: Path, stand_ins: Mapping[str, str] | None = None) -> "RawConfig":
        """A stack file read without an engine. An encrypted value is replaced by its stand-in.

        Raises ConfigErrors where the file is not a Pulumi stack file.
        """
        stack = path.name.removeprefix("Pulumi.").removesuffix(".yaml")
        config = _config_of(stack, path)
        mine = {key.removeprefix(_PREFIX): value for key, value in config.items() if _ours(key)}
        secrets = {key for key, value in mine.items() if is_encrypted(value)}
        values = {key: _as_pulumi(value) for key, value in mine.items() if key not in secrets}
        for key, text in (stand_ins or {}).items():
            values[key] = text
            secrets.add(key)
        return RawConfig(stack=stack, values=values, secrets=frozenset(secrets))


def _ours(key: str) -> bool:
    return key.startswith(_PREFIX)


def _config_of(stack: str, path: Path) -> Mapping[str, object]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise ConfigErrors(stack, [_not_a_stack_file(path, f"cannot be read: {reason}")]) from error
    config = document.get("config") if isinstance(document, dict) else None
    if not isinstance(config, dict):
        raise ConfigErrors(stack, [_not_a_stack_file(path, "has no mapping called config")])
    return {str(key): value for key, value in config.items()}


def _not_a_stack_file(path: Path, reason: str) -> Problem:
    return Problem(
        key=path.name,
        allowed=f"a Pulumi stack file in YAML; this one {reason}",
        remedy="compare it with stacks/Pulumi.aws-existing.yaml",
    )


def is_encrypted(value: object) -> bool:
    """Whether Pulumi calls a key of this value secret: any encrypted leaf makes all of it so."""
    if isinstance(value, dict):
        if set(value) == {"secure"}:
            return True
        return any(is_encrypted(inner) for inner in value.values())
    return isinstance(value, list) and any(is_encrypted(inner) for inner in value)


def _as_pulumi(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value, default=str)
