"""The secrets that the product asks its operator to generate, made once and kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pulumi

from components.generation import generated
from components.prerequisites import ProductSecrets
from components.protection import Protection

SecretName = Literal[
    "cluster_key",
    "cookie_block_key",
    "cookie_hash_key",
    "metrics_password",
    "pprof_password",
    "console_client_secret",
    "tenant_admin_key",
    "noc_grafana_password",
    "noc_client_secret",
]

# https://www.thethingsindustries.com/docs/enterprise/kubernetes/generic/preparation/
BYTES: Mapping[SecretName, int] = {
    "cluster_key": 32,
    "cookie_block_key": 32,
    "cookie_hash_key": 32,
    "metrics_password": 16,
    "pprof_password": 16,
    "console_client_secret": 16,
    "tenant_admin_key": 32,
    "noc_grafana_password": 24,
    "noc_client_secret": 24,
}
_NOC: frozenset[SecretName] = frozenset({"noc_grafana_password", "noc_client_secret"})


@dataclass(frozen=True, kw_only=True)
class GeneratedSecretsArgs:
    """`generations`: the generation in force per secret, counted from 1.

    `noc`: whether the Network Operations Center needs its two.
    """

    generations: Mapping[SecretName, int]
    noc: bool
    protection: Protection


class GeneratedSecrets(pulumi.ComponentResource):
    """Hexadecimal secrets of the exact sizes that the product asks for."""

    def __init__(
        self, name: str, args: GeneratedSecretsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:index:GeneratedSecrets", name, None, opts)
        wanted = [secret for secret in BYTES if args.noc or secret not in _NOC]
        current = {
            secret: generated(
                self,
                secret.replace("_", "-"),
                length=BYTES[secret],
                generation=args.generations[secret],
                protection=args.protection,
            )
            for secret in wanted
        }
        self.secrets: ProductSecrets[pulumi.Output[str]] = ProductSecrets(
            cluster_key=current["cluster_key"],
            cookie_block_key=current["cookie_block_key"],
            cookie_hash_key=current["cookie_hash_key"],
            metrics_password=current["metrics_password"],
            pprof_password=current["pprof_password"],
            console_client_secret=current["console_client_secret"],
            tenant_admin_key=current["tenant_admin_key"],
            noc_grafana_password=current.get("noc_grafana_password"),
            noc_client_secret=current.get("noc_client_secret"),
        )
        self.register_outputs({})
