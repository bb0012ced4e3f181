"""The contract: what The Things Stack needs to know of an environment, whoever provides it.

Every target fills one `Prerequisites` (plain facts, fit to be read in a preview) and one
`Credentials` (secrets). They are apart because Pulumi marks a whole value secret if any part is.
The records are generic in their texts: `Output[str]` while resources are being made, `str` once
settled. What reads a text, such as `Postgres.uri`, is typed for `str` alone, so that a promise in
an f-string is a type error.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Generic, Literal, TypeVar, overload
from urllib.parse import quote, urlencode

import pulumi

S = TypeVar("S", str, pulumi.Output[str])


@dataclass(frozen=True, kw_only=True)
class Tenancy:
    """Whether tenants have subdomains (multi), and the ID of the first or only one."""

    mode: Literal["single", "multi"]
    tenant_id: str

    @property
    def default_id(self) -> str:
        """What the product calls the default tenant: none where there are many."""
        return self.tenant_id if self.mode == "single" else ""


@dataclass(frozen=True, kw_only=True)
class AdminUser:
    """The first administrator."""

    user_id: str
    email: str


@dataclass(frozen=True, kw_only=True)
class Postgres(Generic[S]):
    """Where the Identity Server's database is. `ssl_mode` as libpq has it."""

    host: S
    database: str
    username: str
    port: int = 5432
    ssl_mode: str = "require"

    def uri(self: "Postgres[str]", password: str) -> str:
        """The connection URI, `postgres://user:password@host:port/database?sslmode=…`."""
        who = f"{quote(self.username, safe='')}:{quote(password, safe='')}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        where = f"{host}:{self.port}/{quote(self.database, safe='')}"
        return f"postgres://{who}@{where}?{urlencode({'sslmode': self.ssl_mode})}"


@dataclass(frozen=True, kw_only=True)
class Redis(Generic[S]):
    """Where Redis is: `host:port`, and the replicas' address where reads may go to them."""

    address: S
    read_only_address: S | None = None


@dataclass(frozen=True, kw_only=True)
class Buckets(Generic[S]):
    """The names of the five buckets (on Azure: containers)."""

    profile_pictures: S
    end_device_pictures: S
    edcs: S
    interop: S
    plugins: S


@dataclass(frozen=True, kw_only=True)
class AwsBlobs(Generic[S]):
    """Five buckets in S3. Without an access key the product uses the pod's identity.

    `endpoint`: of another service that speaks S3, with a bucket's name in the path or before the host.
    """

    buckets: Buckets[S]
    region: S
    access_key_id: S | None = None
    endpoint: str | None = None
    path_style: bool = False


@dataclass(frozen=True, kw_only=True)
class AzureBlobs(Generic[S]):
    """Five containers in one storage account, used by the managed identity `client_id`."""

    buckets: Buckets[S]
    account_name: S
    client_id: S


@dataclass(frozen=True, kw_only=True)
class GcpBlobs(Generic[S]):
    """Five buckets in Cloud Storage; the product needs a service account's credentials to use them."""

    buckets: Buckets[S]


@dataclass(frozen=True, kw_only=True)
class LocalBlobs(Generic[S]):
    """Five folders on one volume, by the name of its claim; `buckets` are the folders' names.

    `note`: what is not known of the volume, for the operator to see to.
    """

    buckets: Buckets[S]
    claim: S
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class IngressAnnotations:
    """Annotations that the ingress controller needs, per kind of route."""

    http: Mapping[str, str] = field(default_factory=dict)
    grpc: Mapping[str, str] = field(default_factory=dict)
    semtechws: Mapping[str, str] = field(default_factory=dict)
    semtechcups: Mapping[str, str] = field(default_factory=dict)
    ttigw: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Ingress:
    """The class that routes name, and annotations for routes and for the gRPC Services."""

    controller: str
    annotations: IngressAnnotations
    service_annotations: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Tls(Generic[S]):
    """The TLS Secret's name, and CAs (PEM) that the product must trust besides the public ones."""

    secret_name: S
    root_cas: tuple[S, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GatewayController:
    """The Things Gateway Controller; without an address the chart's own default holds."""

    enabled: bool
    address: str | None


@dataclass(frozen=True, kw_only=True)
class Timescale(Generic[S]):
    """Where TimescaleDB is, and the databases for those of its two users that are wanted."""

    host: S
    port: int
    username: str
    storage_database: str | None
    noc_database: str | None


@dataclass(frozen=True, kw_only=True)
class PacketBroker:
    """The credentials' public part, and what a Home Network is known by."""

    mode: Literal["forwarder", "home-network"]
    key_id: str
    net_id: str | None = None
    dev_addr_block: str | None = None


@dataclass(frozen=True, kw_only=True)
class PublicAddresses(Generic[S]):
    """IP addresses for DNS records and allow-lists, as far as the stack made them.

    `ingress` and `udp`: where the environment is reached. `egress`: from where it calls others.
    """

    ingress: tuple[S, ...] = ()
    udp: tuple[S, ...] = ()
    egress: tuple[S, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Prerequisites(Generic[S]):
    """Everything the product needs to know of its environment that is not secret."""

    domain: str
    tenancy: Tenancy
    admin: AdminUser
    postgres: Postgres[S]
    redis: Redis[S]
    blobs: AwsBlobs[S] | AzureBlobs[S] | GcpBlobs[S] | LocalBlobs[S]
    ingress: Ingress
    tls: Tls[S]
    gateway_controller: GatewayController
    public: PublicAddresses[S]
    timescale: Timescale[S] | None = None
    packet_broker: PacketBroker | None = None


@dataclass(frozen=True, kw_only=True)
class ProductSecrets(Generic[S]):
    """The secrets that the product asks its operator to generate: hexadecimal, of exact size."""

    cluster_key: S
    cookie_block_key: S
    cookie_hash_key: S
    metrics_password: S
    pprof_password: S
    console_client_secret: S
    tenant_admin_key: S
    noc_grafana_password: S | None = None
    noc_client_secret: S | None = None


@dataclass(frozen=True, kw_only=True)
class Credentials(Generic[S]):
    """Everything the product needs that is secret."""

    license_key: S
    admin_password: S
    postgres_password: S
    product: ProductSecrets[S]
    redis_password: S | None = None
    blob_secret_access_key: S | None = None
    gcp_credentials: S | None = None
    timescale_password: S | None = None
    packet_broker_key: S | None = None


@overload
def settle(record: Prerequisites[pulumi.Output[str]]) -> pulumi.Output[Prerequisites[str]]: ...
@overload
def settle(record: Credentials[pulumi.Output[str]]) -> pulumi.Output[Credentials[str]]: ...
def settle(
    record: Prerequisites[pulumi.Output[str]] | Credentials[pulumi.Output[str]],
) -> pulumi.Output[Prerequisites[str]] | pulumi.Output[Credentials[str]]:
    """Wait once for every promise in a record of records; after this there is only plain data."""
    promises: list[pulumi.Output[str]] = []
    _collect(record, promises)
    return pulumi.Output.all(*promises).apply(lambda settled: _with(record, iter(settled)))


def _collect(part: Any, promises: "list[pulumi.Output[str]]") -> None:
    """Every promise in a record, in the order in which `_with` puts their values back."""
    if isinstance(part, pulumi.Output):
        promises.append(part)
    elif isinstance(part, tuple):
        for item in part:
            _collect(item, promises)
    elif is_dataclass(part):
        for each in fields(part):
            _collect(getattr(part, each.name), promises)


def _with(part: Any, settled: Iterator[str]) -> Any:
    if isinstance(part, pulumi.Output):
        return next(settled)
    if isinstance(part, tuple):
        return tuple(_with(item, settled) for item in part)
    if is_dataclass(part) and not isinstance(part, type):
        return type(part)(
            **{each.name: _with(getattr(part, each.name), settled) for each in fields(part)}
        )
    return part
