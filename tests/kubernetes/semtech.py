"""The Semtech UDP protocol, as far as a gateway and a server say hello.

https://github.com/Lora-net/packet_forwarder/blob/master/PROTOCOL.TXT
"""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from tests.kubernetes.balancers import Address

_VERSION, _PUSH_DATA, _PUSH_ACK, _PULL_DATA, _PULL_ACK = 2, 0, 1, 2, 4
_ACKNOWLEDGED = {_PUSH_DATA: _PUSH_ACK, _PULL_DATA: _PULL_ACK}
_SECONDS = 10.0


class Pod:
    """A Gateway Server that remembers which gateways it heard, and acknowledges."""

    def __init__(self, address: Address) -> None:
        self.heard: list[tuple[int, int]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(address)
        self._socket.settimeout(0.2)
        self._open = True
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def gateways(self) -> set[int]:
        """The gateways that were heard."""
        return {gateway for gateway, _ in self.heard}

    def close(self) -> None:
        """Stop answering."""
        self._open = False
        self._thread.join(5)
        self._socket.close()

    def _serve(self) -> None:
        while self._open:
            try:
                data, sender = self._socket.recvfrom(4096)
            except TimeoutError:
                continue
            kind = data[3]
            self.heard.append((int.from_bytes(data[4:12], "big"), kind))
            self._socket.sendto(data[:3] + bytes([_ACKNOWLEDGED[kind]]), sender)


class Gateway:
    """A packet forwarder at an address of its own; each packet may come from another port."""

    def __init__(self, number: int, host: str, server: Address) -> None:
        self.number, self._host, self._server = number, host, server
        self._token = 0

    def say(self, rounds: int) -> int:
        """Push data and ask for data so often; gives how many acknowledgements came back."""
        return sum(self._exchange(kind) for _ in range(rounds) for kind in (_PUSH_DATA, _PULL_DATA))

    def _exchange(self, kind: int) -> bool:
        self._token = (self._token + 1) % 65536
        head = bytes([_VERSION]) + self._token.to_bytes(2, "big")
        packet = head + bytes([kind]) + self.number.to_bytes(8, "big")
        if kind == _PUSH_DATA:
            packet += b'{"stat":{"rxnb":1}}'
        # A new socket, so that a router on the way that forgot the old one is in it too.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.bind((self._host, 0))
            client.settimeout(_SECONDS)
            client.sendto(packet, self._server)
            answer, _ = client.recvfrom(4096)
        return answer == head + bytes([_ACKNOWLEDGED[kind]])


@contextmanager
def pods(addresses: Sequence[Address]) -> Iterator[tuple[Pod, ...]]:
    """A pod at each address, until the `with` block ends."""
    with ExitStack() as stack:
        made = []
        for address in addresses:
            pod = Pod(address)
            stack.callback(pod.close)
            made.append(pod)
        yield tuple(made)
