"""The program of a stack without an engine, for the memory it takes: `python -m benchmarks.program STACK`.

Prints the most megabytes that this process ever held. The SDK's mocks answer every registration.
"""

import contextlib
import io
import resource
import runpy
import sys
import tempfile
from pathlib import Path

from rehearsal.workspace import prepare
from stacks.config import load
from tests.graph.recording import record

ROOT = Path(__file__).resolve().parent.parent
_SDKS = {"aws": "pulumi_aws", "azure": "pulumi_azure_native", "gcp": "pulumi_gcp"}


def main() -> int:
    """Compose the stack; 1 where another cloud's SDK was loaded for it."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
        config = load(prepare(ROOT, sys.argv[1], Path(folder) / "project").raw)
        program = runpy.run_path(str(ROOT / "__main__.py"), run_name="program")
        record(lambda: program["export"](config, program["provision"](config)))
    others = {sdk for target, sdk in _SDKS.items() if target != config.target}
    if others & set(sys.modules):
        return 1
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
