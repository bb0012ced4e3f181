"""The sections of a stack file. Each service is managed (made by the stack) or existing (named by you)."""

from typing import Annotated, Literal

from pydantic import Field

from stacks.fields import (
    Address,
    AwsAccountId,
    BucketName,
    BucketPrefix,
    CaCertificates,
    Cidr,
    ClusterModeOff,
    DevAddrBlock,
    Email,
    Host,
    KubernetesName,
    KubernetesNames,
    KubernetesVersion,
    NetId,
    Pem,
    Port,
    PostgresMajor,
    RedisVersion,
    Section,
    TenantId,
    Text,
    Texts,
    UserId,
)


class Tenancy(Section):
    """Single: one tenant at the domain itself. Multi: each tenant at `<tenant>.<domain>`.

    The product's licence must allow multi-tenancy.
    """

    mode: Literal["single", "multi"]
    tenant_id: TenantId


class AdminUser(Section):
    """The first administrator. The product refuses the user ID `admin`."""

    user_id: UserId
    email: Email


class Sizing(Section):
    """Figures that override those of `size`, one by one."""

    node_vcpu: Annotated[int, Field(ge=2, le=128)] | None = None
    node_memory_gib: Annotated[int, Field(ge=4, le=1024)] | None = None
    node_count: Annotated[int, Field(ge=1, le=100)] | None = None
    postgres_vcpu: Annotated[int, Field(ge=1, le=128)] | None = None
    postgres_memory_gib: Annotated[int, Field(ge=2, le=1024)] | None = None
    postgres_storage_gib: Annotated[int, Field(ge=20, le=65536)] | None = None
    redis_memory_gib: Annotated[int, Field(ge=1, le=512)] | None = None


class ManagedNetwork(Section):
    """A network of its own over the zones of the stack."""

    mode: Literal["managed"]
    cidr: Cidr


class ExistingNetwork(Section):
    """A network that is there: its identifier and subnets as the cloud writes them."""

    mode: Literal["existing"]
    network_id: Text
    private_subnet_ids: Texts
    public_subnet_ids: Texts = ()
    data_subnet_ids: Texts = ()


class ManagedCluster(Section):
    """A Kubernetes cluster of its own. The version changes only by an edit, one minor at a time."""

    mode: Literal["managed"]
    kubernetes_version: KubernetesVersion
    admins: Texts = ()


class ExistingCluster(Section):
    """A cluster that is there, reached by the secret `kubeconfig`, never by the ambient context.

    `name` identifies the cluster for good: a new kubeconfig for the same name replaces nothing.
    """

    mode: Literal["existing"]
    name: Annotated[str, Field(min_length=1, max_length=100)]
    context: Text | None = None


class ManagedPostgres(Section):
    """A PostgreSQL server of its own, by major version."""

    mode: Literal["managed"]
    major_version: PostgresMajor


class ExistingPostgres(Section):
    """A PostgreSQL database that is there; the product's user must own it (it makes pgcrypto)."""

    mode: Literal["existing"]
    major_version: PostgresMajor
    host: Host
    port: Port = 5432
    database: Annotated[str, Field(min_length=1, max_length=63)]
    username: Annotated[str, Field(min_length=1, max_length=63)]
    ssl_mode: Literal["disable", "require", "verify-ca", "verify-full"] = "require"
    ca_certificate: CaCertificates | None = None


class ManagedRedis(Section):
    """A Redis of its own, cluster mode off."""

    mode: Literal["managed"]
    version: RedisVersion


class ExistingRedis(Section):
    """A Redis that is there. `clusterMode` is stated, as the product cannot use a Redis Cluster."""

    mode: Literal["existing"]
    version: RedisVersion
    address: Address
    read_only_address: Address | None = None
    cluster_mode: ClusterModeOff
    tls: bool
    ca_certificate: CaCertificates | None = None


class BucketNames(Section):
    """Buckets that are there, by what the product keeps in them."""

    profile_pictures: BucketName | None = None
    end_device_pictures: BucketName | None = None
    edcs: BucketName | None = None
    interop: BucketName | None = None
    plugins: BucketName | None = None


class AccessKeyAccess(Section):
    """A user of its own with an access key that reaches just the five buckets."""

    mode: Literal["access-key"]


class PodIdentityAccess(Section):
    """EKS Pod Identity for the service accounts of the product, whose names only you know."""

    mode: Literal["pod-identity"]
    service_accounts: KubernetesNames


class ExistingKeyAccess(Section):
    """An access key that is there; its secret is `blobSecretAccessKey`."""

    mode: Literal["existing-key"]
    access_key_id: Text


BlobAccess = Annotated[
    AccessKeyAccess | PodIdentityAccess | ExistingKeyAccess, Field(discriminator="mode")
]


class ManagedBlobs(Section):
    """Five buckets of its own, but for those named under `existingBuckets`."""

    mode: Literal["managed"]
    bucket_prefix: BucketPrefix | None = None
    existing_buckets: BucketNames = BucketNames()
    noncurrent_version_days: Annotated[int, Field(ge=1, le=3650)] = 90
    access: BlobAccess


class ExistingBlobs(Section):
    """Five buckets that are there, in `region` if it is not the stack's. They are never written to."""

    mode: Literal["existing"]
    region: Text | None = None
    buckets: BucketNames
    access: BlobAccess


class IngressAnnotations(Section):
    """Annotations per kind of route, as the controller understands them."""

    http: dict[str, str] = Field(default_factory=dict)
    grpc: dict[str, str] = Field(default_factory=dict)
    semtechws: dict[str, str] = Field(default_factory=dict)
    semtechcups: dict[str, str] = Field(default_factory=dict)
    ttigw: dict[str, str] = Field(default_factory=dict)


class ManagedIngress(Section):
    """An ingress controller of its own."""

    mode: Literal["managed"]


class ExistingIngress(Section):
    """An ingress controller that is there, by the name of its IngressClass."""

    mode: Literal["existing"]
    controller: KubernetesName
    annotations: IngressAnnotations = IngressAnnotations()
    service_annotations: dict[str, str] = Field(default_factory=dict)


class SuppliedTls(Section):
    """Your certificate chain (PEM, leaf first); its key is the secret `tlsPrivateKey`."""

    mode: Literal["supplied"]
    certificate: Pem
    secret_name: KubernetesName = "tts-tls"


class SelfSignedTls(Section):
    """A certificate that the stack signs itself, for disposable environments."""

    mode: Literal["self-signed"]
    secret_name: KubernetesName = "tts-tls"


class ExistingTls(Section):
    """A TLS Secret that is in the namespace already, or that another tool will put there."""

    mode: Literal["existing"]
    secret_name: KubernetesName


class AcmeTls(Section):
    """Certificates by ACME."""

    mode: Literal["acme"]
    email: Email
    staging: bool = False
    secret_name: KubernetesName = "tts-tls"


class NoTimescale(Section):
    """Neither Storage Integration nor Network Operations Center."""

    mode: Literal["off"]


class ManagedTimescale(Section):
    """A TimescaleDB of its own."""

    mode: Literal["managed"]


class ExistingTimescale(Section):
    """A TimescaleDB that is there, with a database for each of the two that use it."""

    mode: Literal["existing"]
    host: Host
    port: Port = 5432
    username: Text
    storage_database: Text | None = None
    noc_database: Text | None = None


class MetricsServer(Section):
    """Whether the cluster has a metrics server, is to get one, or goes without."""

    mode: Literal["managed", "existing", "off"]


class GatewayController(Section):
    """The Things Gateway Controller, for The Things Indoor Gateway Pro."""

    enabled: bool = False
    address: Address | None = None


class NoPacketBroker(Section):
    """Packet Broker stays off, as it is in the chart."""

    mode: Literal["off"]


class PacketBrokerForwarder(Section):
    """Traffic is forwarded to Packet Broker; the key's secret is `packetBrokerKey`."""

    mode: Literal["forwarder"]
    key_id: Text


class PacketBrokerHomeNetwork(Section):
    """Forwarder and Home Network, which needs a NetID or a leased block of device addresses."""

    mode: Literal["home-network"]
    key_id: Text
    net_id: NetId | None = None
    dev_addr_block: DevAddrBlock | None = None


class Release(Section):
    """Where and as what the product's chart is installed.

    Without `createNamespace` the namespace must be there.
    """

    name: KubernetesName = "tts"
    namespace: KubernetesName = "the-things-stack"
    create_namespace: bool = True
    chart_version: Text = "1.1.0"


_Generation = Annotated[int, Field(ge=1, le=99)]


class Generations(Section):
    """The generation of each generated secret, from 1. Raise a number to renew that secret."""

    cluster_key: _Generation = 1
    cookie_block_key: _Generation = 1
    cookie_hash_key: _Generation = 1
    metrics_password: _Generation = 1
    pprof_password: _Generation = 1
    console_client_secret: _Generation = 1
    tenant_admin_key: _Generation = 1
    noc_grafana_password: _Generation = 1
    noc_client_secret: _Generation = 1
    blob_access_key: _Generation = 1


class AwsAccount(Section):
    """The one account that this stack may touch."""

    account_id: AwsAccountId


class AzureAccount(Section):
    """The one subscription that this stack may touch."""

    subscription_id: Text


class GcpAccount(Section):
    """The one project that this stack may touch."""

    project: Text


Network = Annotated[ManagedNetwork | ExistingNetwork, Field(discriminator="mode")]
Cluster = Annotated[ManagedCluster | ExistingCluster, Field(discriminator="mode")]
Postgres = Annotated[ManagedPostgres | ExistingPostgres, Field(discriminator="mode")]
Redis = Annotated[ManagedRedis | ExistingRedis, Field(discriminator="mode")]
Blobs = Annotated[ManagedBlobs | ExistingBlobs, Field(discriminator="mode")]
Ingress = Annotated[ManagedIngress | ExistingIngress, Field(discriminator="mode")]
Tls = Annotated[SuppliedTls | SelfSignedTls | ExistingTls | AcmeTls, Field(discriminator="mode")]
Timescale = Annotated[
    NoTimescale | ManagedTimescale | ExistingTimescale, Field(discriminator="mode")
]
PacketBroker = Annotated[
    NoPacketBroker | PacketBrokerForwarder | PacketBrokerHomeNetwork,
    Field(discriminator="mode"),
]
