"""Buckets at a service that speaks S3, made through the AWS provider with that service's endpoint.

Only calls that such services have in common: CreateBucket, PutBucketPolicy and PutBucketVersioning. What a
service lacks of these is told by the provider, by the call's name.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import pulumi
import pulumi_aws as aws

from components.prerequisites import Buckets
from components.protection import Protection
from components.seeds import BUCKETS, BucketKind, BucketPlan


@dataclass(frozen=True, kw_only=True)
class S3Service:
    """A service and a key to it. `endpoint`: scheme and host; None is Amazon S3."""

    endpoint: str | None
    region: str
    path_style: bool
    access_key_id: pulumi.Input[str]
    secret_access_key: pulumi.Input[str]


def s3_provider(name: str, service: S3Service) -> aws.Provider:
    """A provider that asks the service for buckets, and nobody for anything else.

    Region, account and key are not looked up, for only Amazon could answer. The operator's own profiles and
    the metadata of the machine are left out of it.
    """
    endpoints = None
    if service.endpoint is not None:
        endpoints = [aws.ProviderEndpointArgs(s3=service.endpoint)]
    return aws.Provider(
        name,
        region=service.region,
        access_key=service.access_key_id,
        secret_key=pulumi.Output.secret(service.secret_access_key),
        endpoints=endpoints,
        s3_use_path_style=service.path_style,
        skip_credentials_validation=True,
        skip_metadata_api_check=True,
        skip_region_validation=True,
        skip_requesting_account_id=True,
    )


@dataclass(frozen=True, kw_only=True)
class S3BucketsArgs:
    """`prefix`: what the names of the buckets made here begin with.

    `existing`: buckets that are there and take the place of one made here; they are not changed.
    """

    prefix: str
    existing: Mapping[BucketKind, str]
    protection: Protection


class S3Buckets(pulumi.ComponentResource):
    """Five buckets: two whose objects anyone may read by name, three private ones with versions."""

    def __init__(
        self, name: str, args: S3BucketsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:s3:S3Buckets", name, None, opts)
        self._args = args
        self.made: list[pulumi.Resource] = []
        names = {plan.kind: self._bucket(plan) for plan in BUCKETS}
        self.buckets: Buckets[pulumi.Output[str]] = Buckets(**names)
        self.register_outputs(cast("dict[str, pulumi.Output[str]]", names))

    def _bucket(self, plan: BucketPlan) -> pulumi.Output[str]:
        existing = self._args.existing.get(plan.kind)
        if existing is not None:
            return pulumi.Output.from_input(existing)
        opts = self._args.protection.data(self)
        bucket = aws.s3.Bucket(
            plan.ending,
            bucket=f"{self._args.prefix}-{plan.ending}",
            force_destroy=not self._args.protection.guarded,
            opts=opts,
        )
        self.made.append(bucket)
        if plan.public:
            aws.s3.BucketPolicy(
                plan.ending,
                bucket=bucket.bucket,
                policy=bucket.bucket.apply(public_policy),
                opts=opts,
            )
        else:
            versioning = aws.s3.BucketVersioning(
                plan.ending,
                bucket=bucket.bucket,
                versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(
                    status="Enabled"
                ),
                opts=opts,
            )
            # A seed is put into it only then, so that its first version is one.
            self.made.append(versioning)
        return bucket.bucket


def public_policy(bucket: str) -> str:
    """A policy (JSON) by which anyone may read an object of a bucket by its name."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "AnyoneMayReadByName",
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": ["s3:GetObject"],
                    "Resource": [f"arn:aws:s3:::{bucket}/*"],
                }
            ],
        }
    )
