"""Install what the policy pack needs beside it, for `pulumi preview|up --policy-pack policies`."""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

PACK = Path(__file__).resolve().parent.parent / "policies"


def install(pack: Path = PACK) -> Path:
    """The Python of the pack's own environment, made and filled where that is not done yet.

    Raises subprocess.CalledProcessError where pip fails, whose messages are on standard error.
    """
    home = pack / ".venv"
    python, stamp = home / "bin" / "python", home / "installed"
    wanted = pack / "requirements.txt"
    digest = hashlib.sha256(wanted.read_bytes()).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == digest:
        return python
    venv.create(home, with_pip=True, clear=True)
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, "-r", str(wanted)], check=True, stdin=subprocess.DEVNULL)
    stamp.write_text(digest)
    return python


if __name__ == "__main__":
    try:
        print(f"the policy pack is ready: {install().parent.parent}")
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"the policy pack cannot be installed: {error}")
