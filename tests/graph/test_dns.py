"""The records of the domain, and what proves it, as an engine would be told of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.dns import contains, relative
from components.ports import exposed
from tests.graph.program import OWN_SECRETS, Graph, graph, of, only, statements

_ZONE = {"mode": "route53", "zone": "example.com", "zoneId": "Z0123456789"}
_CLOUDFLARE = {"mode": "cloudflare", "zone": "example.com", "zoneId": "0123456789abcdef"}
_UDP = {"selector": {"example.com/component": "gs"}}


def _graph(tmp_path: Path, changes: dict[str, Any], **secrets: str) -> Graph:
    return graph(tmp_path, changes, name="aws-production", secrets={**OWN_SECRETS, **secrets})


def _records(found: Graph) -> dict[str, dict[str, Any]]:
    return {it.inputs["name"]: dict(it.inputs) for it in of(found, "Record").values()}


def test_the_domain_and_its_tenants_lead_to_the_reserved_addresses(tmp_path: Path) -> None:
    found = _graph(tmp_path, {"dns": _ZONE, "ingress.udp": _UDP})
    records = _records(found)
    addresses = {name: it["records"] for name, it in records.items() if it["type"] == "A"}
    assert set(addresses) == {
        "thethings.example.com",
        "*.thethings.example.com",
        "udp.thethings.example.com",
    }
    assert addresses["thethings.example.com"] == addresses["*.thethings.example.com"]
    assert set(addresses["thethings.example.com"]).isdisjoint(
        addresses["udp.thethings.example.com"]
    )
    assert {len(it) for it in addresses.values()} == {3}


def test_one_tenant_has_its_own_name(tmp_path: Path) -> None:
    tenancy = {"mode": "single", "tenantId": "only"}
    records = _records(_graph(tmp_path, {"dns": _ZONE, "tenancy": tenancy}))
    assert "only.thethings.example.com" in records
    assert "*.thethings.example.com" not in records


@pytest.mark.parametrize("udp", [None, _UDP])
def test_services_are_those_of_the_table(tmp_path: Path, udp: Any) -> None:
    changes = {"dns": _ZONE} if udp is None else {"dns": _ZONE, "ingress.udp": udp}
    records = _records(_graph(tmp_path, changes))
    services = {name: it["records"] for name, it in records.items() if it["type"] == "SRV"}
    domain = "thethings.example.com"
    assert services == {
        f"_{service}._{port.transport}.{domain}": [
            f"0 5 {port.number} {'udp.' if port.transport == 'udp' else ''}{domain}."
        ]
        for port in exposed(production=True, udp=udp is not None)
        for service in port.srv
    }


def test_a_record_that_is_there_is_not_taken_over(tmp_path: Path) -> None:
    for record in _records(_graph(tmp_path, {"dns": _ZONE})).values():
        assert record["allowOverwrite"] is False
        assert record["zoneId"] == "Z0123456789"


def test_a_zone_may_be_left_alone(tmp_path: Path) -> None:
    assert _records(_graph(tmp_path, {"dns": {**_ZONE, "records": False}})) == {}


def test_cloudflare_has_one_record_for_each_value_and_proxies_none(tmp_path: Path) -> None:
    found = _graph(tmp_path, {"dns": _CLOUDFLARE}, cloudflareApiToken="cloudflare-token")
    records = [it.inputs for it in of(found, "DnsRecord").values()]
    assert sum(it["type"] == "A" for it in records) == 6
    assert {it["proxied"] for it in records} == {False}
    (lns,) = (it for it in records if it["name"].startswith("_ttn-v3-gs-basicstationlns."))
    assert lns["data"] == {
        "priority": 0,
        "weight": 5,
        "port": 8887,
        "target": "thethings.example.com",
    }
    assert "content" not in lns


def test_cloudflare_is_reached_with_the_token_given_and_no_other(tmp_path: Path) -> None:
    found = _graph(tmp_path, {"dns": _CLOUDFLARE}, cloudflareApiToken="cloudflare-token")
    (provider,) = (it for it in found if it.type == "pulumi:providers:cloudflare")
    assert "cloudflare-token" in json.dumps(provider.inputs["apiToken"])
    for record in of(found, "DnsRecord").values():
        assert "::cloudflare::" in record.provider


def test_cert_manager_may_prove_the_domain_and_change_nothing_else(tmp_path: Path) -> None:
    tls = {"mode": "acme", "email": "ops@example.com"}
    found = _graph(tmp_path, {"dns": _ZONE, "tls": tls})
    policy = of(found, "RolePolicy")["certificates"].inputs["policy"]
    (change,) = (
        it for it in statements(policy) if "Change" in str(it["Action"]) and "Condition" in it
    )
    assert change["Resource"] == "arn:aws:route53:::hostedzone/Z0123456789"
    types = change["Condition"]["ForAllValues:StringEquals"]
    assert types == {"route53:ChangeResourceRecordSetsRecordTypes": ["TXT"]}
    names = change["Condition"]["ForAllValues:StringLike"]
    for name in names["route53:ChangeResourceRecordSetsNormalizedRecordNames"]:
        assert name.startswith("_acme-challenge.") and name.endswith("thethings.example.com")


def test_no_role_is_made_where_none_is_used(tmp_path: Path) -> None:
    found = _graph(tmp_path, {"dns": _ZONE})
    assert "certificates" not in of(found, "RolePolicy")
    assert "cert-manager" not in of(found, "Release")


def test_cert_manager_s_pods_start_once_they_have_the_role(tmp_path: Path) -> None:
    tls = {"mode": "acme", "email": "ops@example.com"}
    found = _graph(tmp_path, {"dns": _ZONE, "tls": tls})
    release = of(found, "Release")["cert-manager"]
    assert any("PodIdentityAssociation::certificates" in urn for urn in release.depends_on)
    association = of(found, "PodIdentityAssociation")["certificates"].inputs
    assert (association["namespace"], association["serviceAccount"]) == (
        "cert-manager",
        "cert-manager",
    )
    assert release.inputs["values"]["serviceAccount"]["name"] == "cert-manager"


def test_the_certificate_covers_the_tenants_and_comes_after_its_issuer(tmp_path: Path) -> None:
    tls = {"mode": "acme", "email": "ops@example.com"}
    found = _graph(tmp_path, {"dns": _ZONE, "tls": tls})
    certificate, issuer = only(found, "Certificate"), only(found, "ClusterIssuer")
    spec = certificate.inputs["spec"]
    assert spec["dnsNames"] == ["thethings.example.com", "*.thethings.example.com"]
    assert spec["issuerRef"]["name"] == issuer.inputs["metadata"]["name"]
    assert any("ClusterIssuer::issuer" in urn for urn in certificate.depends_on)
    assert any("Release::cert-manager" in urn for urn in issuer.depends_on)
    (solver,) = issuer.inputs["spec"]["acme"]["solvers"]
    assert solver["dns01"]["route53"]["hostedZoneID"] == "Z0123456789"
    assert "staging" not in issuer.inputs["spec"]["acme"]["server"]
    assert certificate.inputs["metadata"]["annotations"]["pulumi.com/waitFor"] == "condition=Ready"


def test_an_issuer_that_is_there_is_only_asked(tmp_path: Path) -> None:
    found = _graph(tmp_path, {"tls": {"mode": "acme", "issuer": "company"}})
    assert only(found, "Certificate").inputs["spec"]["issuerRef"]["name"] == "company"
    assert of(found, "ClusterIssuer") == {}
    assert "cert-manager" not in of(found, "Release")


def test_cloudflare_proves_by_a_secret_token(tmp_path: Path) -> None:
    tls = {"mode": "acme", "email": "ops@example.com"}
    found = _graph(
        tmp_path, {"dns": _CLOUDFLARE, "tls": tls}, cloudflareApiToken="cloudflare-token"
    )
    secret = of(found, "Secret")["cloudflare-token"].inputs
    assert secret["metadata"]["namespace"] == "cert-manager"
    (solver,) = only(found, "ClusterIssuer").inputs["spec"]["acme"]["solvers"]
    assert solver["dns01"] == {
        "cloudflare": {"apiTokenSecretRef": {"name": "cloudflare-api-token", "key": "token"}}
    }


def test_a_private_ca_s_root_is_guarded_and_signs_for_the_tenants(tmp_path: Path) -> None:
    found = _graph(tmp_path, {"tls": {"mode": "private-ca"}})
    root = of(found, "SelfSignedCert")["private-ca-root"]
    assert root.protect and root.inputs["isCaCertificate"] is True
    assert of(found, "PrivateKey")["private-ca-root"].protect
    request = of(found, "CertRequest")["private-ca"].inputs
    assert request["dnsNames"] == ["thethings.example.com", "*.thethings.example.com"]
    assert only(found, "LocallySignedCert").inputs["earlyRenewalHours"] == 30 * 24


def test_an_internal_entry_is_in_private_subnets_with_its_addresses(tmp_path: Path) -> None:
    changes = {
        "ingress.internal": True,
        "ingress.privateAddresses": ["10.20.0.10", "10.20.32.10", "10.20.64.10"],
        "dns": _ZONE,
    }
    found = _graph(tmp_path, changes)
    prefix = "service.beta.kubernetes.io/aws-load-balancer-"
    annotations = of(found, "Service")["ingress"].inputs["metadata"]["annotations"]
    assert annotations[f"{prefix}scheme"] == "internal"
    assert annotations[f"{prefix}private-ipv4-addresses"] == "10.20.0.10,10.20.32.10,10.20.64.10"
    assert f"{prefix}eip-allocations" not in annotations
    assert [it for it in of(found, "Eip") if it.startswith("ingress")] == []
    assert (
        _records(found)["thethings.example.com"]["records"] == changes["ingress.privateAddresses"]
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [("example.com", "@"), ("a.example.com", "a"), ("*.a.example.com", "*.a")],
)
def test_names_within_a_zone(name: str, told: str) -> None:
    assert relative(name, "example.com") == told


def test_a_zone_contains_what_is_below_it_and_not_what_only_ends_like_it() -> None:
    assert contains("example.com", "example.com") and contains("example.com", "a.example.com")
    assert not contains("example.com", "anexample.com")


_AZURE = {"mode": "azure-dns", "zone": "example.com", "resourceGroup": "dns"}
_GOOGLE = {"mode": "cloud-dns", "zone": "example.com", "managedZone": "example", "project": "dns"}
_ACME = {"mode": "acme", "email": "ops@example.com"}


def _elsewhere(tmp_path: Path, name: str, dns: dict[str, str]) -> Graph:
    return graph(tmp_path, {"dns": dns, "tls": _ACME}, name=name, secrets=OWN_SECRETS)


def _services() -> set[str]:
    return {
        f"_{service}._{port.transport}.thethings.example.com"
        for port in exposed(production=True, udp=False)
        for service in port.srv
    }


def test_azure_dns_has_the_same_records_by_their_names_in_the_zone(tmp_path: Path) -> None:
    found = _elsewhere(tmp_path, "azure-production", _AZURE)
    sets = [it.inputs for it in of(found, "RecordSet").values()]
    assert {it["resourceGroupName"] for it in sets} == {"dns"}
    names = {f"{it['relativeRecordSetName']}.example.com" for it in sets}
    assert names == {"thethings.example.com", "*.thethings.example.com", *_services()}
    (lns,) = (it for it in sets if "basicstationlns" in it["relativeRecordSetName"])
    assert lns["srvRecords"] == [
        {"priority": 0, "weight": 5, "port": 8887, "target": "thethings.example.com."}
    ]
    assert all("aRecords" in it for it in sets if it["recordType"] == "A")


def test_cloud_dns_has_the_same_records(tmp_path: Path) -> None:
    found = _elsewhere(tmp_path, "gcp-production", _GOOGLE)
    sets = [it.inputs for it in of(found, "RecordSet").values()]
    assert {(it["project"], it["managedZone"]) for it in sets} == {("dns", "example")}
    names = {it["name"].removesuffix(".") for it in sets}
    assert names == {"thethings.example.com", "*.thethings.example.com", *_services()}


def test_azure_s_identity_is_taken_by_cert_manager_alone_and_for_the_zone_alone(
    tmp_path: Path,
) -> None:
    found = _elsewhere(tmp_path, "azure-production", _AZURE)
    credential = of(found, "FederatedIdentityCredential")["certificates"].inputs
    assert credential["subject"] == "system:serviceaccount:cert-manager:cert-manager"
    role = of(found, "RoleAssignment")["certificates"].inputs
    assert role["scope"].endswith(
        "/resourceGroups/dns/providers/Microsoft.Network/dnsZones/example.com"
    )
    release = of(found, "Release")["cert-manager"]
    label = {"azure.workload.identity/use": "true"}
    values = release.inputs["values"]
    assert values["podLabels"] == values["serviceAccount"]["labels"] == label
    assert any("FederatedIdentityCredential::certificates" in urn for urn in release.depends_on)
    (solver,) = only(found, "ClusterIssuer").inputs["spec"]["acme"]["solvers"]
    assert solver["dns01"]["azureDNS"]["hostedZoneName"] == "example.com"
    assert solver["dns01"]["azureDNS"]["managedIdentity"]["clientID"]


def test_google_s_account_is_taken_by_cert_manager_alone_and_without_a_key(tmp_path: Path) -> None:
    found = _elsewhere(tmp_path, "gcp-production", _GOOGLE)
    taken = of(found, "IAMMember")["certificates"].inputs
    assert taken["role"] == "roles/iam.workloadIdentityUser"
    assert taken["member"].endswith(".svc.id.goog[cert-manager/cert-manager]")
    zone = of(found, "DnsManagedZoneIamMember")["certificates"].inputs
    assert (zone["project"], zone["managedZone"]) == ("dns", "example")
    account = of(found, "Account")["certificates"]
    assert not [it for it in of(found, "Key").values() if "certificates" in it.name]
    release = of(found, "Release")["cert-manager"]
    annotations = release.inputs["values"]["serviceAccount"]["annotations"]
    email = annotations["iam.gke.io/gcp-service-account"]
    assert email.startswith(account.inputs["accountId"])
    assert any("IAMMember::certificates" in urn for urn in release.depends_on)


@pytest.mark.parametrize("name", ["azure-production", "gcp-production"])
def test_cloudflare_serves_every_target(tmp_path: Path, name: str) -> None:
    secrets = {**OWN_SECRETS, "cloudflareApiToken": "cloudflare-token"}
    found = graph(tmp_path, {"dns": _CLOUDFLARE, "tls": _ACME}, name=name, secrets=secrets)
    assert {it.inputs["type"] for it in of(found, "DnsRecord").values()} == {"A", "SRV"}
    assert "cloudflare-token" in of(found, "Secret")
