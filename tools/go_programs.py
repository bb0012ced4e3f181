"""The servers that tests/kubernetes runs, built from the Go modules of this folder and kept.

`python -m tools.go_programs` builds those that are not there yet (10 minutes on two cores) and says where
they are.
"""

import fcntl
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tools import golang
from tools.golang import Lacking, Module, Report


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program of a Go module. `variables`: what the linker sets, from the version's parts.

    `minutes`: how long the build takes on two cores.
    """

    name: str
    module: Module
    package: str
    minutes: str
    variables: Mapping[str, str] = field(default_factory=dict)

    def flags(self) -> str:
        """The linker's flags. Raises Lacking."""
        version = self.module.version()
        major, minor, *_ = version.split(".")
        return " ".join(
            f"-X {name}={value.format(version=version, major=major, minor=minor)}"
            for name, value in self.variables.items()
        )


_KUBERNETES = "k8s.io/kubernetes"
_REPORTED = "k8s.io/component-base/version"
KUBE_APISERVER = Program(
    name="kube-apiserver",
    module=Module(folder="kubernetes", pins=_KUBERNETES),
    package=f"{_KUBERNETES}/cmd/kube-apiserver",
    minutes="3 to 6",
    # Without these it reports a version that no client understands.
    variables={
        f"{_REPORTED}.gitVersion": "v{version}",
        f"{_REPORTED}.gitMajor": "{major}",
        f"{_REPORTED}.gitMinor": "{minor}",
    },
)
ETCD = Program(
    name="etcd",
    module=Module(folder="etcd", pins="go.etcd.io/etcd/server/v3"),
    package="go.etcd.io/etcd/server/v3",
    minutes="1 to 2",
)
_TRAEFIK = "github.com/traefik/traefik/v3"
TRAEFIK = Program(
    name="traefik",
    module=Module(folder="traefik", pins=_TRAEFIK),
    package=f"{_TRAEFIK}/cmd/traefik",
    minutes="3 to 6",
    variables={f"{_TRAEFIK}/pkg/version.Version": "{version}"},
)
_MOCHI = "github.com/mochi-mqtt/server/v2"
MQTT_BROKER = Program(
    name="mqtt-broker",
    module=Module(folder="mqtt", pins=_MOCHI),
    package=f"{_MOCHI}/cmd",
    minutes="less than one",
)
_ACTIONLINT = "github.com/rhysd/actionlint"
ACTIONLINT = Program(
    name="actionlint",
    module=Module(folder="actionlint", pins=_ACTIONLINT),
    package=f"{_ACTIONLINT}/cmd/actionlint",
    minutes="less than one",
)
PROGRAMS: Sequence[Program] = (ETCD, KUBE_APISERVER, TRAEFIK, MQTT_BROKER, ACTIONLINT)


def obtain(program: Program, report: Report) -> Path:
    """The program, built once per version and then kept. Raises Lacking.

    Whoever asks while another process builds it waits for that one.
    """
    version = program.module.version()
    home = golang.cache() / program.name / version
    built = home / program.name
    if built.exists():
        return built
    with _alone(home.with_name(f".{version}.lock"), program.name, report):
        if not built.exists():
            _build(program, version, home, report)
    return built


def _build(program: Program, version: str, home: Path, report: Report) -> None:
    go = golang.find(program.module, golang.cache(), report)
    wait = f"{program.minutes} minutes on two cores, once per version"
    report(f"building {program.name} {version} with {go.path}: {wait}")
    with golang.fresh(home) as fresh:
        output = fresh / program.name
        go.build(program.module, program.package, output, report, flags=program.flags())
        golang.keep(fresh, home, lambda root: (root / program.name).exists())


@contextmanager
def _alone(lock: Path, name: str, report: Report) -> Iterator[None]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report(f"another process is building {name}; waiting for it")
            fcntl.flock(held, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Build what is missing; 1 where something cannot be had."""
    try:
        for program in PROGRAMS:
            print(obtain(program, lambda line: print(line, flush=True)), flush=True)
    except (Lacking, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
