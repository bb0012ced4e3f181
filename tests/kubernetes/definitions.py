"""Definitions of custom resources, as the projects that define them publish them: in their Go modules."""

import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from components.charts import CERT_MANAGER
from tools import golang
from tools.go_programs import TRAEFIK
from tools.golang import Lacking

Definition = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Source:
    """A Go module and the files in it; `version` is that of the software that our charts install."""

    module: str
    version: str
    files: str

    @property
    def pinned(self) -> str:
        """The module as Go's commands name it."""
        return f"{self.module}@v{self.version}"


SOURCES: Mapping[str, Source] = {
    "traefik.io": Source(
        module=TRAEFIK.module.pins,
        version=TRAEFIK.module.version(),
        files="docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml",
    ),
    "cert-manager.io": Source(
        module="github.com/cert-manager/cert-manager",
        version=CERT_MANAGER.version.removeprefix("v"),
        files="deploy/crds/*.yaml",
    ),
    "postgresql.cnpg.io": Source(
        module="github.com/cloudnative-pg/cloudnative-pg",
        version="1.30.0",
        files="config/crd/bases/*.yaml",
    ),
    "barmancloud.cnpg.io": Source(
        module="github.com/cloudnative-pg/plugin-barman-cloud",
        version="0.13.0",
        files="config/crd/bases/*.yaml",
    ),
}


def definitions(group: str) -> list[Definition]:
    """The definitions of an API group's kinds. Raises KeyError for one without a source, and Lacking."""
    source = SOURCES[group]
    return list(_read(source))


def _read(source: Source) -> Iterator[Definition]:
    found = sorted(folder_of(source.pinned).glob(source.files))
    if not found:
        raise Lacking(f"{source.pinned} has no {source.files}")
    for file in found:
        documents = yaml.safe_load_all(file.read_text(encoding="utf-8"))
        yield from (it for it in documents if it and it["kind"] == "CustomResourceDefinition")


@cache
def folder_of(pinned: str) -> Path:
    """Where Go keeps a module's sources; downloaded once, and checked by Go's checksum database."""
    go = golang.find(TRAEFIK.module, golang.cache(), print)
    environment = {**go.environment, "GOFLAGS": "-mod=mod"}
    with tempfile.TemporaryDirectory() as nowhere:
        done = subprocess.run(
            [go.path, "mod", "download", "-json", pinned],
            cwd=nowhere,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=golang.INSTALL_SECONDS,
            check=False,
        )
    said: Mapping[str, str] = json.loads(done.stdout or "{}")
    if "Dir" not in said:
        raise Lacking(f"{pinned}: {said.get('Error') or done.stderr.strip()[:300]}")
    return Path(said["Dir"])
