"""The policy pack on the real engine with Pulumi's own SDK for policies, and in every rehearsal."""

import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pulumi
import pytest
from pulumi import automation
from pulumi.automation import EngineEvent

from rehearsal.cloud import Cloud
from rehearsal.engine import Engine
from rehearsal.lawful import violations
from rehearsal.run import open_stack, run_program
from rehearsal.server import Providers
from rehearsal.workspace import isolated, prepare
from tests.samples import ROOT
from tools.policy_pack import install

_PACK = ROOT / "policies"


@dataclass
class _Said:
    """What the policies said, by policy."""

    mandatory: dict[str, list[str]] = field(default_factory=dict)
    advisory: dict[str, list[str]] = field(default_factory=dict)

    def take(self, event: EngineEvent) -> None:
        found = event.policy_event
        if found is not None:
            kind = self.mandatory if found.enforcement_level == "mandatory" else self.advisory
            kind.setdefault(found.policy_name, []).append(found.message)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack as an executable: an engine without Python's language host takes it for a pack as well."""
    folder = tmp_path_factory.mktemp("pack")
    shutil.copy(_PACK / "PulumiPolicy.yaml", folder)
    path = folder / "pack"
    path.write_text(f'#!/bin/sh\nexec "{install()}" -u "{_PACK}" "$1"\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def preview(engine: Engine, pack: Path) -> Iterator[Callable[[Callable[[], None]], _Said]]:
    with tempfile.TemporaryDirectory(prefix="policies-") as name:
        folder = Path(name).resolve()
        workspace = prepare(ROOT, "aws-production", folder / "project")
        with isolated(folder), Providers.simulated(Cloud()) as providers:

            def run(program: Callable[[], None]) -> _Said:
                said = _Said()
                stack = open_stack(workspace, engine, program, providers.debug_env)
                stack.preview(policy_packs=[str(pack)], on_event=said.take)
                return said

            yield run


def _and_a_slip() -> None:
    import pulumi_aws as aws

    run_program(ROOT)
    provider = aws.Provider(
        "slip",
        region="eu-west-1",
        allowed_account_ids=["123456789012"],
        default_tags={"tags": {"a": "b"}},
    )
    aws.kms.Key("slip", opts=pulumi.ResourceOptions(provider=provider))


def test_a_preview_of_a_sound_stack_passes_the_pack(
    preview: Callable[[Callable[[], None]], _Said],
) -> None:
    said = preview(lambda: run_program(ROOT))
    assert said.mandatory == {}
    assert said.advisory == {}


def test_a_preview_is_refused_with_the_resource_and_the_remedy(
    preview: Callable[[Callable[[], None]], _Said],
) -> None:
    with pytest.raises(automation.CommandError) as refused:
        preview(_and_a_slip)
    text = str(refused.value)
    assert "slip: enableKeyRotation must be true. Switch rotation on" in text
    assert "slip: Pulumi would delete it" in text


def test_the_same_policies_are_asked_in_a_rehearsal() -> None:
    key = {
        "urn": "urn:pulumi:s::tts::aws:kms/key:Key::slip",
        "custom": True,
        "inputs": {"enableKeyRotation": False},
    }
    (found,) = violations([key])
    assert str(found).startswith("slip (aws:kms/key:Key): enableKeyRotation must be true.")
    assert found.rule.mandatory
