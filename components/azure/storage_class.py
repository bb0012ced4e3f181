"""The storage class that volumes get which name none."""

import pulumi
import pulumi_kubernetes as kubernetes

from components.protection import Protection


class PremiumStorageClass(pulumi.ComponentResource):
    """The cluster's default StorageClass: premium SSDs, encrypted, in the zone of their pod.

    In production a volume outlives its claim. AKS brings a default class too; of several, Kubernetes takes
    the newest (https://kubernetes.io/docs/concepts/storage/storage-classes/). Parameters:
    https://github.com/kubernetes-sigs/azuredisk-csi-driver/blob/master/docs/driver-parameters.md
    """

    def __init__(
        self, name: str, protection: Protection, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:azure:PremiumStorageClass", name, None, opts)
        made = kubernetes.storage.v1.StorageClass(
            name,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name="premium-ssd",
                annotations={"storageclass.kubernetes.io/is-default-class": "true"},
            ),
            provisioner="disk.csi.azure.com",
            parameters={"skuName": "Premium_LRS"},
            allow_volume_expansion=True,
            # The volume is made where the pod goes; made before, it would hold the pod to its zone.
            volume_binding_mode="WaitForFirstConsumer",
            reclaim_policy="Retain" if protection.guarded else "Delete",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.storage_class_name: pulumi.Output[str] = made.metadata.name
        self.register_outputs({"storageClassName": self.storage_class_name})
