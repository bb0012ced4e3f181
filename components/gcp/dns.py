"""Records in Cloud DNS, and the right to prove a domain by them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.dns import Record
from components.naming import stack_name

_ACCOUNT_LONGEST = 30


@dataclass(frozen=True, kw_only=True)
class DnsRecordsArgs:
    """`managed_zone`: the name of a public zone that is there and contains the records' names.

    `project`: the zone's.
    """

    project: str
    managed_zone: str
    records: Sequence[Record[pulumi.Output[str]]]
    ttl_seconds: int


class DnsRecords(pulumi.ComponentResource):
    """Records in a managed zone. One that is there already is not taken over: the creation fails."""

    def __init__(
        self, name: str, args: DnsRecordsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:gcp:DnsRecords", name, None, opts)
        for record in args.records:
            gcp.dns.RecordSet(
                f"{name}-{record.key}",
                project=args.project,
                managed_zone=args.managed_zone,
                name=f"{record.name}.",
                type=record.type,
                ttl=args.ttl_seconds,
                rrdatas=list(record.values),
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})


@dataclass(frozen=True, kw_only=True)
class DnsProofArgs:
    """`service_account` in `namespace` of a cluster of `project` may change the zone's records.

    `zone_project` and `managed_zone`: the zone's.
    """

    stack: str
    project: str
    zone_project: str
    managed_zone: str
    namespace: str
    service_account: str


class DnsProof(pulumi.ComponentResource):
    """A Google service account that pods take by Workload Identity, without any key.

    Cloud IAM knows no condition on a record's name, so it may change any record of the zone.
    `annotations` go on the Kubernetes service account
    (https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity).
    """

    def __init__(
        self, name: str, args: DnsProofArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:gcp:DnsProof", name, None, opts)
        mine = pulumi.ResourceOptions(parent=self)
        account = gcp.serviceaccount.Account(
            name,
            account_id=stack_name(args.stack, "certs", longest=_ACCOUNT_LONGEST),
            display_name=f"Certificates of The Things Stack, {args.stack}"[:100],
            opts=mine,
        )
        zone = gcp.dns.DnsManagedZoneIamMember(
            name,
            project=args.zone_project,
            managed_zone=args.managed_zone,
            role="roles/dns.admin",
            member=account.member,
            opts=mine,
        )
        taken = gcp.serviceaccount.IAMMember(
            name,
            service_account_id=account.name,
            role="roles/iam.workloadIdentityUser",
            member=(
                f"serviceAccount:{args.project}.svc.id.goog[{args.namespace}/{args.service_account}]"
            ),
            opts=mine,
        )
        self.annotations: Mapping[str, pulumi.Output[str]] = {
            "iam.gke.io/gcp-service-account": account.email
        }
        self.ready: tuple[pulumi.Resource, ...] = (zone, taken)
        self.register_outputs({"email": account.email})
