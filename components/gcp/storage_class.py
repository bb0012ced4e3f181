"""The storage class that volumes get which name none."""

import pulumi
import pulumi_kubernetes as kubernetes

from components.protection import Protection


class BalancedStorageClass(pulumi.ComponentResource):
    """The cluster's default StorageClass: balanced disks in the zone of their pod, encrypted by Google.

    GKE's own default deletes a volume with its claim; in production this one does not. Of two defaults,
    Kubernetes takes the newer. Parameters:
    https://cloud.google.com/kubernetes-engine/docs/how-to/persistent-volumes/gce-pd-csi-driver
    """

    def __init__(
        self, name: str, protection: Protection, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:gcp:BalancedStorageClass", name, None, opts)
        made = kubernetes.storage.v1.StorageClass(
            name,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name="balanced",
                annotations={"storageclass.kubernetes.io/is-default-class": "true"},
            ),
            provisioner="pd.csi.storage.gke.io",
            parameters={"type": "pd-balanced"},
            allow_volume_expansion=True,
            # The volume is made where the pod goes; made before, it would hold the pod to its zone.
            volume_binding_mode="WaitForFirstConsumer",
            reclaim_policy="Retain" if protection.guarded else "Delete",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.storage_class_name: pulumi.Output[str] = made.metadata.name
        self.register_outputs({"storageClassName": self.storage_class_name})
