"""Which storage classes can give one volume to pods on several nodes: pure.

A class is only a name; these are the names under which distributions and clouds ship theirs. Of any
other nothing is known. Sources:
https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes,
https://github.com/rancher/local-path-provisioner (ReadWriteOnce),
https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html and efs-csi.html,
https://learn.microsoft.com/azure/aks/concepts-storage,
https://cloud.google.com/kubernetes-engine/docs/concepts/persistent-volumes,
https://longhorn.io/docs/latest/nodes-and-volumes/volumes/rwx-volumes/,
https://rook.io/docs/rook/latest/Storage-Configuration/Shared-Filesystem-CephFS/filesystem-storage/.
"""

import re
from typing import Literal

_ONE_NODE = re.compile(
    r"local-path|gp[23](-.*)?|io[12](-.*)?|ebs-.*|auto-ebs-.*|default|managed(-.*)?|standard-rwo|premium-rwo"
    r"|hyperdisk-.*|rook-ceph-block|ceph-(rbd|block)|csi-rbd-.*|do-block-storage.*|linode-block-storage.*"
    r"|hcloud-volumes.*|vultr-block-storage.*|scw-bssd.*|sbs-.*|csi-cinder-.*|openebs-(hostpath|device|lvm.*)"
    r"|vsphere-.*|proxmox-.*"
)
_SHARED = re.compile(
    r"nfs.*|.*-nfs|efs.*|azurefile.*|(standard|enterprise|zonal|premium)-rwx|filestore.*|longhorn"
    r"|cephfs.*|rook-cephfs.*|csi-cephfs.*|glusterfs.*|smb.*|juicefs.*|hostpath|microk8s-hostpath"
)


def sharing(name: str) -> Literal["yes", "no", "unknown"]:
    """Whether a storage class of this name does ReadWriteMany.

    `hostpath` (Docker Desktop, MicroK8s) does so because there is one node; `standard` is one thing on
    minikube, another on kind and a third on GKE, so it is unknown.
    """
    if _SHARED.fullmatch(name):
        return "yes"
    return "no" if _ONE_NODE.fullmatch(name) else "unknown"
