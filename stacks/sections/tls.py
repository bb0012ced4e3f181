"""Where the certificate comes from."""

from typing import Annotated, Literal

from pydantic import Field

from stacks.fields import Email, HttpsUrl, KubernetesName, Pem, Section


class SuppliedTls(Section):
    """Your certificate chain (PEM, leaf first); its key is the secret `tlsPrivateKey`."""

    mode: Literal["supplied"]
    certificate: Pem
    secret_name: KubernetesName = "tts-tls"


class SelfSignedTls(Section):
    """A certificate that the stack signs itself, for disposable environments."""

    mode: Literal["self-signed"]
    secret_name: KubernetesName = "tts-tls"


class ExistingTls(Section):
    """A TLS Secret that is in the namespace already, or that another tool will put there."""

    mode: Literal["existing"]
    secret_name: KubernetesName


class PrivateCaTls(Section):
    """A certificate of a private CA that the stack makes, whose root the product trusts.

    Gateways and clients must be given the root too: the output `rootCa`.
    """

    mode: Literal["private-ca"]
    secret_name: KubernetesName = "tts-tls"


class AcmeTls(Section):
    """A certificate by ACME, got and renewed by cert-manager; `dns` names the zone that proves the domain.

    `staging`: of Let's Encrypt's staging server, for trials. `directory`: the URL of another ACME server.
    With `issuer`, a ClusterIssuer that is there, only the certificate is asked for.
    """

    mode: Literal["acme"]
    email: Email | None = None
    staging: bool = False
    directory: HttpsUrl | None = None
    issuer: KubernetesName | None = None
    secret_name: KubernetesName = "tts-tls"


Tls = Annotated[
    SuppliedTls | SelfSignedTls | PrivateCaTls | ExistingTls | AcmeTls,
    Field(discriminator="mode"),
]
