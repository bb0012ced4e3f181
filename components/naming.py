"""Physical names within each cloud's limits; pure, so that a preview shows them."""

import hashlib
import re

BUCKET_LONGEST = 63
_LONGEST_ENDING = len("-end-device-pictures")
_HASH_LENGTH = 6


def bucket_prefix(stack: str, domain: str) -> str:
    """What the names of a stack's five buckets begin with.

    Bucket names are shared by all accounts of a cloud, so a word such as `tts-production` is likely
    to be taken; a domain is its owner's alone. The hash keeps `a-b.com` and `a.b.com`, and two
    stacks of one domain, apart.
    """
    room = BUCKET_LONGEST - _LONGEST_ENDING - _HASH_LENGTH - 1
    digest = hashlib.sha256(f"{stack}/{domain}".encode()).hexdigest()[:_HASH_LENGTH]
    return f"{slug(domain)[:room].rstrip('-')}-{digest}"


def slug(text: str) -> str:
    """Lower-case letters, digits and single hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def iam_name(stack: str, purpose: str) -> str:
    """An IAM user's or role's name: at most 64 characters, unique in the account.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    name = f"tts-{slug(stack)}-{purpose}"
    if len(name) <= 64:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_HASH_LENGTH]
    return f"{name[: 64 - _HASH_LENGTH - 1]}-{digest}"


def aws_partition(region: str) -> str:
    """The partition that a region's ARNs name.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"
