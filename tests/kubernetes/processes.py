"""Servers on loopback that a test starts and stops."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

# A machine that builds something else meanwhile is slow; a server that is there answers in a second or three.
READY_SECONDS = 180.0
_STOP_SECONDS = 20.0


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def listens(port: int, host: str = "127.0.0.1") -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket() as client:
        client.settimeout(2)
        return client.connect_ex((host, port)) == 0


@contextmanager
def running(
    command: Sequence[str],
    log: Path,
    ready: Callable[[], bool],
    environment: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is ready, until the `with` block ends. Raises RuntimeError with what it said."""
    with log.open("wb") as said:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=None if environment is None else dict(environment),
        )
    try:
        eventually(
            lambda: _alive(process, command, log) and ready(), f"{Path(command[0]).name}: {log}"
        )
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def eventually(is_so: Callable[[], bool], what: str, seconds: float = READY_SECONDS) -> None:
    """Wait until something is so, looking ten times a second. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"not so after {seconds:.0f} s: {what}")
        time.sleep(0.1)


def _alive(process: subprocess.Popen[bytes], command: Sequence[str], log: Path) -> bool:
    if process.poll() is None:
        return True
    last = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise RuntimeError(f"{Path(command[0]).name} ended with {process.returncode}:\n{last}")
