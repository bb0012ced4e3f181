"""What ingress-nginx must be told of the product's routes: pure.

It is retired, and works on the level of HTTP alone
(https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/): where it is there already, it serves the
routes of the product's chart. MQTT, UDP and ports with mutual TLS take its `tcp` and `udp` maps, which are
of the whole controller and so not a stack's to set. Annotations:
https://www.thethingsindustries.com/docs/enterprise/kubernetes/generic/prerequisites/sample-ingress-controllers/
"""

from components.prerequisites import Ingress, IngressAnnotations

_PREFIX = "nginx.ingress.kubernetes.io"


def nginx(controller: str) -> Ingress:
    """The class and annotations for routes of each kind."""
    return Ingress(
        controller=controller,
        annotations=IngressAnnotations(
            http=_backend("HTTP", http2=True),
            grpc=_backend("GRPC", http2=True),
            semtechws=_backend("HTTP", http2=False),
            semtechcups=_backend("HTTP", http2=False),
            ttigw=_backend("HTTP", http2=True),
        ),
        service_annotations={},
    )


def _backend(protocol: str, *, http2: bool) -> dict[str, str]:
    return {
        f"{_PREFIX}/backend-protocol": protocol,
        f"{_PREFIX}/use-http2": "true" if http2 else "false",
    }
