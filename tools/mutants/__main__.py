"""`python -m tools.mutants [FOLDER]`: flip every safety-relevant argument of the components, one at a time.

Each must be caught by a policy on the graph of a shipped stack, or by a test of tests/graph. Prints what
caught each, and the score; writes out/mutants-*.json. It takes ten seconds and more for each of several
hundred, so it is no part of `make test`.
"""

import argparse
import gc
import importlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.mutants.sites import Mutant, mutants
from tools.mutants.trial import fingerprint, tried

_ROOT = Path(__file__).resolve().parents[2]
_SDKS = (
    "pulumi_random",
    "pulumi_tls",
    "pulumi_kubernetes",
    "pydantic",
    "cryptography.x509",
    "pytest",
)
_CLOUDS: Mapping[str, Sequence[str]] = {
    "aws": ("pulumi_aws",),
    "azure": ("pulumi_azure_native",),
    "gcp": ("pulumi_gcp",),
}
_OF_CLUSTER = ("aws-production", "aws-existing", "local")


def main() -> int:
    """0 where every mutant was caught, else 1."""
    arguments = _arguments()
    found = list(_mutants(arguments.folder))
    chosen = [it for number, it in enumerate(found) if number % arguments.parts == arguments.part]
    if arguments.list:
        print("\n".join(map(str, chosen)))
        return 0
    areas = {name: _Area.of(name) for name in dict.fromkeys(map(_area, chosen))}
    gc.freeze()
    results = []
    for mutant in chosen:
        area = areas[_area(mutant)]
        fate, words = tried(mutant, _ROOT, area.stacks, area.tests, area.same)
        results.append({"mutant": str(mutant), "fate": fate, "by": words})
        print(f"{fate:9} {mutant}  {words}", flush=True)
        _write(arguments.folder, arguments.part, results)
    fates = Counter(str(it["fate"]) for it in results)
    print(f"{len(results) - fates['survived']} of {len(results)} caught: {dict(fates)}")
    return 1 if fates["survived"] else 0


def _area(mutant: Mutant) -> str:
    """The cloud that a mutant is of; empty for what is of none."""
    folder = mutant.path.parts[1]
    return folder if folder in _CLOUDS else ""


@dataclass(frozen=True, kw_only=True)
class _Area:
    """What mutants of one cloud are tried on. `same`: the first stack's fingerprint without a mutant."""

    stacks: Sequence[str]
    tests: Sequence[str]
    same: str

    @staticmethod
    def of(cloud: str) -> "_Area":
        """Loads the SDKs, which every trial then has."""
        for name in (*_SDKS, *_CLOUDS.get(cloud or "aws", ())):
            importlib.import_module(name)
        stacks = _stacks(cloud)
        return _Area(stacks=stacks, tests=_tests(cloud), same=fingerprint(_ROOT, stacks[0]))


def _mutants(folder: Path) -> Iterator[Mutant]:
    for path in sorted((_ROOT / folder).rglob("*.py")):
        yield from mutants(path.relative_to(_ROOT), _ROOT)


def _stacks(cloud: str) -> Sequence[str]:
    """Shipped stacks that the components of a cloud make, production first."""
    if not cloud:
        return _OF_CLUSTER
    names = [it.name.split(".")[1] for it in (_ROOT / "stacks").glob(f"Pulumi.{cloud}-*.yaml")]
    return sorted(names, key=lambda it: (not it.endswith("-production"), it))[:2]


def _tests(cloud: str) -> list[str]:
    """The tests of graphs, those of another cloud left out."""
    others = [name for name in _CLOUDS if name != cloud] if cloud else []
    found = sorted((_ROOT / "tests" / "graph").glob("test_*.py"))
    return [str(it) for it in found if not any(f"_{name}" in it.name for name in others)]


def _write(folder: Path, part: int, results: Sequence[Mapping[str, str]]) -> None:
    out = _ROOT / "out"
    out.mkdir(exist_ok=True)
    path = out / f"mutants-{folder.name}-{part}.json"
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("components"))
    parser.add_argument("--parts", type=int, default=1, help="into how many parts the work is cut")
    parser.add_argument("--part", type=int, default=0, help="which of them this is, from 0")
    parser.add_argument("--list", action="store_true", help="list the mutants, try none")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
