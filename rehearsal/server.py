"""The simulated providers as servers on loopback, to which the real engine is pointed."""

from collections.abc import Callable, Sequence
from concurrent import futures
from types import TracebackType

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from rehearsal.cloud import Cloud
from rehearsal.provider import SimulatedProvider

PACKAGES = ("aws", "azure-native", "gcp", "kubernetes", "random", "tls")
_UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
_THREADS = 16


class Providers:
    """A running server per package; they end with the `with` block."""

    def __init__(
        self,
        servicer: Callable[[str], provider_pb2_grpc.ResourceProviderServicer],
        packages: Sequence[str] = PACKAGES,
    ) -> None:
        self._servers = {package: _server(servicer(package)) for package in packages}

    @staticmethod
    def simulated(cloud: Cloud, packages: Sequence[str] = PACKAGES) -> "Providers":
        """Providers that make everything in this cloud."""
        return Providers(lambda package: SimulatedProvider(package, cloud), packages)

    @property
    def debug_env(self) -> str:
        """The value of PULUMI_DEBUG_PROVIDERS that points the engine here."""
        return ",".join(f"{package}:{port}" for package, (_, port) in self._servers.items())

    def __enter__(self) -> "Providers":
        for server, _ in self._servers.values():
            server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for stopping in [server.stop(grace=None) for server, _ in self._servers.values()]:
            stopping.wait()


def _server(servicer: provider_pb2_grpc.ResourceProviderServicer) -> tuple[grpc.Server, int]:
    server = grpc.server(futures.ThreadPoolExecutor(_THREADS), options=_UNLIMITED)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    return server, server.add_insecure_port("127.0.0.1:0")
