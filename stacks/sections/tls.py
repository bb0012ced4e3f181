"""Where the certificate comes from."""

from typing import Annotated, Literal

from pydantic import Field

from stacks.fields import Email, KubernetesName, Pem, Section


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


class AcmeTls(Section):
    """Certificates by ACME."""

    mode: Literal["acme"]
    email: Email
    staging: bool = False
    secret_name: KubernetesName = "tts-tls"


Tls = Annotated[SuppliedTls | SelfSignedTls | ExistingTls | AcmeTls, Field(discriminator="mode")]
