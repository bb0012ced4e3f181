"""Who may use the five buckets: a service account with a key."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import pulumi
import pulumi_gcp as gcp

from components.naming import stack_name
from components.prerequisites import Buckets

_ACCOUNT_LONGEST = 30
# To list, read, write and delete objects, and no more:
# https://cloud.google.com/storage/docs/access-control/iam-roles
BUCKET_ROLE = "roles/storage.objectUser"


@dataclass(frozen=True, kw_only=True)
class BlobAccountArgs:
    """`stack` names the account; a higher `generation` makes a new key and deletes the old."""

    stack: str
    buckets: Buckets[pulumi.Output[str]]
    generation: int


class BlobAccount(pulumi.ComponentResource):
    """A service account that can use just the five buckets, and a key of its own.

    `credentials` is the key's JSON in base64, as the product's chart wants it: the product has no other way
    to Cloud Storage than a key. A bucket that was there before gets this one member, no other change.
    """

    def __init__(
        self, name: str, args: BlobAccountArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:gcp:BlobAccount", name, None, opts)
        mine = pulumi.ResourceOptions(parent=self)
        account = gcp.serviceaccount.Account(
            name,
            account_id=stack_name(args.stack, "blobs", longest=_ACCOUNT_LONGEST),
            display_name=f"Buckets of The Things Stack, {args.stack}"[:100],
            opts=mine,
        )
        granted = [
            gcp.storage.BucketIAMMember(
                f"{name}-{kind.replace('_', '-')}",
                bucket=bucket,
                role=BUCKET_ROLE,
                member=account.member,
                opts=mine,
            )
            for kind, bucket in _by_kind(args.buckets).items()
        ]
        # A generation is a name of its own: the new key is there before the old one goes.
        key = gcp.serviceaccount.Key(
            f"{name}-{args.generation}",
            service_account_id=account.name,
            opts=pulumi.ResourceOptions(parent=self, depends_on=granted),
        )
        self.credentials: pulumi.Output[str] = pulumi.Output.secret(key.private_key)
        self.register_outputs({"email": account.email})


def _by_kind(buckets: Buckets[pulumi.Output[str]]) -> Mapping[str, pulumi.Output[str]]:
    return {it.name: getattr(buckets, it.name) for it in fields(buckets)}
