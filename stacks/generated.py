"""The generated secrets of an environment, the same on every target."""

from components.prerequisites import ProductSecrets
from components.product_secrets import GeneratedSecrets, GeneratedSecretsArgs
from stacks import sections
from stacks.config import CommonConfig
from stacks.existing import Promised


def product_secrets(config: CommonConfig) -> ProductSecrets[Promised]:
    """Make those the configuration needs, in the generations that it names."""
    generations = config.generations
    args = GeneratedSecretsArgs(
        generations={
            "cluster_key": generations.cluster_key,
            "cookie_block_key": generations.cookie_block_key,
            "cookie_hash_key": generations.cookie_hash_key,
            "metrics_password": generations.metrics_password,
            "pprof_password": generations.pprof_password,
            "console_client_secret": generations.console_client_secret,
            "tenant_admin_key": generations.tenant_admin_key,
            "noc_grafana_password": generations.noc_grafana_password,
            "noc_client_secret": generations.noc_client_secret,
        },
        noc=_has_noc(config.timescale),
        protection=config.protection,
    )
    return GeneratedSecrets("product-secrets", args).secrets


def _has_noc(timescale: object) -> bool:
    if isinstance(timescale, sections.ExistingTimescale):
        return timescale.noc_database is not None
    return isinstance(timescale, sections.ManagedTimescale) and timescale.network_operations_center
