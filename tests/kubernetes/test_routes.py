"""Every stack with an entry of its own: Traefik reads all that is applied, and finds no fault with it."""

from pathlib import Path

import pytest

from rehearsal.workspace import stacks
from tests.kubernetes.api_server import ApiServer
from tests.kubernetes.conftest import MadeBy, program
from tests.kubernetes.environment import environment
from tests.samples import ROOT, stack_file
from tools.go_programs import MQTT_BROKER, TRAEFIK

_MADE = [it for it in stacks(ROOT) if stack_file(name=it)["tts:ingress"]["mode"] == "managed"]


@pytest.mark.parametrize("stack", _MADE)
def test_traefik_finds_no_fault_with_any_route(
    stack: str, made: MadeBy, api: ApiServer, tmp_path: Path
) -> None:
    with environment(made(stack), api, program(TRAEFIK), program(MQTT_BROKER), tmp_path) as running:
        found = [*running.routers("http"), *running.routers("tcp")]
        assert [it for it in found if it["status"] != "enabled"] == []
