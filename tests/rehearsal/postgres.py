"""A real PostgreSQL server on loopback, and the Job's container run beside it as a pod would run it."""

import os
import pwd
import shutil
import socket
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.samples import certificate
from tools.postgres import unpack

ADMIN, ADMIN_PASSWORD = "ttsadmin", "admin-Passw0rd-never-shown"
# Nobody gets in without TLS and a password, but for the superuser, who has the socket's folder to himself.
_ACCESS = "local all rdsadmin trust\nhostssl all all localhost scram-sha-256\n"
# As on RDS: who administers is no superuser and has no attribute that needs one.
_ADMINISTRATOR = f"""
SET log_statement = 'none'; SET log_min_duration_statement = -1; SET password_encryption = 'scram-sha-256';
CREATE ROLE rds_superuser;
CREATE ROLE {ADMIN} LOGIN CREATEDB CREATEROLE IN ROLE rds_superuser PASSWORD '{ADMIN_PASSWORD}';
"""


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Who runs PostgreSQL, which root may not."""

    uid: int
    gid: int

    @staticmethod
    def present() -> "Owner":
        """This user, or nobody where this is root."""
        if os.geteuid() != 0:
            return Owner(uid=os.geteuid(), gid=os.getegid())
        nobody = pwd.getpwnam("nobody")
        return Owner(uid=nobody.pw_uid, gid=nobody.pw_gid)

    def run(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        text: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end with just this environment, and without a terminal, as in a pod."""
        other = os.geteuid() == 0
        return subprocess.run(
            command,
            env=dict(environment),
            cwd=folder,
            input=text or "",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            start_new_session=True,
            user=self.uid if other else None,
            group=self.gid if other else None,
            extra_groups=[] if other else None,
        )


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server. Its log has every statement."""

    major: int
    port: int
    folder: Path
    programs: Path
    owner: Owner
    ca_certificate: str

    def sql(
        self, text: str, *, user: str, password: str, database: str
    ) -> subprocess.CompletedProcess[str]:
        """Run statements over TCP, with a password."""
        return self._psql(
            text,
            {"PGHOST": "localhost", "PGUSER": user, "PGPASSWORD": password, "PGDATABASE": database},
        )

    def superuser(self, text: str, database: str = "postgres") -> str:
        """What statements of the server's own superuser answer."""
        done = self._psql(
            text, {"PGHOST": str(self.folder), "PGUSER": "rdsadmin", "PGDATABASE": database}
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def log(self) -> str:
        """All that the server has logged."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def _psql(self, text: str, how: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        command = [str(self.programs / "psql"), "-Xqtw", "-v", "ON_ERROR_STOP=1", "--no-align"]
        environment = {**how, "PGPORT": str(self.port), "HOME": str(self.folder)}
        return self.owner.run(command, environment=environment, folder=self.folder, text=text)


@contextmanager
def serving(major: int) -> Iterator[Server]:
    """A new server of this major version, gone with all its files afterwards."""
    owner = Owner.present()
    folder = Path(tempfile.mkdtemp(prefix="tts-postgres-"))
    try:
        programs = unpack(major, folder)
        authority, key = certificate(["localhost"])
        with socket.create_server(("localhost", 0)) as free:
            port = free.getsockname()[1]
        _place(folder / "server.crt", authority)
        _place(folder / "server.key", key)
        _place(folder / "settings", _settings(folder, port))
        _place(folder / "access", _ACCESS)
        for path in (folder, *folder.iterdir()):
            os.chown(path, owner.uid, owner.gid)
        server = Server(
            major=major,
            port=port,
            folder=folder,
            programs=programs,
            owner=owner,
            ca_certificate=authority,
        )
        _control(server, "initdb", "-U", "rdsadmin", "-E", "UTF8", "--no-locale", "--no-sync")
        with (folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(f"include '{folder / 'settings'}'\n")
        try:
            _control(server, "pg_ctl", "start", "--wait", "--silent", "-l", str(folder / "log"))
            server.superuser(_ADMINISTRATOR)
            yield server
        finally:
            _control(server, "pg_ctl", "stop", "--wait", "--silent", "-m", "immediate")
    finally:
        shutil.rmtree(folder)


def _place(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)


def _settings(folder: Path, port: int) -> str:
    return "\n".join(
        [
            "listen_addresses = 'localhost'",
            f"port = {port}",
            f"unix_socket_directories = '{folder}'",
            f"hba_file = '{folder / 'access'}'",
            "password_encryption = 'md5'",  # the worst default; the script does not go by it
            "log_statement = 'all'",
            "log_min_duration_statement = 0",
            "ssl = on",
            f"ssl_cert_file = '{folder / 'server.crt'}'",
            f"ssl_key_file = '{folder / 'server.key'}'",
            "fsync = off",
            "",
        ]
    )


def _control(server: Server, program: str, *arguments: str) -> None:
    data = str(server.folder / "data")
    done = server.owner.run(
        [str(server.programs / program), "-D", data, *arguments],
        environment={"HOME": str(server.folder), "LC_ALL": "C"},
        folder=server.folder,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """How one run of the container ended, and every program that it started, with its arguments."""

    code: int
    said: str
    started: tuple[str, ...]


# Each program's stand-in notes its arguments before it becomes the program.
_NOTING = '#!/bin/sh\nprintf \'%s \' {name} "$@" >> "{notes}"\necho >> "{notes}"\n{then}\n'


def run_container(
    server: Server,
    container: Mapping[str, Any],
    *,
    files: Mapping[str, str],
    secret: Mapping[str, str],
) -> Attempt:
    """Run a pod's container here: its command and environment, its ConfigMap and Secret.

    It finds no programs but psql, pg_isready and a sleep that takes no time, so that what they note is
    all that a list of processes could ever have shown.
    """
    root = Path(tempfile.mkdtemp(dir=server.folder, prefix="pod-"))
    (mount,) = container["volumeMounts"]
    place = root / "mounted"
    (root / "bin").mkdir()
    place.mkdir()
    for name, text in files.items():
        (place / name).write_text(text, encoding="utf-8")
    notes = root / "notes"
    notes.touch()
    for name in ("psql", "pg_isready"):
        _stand_in(root, name, then=f'exec "{server.programs / name}" "$@"')
    _stand_in(root, "sleep", then="")
    for path in (root, *root.rglob("*")):
        os.chown(path, server.owner.uid, server.owner.gid)

    def here(text: str) -> str:
        return text.replace(mount["mountPath"], str(place))

    environment = {
        each["name"]: here(each["value"])
        if "value" in each
        else secret[each["valueFrom"]["secretKeyRef"]["key"]]
        for each in container["env"]
    }
    done = server.owner.run(
        [here(word) for word in container["command"]],
        environment={**environment, "PATH": str(root / "bin")},
        folder=root,
    )
    started = tuple(notes.read_text(encoding="utf-8").splitlines())
    return Attempt(code=done.returncode, said=done.stdout + done.stderr, started=started)


def _stand_in(root: Path, name: str, *, then: str) -> None:
    path = root / "bin" / name
    path.write_text(_NOTING.format(name=name, notes=root / "notes", then=then), encoding="utf-8")
    path.chmod(0o755)
