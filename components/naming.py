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
    return f"{slug(domain)[:room].rstrip('-')}-{_digest(f'{stack}/{domain}')}"


def slug(text: str) -> str:
    """Lower-case letters, digits and single hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def iam_name(stack: str, purpose: str) -> str:
    """An IAM user's or role's name: at most 64 characters, unique in the account.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    return stack_name(stack, purpose, longest=64)


def stack_name(stack: str, purpose: str = "", *, longest: int) -> str:
    """`tts-<stack>-<purpose>`: lower-case letters, digits and single hyphens, a letter first.

    A stack name that has other characters, or that is too long, is told apart by a hash.
    """
    ending = f"-{purpose}" if purpose else ""
    plain = f"tts-{stack}{ending}"
    if slug(stack) == stack and len(plain) <= longest:
        return plain
    room = longest - len(ending) - _HASH_LENGTH - 1
    start = slug(f"tts-{stack}")[:room].rstrip("-")
    return f"{start}-{_digest(stack)}{ending}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_HASH_LENGTH]


def aws_partition(region: str) -> str:
    """The partition that a region's ARNs name.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"
