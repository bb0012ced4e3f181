"""A real Kubernetes API server on loopback, without nodes and controllers: what it accepts is well formed."""

import json
import secrets
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from kubernetes import client
from kubernetes.dynamic import DynamicClient

from tests.kubernetes.processes import free_port, listens, running

Manifest = Mapping[str, Any]
MANAGER = "tests"


@dataclass(frozen=True, kw_only=True)
class Etcd:
    """A running etcd, in which each API server has a prefix of its own."""

    port: int


@dataclass(frozen=True, kw_only=True)
class ApiServer:
    """A running API server, and an administrator's token for it."""

    url: str
    certificate: Path
    token: str = field(repr=False)

    def dynamic(self) -> DynamicClient:
        """A client that knows all kinds, those of custom resources too."""
        configuration = client.Configuration()
        configuration.host = self.url
        configuration.ssl_ca_cert = str(self.certificate)
        configuration.api_key = {"authorization": f"Bearer {self.token}"}
        # Nothing of this machine's is looked at.
        configuration.proxy = None
        return DynamicClient(client.ApiClient(configuration))

    def ready(self) -> bool:
        """Whether it serves requests."""
        try:
            self.get("/readyz")
        except (OSError, ssl.SSLError):
            return False
        return True

    def get(self, path: str) -> str:
        """What it answers to a plain request. Raises OSError."""
        trusted = ssl.create_default_context(cafile=str(self.certificate))
        request = urllib.request.Request(  # noqa: S310
            f"{self.url}{path}", headers={"Authorization": f"Bearer {self.token}"}
        )
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusted)
        )
        with opener.open(request, timeout=10) as answer:
            return str(answer.read().decode())

    def version(self) -> str:
        """The version it reports, such as v1.35.4."""
        return str(json.loads(self.get("/version"))["gitVersion"])


@contextmanager
def etcd_running(program: Path, folder: Path) -> Iterator[Etcd]:
    """An etcd whose data are in `folder`."""
    here, peers = free_port(), free_port()
    command = [
        str(program),
        f"--data-dir={folder / 'data'}",
        f"--listen-client-urls=http://127.0.0.1:{here}",
        f"--advertise-client-urls=http://127.0.0.1:{here}",
        f"--listen-peer-urls=http://127.0.0.1:{peers}",
        f"--initial-advertise-peer-urls=http://127.0.0.1:{peers}",
        f"--initial-cluster=default=http://127.0.0.1:{peers}",
        # What is kept here is not to outlive the tests.
        "--unsafe-no-fsync=true",
        "--log-level=error",
    ]
    with running(command, folder / "etcd.log", lambda: listens(here)):
        yield Etcd(port=here)


@contextmanager
def api_server_running(program: Path, etcd: Etcd, folder: Path, prefix: str) -> Iterator[ApiServer]:
    """An API server with nothing in it; `prefix` is where in etcd its objects are."""
    port, token = free_port(), secrets.token_hex(16)
    certificates = folder / "certificates"
    key = _signing_key(folder)
    tokens = folder / "tokens.csv"
    tokens.write_text(f'{token},administrator,administrator,"system:masters"\n', encoding="utf-8")
    command = [
        str(program),
        f"--etcd-servers=http://127.0.0.1:{etcd.port}",
        f"--etcd-prefix=/{prefix}",
        f"--secure-port={port}",
        "--bind-address=127.0.0.1",
        f"--cert-dir={certificates}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={key}",
        f"--service-account-signing-key-file={key}",
        f"--token-auth-file={tokens}",
        "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.96.0.0/16",
    ]
    server = ApiServer(
        url=f"https://127.0.0.1:{port}", certificate=certificates / "apiserver.crt", token=token
    )
    with ExitStack() as stack:
        stack.enter_context(running(command, folder / "kube-apiserver.log", server.ready))
        yield server


def _signing_key(folder: Path) -> Path:
    path = folder / "service-accounts.pem"
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path.write_bytes(
        made.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    path.chmod(0o600)
    return path
