"""Load balancers as a cloud would make of a Service of type LoadBalancer, on loopback.

They do what the Service says and no more: its ports are open, the others closed. They are these tests' own,
not a cloud's.
"""

import contextlib
import selectors
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from tests.kubernetes.addresses import loopback

Address = tuple[str, int]
_CHUNK = 65536
# Below this a process needs rights on most machines, so the balancer listens this much higher.
_PRIVILEGED, _HIGHER = 1024, 40000


class TcpBalancer:
    """One listener for each TCP port of a Service, leading to its target port at `target`."""

    def __init__(self, service: Mapping[str, Any], target: str) -> None:
        self.host: str = loopback()
        self._listeners: list[socket.socket] = []
        for port in service["spec"]["ports"]:
            if port["protocol"] == "TCP":
                self._listen(port["port"], (target, port["targetPort"]))

    def address(self, port: int) -> Address:
        """Where clients find a port of the Service."""
        return self.host, port + _HIGHER if port < _PRIVILEGED else port

    def close(self) -> None:
        """Close every port."""
        for listener in self._listeners:
            # Wakes up who waits in accept.
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _listen(self, port: int, target: Address) -> None:
        listener = socket.create_server(self.address(port))
        self._listeners.append(listener)
        _thread(lambda: _accept(listener, target))


def _accept(listener: socket.socket, target: Address) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        try:
            server = socket.create_connection(target, timeout=10)
        except OSError:
            client.close()
            continue
        server.settimeout(None)
        for one, other in ((client, server), (server, client)):
            _thread(lambda one=one, other=other: _pump(one, other))


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(_CHUNK):
            sink.sendall(data)
    # Both ways end together: a half that stays open would keep a test waiting.
    for each in (source, sink):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def _thread(work: Callable[[], None]) -> threading.Thread:
    made = threading.Thread(target=work, daemon=True)
    made.start()
    return made


class UdpBalancer:
    """The UDP port of a Service, spread over the addresses of its pods.

    Each datagram goes to the next pod, unless the Service asks for affinity: then the pod is chosen by the
    client's address alone, as a cloud's does where its stickiness is `source_ip`, and kube-proxy where the
    session affinity is ClientIP. Pods see the balancer's address, not the client's.
    """

    def __init__(self, service: Mapping[str, Any], pods: Sequence[str]) -> None:
        (port,) = service["spec"]["ports"]
        self.address: Address = (loopback(), port["port"])
        self._sticky: bool = is_sticky(service)
        self._pods = [(pod, port["targetPort"]) for pod in pods]
        self._front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._front.bind(self.address)
        self._backs: dict[Address, socket.socket] = {}
        self._chosen: dict[str, int] = {}
        self._turn = 0
        self._open = True
        self._thread = _thread(self._serve)

    def close(self) -> None:
        """Stop answering."""
        self._open = False
        self._thread.join(5)
        for each in (self._front, *self._backs.values()):
            each.close()

    def _serve(self) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self._front, selectors.EVENT_READ)
            while self._open:
                for key, _ in ready.select(timeout=0.2):
                    if key.fileobj is self._front:
                        self._forward(ready)
                    else:
                        self._answer(key.fileobj, key.data)  # type: ignore[arg-type]

    def _forward(self, ready: selectors.BaseSelector) -> None:
        data, client = self._front.recvfrom(_CHUNK)
        back = self._backs.get(client)
        if back is None:
            back = self._backs[client] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            ready.register(back, selectors.EVENT_READ, client)
        back.sendto(data, self._pods[self._pod(client[0])])

    def _answer(self, back: socket.socket, client: Address) -> None:
        self._front.sendto(back.recv(_CHUNK), client)

    def _pod(self, client: str) -> int:
        if self._sticky and client in self._chosen:
            return self._chosen[client]
        self._turn = (self._turn + 1) % len(self._pods)
        self._chosen[client] = self._turn
        return self._turn


def is_sticky(service: Mapping[str, Any]) -> bool:
    """Whether a Service asks that a client stay at one pod: by its spec, and for AWS by its annotation.

    https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/
    """
    annotations: Mapping[str, str] = service["metadata"].get("annotations") or {}
    if service["spec"].get("loadBalancerClass") == "service.k8s.aws/nlb":
        prefix = "service.beta.kubernetes.io/aws-load-balancer-target-group-attributes"
        attributes = annotations.get(prefix, "")
        asked = dict(it.split("=", 1) for it in attributes.split(",") if "=" in it)
        on = asked.get("stickiness.enabled") == "true"
        return on and asked.get("stickiness.type") == "source_ip"
    return service["spec"].get("sessionAffinity") == "ClientIP"


@contextmanager
def tcp_balancer(service: Mapping[str, Any], target: str) -> Iterator[TcpBalancer]:
    """A balancer until the `with` block ends."""
    made = TcpBalancer(service, target)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def udp_balancer(service: Mapping[str, Any], pods: Sequence[str]) -> Iterator[UdpBalancer]:
    """A balancer until the `with` block ends."""
    made = UdpBalancer(service, pods)
    try:
        yield made
    finally:
        made.close()
