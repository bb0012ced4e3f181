"""Rules on the entry, its certificate and its domain, on any target."""

from collections.abc import Mapping

from components.dns import UDP_LABEL, contains
from components.protection import Protection
from stacks import sections
from stacks.checking import Found, check
from stacks.problems import Problem, key_of, shown

# Targets whose load balancers can be internal.
_INTERNAL = ("aws",)


@check("domain", "dns")
def _zone(domain: str, dns: object) -> Found:
    if isinstance(dns, sections.ZoneDns) and not contains(dns.zone, domain):
        yield Problem(
            key=key_of("dns", "zone"),
            value=shown(dns.zone),
            allowed=f"the zone that contains {domain}: the domain itself or a parent of it",
            remedy="name that zone and its identifier, or correct the domain",
        )


@check("tls", "dns", "protection")
def _acme(tls: object, dns: object, protection: Protection) -> Found:
    if not isinstance(tls, sections.AcmeTls):
        return
    if tls.issuer is not None:
        yield from _with_issuer(tls)
        return
    if tls.email is None:
        yield Problem(
            key=key_of("tls", "email"),
            allowed="an e-mail address: the issuer tells it of trouble with certificates",
            remedy="add one that is read, or name an issuer that is there",
        )
    if not isinstance(dns, sections.ZoneDns):
        yield Problem(
            key=key_of("dns", "mode"),
            value=shown(getattr(dns, "mode", None)),
            allowed="a zone where tls.mode is acme: a wildcard is proved by a record in it alone",
            remedy="name the zone; with records: false nothing else in it is touched",
        )
    if tls.staging and tls.directory is not None:
        yield Problem(
            key=key_of("tls", "staging"),
            value="true",
            allowed="only without directory: it means Let's Encrypt's own staging server",
            remedy="remove one of the two",
        )
    if tls.staging and protection.guarded:
        yield Problem(
            key=key_of("tls", "staging"),
            value="true",
            allowed="false in production: nobody trusts certificates of the staging server",
            remedy="remove it once a trial has worked",
        )


def _with_issuer(tls: sections.AcmeTls) -> Found:
    given: Mapping[str, object] = {
        "email": tls.email,
        "staging": tls.staging or None,
        "directory": tls.directory,
    }
    for key, value in given.items():
        if value is not None:
            yield Problem(
                key=key_of("tls", key),
                value=shown(value),
                allowed="left out where issuer names one that is there: it has its own",
                remedy="remove it, or remove issuer",
            )


@check("tls", "cert_manager")
def _cert_manager(tls: object, cert_manager: object) -> Found:
    if not isinstance(cert_manager, sections.CertManager) or cert_manager.mode == "existing":
        return
    if isinstance(tls, sections.AcmeTls) and tls.issuer is not None:
        yield Problem(
            key=key_of("certManager", "mode"),
            value="managed",
            allowed="existing where tls.issuer names an issuer that is there: so is cert-manager",
            remedy="leave certManager out, or remove tls.issuer",
        )


@check("dns", "ingress")
def _addresses(dns: object, ingress: object) -> Found:
    if not isinstance(dns, sections.ZoneDns) or not dns.records:
        return
    if isinstance(ingress, sections.ExistingIngress) and not ingress.addresses:
        yield Problem(
            key=key_of("ingress", "addresses"),
            allowed="the IP addresses of the existing entry: records of the domain need them",
            remedy="name them, or set dns.records to false",
        )
    if (
        isinstance(ingress, sections.ManagedIngress)
        and ingress.internal
        and not ingress.private_addresses
    ):
        yield Problem(
            key=key_of("ingress", "privateAddresses"),
            allowed="the addresses of the internal entry: records of the domain need them",
            remedy="choose free ones of the private subnets, or set dns.records to false",
        )


@check("target", "ingress")
def _internal(target: str, ingress: object) -> Found:
    if not isinstance(ingress, sections.ManagedIngress):
        return
    if ingress.internal and target not in _INTERNAL:
        yield Problem(
            key=key_of("ingress", "internal"),
            value="true",
            allowed=f"false on {target} in this version",
            remedy="leave it out, or provide the ingress controller yourself",
        )
    given = {"ingress.privateAddresses": ingress.private_addresses}
    if ingress.udp is not None:
        given["ingress.udp.privateAddresses"] = ingress.udp.private_addresses
    for key, addresses in given.items():
        if addresses and not ingress.internal:
            yield Problem(
                key=key_of(*key.split(".")),
                value=shown(list(addresses)),
                allowed="only where ingress.internal is true: others are reserved by the stack",
                remedy="remove it, or set internal to true",
            )
        if len(set(addresses)) < len(addresses):
            yield Problem(
                key=key_of(*key.split(".")),
                value=shown(list(addresses)),
                allowed="each address once",
                remedy="remove the repeated one",
            )


@check("ingress")
def _existing_routes(ingress: object) -> Found:
    if not isinstance(ingress, sections.ExistingIngress):
        return
    if ingress.routes and ingress.kind != "traefik":
        yield Problem(
            key=key_of("ingress", "routes"),
            value="true",
            allowed=f"only where kind is traefik: {ingress.kind} has no routes for MQTT and the like",
            remedy="set kind to traefik if it is, or leave routes out; docs/ingress.md tells what is lost",
        )


@check("ingress", "tenancy")
def _udp_name(ingress: object, tenancy: sections.Tenancy) -> Found:
    udp = isinstance(ingress, sections.ManagedIngress) and ingress.udp is not None
    if udp and tenancy.tenant_id == UDP_LABEL:
        yield Problem(
            key=key_of("tenancy", "tenantId"),
            value=shown(tenancy.tenant_id),
            allowed=f"another one where ingress.udp is used: {UDP_LABEL}.<domain> is its own name",
            remedy="choose another ID",
        )
