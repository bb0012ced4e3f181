"""Who may import what. One cloud's SDK must not be loaded for another cloud's stack."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.samples import ROOT

_SOURCES = ("__main__.py", "components", "stacks", "rehearsal", "review", "policies")
_SDK_HOMES = {
    "pulumi_aws": ("components/aws/", "components/s3/", "stacks/aws"),
    "pulumi_azure_native": ("components/azure/", "stacks/azure"),
    "pulumi_cloudflare": ("components/cloudflare/",),
    "pulumi_gcp": ("components/gcp/", "stacks/gcp"),
    "pulumi_kubernetes": (
        "components/kubernetes/",
        "components/aws/",
        "components/azure/",
        "components/gcp/",
        "stacks/",
    ),
    "pulumi_random": ("components/",),
    "pulumi_tls": ("components/",),
}
_PURE = (
    "aws/add_on_names",
    "aws/instances",
    "aws/subnets",
    "charts",
    "gcp/instances",
    "gcp/ranges",
    "instances",
    "azure/instances",
    "azure/limits",
    "azure/names",
    "azure/subnets",
    "maintenance",
    "naming",
    "ports",
    "restores",
    "seeds",
    "sizing",
    "values",
)


def _files() -> Iterator[Path]:
    for source in _SOURCES:
        path = ROOT / source
        found = [path] if path.is_file() else sorted(path.rglob("*.py"))
        yield from (it for it in found if ".venv" not in it.parts)


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _importers(module: str) -> list[str]:
    return [
        path.relative_to(ROOT).as_posix()
        for path in _files()
        if any(name == module or name.startswith(f"{module}.") for name in _imports(path))
    ]


@pytest.mark.parametrize("sdk", _SDK_HOMES)
def test_an_sdk_stays_where_its_cloud_is(sdk: str) -> None:
    assert [path for path in _importers(sdk) if not path.startswith(_SDK_HOMES[sdk])] == []


def test_components_know_nothing_of_stacks_or_rehearsals() -> None:
    for outer in ("stacks", "rehearsal", "tests"):
        assert [path for path in _importers(outer) if path.startswith("components/")] == []


def test_the_program_knows_nothing_of_rehearsals() -> None:
    known = ("rehearsal/", "review/")
    assert [path for path in _importers("rehearsal") if not path.startswith(known)] == []


def test_policies_know_ports_and_nothing_else_of_the_project() -> None:
    for outer in ("stacks", "rehearsal", "review", "tests", "pulumi"):
        assert [path for path in _importers(outer) if path.startswith("policies/")] == []
    known = ("policies/", "rehearsal/", "review/")
    assert [path for path in _importers("policies") if not path.startswith(known)] == []


def test_private_modules_of_the_sdk_are_read_in_one_place() -> None:
    assert set(_importers("pulumi._types")) == {"rehearsal/sdk.py"}
    assert set(_importers("pulumi.runtime.rpc")) == {"rehearsal/sdk.py"}


@pytest.mark.parametrize("module", _PURE)
def test_a_pure_module_makes_nothing(module: str) -> None:
    imported = _imports(ROOT / "components" / f"{module}.py")
    assert [name for name in imported if name.startswith("pulumi")] == []


def test_no_resource_is_made_by_a_cloud_s_default_provider() -> None:
    text = (ROOT / "Pulumi.yaml").read_text(encoding="utf-8")
    assert "value: [aws, azure-native, cloudflare, gcp, kubernetes]" in text


def test_an_aws_program_loads_no_other_cloud_s_sdk() -> None:
    code = (
        "import sys, stacks.aws, stacks.exports;"
        "print([m for m in sys.modules if m in ('pulumi_azure_native', 'pulumi_cloudflare', 'pulumi_gcp')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
