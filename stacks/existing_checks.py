"""Rules on what you bring yourself, as far as they can be told without asking it."""

import re

from pydantic import SecretStr

from stacks import sections
from stacks.checking import Found, check
from stacks.kubeconfig import server_of
from stacks.problems import Problem, key_of, shown

_EKS = re.compile(r"[0-9A-Za-z]+\.\w+\.([a-z0-9-]+)\.eks\.amazonaws\.com(\.cn)?")
# Source: https://github.com/traefik/traefik-helm-chart/blob/v41.3.0/traefik/Chart.yaml (kubeVersion)
_TRAEFIK_MINOR = 25


@check("postgres")
def _postgres_ca(postgres: object) -> Found:
    if not isinstance(postgres, sections.ExistingPostgres) or postgres.ca_certificate is None:
        return
    if postgres.ssl_mode == "disable":
        yield Problem(
            key=key_of("postgres", "caCertificate"),
            allowed="only where the connection has TLS; sslMode is disable",
            remedy="set sslMode to require, verify-ca or verify-full, or remove the certificate",
        )


@check("redis")
def _redis_ca(redis: object) -> Found:
    if not isinstance(redis, sections.ExistingRedis):
        return
    if redis.ca_certificate is not None and not redis.tls:
        yield Problem(
            key=key_of("redis", "caCertificate"),
            allowed="only where tls is true",
            remedy="set tls to true, or remove the certificate",
        )
    if redis.read_only_address == redis.address:
        yield Problem(
            key=key_of("redis", "readOnlyAddress"),
            value=shown(redis.read_only_address),
            allowed="the replicas' address, another one than address",
            remedy="leave it out where there are no replicas to read from",
        )


@check("target", "region", "cluster", "kubeconfig")
def _cluster_region(target: str, region: str, cluster: object, kubeconfig: SecretStr) -> Found:
    if target != "aws" or not isinstance(cluster, sections.ExistingCluster):
        return
    host = server_of(kubeconfig.get_secret_value(), cluster.context)
    found = _EKS.fullmatch(host or "")
    if found and found[1] != region:
        yield Problem(
            key=key_of("region"),
            value=shown(region),
            allowed=f"{found[1]}, where the kubeconfig's cluster is",
            remedy="correct the region, or give the kubeconfig of a cluster in it",
        )


@check("cluster", "ingress")
def _ingress(cluster: object, ingress: object) -> Found:
    if not isinstance(ingress, sections.ManagedIngress):
        return
    version = getattr(cluster, "kubernetes_version", None)
    if version is not None and int(version.partition(".")[2]) < _TRAEFIK_MINOR:
        yield Problem(
            key=key_of("cluster", "kubernetesVersion"),
            value=shown(version),
            allowed=f"1.{_TRAEFIK_MINOR} or later where ingress is managed: Traefik's chart asks for it",
            remedy="upgrade the cluster, or use an ingress controller that exists",
        )
