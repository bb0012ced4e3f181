"""Who the environment is for, how large it is, and how it is kept."""

from typing import Annotated, Literal

from pydantic import Field

from components.maintenance import Day
from stacks.fields import Address, Email, KubernetesName, Section, TenantId, Text, UserId


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


class MetricsServer(Section):
    """Whether the cluster has a metrics server, is to get one, or goes without.

    Left out, a cluster that the stack makes gets one, and another is taken to have one.
    """

    mode: Literal["managed", "existing", "off"]


class CertManager(Section):
    """Whether the cluster is to get cert-manager, or has it.

    Left out, the stack installs it where something that it makes needs it.
    """

    mode: Literal["managed", "existing"]


class GatewayController(Section):
    """The Things Gateway Controller, for The Things Indoor Gateway Pro."""

    enabled: bool = False
    address: Address | None = None


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
    timescale_password: _Generation = 1
    postgres_admin_password: _Generation = 1
    redis_auth_token: _Generation = 1
