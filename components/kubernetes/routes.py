"""The routes to the product that its own chart does not make, as objects of Traefik."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.kubernetes.ingress import BUFFERING, CLIENT_CERTIFICATE, NO_FORGED_CERTIFICATE
from components.ports import Component, Port

# The kinds: https://doc.traefik.io/traefik/v3.7/reference/dynamic-configuration/kubernetes-crd/
_API_VERSION = "traefik.io/v1alpha1"
_ANY_NAME = "HostSNI(`*`)"
# Below that of any route of the chart for the same hosts, whose default is the length of its rule.
_LOWEST_PRIORITY = 1

Spec = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class ProductRoutesArgs:
    """What is led where.

    `ports`: those that Traefik opens. `namespace`: the product's, where its Services and the TLS Secret
    are, for Traefik takes none from elsewhere. `services`: the name of the Service of each component.
    `controller`: what brings the kinds of these objects.
    """

    ports: Sequence[Port]
    namespace: pulumi.Input[str]
    domain: str
    tls_secret: pulumi.Input[str]
    services: Mapping[Component, str]
    controller: Sequence[pulumi.Resource] = ()


class ProductRoutes(pulumi.ComponentResource):
    """MQTT, Tabs Hubs, Backend Interfaces and mutual TLS, and what the chart's annotations name.

    A client certificate is asked for on the ports that need one alone, so that no browser is; it is not
    verified here, but by the product, which is told of it in `X-Forwarded-Tls-Client-Cert`. Traefik takes
    that header from nobody else. `X-Forwarded-Client-Cert`, which the product believes too, is removed:
    a client could otherwise claim any certificate
    (https://www.thethingsindustries.com/docs/enterprise/kubernetes/generic/configuration/).

    Options of TLS are chosen by the name that a client asks for, wildcards included from Traefik 3.7 on
    (https://github.com/traefik/traefik/pull/12884), apart for each entry point from 3.7.7 on. A client
    that names no host gets the Secret's certificate too, where there is one of it in the cluster.
    """

    def __init__(
        self, name: str, args: ProductRoutesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:kubernetes:ProductRoutes", name, None, opts)
        self._name, self._args = name, args
        forged = {"headers": {"customRequestHeaders": {"X-Forwarded-Client-Cert": ""}}}
        self._make("Middleware", NO_FORGED_CERTIFICATE, forged)
        # For CUPS of LoRa Basics Station, as in the product's sample for Traefik.
        self._make("Middleware", BUFFERING, {"buffering": {}})
        self._make("Middleware", CLIENT_CERTIFICATE, {"passTLSClientCert": {"pem": True}})
        asked = {"clientAuth": {"clientAuthType": "RequestClientCert"}}
        self._make("TLSOption", CLIENT_CERTIFICATE, asked)
        # The one name that this kind can have.
        certificate = {"defaultCertificate": {"secretName": args.tls_secret}}
        self._make("TLSStore", "default", certificate)
        for port in args.ports:
            if port.route in ("tcp", "pass-through"):
                self._make("IngressRouteTCP", port.name, _tcp(port, args))
            elif port.route == "http":
                self._make("IngressRoute", port.name, _http(port, args))
        self.register_outputs({})

    def _make(self, kind: str, name: str, spec: Spec) -> None:
        kubernetes.apiextensions.CustomResource(
            f"{self._name}-{name}",
            api_version=_API_VERSION,
            kind=kind,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=name, namespace=self._args.namespace),
            spec=spec,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(self._args.controller)),
        )


def _tcp(port: Port, args: ProductRoutesArgs) -> Spec:
    found: dict[str, object] = {
        "entryPoints": [port.name],
        "routes": [{"match": _ANY_NAME, "services": [_service(port, args)]}],
    }
    if port.route == "pass-through":
        found["tls"] = {"passthrough": True}
    elif port.tls:
        found["tls"] = {"secretName": args.tls_secret}
    return found


def _http(port: Port, args: ProductRoutesArgs) -> Spec:
    route: dict[str, object] = {
        "kind": "Rule",
        "match": f"Host(`{args.domain}`) || Host(`*.{args.domain}`)",
        "priority": _LOWEST_PRIORITY,
        "services": [_service(port, args)],
    }
    found: dict[str, object] = {"entryPoints": [port.name], "routes": [route]}
    middlewares = _middlewares(port)
    if middlewares:
        route["middlewares"] = [{"name": it} for it in middlewares]
    if port.tls:
        tls: dict[str, object] = {"secretName": args.tls_secret}
        if port.client_certificate:
            tls["options"] = {"name": CLIENT_CERTIFICATE}
        found["tls"] = tls
    return found


def _middlewares(port: Port) -> tuple[str, ...]:
    found = (CLIENT_CERTIFICATE,) if port.client_certificate else ()
    return (*found, BUFFERING) if port.protocol == "http" else found


def _service(port: Port, args: ProductRoutesArgs) -> dict[str, object]:
    if port.backend is None:
        raise ValueError(f"port {port.number} leads nowhere")
    return {"name": args.services[port.backend.component], "port": port.backend.port}
