"""Local blobs: one volume for all pods of the product, with the folders and files it starts from.

https://www.thethingsindustries.com/docs/enterprise/kubernetes/generic/prerequisites/ (local blob storage)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_kubernetes as kubernetes

from components.kubernetes.scripted_job import ScriptedJob, ScriptedJobArgs
from components.protection import Protection
from components.seeds import BUCKETS

# The product's user and group in its image, as the page above has them.
OWNER = "886:886"
_MOUNT = "/blobs"
_IMAGE = "docker.io/library/busybox:1.37"


@dataclass(frozen=True, kw_only=True)
class ByClass:
    """A new volume of a storage class that does ReadWriteMany; None is the cluster's default."""

    storage_class: str | None
    size_gib: int


@dataclass(frozen=True, kw_only=True)
class OnNode:
    """A folder of the one node that the cluster has."""

    path: str
    size_gib: int


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A PersistentVolumeClaim that is there already."""

    claim: str


@dataclass(frozen=True, kw_only=True)
class BlobVolumeArgs:
    """`seeded`: whether folders and files are made. `after`: what must be there before pods run."""

    namespace: pulumi.Input[str]
    volume: ByClass | OnNode | Claimed
    seeded: bool
    protection: Protection
    after: Sequence[pulumi.Resource] = ()


class BlobVolume(pulumi.ComponentResource):
    """A claim of mode ReadWriteMany; on it five folders, and the three files that the product looks for.

    A claim that is there is not changed. Files that are there are never written to; see volume.sh.
    """

    def __init__(
        self, name: str, args: BlobVolumeArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:kubernetes:BlobVolume", name, None, opts)
        self._name, self._args = name, args
        self.claim: pulumi.Output[str] = self._claim()
        if args.seeded:
            self._seed()
        self.register_outputs({"claim": self.claim})

    def _claim(self) -> pulumi.Output[str]:
        args, volume = self._args, self._args.volume
        if isinstance(volume, Claimed):
            return pulumi.Output.from_input(volume.claim)
        kept = args.protection.data(self)
        # No class, and this volume: nothing is provisioned.
        folder = self._folder(volume, kept).metadata.name if isinstance(volume, OnNode) else None
        storage_class = "" if isinstance(volume, OnNode) else volume.storage_class
        claim = kubernetes.core.v1.PersistentVolumeClaim(
            self._name,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=self._name, namespace=args.namespace),
            spec=kubernetes.core.v1.PersistentVolumeClaimSpecArgs(
                access_modes=["ReadWriteMany"],
                resources=_size(volume.size_gib),
                storage_class_name=storage_class,
                volume_name=folder,
            ),
            opts=kept,
        )
        return claim.metadata.name

    def _folder(
        self, volume: OnNode, kept: pulumi.ResourceOptions
    ) -> kubernetes.core.v1.PersistentVolume:
        return kubernetes.core.v1.PersistentVolume(
            self._name,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=self._cluster_wide_name(),
                labels={"app.kubernetes.io/part-of": "the-things-stack"},
            ),
            spec=kubernetes.core.v1.PersistentVolumeSpecArgs(
                access_modes=["ReadWriteMany"],
                capacity={"storage": f"{volume.size_gib}Gi"},
                persistent_volume_reclaim_policy="Retain",
                storage_class_name="",
                host_path=kubernetes.core.v1.HostPathVolumeSourceArgs(
                    path=volume.path, type="DirectoryOrCreate"
                ),
            ),
            opts=kept,
        )

    def _cluster_wide_name(self) -> pulumi.Output[str]:
        """A volume belongs to no namespace, so its name has that of its claim in it."""
        return pulumi.Output.from_input(self._args.namespace).apply(
            lambda namespace: f"{namespace}-{self._name}"
        )

    def _seed(self) -> None:
        folders = [plan.kind for plan in BUCKETS]
        ScriptedJob(
            self._name,
            ScriptedJobArgs(
                namespace=self._args.namespace,
                image=_IMAGE,
                files={"run.sh": Path(__file__).with_name("volume.sh").read_text(encoding="utf-8")},
                # Only root may give a file to someone else.
                user=0,
                capabilities=["CHOWN", "DAC_OVERRIDE"],
                environment={
                    "ROOT": _MOUNT,
                    "OWNER": OWNER,
                    "FOLDERS": " ".join(folders),
                    "FILES": " ".join(
                        f"{plan.kind}/{plan.seed}" for plan in BUCKETS if plan.seed is not None
                    ),
                },
                volumes={_MOUNT: self.claim},
                after=self._args.after,
            ),
            pulumi.ResourceOptions(parent=self),
        )


def _size(gib: int) -> kubernetes.core.v1.VolumeResourceRequirementsArgs:
    return kubernetes.core.v1.VolumeResourceRequirementsArgs(requests={"storage": f"{gib}Gi"})
