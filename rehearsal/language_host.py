"""A stand-in for `pulumi-language-python`, which `pulumi import` wants to be there and hardly asks.

The engine that is built from its Go module brings no language host, and programs run inside of the
Automation API's own. The engine starts this, reads a port from its first line, and ends it.
"""

import signal
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2


class Host(language_pb2_grpc.LanguageRuntimeServicer):
    """It needs no plugins and runs nothing. Methods are named by the protocol (language.proto)."""

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Nothing to agree on."""
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        """No version of its own."""
        return plugin_pb2.PluginInfo(version="0.0.0")

    def GetRequiredPackages(self, request: Any, context: grpc.ServicerContext) -> Any:
        """None."""
        return language_pb2.GetRequiredPackagesResponse()

    def GetRequiredPlugins(self, request: Any, context: grpc.ServicerContext) -> Any:
        """None."""
        return language_pb2.GetRequiredPluginsResponse()


def install(folder: Path, python: str) -> None:
    """Put it into a folder under the name that the engine looks for."""
    folder.mkdir(exist_ok=True)
    script = folder / "pulumi-language-python"
    script.write_text(f'#!/bin/sh\nexec "{python}" "{__file__}" "$@"\n', encoding="utf-8")
    script.chmod(0o755)


def main() -> None:
    """Serve until the engine ends it."""
    server = grpc.server(futures.ThreadPoolExecutor(4))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(Host(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    main()
