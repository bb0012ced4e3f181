"""Seeds in buckets at a service that speaks S3, placed by a Job in the cluster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pulumi

from components.kubernetes.scripted_job import SCRIPTS, ScriptedJob, ScriptedJobArgs
from components.prerequisites import Buckets
from components.seeds import BUCKETS

_IMAGE = "docker.io/curlimages/curl:8.14.1"
_CURL_USER = 100
_CA_FILE = "ca.crt"


@dataclass(frozen=True, kw_only=True)
class BucketSeedsArgs:
    """`endpoint`: scheme and host. `path_style`: a bucket's name is in the path, not before the host.

    `ca_certificates`: PEM, where the service is behind a private CA. `after`: what must be there before
    pods run.
    """

    namespace: pulumi.Input[str]
    buckets: Buckets[pulumi.Output[str]]
    endpoint: str
    region: str
    path_style: bool
    access_key_id: pulumi.Input[str]
    secret_access_key: pulumi.Input[str]
    ca_certificates: str | None = None
    after: Sequence[pulumi.Resource] = ()


class BucketSeeds(pulumi.ComponentResource):
    """An empty file in each private bucket that has none; what is there is never written to.

    The Job asks first and then writes on the condition that there still is none (If-None-Match), which
    guards against a service that does not know the condition too. It fails where a bucket is missing.
    """

    def __init__(
        self, name: str, args: BucketSeedsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:kubernetes:BucketSeeds", name, None, opts)
        script = Path(__file__).with_name("bucket_seeds.sh").read_text(encoding="utf-8")
        files: Mapping[str, str] = {"run.sh": script}
        if args.ca_certificates is not None:
            files = {**files, _CA_FILE: args.ca_certificates}
        names: dict[str, pulumi.Output[str]] = {
            plan.kind: getattr(args.buckets, plan.kind) for plan in BUCKETS
        }
        self.done: pulumi.Resource = ScriptedJob(
            name,
            ScriptedJobArgs(
                namespace=args.namespace,
                image=_IMAGE,
                user=_CURL_USER,
                files=files,
                environment={
                    "ENDPOINT": args.endpoint,
                    "REGION": args.region,
                    "PATH_STYLE": "true" if args.path_style else "false",
                    "BUCKETS": _words(names, {plan.kind: "" for plan in BUCKETS}),
                    "SEEDS": _words(
                        names, {plan.kind: f"/{plan.seed}" for plan in BUCKETS if plan.seed}
                    ),
                    "CA_FILE": "" if args.ca_certificates is None else f"{SCRIPTS}/{_CA_FILE}",
                },
                secrets={
                    "ACCESS_KEY_ID": args.access_key_id,
                    "SECRET_ACCESS_KEY": args.secret_access_key,
                },
                after=args.after,
            ),
            pulumi.ResourceOptions(parent=self),
        ).job
        self.register_outputs({})


def _words(
    names: Mapping[str, pulumi.Output[str]], endings: Mapping[str, str]
) -> pulumi.Output[str]:
    """The names of some buckets, each with its ending, as words of a shell."""
    return pulumi.Output.all(**{kind: names[kind] for kind in endings}).apply(
        lambda known: " ".join(f"{known[kind]}{ending}" for kind, ending in endings.items())
    )
