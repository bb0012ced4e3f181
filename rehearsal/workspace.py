"""A throw-away copy of the project, and an environment in which nothing of the operator's is seen."""

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from rehearsal.stand_ins import certificate_like, stand_in
from rehearsal.urns import name_of
from stacks.config import needed_secrets
from stacks.problems import PROJECT
from stacks.raw import RawConfig, is_encrypted
from stacks.secrets import SECRETS, SecretKey

_SEEN = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TERM",
    "COLUMNS",
    "TMPDIR",
    "SYSTEMROOT",
    "COVERAGE_PROCESS_START",
)


class UnknownStack(Exception):
    """There is no such stack file; the message lists those there are."""


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """A project folder with one stack file, a state backend and a Pulumi home, all of them its own.

    `checkpoints`: whether the state is written after each resource, as a real one is, and not only at the
    end of a step: then it outlives an engine that is killed.
    """

    path: Path
    stack: str
    stand_ins: Mapping[SecretKey, str] = field(repr=False)
    checkpoints: bool = False
    passphrase: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)

    @property
    def raw(self) -> RawConfig:
        """The stack file as the program will see it."""
        return RawConfig.from_file(
            stack_path(self.path, self.stack),
            {str(key): text for key, text in self.stand_ins.items()},
        )

    @property
    def backend(self) -> Path:
        """Where the state is."""
        return self.path / "state"

    @property
    def environment(self) -> dict[str, str]:
        """What the engine is told; the passphrase is of no use to anybody afterwards.

        A state that nobody keeps is not backed up, and is written once at the end of a step: a rehearsal
        takes a third less.
        """
        return {
            "PULUMI_BACKEND_URL": self.backend.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": self.passphrase,
            "PULUMI_HOME": str(self.path / "pulumi-home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_EXPERIMENTAL": "true",
            "PULUMI_SKIP_CHECKPOINTS": str(not self.checkpoints).lower(),
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
            "PULUMI_ERROR_OUTPUT_STRING": "true",
        }

    def state(self) -> Iterator[tuple[str, str]]:
        """All that stands in the state on disk, by the resource, or else the file, that holds it.

        The files are read, because the engine decrypts what it exports.
        """
        for file in sorted(path for path in self.backend.rglob("*") if path.is_file()):
            for owner, text in _texts(file):
                yield owner or str(file.relative_to(self.backend)), text


def stack_path(root: Path, stack: str) -> Path:
    """Where a stack's file is."""
    return root / "stacks" / f"Pulumi.{stack}.yaml"


def stacks(root: Path) -> list[str]:
    """The stacks that have a file."""
    found = (root / "stacks").glob("Pulumi.*.yaml")
    return sorted(path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in found)


def prepare(root: Path, stack: str, path: Path) -> Workspace:
    """Copy what a rehearsal of this stack needs into the folder `path`.

    Raises UnknownStack, and ConfigErrors where the file is not a stack file at all.
    """
    source = stack_path(root, stack)
    if stack not in stacks(root):
        raise UnknownStack(f"there is no stack {stack!r}; there are: {', '.join(stacks(root))}")
    raw = RawConfig.from_file(source)
    config: dict[str, Any] = yaml.safe_load(source.read_text(encoding="utf-8"))["config"]
    encrypted = {key for key in raw.secrets if key in SECRETS}
    needed = {*needed_secrets(raw), *_kept_from(config)}
    wanted = [key for key in SECRETS if key in needed or key in encrypted]
    # A plain text under a secret's key stays, for the configuration's own check to refuse.
    given = {key: stand_in(key, config) for key in wanted if not raw.values.get(key)}
    _match_certificate(config, given)
    _write(root, path, stack, _without_ciphertext(config, encrypted))
    return Workspace(path=path, stack=stack, stand_ins=given)


def _without_ciphertext(
    config: Mapping[str, Any], encrypted: Collection[SecretKey]
) -> dict[str, Any]:
    """The config without what only the real stack's key opens: the engine would stumble over it.

    An encrypted value in a place of this project's where none belongs stays, to be refused.
    """
    dropped = {f"{PROJECT}:{key}" for key in encrypted}
    return {
        key: value
        for key, value in config.items()
        if key not in dropped and (str(key).startswith(f"{PROJECT}:") or not is_encrypted(value))
    }


def _kept_from(config: dict[str, Any]) -> Iterator[SecretKey]:
    """Take out the path of a kubeconfig, which is the operator's own: a stand-in takes its place."""
    cluster = config.get(f"{PROJECT}:cluster")
    if isinstance(cluster, dict) and "kubeconfigPath" in cluster:
        config[f"{PROJECT}:cluster"] = {k: v for k, v in cluster.items() if k != "kubeconfigPath"}
        yield "kubeconfig"


def _match_certificate(config: dict[str, Any], given: dict[SecretKey, str]) -> None:
    tls = config.get(f"{PROJECT}:tls")
    if "tlsPrivateKey" not in given or not isinstance(tls, dict):
        return
    certificate = tls.get("certificate")
    pair = certificate_like(certificate) if isinstance(certificate, str) else None
    if pair is not None:
        config[f"{PROJECT}:tls"] = {**tls, "certificate": pair[0]}
        given["tlsPrivateKey"] = pair[1]


def _write(root: Path, path: Path, stack: str, config: Mapping[str, Any]) -> None:
    (path / "stacks").mkdir(parents=True)
    (path / "state").mkdir()
    shutil.copyfile(root / "Pulumi.yaml", path / "Pulumi.yaml")
    text = yaml.safe_dump({"config": dict(config)}, sort_keys=False)
    stack_path(path, stack).write_text(text, encoding="utf-8")


def _texts(file: Path) -> Iterator[tuple[str, str]]:
    """The texts of a state file with the resource that each belongs to; no name for the rest."""
    written = file.read_text(encoding="utf-8", errors="replace")
    try:
        document = json.loads(written)
    except ValueError:
        yield "", written
        return
    for resource in _resources(document):
        yield name_of(resource["urn"]), "\n".join(_strings(resource))
    yield "", "\n".join(_strings(document))


def _resources(document: Any) -> Iterator[Mapping[str, Any]]:
    found = document
    for key in ("checkpoint", "latest", "resources"):
        found = found.get(key) if isinstance(found, dict) else None
    yield from found or []


def _strings(tree: object) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        for key, value in tree.items():
            yield str(key)
            yield from _strings(value)
    elif isinstance(tree, list):
        for item in tree:
            yield from _strings(item)


@contextlib.contextmanager
def isolated(home: Path) -> Iterator[None]:
    """An environment without the operator's credentials, profiles, kubeconfig and Pulumi settings.

    The Automation API hands this process's environment on to the engine, so it is replaced, not
    added to; afterwards it is as it was.
    """
    before = dict(os.environ)
    try:
        os.environ.clear()
        os.environ.update({name: before[name] for name in _SEEN if name in before})
        os.environ["HOME"] = str(home)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
