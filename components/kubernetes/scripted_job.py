"""A Job that runs a shell script of this project's once, and again when what it is given changes."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

SCRIPTS = "/scripts"
_RETRIES = 4
_DEADLINE_SECONDS = 15 * 60
# Longer than the Job's own deadline, so that the Job says what went wrong.
_PULUMI_TIMEOUT = "20m"


@dataclass(frozen=True, kw_only=True)
class ScriptedJobArgs:
    """`files`: what stands under `SCRIPTS`, `run.sh` among them. Nothing of it is secret.

    `environment` and `secrets`: variables of the script; the secret ones are in a Secret alone, by which
    they reach the container. `volumes`: claims by the path at which they are mounted. `user`: who runs
    it; 0 (root) has none of root's capabilities but those under `capabilities`. `after`: what must be
    there before it runs.
    """

    namespace: pulumi.Input[str]
    image: str
    files: Mapping[str, pulumi.Input[str]]
    environment: Mapping[str, pulumi.Input[str]]
    user: int
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    volumes: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    capabilities: Sequence[str] = ()
    after: Sequence[pulumi.Resource] = ()


class ScriptedJob(pulumi.ComponentResource):
    """A ConfigMap with the script, a Secret where there are secrets, and the Job; Pulumi waits for it.

    A Job's template cannot be changed, so each change replaces the Job: the old one is deleted first, and
    two never work at the same time. What the Job did stays when it is removed.
    """

    def __init__(
        self, name: str, args: ScriptedJobArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:kubernetes:ScriptedJob", name, None, opts)
        metadata = kubernetes.meta.v1.ObjectMetaArgs(name=name, namespace=args.namespace)
        mine = pulumi.ResourceOptions(parent=self)
        scripts = kubernetes.core.v1.ConfigMap(name, metadata=metadata, data=args.files, opts=mine)
        secret: pulumi.Input[str] | None = None
        if args.secrets:
            secret = kubernetes.core.v1.Secret(
                name,
                metadata=metadata,
                string_data={key: pulumi.Output.secret(args.secrets[key]) for key in args.secrets},
                opts=mine,
            ).metadata.name
        self.job: kubernetes.batch.v1.Job = kubernetes.batch.v1.Job(
            name,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=name,
                namespace=args.namespace,
                # A Job that failed would be waited for in vain for ever.
                annotations={"pulumi.com/replaceUnready": "true"},
            ),
            spec=kubernetes.batch.v1.JobSpecArgs(
                backoff_limit=_RETRIES,
                active_deadline_seconds=_DEADLINE_SECONDS,
                template=kubernetes.core.v1.PodTemplateSpecArgs(
                    metadata=kubernetes.meta.v1.ObjectMetaArgs(
                        annotations={"files": _digest(args.files)}
                    ),
                    spec=_pod(args, scripts.metadata.name, secret),
                ),
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(args.after),
                delete_before_replace=True,
                custom_timeouts=pulumi.CustomTimeouts(
                    create=_PULUMI_TIMEOUT, update=_PULUMI_TIMEOUT
                ),
            ),
        )
        self.register_outputs({"job": self.job.metadata.name})


def _digest(files: Mapping[str, pulumi.Input[str]]) -> pulumi.Output[str]:
    """Of names and contents: without it a new script would come into a Job that does not run."""
    return pulumi.Output.all(**files).apply(
        lambda known: hashlib.sha256(repr(sorted(known.items())).encode()).hexdigest()
    )


def _pod(
    args: ScriptedJobArgs, scripts: pulumi.Input[str], secret: pulumi.Input[str] | None
) -> kubernetes.core.v1.PodSpecArgs:
    volumes = [
        kubernetes.core.v1.VolumeArgs(
            name="scripts",
            config_map=kubernetes.core.v1.ConfigMapVolumeSourceArgs(name=scripts),
        )
    ]
    mounts = [
        kubernetes.core.v1.VolumeMountArgs(name="scripts", mount_path=SCRIPTS, read_only=True)
    ]
    for number, (path, claim) in enumerate(args.volumes.items(), start=1):
        source = kubernetes.core.v1.PersistentVolumeClaimVolumeSourceArgs(claim_name=claim)
        volumes.append(
            kubernetes.core.v1.VolumeArgs(name=f"volume-{number}", persistent_volume_claim=source)
        )
        mounts.append(kubernetes.core.v1.VolumeMountArgs(name=f"volume-{number}", mount_path=path))
    return kubernetes.core.v1.PodSpecArgs(
        # Each attempt leaves its pod, and with it the log that says why it failed.
        restart_policy="Never",
        automount_service_account_token=False,
        enable_service_links=False,
        security_context=kubernetes.core.v1.PodSecurityContextArgs(
            run_as_non_root=args.user != 0,
            run_as_user=args.user,
            run_as_group=args.user,
            seccomp_profile=kubernetes.core.v1.SeccompProfileArgs(type="RuntimeDefault"),
        ),
        containers=[
            kubernetes.core.v1.ContainerArgs(
                name="script",
                image=args.image,
                command=["/bin/sh", f"{SCRIPTS}/run.sh"],
                env=_environment(args, secret),
                volume_mounts=mounts,
                resources=kubernetes.core.v1.ResourceRequirementsArgs(
                    requests={"cpu": "50m", "memory": "32Mi"},
                    limits={"cpu": "500m", "memory": "128Mi"},
                ),
                security_context=kubernetes.core.v1.SecurityContextArgs(
                    allow_privilege_escalation=False,
                    read_only_root_filesystem=True,
                    capabilities=kubernetes.core.v1.CapabilitiesArgs(
                        drop=["ALL"], add=list(args.capabilities) or None
                    ),
                ),
            )
        ],
        volumes=volumes,
    )


def _environment(
    args: ScriptedJobArgs, secret: pulumi.Input[str] | None
) -> list[kubernetes.core.v1.EnvVarArgs]:
    found = [
        kubernetes.core.v1.EnvVarArgs(name=name, value=args.environment[name])
        for name in args.environment
    ]
    for name in args.secrets if secret is not None else ():
        key: Any = kubernetes.core.v1.SecretKeySelectorArgs(name=secret, key=name)
        found.append(
            kubernetes.core.v1.EnvVarArgs(
                name=name,
                value_from=kubernetes.core.v1.EnvVarSourceArgs(secret_key_ref=key),
            )
        )
    return found
