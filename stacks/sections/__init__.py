"""The sections of a stack file. Each service is managed (made by the stack) or existing (named by you)."""

from stacks.sections.accounts import AwsAccount, AzureAccount, GcpAccount
from stacks.sections.blobs import (
    AccessKeyAccess,
    BlobAccess,
    Blobs,
    BucketNames,
    ExistingBlobs,
    ExistingCredentialsAccess,
    ExistingKeyAccess,
    ManagedBlobs,
    PodIdentityAccess,
)
from stacks.sections.cluster import (
    AllowListAccess,
    ApiAccess,
    Cluster,
    ExistingCluster,
    ManagedCluster,
    Nodes,
    PrivateAccess,
)
from stacks.sections.general import (
    AdminUser,
    GatewayController,
    Generations,
    Maintenance,
    MetricsServer,
    Release,
    Sizing,
    Tenancy,
)
from stacks.sections.ingress import (
    ExistingIngress,
    Ingress,
    IngressAnnotations,
    ManagedIngress,
    UdpEntry,
)
from stacks.sections.network import ExistingNetwork, ManagedNetwork, Network
from stacks.sections.packet_broker import (
    NoPacketBroker,
    PacketBroker,
    PacketBrokerForwarder,
    PacketBrokerHomeNetwork,
)
from stacks.sections.postgres import ExistingPostgres, ManagedPostgres, Postgres, PostgresRestore
from stacks.sections.redis import ExistingRedis, ManagedRedis, Redis
from stacks.sections.restores import PointInTimeRestore, SnapshotRestore
from stacks.sections.timescale import ExistingTimescale, ManagedTimescale, NoTimescale, Timescale
from stacks.sections.tls import AcmeTls, ExistingTls, SelfSignedTls, SuppliedTls, Tls

__all__ = [
    "AccessKeyAccess",
    "AcmeTls",
    "AdminUser",
    "AllowListAccess",
    "ApiAccess",
    "AwsAccount",
    "AzureAccount",
    "BlobAccess",
    "Blobs",
    "BucketNames",
    "Cluster",
    "ExistingBlobs",
    "ExistingCluster",
    "ExistingCredentialsAccess",
    "ExistingIngress",
    "ExistingKeyAccess",
    "ExistingNetwork",
    "ExistingPostgres",
    "ExistingRedis",
    "ExistingTimescale",
    "ExistingTls",
    "GatewayController",
    "GcpAccount",
    "Generations",
    "Ingress",
    "IngressAnnotations",
    "Maintenance",
    "ManagedBlobs",
    "ManagedCluster",
    "ManagedIngress",
    "ManagedNetwork",
    "ManagedPostgres",
    "ManagedRedis",
    "ManagedTimescale",
    "MetricsServer",
    "Network",
    "NoPacketBroker",
    "NoTimescale",
    "Nodes",
    "PacketBroker",
    "PacketBrokerForwarder",
    "PacketBrokerHomeNetwork",
    "PodIdentityAccess",
    "PointInTimeRestore",
    "Postgres",
    "PostgresRestore",
    "PrivateAccess",
    "Redis",
    "Release",
    "SelfSignedTls",
    "Sizing",
    "SnapshotRestore",
    "SuppliedTls",
    "Tenancy",
    "Timescale",
    "Tls",
    "UdpEntry",
]
