"""Buckets that a stack makes at a service that speaks S3. The only use of the AWS SDK on other targets."""

import pulumi

from components.naming import bucket_prefix
from components.prerequisites import Buckets
from components.s3.buckets import S3Buckets, S3BucketsArgs, S3Service, s3_provider
from stacks import existing, sections
from stacks.config import CommonConfig
from stacks.existing import Promised


def create_buckets(
    config: CommonConfig, section: sections.S3Blobs, secret_access_key: Promised
) -> tuple[Buckets[Promised], tuple[pulumi.Resource, ...]]:
    """The buckets' names, and what must be there before anything is put into them."""
    service = S3Service(
        endpoint=section.endpoint,
        region=section.region,
        path_style=section.path_style,
        access_key_id=section.access_key_id,
        secret_access_key=secret_access_key,
    )
    provider = s3_provider("s3", service)
    made = S3Buckets(
        "s3-blobs",
        S3BucketsArgs(
            prefix=section.bucket_prefix or bucket_prefix(config.stack, config.domain),
            existing=existing.bucket_names(section.buckets),
            protection=config.protection,
        ),
        pulumi.ResourceOptions(provider=provider),
    )
    return made.buckets, tuple(made.made)
