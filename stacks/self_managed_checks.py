"""Rules between the parts of a stack file for a cluster of your own."""

from collections.abc import Mapping

from stacks import sections
from stacks.checking import Found, check
from stacks.problems import Problem, key_of, shown

_TARGET = "self-managed"


@check("target", "cluster")
def _cluster(target: str, cluster: object) -> Found:
    if target != _TARGET or not isinstance(cluster, sections.ExistingCluster):
        return
    if cluster.kubernetes_version is None:
        yield Problem(
            key=key_of("cluster", "kubernetesVersion"),
            allowed="required: what is installed depends on it, and no one else keeps it",
            remedy="kubectl version, then write the server's minor version in quotes, such as '1.34'",
        )
    if cluster.security_group_id is not None:
        yield Problem(
            key=key_of("cluster", "securityGroupId"),
            value=shown(cluster.security_group_id),
            allowed="left out: it is for AWS",
            remedy="remove it",
        )


@check("target", "network")
def _network(target: str, network: object) -> Found:
    if target == _TARGET and network is not None:
        yield Problem(
            key=key_of("network"),
            value=shown(getattr(network, "mode", None)),
            allowed="left out: the cluster is in its network already",
            remedy="remove the section network",
        )


@check("target", "tags")
def _tags(target: str, tags: Mapping[str, str]) -> Found:
    if target == _TARGET and tags:
        yield Problem(
            key=key_of("tags"),
            value=shown(dict(tags)),
            allowed="left out: nothing on this target bears tags",
            remedy="remove the section tags",
        )


@check("target", "ingress")
def _host_ports(target: str, ingress: object) -> Found:
    if not isinstance(ingress, sections.ManagedIngress):
        return
    if ingress.exposure == "host-ports" and target != _TARGET:
        yield Problem(
            key=key_of("ingress", "exposure"),
            value="host-ports",
            allowed=f"load-balancer on {target}: its nodes come and go",
            remedy="leave it out",
        )
    if ingress.exposure == "host-ports" and ingress.replicas is not None:
        yield Problem(
            key=key_of("ingress", "replicas"),
            value=shown(ingress.replicas),
            allowed="left out with host-ports: there is one on each node",
            remedy="remove it",
        )


@check("target", "ingress", "dns")
def _records(target: str, ingress: object, dns: object) -> Found:
    if target != _TARGET or not isinstance(ingress, sections.ManagedIngress):
        return
    if isinstance(dns, sections.ZoneDns) and dns.records:
        yield Problem(
            key=key_of("dns", "records"),
            value="true",
            allowed="false where ingress is managed here: who gives it its address is not known",
            remedy="set it to false and enter the records yourself, or use an ingress that exists",
        )
