"""The real engine, obtained once for all tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pulumi import automation

from rehearsal.cloud import Cloud
from rehearsal.engine import Engine, obtain
from rehearsal.run import open_stack, run_program
from rehearsal.server import Providers
from rehearsal.workspace import isolated, prepare
from tests.rehearsal.environment import Environment, Start
from tests.samples import ROOT

Program = Callable[[], None]
Deploy = Callable[[Program], automation.Stack]


@pytest.fixture(scope="session")
def engine() -> Engine:
    return obtain(print)


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def deploy(engine: Engine, cloud: Cloud, tmp_path: Path) -> Iterator[Deploy]:
    """A stack of one's own program on the real engine and the simulated cloud."""
    (tmp_path / "state").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: tts\nruntime: python\n")
    with isolated(tmp_path), Providers.simulated(cloud) as providers:
        environment = {
            "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "only-here",
            "PULUMI_HOME": str(tmp_path / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DEBUG_PROVIDERS": providers.debug_env,
        }

        def start(program: Program) -> automation.Stack:
            options = automation.LocalWorkspaceOptions(
                work_dir=str(tmp_path), env_vars=environment, pulumi_command=engine.command()
            )
            return automation.create_or_select_stack(
                "sample",
                project_name="tts",
                program=program,
                work_dir=str(tmp_path),
                opts=options,
            )

        yield start


@pytest.fixture
def start(engine: Engine, cloud: Cloud, tmp_path: Path) -> Iterator[Start]:
    """A shipped stack, up on a simulated cloud."""
    with isolated(tmp_path), Providers.simulated(cloud) as providers:

        def begin(name: str) -> Environment:
            workspace = prepare(ROOT, name, tmp_path / "project")
            stack = open_stack(workspace, engine, lambda: run_program(ROOT), providers.debug_env)
            environment = Environment(workspace, stack, cloud)
            environment.up()
            return environment

        yield begin
