"""The sections of a stack file. Each service is managed (made by the stack) or existing (named by you)."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from components.maintenance import Day
from stacks.fields import (
    Address,
    AwsAccountId,
    BucketName,
    BucketPrefix,
    CaCertificates,
    Cidr,
    Cidrs,
    ClusterModeOff,
    DevAddrBlock,
    Email,
    Host,
    KubernetesName,
    KubernetesNames,
    KubernetesVersion,
    LogRetentionDays,
    Moment,
    NetId,
    Pem,
    Port,
    PostgresMajor,
    PrivateCidr,
    RedisVersion,
    Section,
    SqlName,
    TenantId,
    Text,
    Texts,
    UserId,
    as_tuple,
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


class Maintenance(Section):
    """The hour of the week, in UTC, in which the cloud may work on the databases that it runs."""

    day: Day = "sunday"
    hour: Annotated[int, Field(ge=0, le=23)] = 3


class ManagedNetwork(Section):
    """A network of its own over the zones of the stack.

    `natGateways`: one in the first zone, or one in each, which is the default where `availability` is
    redundant.
    """

    mode: Literal["managed"]
    cidr: PrivateCidr
    nat_gateways: Literal["one", "per-zone"] | None = None


class ExistingNetwork(Section):
    """A network that is there: its identifier and subnets as the cloud writes them.

    Subnets stand in the order of `zones`, where the stack has zones. `cidr` lets overlaps be found.
    """

    mode: Literal["existing"]
    network_id: Text
    cidr: Cidr | None = None
    private_subnet_ids: Texts = ()
    public_subnet_ids: Texts = ()
    data_subnet_ids: Texts = ()


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

    `name` identifies the cluster for good: a new kubeconfig for the same name replaces nothing.
    `securityGroupId` is what managed databases let in.
    """

    mode: Literal["existing"]
    name: Annotated[str, Field(min_length=1, max_length=100)]
    context: Text | None = None
    security_group_id: Text | None = None


class SnapshotRestore(Section):
    """A new server from a snapshot, by its name or ARN."""

    mode: Literal["snapshot"]
    snapshot: Text


class PointInTimeRestore(Section):
    """A new server as another was at a moment, or as late as its backups allow.

    `source` names a server outside this stack, or the ARN of backups that outlived theirs; left out, it
    is the server before.
    """

    mode: Literal["point-in-time"]
    time: Moment | None = None
    source: Text | None = None


PostgresRestore = Annotated[SnapshotRestore | PointInTimeRestore, Field(discriminator="mode")]


class ManagedPostgres(Section):
    """A PostgreSQL server of its own; what is left out follows from `size`.

    Each entry of `restores` makes one more server, and the last is used; `oldServers` says what
    becomes of the others. With `caCertificate`, the product verifies the server's name.
    """

    mode: Literal["managed"]
    major_version: PostgresMajor
    minor_version: Annotated[int, Field(ge=0, le=99)] | None = None
    instance_class: Text | None = None
    max_storage_gib: Annotated[int, Field(ge=22, le=65536)] | None = None
    backup_days: Annotated[int, Field(ge=1, le=35)] = 7
    database: SqlName = "thethingsstack"
    username: SqlName = "thethingsstack"
    admin_username: SqlName = "ttsadmin"
    ca_certificate: CaCertificates | None = None
    restores: Annotated[tuple[PostgresRestore, ...], BeforeValidator(as_tuple)] = ()
    old_servers: Literal["keep", "release", "remove"] = "keep"


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
    """A Redis of its own, cluster mode off; what is left out follows from `size` and `availability`.

    Each entry of `restores` makes one more server, and the last is used; `oldServers` says what
    becomes of the others. `previousAuthToken` says whether the token of the generation before is
    still good.
    """

    mode: Literal["managed"]
    version: RedisVersion
    node_type: Text | None = None
    replicas: Annotated[int, Field(ge=0, le=5)] | None = None
    snapshot_days: Annotated[int, Field(ge=1, le=35)] = 7
    previous_auth_token: Literal["accepted", "refused"] = "accepted"
    restores: Annotated[tuple[SnapshotRestore, ...], BeforeValidator(as_tuple)] = ()
    old_servers: Literal["keep", "release", "remove"] = "keep"


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


class UdpEntry(Section):
    """UDP 1700 by a load balancer of its own, straight to the Gateway Server's pods.

    The labels of the chart are not public: `kubectl get pods --show-labels` tells them.
    """

    selector: Annotated[dict[str, str], Field(min_length=1)]
    health_check_port: Port = 1885


class ManagedIngress(Section):
    """Traefik behind a load balancer of its own, with addresses that stay."""

    mode: Literal["managed"]
    replicas: Annotated[int, Field(ge=1, le=20)] | None = None
    udp: UdpEntry | None = None


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
    """Whether the cluster has a metrics server, is to get one, or goes without.

    Left out, a cluster that the stack makes gets one, and another is taken to have one.
    """

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
    postgres_password: _Generation = 1
    postgres_admin_password: _Generation = 1
    redis_auth_token: _Generation = 1


class AwsAccount(Section):
    """The one account that this stack may touch, and what there is to say of all of AWS.

    Tags with these keys or prefixes, such as an organisation's own, are neither set nor removed.
    """

    account_id: AwsAccountId
    ignore_tag_keys: Texts = ()
    ignore_tag_prefixes: Texts = ()
    log_retention_days: LogRetentionDays = 90


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
