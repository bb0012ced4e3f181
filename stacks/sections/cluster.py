"""The Kubernetes cluster: made or there."""

from typing import Annotated, Literal

from pydantic import Field

from stacks.fields import Cidrs, KubernetesVersion, PrivateCidr, Section, Text, Texts


class PrivateAccess(Section):
    """The Kubernetes API answers inside the network alone; Pulumi must run where it is reached."""

    mode: Literal["private"]


class AllowListAccess(Section):
    """The Kubernetes API answers these addresses too, wherever they are."""

    mode: Literal["allow-list"]
    cidrs: Cidrs


ApiAccess = Annotated[PrivateAccess | AllowListAccess, Field(discriminator="mode")]


class Nodes(Section):
    """The nodes of a cluster; what is left out follows from `size`.

    `minPerZone` and `maxPerZone` bound what the autoscaler may do.
    """

    architecture: Literal["amd64", "arm64"] = "amd64"
    instance_types: Texts = ()
    min_per_zone: Annotated[int, Field(ge=0, le=100)] | None = None
    max_per_zone: Annotated[int, Field(ge=1, le=100)] | None = None
    disk_gib: Annotated[int, Field(ge=20, le=16384)] = 50


class ManagedCluster(Section):
    """A Kubernetes cluster of its own. The version changes only by an edit, one minor at a time.

    `admins` administer it, whoever runs Pulumi among them; nobody else becomes one.
    """

    mode: Literal["managed"]
    kubernetes_version: KubernetesVersion
    admins: Texts
    access: ApiAccess
    service_cidr: PrivateCidr = "172.20.0.0/16"
    nodes: Nodes = Nodes()
    add_on_versions: dict[str, str] = Field(default_factory=dict)


class ExistingCluster(Section):
    """A cluster that is there, reached by the secret `kubeconfig`, never by the ambient context.

    `kubeconfigPath` in place of the secret: a file, read at each run and kept encrypted in the state.
    `name` identifies the cluster for good: a new kubeconfig for the same name replaces nothing.
    `kubernetesVersion` states what it runs, for what depends on it. `securityGroupId` is what managed
    databases let in. `oidcIssuerUrl` is who vouches for its service accounts to a cloud.
    """

    mode: Literal["existing"]
    name: Annotated[str, Field(min_length=1, max_length=100)]
    context: Text | None = None
    kubeconfig_path: Text | None = None
    kubernetes_version: KubernetesVersion | None = None
    security_group_id: Text | None = None
    oidc_issuer_url: Text | None = None


Cluster = Annotated[ManagedCluster | ExistingCluster, Field(discriminator="mode")]
