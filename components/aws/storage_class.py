"""The storage class that volumes get which name none."""

import pulumi
import pulumi_kubernetes as kubernetes

from components.protection import Protection


class Gp3StorageClass(pulumi.ComponentResource):
    """The cluster's default StorageClass: encrypted gp3 volumes of EBS, in the zone of their pod.

    In production a volume outlives its claim. Needs the aws-ebs-csi-driver add-on. Parameters:
    https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md
    """

    def __init__(
        self, name: str, protection: Protection, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:aws:Gp3StorageClass", name, None, opts)
        made = kubernetes.storage.v1.StorageClass(
            name,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name="gp3",
                annotations={"storageclass.kubernetes.io/is-default-class": "true"},
            ),
            provisioner="ebs.csi.aws.com",
            parameters={"type": "gp3", "encrypted": "true"},
            allow_volume_expansion=True,
            # The volume is made where the pod goes; made before, it would hold the pod to its zone.
            volume_binding_mode="WaitForFirstConsumer",
            reclaim_policy="Retain" if protection.guarded else "Delete",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.storage_class_name: pulumi.Output[str] = made.metadata.name
        self.register_outputs({"storageClassName": self.storage_class_name})
