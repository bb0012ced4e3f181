"""Redis in the cluster, cluster mode off: servers with Sentinel, and a proxy that finds the primary.

Values: https://github.com/DandyDeveloper/charts/tree/master/charts/redis-ha.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.charts import REDIS_HA
from components.generation import generated
from components.kubernetes.authority import Issued, StoreAuthority
from components.protection import Protection
from components.values import Tree

Promised = pulumi.Output[str]
PORT = 6379
_IMAGES = "public.ecr.aws/docker/library/redis"
_AUTH_KEY, _PEM_KEY = "password", "redis.pem"
_INSTALL_SECONDS = 15 * 60
# Of the memory of a server's container; the rest is for copies while a snapshot is written.
_FOR_DATA = 0.75


@dataclass(frozen=True, kw_only=True)
class RedisArgs:
    """`redundant`: three servers and two proxies, each on a node of its own; else one of each.

    `tls`: the proxy speaks TLS, and there is a password. `memory_gib`: of each server. `after`: what must
    be there before pods run.
    """

    namespace: pulumi.Input[str]
    version: str
    redundant: bool
    tls: bool
    memory_gib: int
    storage_gib: int
    storage_class: str | None
    protection: Protection
    after: Sequence[pulumi.Resource] = ()


class Redis(pulumi.ComponentResource):
    """A main store: every write is logged to a volume, and nothing is evicted.

    `address` is the proxy's and stays; behind it Sentinel makes a replica the primary when that is lost.
    `password` and `ca_certificate` are None without TLS: the product uses both or neither. The way from the
    proxy to the servers is plain, so a network policy lets in nobody else there.
    """

    def __init__(
        self, name: str, args: RedisArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:kubernetes:Redis", name, None, opts)
        self._name, self._args = name, args
        host = f"{name}-haproxy"
        self.password: Promised | None = None
        self.ca_certificate: Promised | None = None
        auth: kubernetes.core.v1.Secret | None = None
        if args.tls:
            authority = StoreAuthority(name, pulumi.ResourceOptions(parent=self))
            self.ca_certificate = authority.certificate
            in_namespace = pulumi.Output.from_input(args.namespace).apply(
                lambda namespace: f"{host}.{namespace}.svc"
            )
            password = generated(
                self, f"{name}-token", length=32, generation=1, protection=args.protection
            )
            self.password = pulumi.Output.secret(password)
            auth = self._secret(
                self.password, authority.issue(f"{name}-proxy", [host, in_namespace])
            )
        release = kubernetes.helm.v3.Release(
            name,
            name=name,
            namespace=args.namespace,
            chart=REDIS_HA.name,
            version=REDIS_HA.version,
            repository_opts=kubernetes.helm.v3.RepositoryOptsArgs(repo=REDIS_HA.repository),
            values=_values(name, args, None if auth is None else auth.metadata.name),
            timeout=_INSTALL_SECONDS,
            # Half an installation would stand in the way of the next attempt.
            atomic=True,
            opts=pulumi.ResourceOptions.merge(
                args.protection.data(self), pulumi.ResourceOptions(depends_on=list(args.after))
            ),
        )
        # Told only once the servers are there.
        self.address: Promised = pulumi.Output.all(args.namespace, release.status).apply(
            lambda known: f"{host}.{known[0]}.svc:{PORT}"
        )
        self.register_outputs({"address": self.address})

    def _secret(self, password: Promised, pair: Issued) -> kubernetes.core.v1.Secret:
        """The password, and what the proxy shows: certificate and key in one file."""
        both = pulumi.Output.all(pair.certificate, pair.private_key)
        return kubernetes.core.v1.Secret(
            self._name,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=f"{self._name}-auth", namespace=self._args.namespace
            ),
            string_data={
                _AUTH_KEY: password,
                _PEM_KEY: pulumi.Output.secret(both.apply("".join)),
            },
            opts=pulumi.ResourceOptions(parent=self),
        )


def _values(name: str, args: RedisArgs, secret: pulumi.Input[str] | None) -> dict[str, object]:
    whole = args.memory_gib * 1024
    found: dict[str, object] = {
        "fullnameOverride": name,
        "image": {"repository": _IMAGES, "tag": f"{args.version}-alpine"},
        "replicas": 3 if args.redundant else 1,
        "hardAntiAffinity": args.redundant,
        "redis": {
            "config": {
                "maxmemory": f"{int(whole * _FOR_DATA)}mb",
                "maxmemory-policy": "noeviction",
                "appendonly": "yes",
                "appendfsync": "everysec",
                "min-replicas-to-write": 1 if args.redundant else 0,
            },
            "resources": _resources("250m" if args.redundant else "100m", whole, args.redundant),
        },
        "sentinel": {
            "quorum": 2 if args.redundant else 1,
            "resources": _resources("50m", 128, args.redundant),
        },
        "persistentVolume": {
            "enabled": True,
            "size": f"{args.storage_gib}Gi",
            "storageClass": args.storage_class,
        },
        "podDisruptionBudget": {"maxUnavailable": 1},
        "networkPolicy": {"enabled": True},
        "haproxy": _proxy(args, secret),
    }
    if secret is not None:
        found |= {"auth": True, "existingSecret": secret, "authKey": _AUTH_KEY}
    return found


def _proxy(args: RedisArgs, secret: pulumi.Input[str] | None) -> dict[str, object]:
    found: dict[str, object] = {
        "enabled": True,
        "replicas": 2 if args.redundant else 1,
        "hardAntiAffinity": args.redundant,
        "podDisruptionBudget": {"maxUnavailable": 1},
        "resources": _resources("50m", 128, args.redundant),
        # From the namespace, where the product is.
        "networkPolicy": {
            "enabled": True,
            "ingressRules": [{"selectors": [{"podSelector": {}}]}],
        },
    }
    if secret is not None:
        found["tls"] = {"enabled": True, "secretName": secret, "keyName": _PEM_KEY}
    return found


def _resources(cpu: str, memory_mib: int, reserved: bool) -> Tree:
    """What a container is promised, all or a quarter, and the memory that it may not go beyond."""
    promised = memory_mib if reserved else memory_mib // 4
    return {
        "requests": {"cpu": cpu, "memory": f"{promised}Mi"},
        "limits": {"memory": f"{memory_mib}Mi"},
    }
