"""Servers in the product's place, at its own port numbers, that tell what arrived."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from concurrent import futures
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc
from websockets.sync.server import ServerConnection, serve

from tests.kubernetes.certificates import Pair
from tests.kubernetes.processes import free_port, listens, running

HTTP, GRPC, BASIC_STATION, TABS, GATEWAY, INTEROP_TLS = 1885, 1884, 1887, 1888, 1889, 8886
MQTT_PORTS = (1881, 1882, 1883)
ECHO = "/tests.Echo/Echo"


class _Echo(BaseHTTPRequestHandler):
    """Answers with the request as it arrived."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        said = {
            "path": self.path,
            "headers": {key.lower(): value for key, value in self.headers.items()},
            "body": body.decode(),
            "subject": _peer(self.connection),
        }
        text = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_POST(self) -> None:
        """The same, with a body."""
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""


def _peer(connection: socket.socket) -> str | None:
    """The common name in the certificate that the client showed this very server."""
    if not isinstance(connection, ssl.SSLSocket):
        return None
    found: Mapping[str, Any] = connection.getpeercert() or {}
    names = [
        value for part in found.get("subject", ()) for key, value in part if key == "commonName"
    ]
    return names[0] if names else None


@contextmanager
def http_echo(address: str, port: int, tls: ssl.SSLContext | None = None) -> Iterator[None]:
    """HTTP, or HTTPS where there is a context for it."""
    server = ThreadingHTTPServer((address, port), _Echo)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def websocket_echo(address: str, port: int) -> Iterator[None]:
    """A WebSocket that tells the request's headers first, and then repeats what it hears."""

    def echo(connection: ServerConnection) -> None:
        request = connection.request
        headers = dict(request.headers.raw_items()) if request is not None else {}
        connection.send(json.dumps({key.lower(): value for key, value in headers.items()}))
        for message in connection:
            connection.send(message)

    with serve(echo, address, port) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()


@contextmanager
def grpc_echo(address: str, port: int) -> Iterator[None]:
    """gRPC without TLS that repeats a message, or a stream of them."""

    def echo(requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        yield from requests

    handler = grpc.stream_stream_rpc_method_handler(echo)  # pyrefly: ignore[bad-argument-type]
    service, _, method = ECHO.strip("/").rpartition("/")
    server = grpc.server(futures.ThreadPoolExecutor(8))
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(service, {method: handler}),)
    )
    server.add_insecure_port(f"{address}:{port}")
    server.start()
    try:
        yield
    finally:
        server.stop(None).wait()


def pass_through_context(folder: Path, certificate: Pair, clients: str) -> ssl.SSLContext:
    """TLS of the product's own, which wants a certificate from an authority of `clients` (PEM)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate.write(folder, "interop"))
    context.load_verify_locations(cadata=clients)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


@contextmanager
def mqtt_broker(program: Path, address: str, port: int, folder: Path) -> Iterator[None]:
    """A real broker, without TLS."""
    command = [str(program), f"--tcp={address}:{port}"]
    # It serves these two besides, wherever it is told.
    command += [f"--ws=127.0.0.1:{free_port()}", f"--info=127.0.0.1:{free_port()}"]
    with running(command, folder / f"mqtt-{port}.log", lambda: listens(port, address)):
        yield


@contextmanager
def product(address: str, broker: Path, folder: Path, interop: ssl.SSLContext) -> Iterator[None]:
    """All of them at one address, until the `with` block ends."""
    with ExitStack() as stack:
        stack.enter_context(http_echo(address, HTTP))
        stack.enter_context(http_echo(address, 1886))
        stack.enter_context(http_echo(address, INTEROP_TLS, interop))
        stack.enter_context(grpc_echo(address, GRPC))
        for port in (BASIC_STATION, TABS, GATEWAY):
            stack.enter_context(websocket_echo(address, port))
        for port in MQTT_PORTS:
            stack.enter_context(mqtt_broker(broker, address, port, folder))
        yield
