"""What a stack gives back: the Helm values, the secrets, and what a person wants to see."""

from dataclasses import asdict

import pulumi

from components import values
from components.prerequisites import Prerequisites, settle
from stacks import sections
from stacks.config import CommonConfig, extra_secrets
from stacks.dns import printed_zone
from stacks.provisioned import Provisioned


def export(config: CommonConfig, provisioned: Provisioned) -> None:
    """Register the stack's outputs. The secret ones are apart, so that a preview shows the rest."""
    facts = settle(provisioned.prerequisites)
    credentials = settle(provisioned.credentials)
    extra = extra_secrets(config)
    secrets = pulumi.Output.all(facts, credentials).apply(
        lambda both: values.helm_secrets(both[0], both[1], extra)
    )
    pulumi.export("helmValues", facts.apply(lambda it: values.helm_values(it, config.extra_values)))
    pulumi.export("helmSecrets", pulumi.Output.secret(secrets))
    apart = pulumi.Output.all(facts, credentials).apply(
        lambda both: values.undocumented_secrets(both[0], both[1])
    )
    pulumi.export("undocumentedSecrets", pulumi.Output.secret(apart))
    pulumi.export("addresses", facts.apply(addresses))
    if not isinstance(config.dns, sections.ZoneDns):
        pulumi.export("dnsZoneFile", facts.apply(lambda it: printed_zone(config, it)))
    if provisioned.root_ca is not None:
        pulumi.export("rootCa", provisioned.root_ca)
    pulumi.export("undocumented", facts.apply(values.undocumented_facts))
    pulumi.export("warnings", facts.apply(values.warnings))
    pulumi.export("capacity", asdict(config.capacity))
    pulumi.export("nextStep", _next_step(config))
    facts.apply(_warn)


def addresses(facts: Prerequisites[str]) -> dict[str, str | list[str]]:
    """Where people and programs find the environment; IP addresses only where the stack made them."""
    host = facts.domain
    if facts.tenancy.mode == "multi":
        host = f"{facts.tenancy.tenant_id}.{host}"
    public = {
        "ingress": list(facts.public.ingress),
        "udp": list(facts.public.udp),
        "egress": list(facts.public.egress),
    }
    return {
        "console": f"https://{host}/console",
        "api": f"https://{host}/api/v3",
        "postgres": f"{facts.postgres.host}:{facts.postgres.port}",
        "redis": facts.redis.address,
        **{name: found for name, found in public.items() if found},
    }


def _next_step(config: CommonConfig) -> str:
    release = config.release
    return values.next_step(release.name, release.namespace, release.chart_version, config.stack)


def _warn(facts: Prerequisites[str]) -> None:
    for sentence in values.warnings(facts):
        pulumi.log.warn(sentence)
