"""A place for the state of a team's stacks, and a key for their secrets, by the cloud's own command.

python -m tools.backend aws    --name example-state --location eu-west-1
python -m tools.backend azure  --name examplestate --location westeurope
python -m tools.backend google --name example-state --location europe-west4 --project example-project

It can be run again: what is there is left as it is, and its settings are set anew. --show only prints.
"""

import argparse
import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_KEY = "pulumi"
Command = Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something to see to. `there`: the command that succeeds where it is done; it is asked first."""

    do: Command
    there: Command | None = None


@dataclass(frozen=True, kw_only=True)
class Backend:
    """Steps in order, and what then goes to Pulumi: the backend's URL and the secrets provider's."""

    steps: tuple[Step, ...]
    url: str
    secrets_provider: str


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """`name`: of the bucket or storage account, and of what goes with it."""

    name: str
    location: str
    project: str


def aws(wanted: Wanted) -> Backend:
    """A private, versioned, encrypted S3 bucket that refuses plain HTTP, and a KMS key that is rotated."""
    bucket, region, alias = wanted.name, wanted.location, f"alias/{wanted.name}"
    arn = f"arn:aws:s3:::{bucket}"
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [arn, f"{arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
    block = "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"
    s3 = ("aws", "s3api", "--region", region)
    kms = ("aws", "kms", "--region", region)
    # us-east-1 is the one region that must not be named.
    place = () if region == "us-east-1" else (
        "--create-bucket-configuration", f"LocationConstraint={region}",
    )  # fmt: skip
    new_key = (
        f"$({shlex.join([*kms, 'create-key', '--query', 'KeyMetadata.KeyId', '--output', 'text'])})"
    )
    return Backend(
        steps=(
            Step(
                there=(*s3, "head-bucket", "--bucket", bucket),
                do=(*s3, "create-bucket", "--bucket", bucket, *place),
            ),
            Step(do=(*s3, "put-public-access-block", "--bucket", bucket,
                     "--public-access-block-configuration", block)),
            Step(do=(*s3, "put-bucket-versioning", "--bucket", bucket,
                     "--versioning-configuration", "Status=Enabled")),
            Step(do=(*s3, "put-bucket-policy", "--bucket", bucket, "--policy", json.dumps(policy))),
            Step(
                there=(*kms, "describe-key", "--key-id", alias),
                do=("sh", "-ec", f"{shlex.join([*kms, 'create-alias', '--alias-name', alias])} "
                    f'--target-key-id "{new_key}"'),
            ),
            Step(do=("sh", "-ec", f"{shlex.join([*kms, 'enable-key-rotation'])} --key-id "
                     f'"$({shlex.join([*kms, "describe-key", "--key-id", alias])} '
                     '--query KeyMetadata.KeyId --output text)"')),
        ),
        url=f"s3://{bucket}?region={region}",
        secrets_provider=f"awskms://{alias}?region={region}",
    )  # fmt: skip


def azure(wanted: Wanted) -> Backend:
    """A storage account with versions and without keys or public blobs, and a vault that cannot be purged."""
    name, place = wanted.name, wanted.location
    group, container = ("--resource-group", name), "pulumi"
    account = ("az", "storage", "account")
    return Backend(
        steps=(
            Step(do=("az", "group", "create", "--name", name, "--location", place)),
            Step(
                there=(*account, "show", "--name", name, *group),
                do=(*account, "create", "--name", name, *group, "--location", place, "--sku",
                    "Standard_ZRS", "--min-tls-version", "TLS1_2", "--https-only", "true",
                    "--allow-blob-public-access", "false", "--allow-shared-key-access", "false"),
            ),
            Step(do=(*account, "blob-service-properties", "update", "--account-name", name, *group,
                     "--enable-versioning", "true", "--enable-delete-retention", "true",
                     "--delete-retention-days", "30")),
            Step(do=("az", "storage", "container-rm", "create", "--name", container,
                     "--storage-account", name, *group)),
            Step(
                there=("az", "keyvault", "show", "--name", name),
                do=("az", "keyvault", "create", "--name", name, *group, "--location", place,
                    "--enable-purge-protection", "true", "--enable-rbac-authorization", "true"),
            ),
            Step(
                there=("az", "keyvault", "key", "show", "--vault-name", name, "--name", _KEY),
                do=("az", "keyvault", "key", "create", "--vault-name", name, "--name", _KEY,
                    "--kty", "RSA", "--size", "3072", "--ops", "encrypt", "decrypt"),
            ),
        ),
        url=f"azblob://{container}?storage_account={name}",
        secrets_provider=f"azurekeyvault://{name}.vault.azure.net/keys/{_KEY}",
    )  # fmt: skip


def google(wanted: Wanted) -> Backend:
    """A versioned bucket with public access prevented, and a key that is rotated every 90 days."""
    bucket, place = f"gs://{wanted.name}", ("--location", wanted.location)
    project = ("--project", wanted.project)
    key = ("gcloud", "kms", "keys")
    ring = ("--keyring", wanted.name, *place, *project)
    return Backend(
        steps=(
            Step(
                there=("gcloud", "storage", "buckets", "describe", bucket, *project),
                do=("gcloud", "storage", "buckets", "create", bucket, *place, *project,
                    "--uniform-bucket-level-access", "--public-access-prevention"),
            ),
            Step(do=("gcloud", "storage", "buckets", "update", bucket, *project, "--versioning",
                     "--public-access-prevention")),
            Step(
                there=("gcloud", "kms", "keyrings", "describe", wanted.name, *place, *project),
                do=("gcloud", "kms", "keyrings", "create", wanted.name, *place, *project),
            ),
            Step(
                there=(*key, "describe", _KEY, *ring),
                do=(*key, "create", _KEY, *ring, "--purpose", "encryption", "--rotation-period",
                    "90d", "--next-rotation-time", "+p90d"),
            ),
        ),
        url=bucket,
        secrets_provider=f"gcpkms://projects/{wanted.project}/locations/{wanted.location}"
        f"/keyRings/{wanted.name}/cryptoKeys/{_KEY}",
    )  # fmt: skip


BACKENDS: Mapping[str, Callable[[Wanted], Backend]] = {"aws": aws, "azure": azure, "google": google}


def main() -> int:
    """See to every step and say what goes to Pulumi; 1 where a command fails, 2 where it is not there."""
    arguments = _arguments()
    backend = BACKENDS[arguments.cloud](
        Wanted(name=arguments.name, location=arguments.location, project=arguments.project)
    )
    if not arguments.show:
        tool = backend.steps[0].do[0]
        if shutil.which(tool) is None:
            print(f"{tool} is not on PATH; --show prints what would be run", file=sys.stderr)
            return 2
    for step in backend.steps:
        if not arguments.show and step.there is not None and _run(step.there, quiet=True) == 0:
            continue
        print(f"+ {shlex.join(step.do)}", flush=True)
        if not arguments.show and _run(step.do) != 0:
            print("that failed; what is done stays, and this can be run again", file=sys.stderr)
            return 1
    print("\nThen:")
    print(f"  pulumi login {shlex.quote(backend.url)}")
    print(f"  pulumi stack init <stack> --secrets-provider={shlex.quote(backend.secrets_provider)}")
    return 0


def _run(command: Command, *, quiet: bool = False) -> int:
    out = subprocess.DEVNULL if quiet else None
    return subprocess.run(
        list(command), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=out, check=False
    ).returncode


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.backend",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("cloud", choices=BACKENDS)
    parser.add_argument("--name", required=True, help="of the bucket or storage account")
    parser.add_argument("--location", required=True, help="the region")
    parser.add_argument("--project", default="", help="the project in Google Cloud")
    parser.add_argument("--show", action="store_true", help="print the commands, run none")
    found = parser.parse_args()
    if found.cloud == "google" and not found.project:
        parser.error("--project is needed for google")
    return found


if __name__ == "__main__":
    raise SystemExit(main())
