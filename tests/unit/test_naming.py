"""Physical names: within the cloud's limits for any stack and any domain."""

import re

from hypothesis import given
from hypothesis import strategies as st

from components.naming import BUCKET_LONGEST, aws_partition, bucket_prefix, iam_name, stack_name
from components.seeds import BUCKETS
from stacks.fields import _BUCKET

_DOMAINS = st.from_regex(
    r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]{1,20}){1,5}", fullmatch=True
)
_STACKS = st.text(alphabet="abcXYZ019-_.", min_size=1, max_size=100)


@given(stack=_STACKS, domain=_DOMAINS)
def test_every_bucket_name_is_one_that_s3_takes(stack: str, domain: str) -> None:
    for plan in BUCKETS:
        name = f"{bucket_prefix(stack, domain)}-{plan.ending}"
        assert len(name) <= BUCKET_LONGEST
        assert _BUCKET.fullmatch(name)


def test_domains_that_look_alike_do_not_share_buckets() -> None:
    assert bucket_prefix("dev", "a-b.example.com") != bucket_prefix("dev", "a.b.example.com")
    assert bucket_prefix("dev", "example.com") != bucket_prefix("prod", "example.com")


def test_a_bucket_name_shows_its_domain() -> None:
    assert bucket_prefix("dev", "thethings.example.com").startswith("thethings-example-com-")


@given(stack=_STACKS)
def test_every_iam_name_is_one_that_iam_takes(stack: str) -> None:
    assert re.fullmatch(r"[\w+=,.@-]{1,64}", iam_name(stack, "blobs"))


# The shortest limit is ElastiCache's 40, whose names, as those of RDS, have no double or last hyphen:
# https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
@given(
    stack=_STACKS,
    purpose=st.sampled_from(["", "redis-1", "redis-99", "postgres-1", "postgres-17"]),
    longest=st.sampled_from([40, 63, 100, 255]),
)
def test_every_stack_has_names_that_its_databases_take(
    stack: str, purpose: str, longest: int
) -> None:
    name = stack_name(stack, purpose, longest=longest)
    assert len(name) <= longest
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name)
    assert name.endswith(purpose)


@given(one=_STACKS, other=_STACKS)
def test_two_stacks_never_share_a_name(one: str, other: str) -> None:
    same = stack_name(one, "redis-1", longest=40) == stack_name(other, "redis-1", longest=40)
    assert same == (one == other)


def test_a_plain_stack_name_is_shown_as_it_is() -> None:
    assert stack_name("production", longest=100) == "tts-production"
    assert stack_name("production", "redis-1", longest=40) == "tts-production-redis-1"
    assert stack_name("a.b", longest=100) != stack_name("a-b", longest=100)


def test_partitions() -> None:
    assert aws_partition("eu-west-1") == "aws"
    assert aws_partition("cn-north-1") == "aws-cn"
    assert aws_partition("us-gov-west-1") == "aws-us-gov"
