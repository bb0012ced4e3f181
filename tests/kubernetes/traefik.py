"""A real Traefik with the entry points of its chart, reading objects from a real API server."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.kubernetes.api_server import ApiServer
from tests.kubernetes.processes import listens, running

Values = Mapping[str, Any]


class NotTranslated(Exception):
    """Values that the chart would make something of, and these tests do not know what."""


def arguments(values: Values, address: str) -> list[str]:
    """What the chart makes of its values, as far as entry points and providers go; pods are at `address`.

    Templates: https://github.com/traefik/traefik-helm-chart/blob/v41.3.0/traefik/templates/_podtemplate.tpl
    Raises NotTranslated for a value that is none of these.
    """
    _known("values", values, _READ | _OF_PODS)
    ports: Values = values["ports"]
    found = ["--ping=true", "--ping.entrypoint=traefik", "--log.level=INFO"]
    for name, port in ports.items():
        entry = f"--entrypoints.{name}"
        found.append(f"{entry}.address={address}:{port['port']}/tcp")
        found += [f"{entry}.{it}" for it in _entry_point(name, port, ports)]
    return [*found, *_providers(values["providers"])]


def _entry_point(name: str, port: Values, ports: Values) -> Iterator[str]:
    _known(f"ports.{name}", port, {"port", "exposedPort", "protocol", "expose", "http"} | _REST)
    if port.get("asDefault"):
        yield "asdefault=true"
    for key, value in port.get("transport", {}).get("respondingTimeouts", {}).items():
        yield f"transport.respondingtimeouts.{key}={value}"
    http: Values = port.get("http", {})
    _known(f"ports.{name}.http", http, {"redirections", "tls", "middlewares"})
    if http.get("middlewares"):
        yield f"http.middlewares={','.join(http['middlewares'])}"
    if "redirections" in http:
        target: Values = http["redirections"]["entryPoint"]
        to = "http.redirections.entrypoint"
        yield f"{to}.to=:{ports[target['to']]['exposedPort']}"
        yield f"{to}.scheme={target['scheme']}"
        yield f"{to}.permanent={str(target['permanent']).lower()}"
    tls: Values = http.get("tls", {})
    _known(f"ports.{name}.http.tls", tls, {"enabled", "options"})
    if tls.get("enabled"):
        yield "http.tls=true"
        if tls.get("options"):
            yield f"http.tls.options={tls['options']}"


_READ = {"providers", "ports", "ingressClass"}
# What says how pods run and what they are called, which here they do not.
_OF_PODS = {
    "api",
    "deployment",
    "global",
    "instanceLabelOverride",
    "podDisruptionBudget",
    "podSecurityContext",
    "resources",
    "securityContext",
    "service",
    "topologySpreadConstraints",
    "updateStrategy",
}
# A port of the node beside it is for pods.
_REST = {"asDefault", "transport", "hostPort"}


def _providers(providers: Values) -> Iterator[str]:
    _known("providers", providers, {"kubernetesIngress"})
    ingress: Values = providers["kubernetesIngress"]
    _known("providers.kubernetesIngress", ingress, {"ingressClass", "publishedService"})
    # On by the chart's defaults, with these.
    for provider in ("kubernetescrd", "kubernetesingress"):
        yield f"--providers.{provider}=true"
        yield f"--providers.{provider}.allowemptyservices=true"
    yield f"--providers.kubernetesingress.ingressclass={ingress['ingressClass']}"
    published = ingress["publishedService"]["pathOverride"]
    yield f"--providers.kubernetesingress.ingressendpoint.publishedservice={published}"


def _known(where: str, values: Values, keys: set[str]) -> None:
    if more := set(values) - keys:
        raise NotTranslated(f"{where}: {', '.join(sorted(more))}")


@contextmanager
def traefik_running(
    program: Path, values: Values, address: str, api: ApiServer, folder: Path
) -> Iterator[Path]:
    """Traefik at an address of its own, until the `with` block ends; gives its log.

    What the chart would not say is where the API server is, and that Services may lead out of the
    cluster: those of these tests lead to servers on loopback.
    """
    token = folder / "traefik-token"
    token.write_text(api.token, encoding="utf-8")
    token.chmod(0o600)
    here: list[str] = []
    for provider in ("kubernetescrd", "kubernetesingress"):
        here += [
            f"--providers.{provider}.endpoint={api.url}",
            f"--providers.{provider}.token={token}",
            f"--providers.{provider}.certauthfilepath={api.certificate}",
            f"--providers.{provider}.allowexternalnameservices=true",
        ]
    log = folder / "traefik.log"
    said = ["--api=true", "--api.insecure=true"]
    ready = values["ports"]["traefik"]["port"]
    command = [str(program), *arguments(values, address), *here, *said]
    # Nothing of this machine's environment configures it, or stands between it and loopback.
    with running(command, log, lambda: listens(ready, address), {"HOME": str(folder)}):
        yield log
