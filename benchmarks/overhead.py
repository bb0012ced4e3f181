"""What the components, the simulation and one cloud's SDK cost, as ratios within one run.

    python -m benchmarks.overhead [STACK …]

Without a stack, one of each target is measured. The bounds are the same for all.

The yardstick is the same graph registered flat: the resources that the engine recorded, without
components, configuration, contract or values, each with the inputs that are in the state. Both run on
the same engine. Three things are bounded:

- a no-change preview of the stack against that of the flat program, same provider: at most 1.25
- a whole rehearsal (up, preview, tear-down) against the flat program with the plain provider: at most 1.3
- the program's memory, with only its own cloud's SDK loaded: at most 200 MB

Each figure is the best of many alternating runs: machines are shared, and one and the same preview
takes 0.15 s more or less, depending on when the engine looks for the end of it.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pulumi
import yaml
from google.protobuf import empty_pb2
from pulumi import automation
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from rehearsal.cloud import Cloud
from rehearsal.engine import Engine, obtain
from rehearsal.properties import is_signed
from rehearsal.run import open_stack, run_program
from rehearsal.sdk import constructor, sdk_version
from rehearsal.server import Providers
from rehearsal.urns import name_of
from rehearsal.workspace import Workspace, isolated, prepare, stack_path

ROOT = Path(__file__).resolve().parent.parent
# One of each target; of those whose parts are made, the larger.
STACKS = ("aws-existing", "aws-production", "azure-production", "gcp-production", "self-managed")
PREVIEW_AT_MOST = 1.25
REHEARSAL_AT_MOST = 1.3
# 62 of them are Google's package for Compute Engine, which cannot be loaded in parts.
MEMORY_AT_MOST_MB = 200
_PREVIEWS = 15
_REHEARSALS = 7


class PlainProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Answers at once: every input is right, every output is the input, nothing ever changed."""

    def __init__(self, package: str) -> None:
        self._package = package

    def Attach(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Nothing to attach to."""
        return empty_pb2.Empty()

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Accept secrets, as the other provider does."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The SDK's version."""
        return plugin_pb2.PluginInfo(version=sdk_version(self._package))

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        """All is right."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Nothing changed."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Nothing to remember."""
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:
        """All is right."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Nothing changed."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Made."""
        return provider_pb2.CreateResponse(id="id", properties=request.properties)

    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Gone."""
        return empty_pb2.Empty()


Program = Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A program on the engine with its own state."""

    stack: automation.Stack

    def rehearse(self) -> float:
        """Seconds that up, a preview and the tear-down take."""
        started = time.perf_counter()
        self.stack.up()
        self.stack.preview()
        self.stack.destroy()
        return time.perf_counter() - started

    def preview(self) -> float:
        """Seconds that a preview takes."""
        started = time.perf_counter()
        self.stack.preview()
        return time.perf_counter() - started


def flat(resources: Sequence[Mapping[str, Any]]) -> Program:
    """A program that registers the recorded resources, with the SDK's classes; no more.

    The state lists a resource after those it depends on.
    """

    def program() -> None:
        made: dict[str, pulumi.Resource] = {}
        for each in resources:
            inputs = {key: _given(value) for key, value in each["inputs"].items()}
            waits = [made[urn] for urn in each.get("dependencies") or [] if urn in made]
            construct = constructor(each["type"])
            opts = pulumi.ResourceOptions(depends_on=waits)
            made[each["urn"]] = construct(name_of(each["urn"]), inputs, opts)

    return program


def _given(value: Any) -> Any:
    """An input as a program gives it; an exported state has a secret's JSON under `plaintext`."""
    if isinstance(value, list):
        return [_given(item) for item in value]
    if not isinstance(value, dict):
        return value
    if is_signed(value):
        return pulumi.Output.secret(json.loads(value["plaintext"]))
    return {key: _given(inner) for key, inner in value.items()}


def recorded(stage_: Stage) -> list[Mapping[str, Any]]:
    """The custom resources of a stack that is up, but for its providers."""
    deployment = stage_.stack.export_stack().deployment or {}
    return [
        each
        for each in deployment["resources"]
        if each.get("custom") and not str(each["type"]).startswith("pulumi:providers:")
    ]


def memory_mb(stack: str) -> float:
    """The most memory that loading and composing the stack takes, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.program", stack],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def measure(stack: str, engine: Engine) -> list[tuple[str, float, float]]:
    """Each figure with its bound."""
    with ExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory(prefix="overhead-")))
        open_.enter_context(isolated(folder))
        simulated = open_.enter_context(Providers.simulated(Cloud()))
        plain = open_.enter_context(Providers(PlainProvider))
        ours_space = prepare(ROOT, stack, folder / "ours")
        _make_disposable(ours_space)
        ours = Stage(
            stack=open_stack(ours_space, engine, lambda: run_program(ROOT), simulated.debug_env)
        )
        ours.stack.up()
        program = flat(recorded(ours))
        same = Stage(
            stack=open_stack(_bare(folder / "same", stack), engine, program, simulated.debug_env)
        )
        same.stack.up()
        previews = [(ours.preview(), same.preview()) for _ in range(_PREVIEWS)]
        ours.stack.destroy()
        bare = Stage(
            stack=open_stack(_bare(folder / "bare", stack), engine, program, plain.debug_env)
        )
        whole = [(ours.rehearse(), bare.rehearse()) for _ in range(_REHEARSALS)]
    print(f"{stack}: best of {_PREVIEWS} previews and {_REHEARSALS} rehearsals")
    return [
        ("no-change preview / flat program, same provider", _ratio(previews), PREVIEW_AT_MOST),
        ("whole rehearsal / flat program, plain provider", _ratio(whole), REHEARSAL_AT_MOST),
        ("memory of the program, MB", memory_mb(stack), MEMORY_AT_MOST_MB),
    ]


def _make_disposable(workspace: Workspace) -> None:
    """Only then can the whole of it be destroyed, as the flat program's resources can."""
    file = stack_path(workspace.path, workspace.stack)
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    document["config"]["tts:protection"] = "disposable"
    file.write_text(yaml.safe_dump(document), encoding="utf-8")


def _bare(path: Path, stack: str) -> Workspace:
    """A project without configuration."""
    (path / "stacks").mkdir(parents=True)
    (path / "state").mkdir()
    (path / "Pulumi.yaml").write_text("name: tts\nruntime: python\nstackConfigDir: stacks\n")
    return Workspace(path=path, stack=stack, stand_ins={})


def _ratio(pairs: Sequence[tuple[float, float]]) -> float:
    ours, bare = min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)
    print(f"  {ours:.2f} s against {bare:.2f} s")
    return ours / bare


def main() -> int:
    """Measure the stacks; 1 where a bound is not kept."""
    engine = obtain(print)
    kept = [_kept(stack, engine) for stack in sys.argv[1:] or STACKS]
    return 0 if all(kept) else 1


def _kept(stack: str, engine: Engine) -> bool:
    figures = measure(stack, engine)
    for name, figure, bound in figures:
        verdict = "kept" if figure <= bound else "NOT KEPT"
        print(f"{stack}, {name}: {figure:.2f} (at most {bound}: {verdict})")
    return all(figure <= bound for _, figure, bound in figures)


if __name__ == "__main__":
    raise SystemExit(main())
