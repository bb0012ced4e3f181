"""The records of an environment, served by a DNS server on loopback and asked for by a resolver."""

import pytest

from components.dns import address_records, service_records, zone_file
from components.ports import exposed
from components.prerequisites import PublicAddresses, Tenancy
from tests.kubernetes.resolver import served

_DOMAIN = "lorawan.example.com"
_INGRESS, _UDP = ("192.0.2.10", "192.0.2.11"), ("192.0.2.20",)
_TTL = 3600
# https://www.thethingsindustries.com/docs/concepts/networking/, written out once more so that the table is
# held against something.
_DOCUMENTED = {
    **{
        f"_ttn-v3-{component}-grpc._tcp": 8884
        for component in ("is", "gs", "ns", "as", "js", "dtc", "dcs", "gcs", "qrg")
    },
    "_ttn-v3-gs-udp._udp": 1700,
    "_ttn-v3-gs-mqttv2._tcp": 8881,
    "_ttn-v3-gs-mqtt._tcp": 8882,
    "_ttn-v3-gs-basicstationlns._tcp": 8887,
    "_ttn-v3-as-mqtt._tcp": 8883,
}
_MANY = Tenancy(mode="multi", tenant_id="first")
_ONE = Tenancy(mode="single", tenant_id="only")


def _zone(*, production: bool = True, tenancy: Tenancy = _MANY, udp: bool = True) -> str:
    public = PublicAddresses(ingress=_INGRESS, udp=_UDP if udp else ())
    ports = exposed(production=production, udp=udp)
    records = (*address_records(_DOMAIN, tenancy, public), *service_records(_DOMAIN, ports))
    return zone_file(records, _TTL)


@pytest.mark.parametrize("production", [True, False])
def test_every_documented_service_is_found_at_its_port(production: bool) -> None:
    with served(_zone(production=production)) as resolver:
        for service, port in _DOCUMENTED.items():
            (record,) = resolver.ask(f"{service}.{_DOMAIN}", "SRV")
            _, _, found, target = record.split()
            assert int(found) == port, service
            addresses = _UDP if service.endswith("._udp") else _INGRESS
            assert resolver.ask(target, "A") == sorted(addresses), service


def test_there_is_no_record_of_udp_where_nothing_listens() -> None:
    with served(_zone(udp=False)) as resolver:
        assert resolver.ask(f"_ttn-v3-gs-udp._udp.{_DOMAIN}", "SRV") == []
        assert len(resolver.ask(f"_ttn-v3-gs-mqtt._tcp.{_DOMAIN}", "SRV")) == 1


@pytest.mark.parametrize(
    ("tenancy", "found", "missing"), [(_MANY, "any-tenant", None), (_ONE, "only", "another")]
)
def test_tenants_are_found_as_the_tenancy_says(
    tenancy: Tenancy, found: str, missing: str | None
) -> None:
    with served(_zone(tenancy=tenancy)) as resolver:
        assert resolver.ask(_DOMAIN, "A") == sorted(_INGRESS)
        assert resolver.ask(f"{found}.{_DOMAIN}", "A") == sorted(_INGRESS)
        if missing is not None:
            assert resolver.ask(f"{missing}.{_DOMAIN}", "A") == []
