"""The servers, built once and started once for all tests; each API server is a test's own."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from rehearsal.engine import obtain as obtain_engine
from tests.kubernetes.api_server import ApiServer, Etcd, api_server_running, etcd_running
from tests.kubernetes.objects import Made, made_by
from tests.samples import ROOT
from tools import go_programs
from tools.go_programs import ETCD, KUBE_APISERVER, Program

MadeBy = Callable[[str], Made]


def program(wanted: Program) -> Path:
    """A program's path, built where it is missing. Raises Lacking, which says what is missing."""
    return go_programs.obtain(wanted, print)


@pytest.fixture(scope="session")
def made() -> MadeBy:
    """What a stack makes on its cluster; the engine runs once for each."""

    @cache
    def of(stack: str) -> Made:
        return made_by(ROOT, stack, lambda: obtain_engine(print))

    return of


@pytest.fixture(scope="session")
def etcd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Etcd]:
    with etcd_running(program(ETCD), tmp_path_factory.mktemp("etcd")) as running:
        yield running


@pytest.fixture
def api(etcd: Etcd, tmp_path: Path) -> Iterator[ApiServer]:
    """An API server with nothing in it."""
    with api_server_running(program(KUBE_APISERVER), etcd, tmp_path, tmp_path.name) as server:
        yield server
