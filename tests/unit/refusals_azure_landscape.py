"""The production environment in a simulated Azure, made as its rules want it."""

import tempfile
from functools import cache
from pathlib import Path

from tests.graph.program import OWN_SECRETS, Graph, graph
from tests.unit.refusals_landscape import Simulated


def azure() -> Simulated:
    """All of it that Azure has, in the order in which the program registers it."""
    it = Simulated()
    for each in _registered():
        it.make(each.type, each.name, **each.inputs)
    return it


@cache
def _registered() -> Graph:
    with tempfile.TemporaryDirectory() as folder:
        found = graph(Path(folder), name="azure-production", secrets=OWN_SECRETS)
    return tuple(it for it in found if it.type.startswith("azure-native:"))
