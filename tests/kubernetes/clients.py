"""Clients of an environment's entry: they connect to its load balancer, and name its hosts."""

import http.client
import json
import queue
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import paho.mqtt.client as paho
from websockets.sync.client import connect

from tests.kubernetes.backends import ECHO
from tests.kubernetes.balancers import Address
from tests.kubernetes.certificates import Pair

_SECONDS = 20.0


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A client's certificate in files, as TLS wants it."""

    chain: str
    key: str = field(repr=False)


def trusting(root: str, identity: Identity | None = None) -> ssl.SSLContext:
    """A client's TLS that trusts this root alone, and checks host names."""
    context = ssl.create_default_context(cadata=root)
    if identity is not None:
        context.load_cert_chain(identity.chain, identity.key)
    return context


def handshake(address: Address, name: str, context: ssl.SSLContext) -> ssl.SSLSocket:
    """A connection whose certificate was found good for the name. Raises ssl.SSLError and OSError."""
    plain = socket.create_connection(address, timeout=_SECONDS)
    try:
        return context.wrap_socket(plain, server_hostname=name)
    except BaseException:
        plain.close()
        raise


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an HTTP server said; `seen` is what an echo server saw."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def seen(self) -> Mapping[str, Any]:
        """The request as it arrived at the far side."""
        found: Mapping[str, Any] = json.loads(self.body)
        return found


def request(
    address: Address,
    name: str,
    path: str,
    *,
    tls: ssl.SSLContext | None = None,
    headers: Mapping[str, str] | None = None,
    body: str | None = None,
) -> Answer:
    """One HTTP request, a POST where there is a body."""
    connection = http.client.HTTPConnection(name, address[1], timeout=_SECONDS)
    if tls is None:
        connection.sock = socket.create_connection(address, timeout=_SECONDS)
    else:
        connection.sock = handshake(address, name, tls)
    try:
        method = "GET" if body is None else "POST"
        connection.request(method, path, body=body, headers={"Host": name, **(headers or {})})
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        return Answer(status=answer.status, headers=dict(answer.getheaders()), body=text)
    finally:
        connection.close()


def websocket(
    address: Address,
    name: str,
    path: str,
    *,
    tls: ssl.SSLContext | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[Mapping[str, str], str]:
    """Says something to an echoing WebSocket; gives the headers that it saw, and what it said back."""
    scheme = "ws" if tls is None else "wss"
    plain = socket.create_connection(address, timeout=_SECONDS)
    more: dict[str, Any] = {} if tls is None else {"ssl": tls, "server_hostname": name}
    with connect(
        f"{scheme}://{name}{path}",
        sock=plain,
        additional_headers=headers,
        open_timeout=_SECONDS,
        **more,
    ) as connection:
        seen: Mapping[str, str] = json.loads(connection.recv(timeout=_SECONDS))
        connection.send("a message")
        return seen, str(connection.recv(timeout=_SECONDS))


def grpc_stream(
    address: Address, name: str, messages: Sequence[bytes], root: str | None = None
) -> list[bytes]:
    """Sends messages in a stream and gives what comes back; without a root, without TLS."""
    target = f"ipv4:{address[0]}:{address[1]}"
    options = [("grpc.default_authority", name), ("grpc.enable_http_proxy", 0)]
    if root is None:
        channel = grpc.insecure_channel(target, options)
    else:
        options.append(("grpc.ssl_target_name_override", name))
        credentials = grpc.ssl_channel_credentials(root.encode())
        channel = grpc.secure_channel(target, credentials, options)
    with channel:
        call = channel.stream_stream(ECHO)(iter(messages), timeout=_SECONDS, wait_for_ready=True)
        return list(call)


class _At(paho.Client):
    """An MQTT client that connects to an address and calls it by a name."""

    address: Address

    def _create_socket_connection(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=_SECONDS)


def mqtt_round_trip(address: Address, name: str, tls: ssl.SSLContext | None, topic: str) -> bytes:
    """Subscribes, publishes, and gives what the broker delivers. Raises queue.Empty for nothing."""
    heard: queue.Queue[bytes] = queue.Queue()
    client = _At(paho.CallbackAPIVersion.VERSION2)
    client.address = address
    if tls is not None:
        client.tls_set_context(tls)
    client.on_message = lambda _client, _data, message: heard.put(bytes(message.payload))

    def subscribe(client: paho.Client, *_: Any) -> None:
        client.subscribe(topic, qos=1)

    def publish(client: paho.Client, *_: Any) -> None:
        client.publish(topic, b"uplink", qos=1)

    client.on_connect, client.on_subscribe = subscribe, publish
    client.connect(name, address[1])
    client.loop_start()
    try:
        return heard.get(timeout=_SECONDS)
    finally:
        client.disconnect()
        client.loop_stop()


def identity(pair: Pair, folder: Path, name: str) -> Identity:
    """A client's certificate, put into files."""
    chain, key = pair.write(folder, name)
    return Identity(chain=str(chain), key=str(key))


def is_closed(address: Address) -> bool:
    """Whether nobody listens there."""
    with socket.socket() as client:
        client.settimeout(_SECONDS)
        return client.connect_ex(address) != 0
