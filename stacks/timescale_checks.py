"""Rules on TimescaleDB, on any target."""

from components.protection import Protection
from stacks import sections
from stacks.checking import Found, check
from stacks.fields import minor_version
from stacks.problems import Problem, key_of, shown

_TWO_USERS = (
    "the Network Operations Center uses continuous aggregates and the Storage Integration retention "
    "policies, and neither is in the Apache edition"
)
# Of managed PostgreSQL, by the end of its host names: what it offers of TimescaleDB.
# https://learn.microsoft.com/azure/postgresql/extensions/concepts-extensions-versions and
# https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-extensions.html
_APACHE_ONLY = {".postgres.database.azure.com": "Azure Database for PostgreSQL"}
_WITHOUT = {".rds.amazonaws.com": "Amazon RDS and Aurora"}
# What the operator's chart asks for: Chart.yaml in
# https://github.com/cloudnative-pg/charts/tree/main/charts/cloudnative-pg
_OPERATOR_MINOR = 29


@check("timescale")
def _edition(timescale: object) -> Found:
    if not isinstance(timescale, sections.ExistingTimescale):
        return
    if timescale.edition == "apache":
        yield Problem(
            key=key_of("timescale", "edition"),
            value="apache",
            allowed=f"community, or none for a storageDatabase alone: {_TWO_USERS}",
            remedy="use mode managed, a server with the Community edition, or drop the extension",
        )
    if timescale.edition == "none" and timescale.noc_database is not None:
        yield Problem(
            key=key_of("timescale", "nocDatabase"),
            value=shown(timescale.noc_database),
            allowed="left out where edition is none: the Network Operations Center needs TimescaleDB",
            remedy="use mode managed, or a server with the Community edition",
        )
    if timescale.edition == "community":
        yield from _of_a_cloud(timescale.host)


def _of_a_cloud(host: str) -> Found:
    for end, name in {**_APACHE_ONLY, **_WITHOUT}.items():
        if host.endswith(end):
            has = "the Apache edition alone" if end in _APACHE_ONLY else "no TimescaleDB"
            yield Problem(
                key=key_of("timescale", "host"),
                value=shown(host),
                allowed=f"a server with the Community edition; {name} has {has}: {_TWO_USERS}",
                remedy=(
                    "use mode managed, which runs it in the cluster; for a storageDatabase alone set "
                    "edition to none and leave the extension out"
                ),
            )


@check("timescale", "protection", "availability")
def _managed(timescale: object, protection: Protection, availability: object) -> Found:
    if not isinstance(timescale, sections.ManagedTimescale):
        return
    if not timescale.storage_integration and not timescale.network_operations_center:
        yield Problem(
            key=key_of("timescale"),
            allowed="storageIntegration, networkOperationsCenter or both",
            remedy="turn one on, or set mode to off",
        )
    if protection.guarded and timescale.backups is None:
        yield Problem(
            key=key_of("timescale", "backups"),
            allowed="required in production: without them a lost volume is lost data",
            remedy="name a bucket, its region and an access key under timescale.backups",
        )
    if availability == "redundant" and timescale.instances == 1:
        yield Problem(
            key=key_of("timescale", "instances"),
            value="1",
            allowed="2 or more where availability is redundant, better 3",
            remedy="leave it out for three",
        )


@check("timescale", "cluster")
def _operator(timescale: object, cluster: object) -> Found:
    if not isinstance(timescale, sections.ManagedTimescale) or timescale.operator == "existing":
        return
    version = getattr(cluster, "kubernetes_version", None)
    if version is not None and minor_version(version) < _OPERATOR_MINOR:
        yield Problem(
            key=key_of("cluster", "kubernetesVersion"),
            value=shown(version),
            allowed=f"1.{_OPERATOR_MINOR} or later where timescale is managed: CloudNativePG asks for it",
            remedy="upgrade the cluster, or use a TimescaleDB that exists",
        )
