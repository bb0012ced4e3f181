"""The engine as a process that can be killed, as when a machine or a CI job ends under it."""

import os
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path

from pulumi.automation import CommandResult, OnOutput, PulumiCommand
from pulumi.automation.errors import create_command_error


class KillableCommand(PulumiCommand):
    """Runs the CLI as the Automation API does, and knows the process while it runs."""

    def __init__(self, root: Path) -> None:
        super().__init__(root=str(root))
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def kill(self) -> None:
        """SIGKILL: nothing is tidied up, and locks stay."""
        with self._lock:
            if self._process is not None:
                self._process.kill()

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: OnOutput | None = None,
        on_error: OnOutput | None = None,
    ) -> CommandResult:
        """Run a command to its end. Raises CommandError."""
        environment = {**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"}
        with subprocess.Popen(
            [self.command, "--non-interactive", *args],
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        ) as process:
            with self._lock:
                self._process = process
            try:
                out, err = process.communicate()
            finally:
                with self._lock:
                    self._process = None
        for said, listener in ((out, on_output), (err, on_error)):
            if listener is not None:
                for line in said.splitlines():
                    listener(line)
        result = CommandResult(stdout=out, stderr=err, code=process.returncode)
        if process.returncode != 0:
            raise create_command_error(result)
        return result
