"""Records in Route 53, and the right to prove a domain by them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.dns import Record


@dataclass(frozen=True, kw_only=True)
class DnsRecordsArgs:
    """`zone_id`: a public hosted zone that is there and contains the records' names."""

    zone_id: str
    records: Sequence[Record[pulumi.Output[str]]]
    ttl_seconds: int


class DnsRecords(pulumi.ComponentResource):
    """Records in a hosted zone. One that is there already is not taken over: the creation fails."""

    def __init__(
        self, name: str, args: DnsRecordsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:aws:DnsRecords", name, None, opts)
        for record in args.records:
            aws.route53.Record(
                f"{name}-{record.key}",
                zone_id=args.zone_id,
                name=record.name,
                type=record.type,
                ttl=args.ttl_seconds,
                records=list(record.values),
                allow_overwrite=False,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})


def proof_policy(partition: str, zone_id: str, domain: str) -> str:
    """A policy (JSON): TXT records `_acme-challenge` of a domain in one zone, and nothing else there.

    https://cert-manager.io/docs/configuration/acme/dns01/route53/ and
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-rrset-conditions.html
    """
    zone = f"arn:{partition}:route53:::hostedzone/{zone_id}"
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "SeeChanges",
                    "Effect": "Allow",
                    "Action": "route53:GetChange",
                    "Resource": f"arn:{partition}:route53:::change/*",
                },
                {
                    "Sid": "SeeRecords",
                    "Effect": "Allow",
                    "Action": "route53:ListResourceRecordSets",
                    "Resource": zone,
                },
                {
                    "Sid": "ProveTheDomain",
                    "Effect": "Allow",
                    "Action": "route53:ChangeResourceRecordSets",
                    "Resource": zone,
                    "Condition": {
                        "ForAllValues:StringEquals": {
                            "route53:ChangeResourceRecordSetsRecordTypes": ["TXT"]
                        },
                        "ForAllValues:StringLike": {
                            "route53:ChangeResourceRecordSetsNormalizedRecordNames": [
                                f"_acme-challenge.{domain}",
                                f"_acme-challenge.*.{domain}",
                            ]
                        },
                    },
                },
            ],
        }
    )
