"""Records in Azure DNS, and the right to prove a domain by them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.azure.resource_group import GroupPlace
from components.azure.roles import assign
from components.dns import Record, relative
from components.naming import stack_name

Promised = pulumi.Output[str]
_AUDIENCE = "api://AzureADTokenExchange"
_NAME_LONGEST = 128


@dataclass(frozen=True, kw_only=True)
class DnsRecordsArgs:
    """`zone`: a public zone that is there, in `resource_group`, and contains the records' names."""

    resource_group: str
    zone: str
    records: Sequence[Record[Promised]]
    ttl_seconds: int


class DnsRecords(pulumi.ComponentResource):
    """Record sets in a zone. Azure replaces what a set of the same name and type held before."""

    def __init__(
        self, name: str, args: DnsRecordsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:azure:DnsRecords", name, None, opts)
        for record in args.records:
            address, service = record.type == "A", record.type == "SRV"
            azure.dns.RecordSet(
                f"{name}-{record.key}",
                resource_group_name=args.resource_group,
                zone_name=args.zone,
                relative_record_set_name=relative(record.name, args.zone),
                record_type=record.type,
                ttl=args.ttl_seconds,
                a_records=[azure.dns.ARecordArgs(ipv4_address=it) for it in record.values]
                if address
                else None,
                srv_records=[it.apply(_service) for it in record.values] if service else None,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})


def _service(value: str) -> azure.dns.SrvRecordArgs:
    priority, weight, port, target = value.split()
    return azure.dns.SrvRecordArgs(
        priority=int(priority), weight=int(weight), port=int(port), target=target
    )


@dataclass(frozen=True, kw_only=True)
class DnsProofArgs:
    """`service_account` in `namespace`, as `issuer_url` vouches for it, may change the zone's records.

    `group`: where the identity is made. `zone_group` and `zone`: the zone's resource group and name.
    """

    stack: str
    subscription: str
    group: GroupPlace
    zone_group: str
    zone: str
    issuer_url: Promised
    namespace: str
    service_account: str


class DnsProof(pulumi.ComponentResource):
    """A managed identity that cert-manager's pods take without any secret.

    Azure knows no condition on a record's name, so it may change any record of the zone. What pods and
    their service account must bear for it:
    https://cert-manager.io/docs/configuration/acme/dns01/azuredns/
    """

    service_account_labels: Mapping[str, str] = {"azure.workload.identity/use": "true"}
    pod_labels: Mapping[str, str] = {"azure.workload.identity/use": "true"}

    def __init__(
        self, name: str, args: DnsProofArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:azure:DnsProof", name, None, opts)
        mine = pulumi.ResourceOptions(parent=self)
        identity = azure.managedidentity.UserAssignedIdentity(
            name,
            resource_name_=stack_name(args.stack, "certificates", longest=_NAME_LONGEST),
            resource_group_name=args.group.name,
            location=args.group.location,
            tags=dict(args.group.tags),
            opts=mine,
        )
        credential = azure.managedidentity.FederatedIdentityCredential(
            name,
            federated_identity_credential_resource_name=args.service_account,
            resource_group_name=args.group.name,
            resource_name_=identity.name,
            issuer=args.issuer_url,
            subject=f"system:serviceaccount:{args.namespace}:{args.service_account}",
            audiences=[_AUDIENCE],
            opts=mine,
        )
        role = assign(
            self,
            name,
            subscription=args.subscription,
            stack=args.stack,
            role="DNS Zone Contributor",
            scope=(
                f"/subscriptions/{args.subscription}/resourceGroups/{args.zone_group}"
                f"/providers/Microsoft.Network/dnsZones/{args.zone}"
            ),
            principal_id=identity.principal_id,
        )
        self.client_id: Promised = identity.client_id
        self.ready: tuple[pulumi.Resource, ...] = (credential, role)
        self.register_outputs({"clientId": self.client_id})
