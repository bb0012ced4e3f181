"""The namespace that the product is installed into."""

import pulumi
import pulumi_kubernetes as kubernetes

from components.protection import Protection


class ProductNamespace(pulumi.ComponentResource):
    """A namespace. Deleting it deletes all that runs in it, so production guards it like data."""

    def __init__(
        self,
        name: str,
        namespace: str,
        protection: Protection,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("tts:kubernetes:ProductNamespace", name, None, opts)
        made = kubernetes.core.v1.Namespace(
            name,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=namespace),
            opts=protection.data(self),
        )
        self.namespace: pulumi.Output[str] = made.metadata.name
        self.register_outputs({"namespace": self.namespace})
