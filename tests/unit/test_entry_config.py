"""What a stack file may say of the entry, its certificate and its domain, fault by fault."""

import datetime
from pathlib import Path
from typing import Any

import pytest

from stacks.certificates import check_certificate, soon_to_end
from stacks.config import load
from stacks.problems import ConfigErrors, Problem
from tests.samples import SECRETS, certificate, raw

_ZONE = {"mode": "route53", "zone": "example.com", "zoneId": "Z0123456789"}
_ACME = {"mode": "acme", "email": "ops@example.com"}
_OWN = {key: SECRETS[key] for key in ("licenseKey", "adminPassword")}


def _problems(
    tmp_path: Path, changes: dict[str, Any], *, name: str = "aws-production", **secrets: str
) -> dict[str, Problem]:
    given = {**(SECRETS if "existing" in name else _OWN), **secrets}
    try:
        load(raw(tmp_path, changes, name=name, secrets=given))
    except ConfigErrors as errors:
        return {it.key.removeprefix("tts:"): it for it in errors.problems}
    return {}


def _is_refused(
    tmp_path: Path, changes: dict[str, Any], key: str, *, name: str = "aws-production"
) -> Problem:
    found = _problems(tmp_path, changes, name=name)
    assert set(found) == {key}
    assert found[key].allowed and found[key].remedy
    return found[key]


@pytest.mark.parametrize("zone", ["thethings.example.com", "example.com"])
def test_a_zone_holds_the_domain_or_a_parent_of_it(tmp_path: Path, zone: str) -> None:
    assert _problems(tmp_path, {"dns": {**_ZONE, "zone": zone}}) == {}


@pytest.mark.parametrize("zone", ["example.org", "hings.example.com", "a.thethings.example.com"])
def test_another_zone_is_refused(tmp_path: Path, zone: str) -> None:
    problem = _is_refused(tmp_path, {"dns": {**_ZONE, "zone": zone}}, "dns.zone")
    assert "thethings.example.com" in problem.allowed


def test_acme_needs_an_address_and_a_zone(tmp_path: Path) -> None:
    found = _problems(tmp_path, {"tls": {"mode": "acme"}})
    assert set(found) == {"tls.email", "dns.mode"}


def test_acme_with_both_is_accepted(tmp_path: Path) -> None:
    assert _problems(tmp_path, {"tls": _ACME, "dns": _ZONE}) == {}
    assert _problems(tmp_path, {"tls": _ACME, "dns": {**_ZONE, "records": False}}) == {}


def test_an_issuer_that_is_there_needs_neither(tmp_path: Path) -> None:
    assert _problems(tmp_path, {"tls": {"mode": "acme", "issuer": "company"}}) == {}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("email", "ops@example.com"),
        ("staging", True),
        ("directory", "https://acme.example.com/directory"),
    ],
)
def test_an_issuer_that_is_there_has_its_own(tmp_path: Path, key: str, value: object) -> None:
    tls = {"mode": "acme", "issuer": "company", key: value}
    _is_refused(tmp_path, {"tls": tls}, f"tls.{key}")


def test_staging_is_for_trials(tmp_path: Path) -> None:
    changes = {"tls": {**_ACME, "staging": True}, "dns": _ZONE}
    _is_refused(tmp_path, changes, "tls.staging")
    assert _problems(tmp_path, changes, name="aws-development") == {}


@pytest.mark.parametrize("directory", ["http://acme.example.com", "acme.example.com", "https://"])
def test_a_directory_is_an_https_url(tmp_path: Path, directory: str) -> None:
    changes = {"tls": {**_ACME, "directory": directory}, "dns": _ZONE}
    _is_refused(tmp_path, changes, "tls.directory")


def test_cert_manager_is_not_installed_beside_one_that_is_there(tmp_path: Path) -> None:
    changes = {"tls": {"mode": "acme", "issuer": "company"}, "certManager": {"mode": "managed"}}
    _is_refused(tmp_path, changes, "certManager.mode")


def test_cloudflare_needs_its_token_and_nothing_else_does(tmp_path: Path) -> None:
    zone = {"mode": "cloudflare", "zone": "example.com", "zoneId": "0123456789abcdef"}
    assert set(_problems(tmp_path, {"dns": zone})) == {"cloudflareApiToken"}
    assert _problems(tmp_path, {"dns": zone}, cloudflareApiToken="token") == {}
    assert set(_problems(tmp_path, {}, cloudflareApiToken="token")) == {"cloudflareApiToken"}


@pytest.mark.parametrize(
    "zone",
    [
        {"mode": "azure-dns", "zone": "example.com", "resourceGroup": "dns"},
        {"mode": "cloud-dns", "zone": "example.com", "managedZone": "example"},
    ],
)
def test_another_cloud_s_zone_is_refused_by_name(tmp_path: Path, zone: dict[str, str]) -> None:
    assert zone["mode"] in str(_is_refused(tmp_path, {"dns": zone}, "dns.mode").value)


def test_records_need_the_addresses_of_an_existing_entry(tmp_path: Path) -> None:
    changes: dict[str, Any] = {"dns": _ZONE}
    _is_refused(tmp_path, changes, "ingress.addresses", name="aws-existing")
    changes["ingress.addresses"] = ["192.0.2.1"]
    assert _problems(tmp_path, changes, name="aws-existing") == {}
    changes = {"dns": {**_ZONE, "records": False}}
    assert _problems(tmp_path, changes, name="aws-existing") == {}


@pytest.mark.parametrize("address", ["192.0.2", "host.example.com", "192.0.2.1:443"])
def test_an_address_is_an_address(tmp_path: Path, address: str) -> None:
    _is_refused(
        tmp_path, {"ingress.addresses": [address]}, "ingress.addresses[0]", name="aws-existing"
    )


def test_records_need_the_addresses_of_an_internal_entry(tmp_path: Path) -> None:
    changes: dict[str, Any] = {"ingress.internal": True, "dns": _ZONE}
    _is_refused(tmp_path, changes, "ingress.privateAddresses")
    changes["ingress.privateAddresses"] = ["10.20.0.10", "10.20.32.10", "10.20.64.10"]
    assert _problems(tmp_path, changes) == {}


def test_private_addresses_are_of_an_internal_entry_and_one_for_each_subnet(tmp_path: Path) -> None:
    _is_refused(tmp_path, {"ingress.privateAddresses": ["10.20.0.10"]}, "ingress.privateAddresses")
    internal = {"ingress.internal": True, "ingress.privateAddresses": ["10.20.0.10"] * 3}
    assert "once" in _is_refused(tmp_path, internal, "ingress.privateAddresses").allowed
    few = {"ingress.internal": True, "ingress.privateAddresses": ["10.20.0.10", "10.20.32.10"]}
    assert "3" in _is_refused(tmp_path, few, "ingress.privateAddresses").allowed


@pytest.mark.parametrize("kind", ["ingress-nginx", "other"])
def test_routes_are_for_traefik(tmp_path: Path, kind: str) -> None:
    changes = {"ingress.kind": kind, "ingress.routes": True}
    _is_refused(tmp_path, changes, "ingress.routes", name="aws-existing")


def test_a_tenant_does_not_have_the_name_of_the_udp_entry(tmp_path: Path) -> None:
    changes = {"ingress.udp": {"selector": {"app": "gs"}}, "tenancy.tenantId": "udp"}
    _is_refused(tmp_path, changes, "tenancy.tenantId")


def test_a_certificate_that_does_not_hold_yet_is_refused() -> None:
    pem, _ = certificate(["a.example.com"])
    past = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=90)
    (problem,) = check_certificate(pem, ["a.example.com"], past)
    assert str(problem.value).startswith("begins on")


@pytest.mark.parametrize(("days", "warned"), [(29, True), (31, False)])
def test_a_certificate_that_ends_soon_is_warned_of(days: int, warned: bool) -> None:
    pem, _ = certificate(["a.example.com"], days=days)
    assert (soon_to_end(pem) is not None) is warned
