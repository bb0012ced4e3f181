"""Records in Cloud DNS, and the right to prove a domain by them."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.dns import Record
from components.naming import stack_name

_ACCOUNT_LONGEST = 30
# In one zone. Records of a kind or a name cannot be singled out:
# https://cloud.google.com/dns/docs/access-control
PROOF_ROLE = "roles/dns.admin"
_IDENTITY_ROLE = "roles/iam.workloadIdentityUser"
# By which GKE gives pods of a service account the rights of an account of Google's:
# https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity
IDENTITY_ANNOTATION = "iam.gke.io/gcp-service-account"


@dataclass(frozen=True, kw_only=True)
class DnsRecordsArgs:
    """`managed_zone`: the name of a public zone that is there, in `project`."""

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
    """`zone_project`: where the zone is, `project`: where the cluster is.

    `namespace`, `service_account`: of the pods. `after`: what makes the project's workload identity pool.
    """

    stack: str
    project: str
    zone_project: str
    managed_zone: str
    namespace: str
    service_account: str
    after: Sequence[pulumi.Resource]


class DnsProof(pulumi.ComponentResource):
    """A service account for one zone, as which the pods of one service account act, without a key.

    `ready`: what must be there before they run.
    """

    def __init__(
        self, name: str, args: DnsProofArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:gcp:DnsProof", name, None, opts)
        mine = pulumi.ResourceOptions(parent=self)
        account = gcp.serviceaccount.Account(
            name,
            account_id=stack_name(args.stack, name, longest=_ACCOUNT_LONGEST),
            display_name=f"Certificates of The Things Stack, {args.stack}"[:100],
            opts=mine,
        )
        zone = gcp.dns.DnsManagedZoneIamMember(
            name,
            project=args.zone_project,
            managed_zone=args.managed_zone,
            role=PROOF_ROLE,
            member=account.member,
            opts=mine,
        )
        pods = f"{args.project}.svc.id.goog[{args.namespace}/{args.service_account}]"
        bound = gcp.serviceaccount.IAMMember(
            name,
            service_account_id=account.name,
            role=_IDENTITY_ROLE,
            member=f"serviceAccount:{pods}",
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.after)),
        )
        self.email: pulumi.Output[str] = account.email
        self.ready: tuple[pulumi.Resource, ...] = (zone, bound)
        self.register_outputs({"email": account.email})
