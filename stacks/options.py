"""Options that one target does not have: refused by name, with what to use instead.

What a target has no part for at all is in `stacks.offered`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic.alias_generators import to_camel

from stacks.checking import Found, check
from stacks.fields import Section
from stacks.problems import Problem, key_of, shown


@dataclass(frozen=True, kw_only=True)
class Instead:
    """Why an option is not there, and what to do."""

    why: str
    remedy: str


_AZURE_ALONE: Mapping[str, Instead] = {
    "cluster.oidc_issuer_url": Instead(
        why="only Azure's managed identities are bound to it", remedy="remove it"
    ),
    "postgres.geo_redundant_backup": Instead(
        why="only Azure's PostgreSQL has it",
        remedy="remove it; copy snapshots to another region with the cloud's own backup service",
    ),
    "blobs.account_name": Instead(
        why="only Azure keeps buckets in storage accounts", remedy="remove it"
    ),
}
_AZURE: Mapping[str, Instead] = {
    "network.public_subnet_ids": Instead(
        why="a load balancer of Azure stands in no subnet", remedy="remove it"
    ),
    "cluster.add_on_versions": Instead(
        why="AKS runs and upgrades its add-ons itself", remedy="remove it"
    ),
    "cluster.security_group_id": Instead(
        why="Azure knows no such groups: network security groups belong to the subnets",
        remedy="remove it, and let the cluster's nodes in at the subnets of dataSubnetIds",
    ),
    "postgres.minor_version": Instead(
        why="Azure upgrades to minor versions itself, in the hour of maintenance",
        remedy="remove it; majorVersion stays as it is written",
    ),
    "postgres.max_storage_gib": Instead(
        why="Azure's PostgreSQL grows without a bound of yours, up to 32 TiB",
        remedy="remove it, and put an alert on the server's metric storage_percent",
    ),
    "redis.replicas": Instead(
        why="Azure Managed Redis has one replica, or none where availability is single",
        remedy="remove it",
    ),
    "redis.previous_auth_token": Instead(
        why="Azure keeps two keys: odd generations use the primary, even ones the secondary",
        remedy="remove it; to end a key: az redisenterprise database regenerate-key",
    ),
    "redis.restores": Instead(
        why="Azure Managed Redis cannot be made from a backup",
        remedy="import an export into the running one; docs/azure.md tells how",
    ),
    "redis.old_servers": Instead(
        why="restores make no other server of Azure Managed Redis", remedy="remove it"
    ),
    "blobs.bucket_prefix": Instead(
        why="containers are named within a storage account", remedy="use accountName"
    ),
    "blobs.existing_buckets": Instead(
        why="the product knows one storage account, and the containers made here are in a new one",
        remedy="set blobs.mode to existing and name all five in one account",
    ),
    "blobs.region": Instead(why="a storage account is found by its name alone", remedy="remove it"),
    "ingress.udp.health_check_port": Instead(
        why="Azure's load balancer asks the node, which knows whether it has a ready pod",
        remedy="remove it",
    ),
    "generations.blob_access_key": Instead(
        why="blobs are reached by a managed identity, without any key", remedy="remove it"
    ),
}
REFUSED: Mapping[str, Mapping[str, Instead]] = {
    "aws": _AZURE_ALONE,
    "azure": _AZURE,
    "gcp": _AZURE_ALONE,
    "self-managed": _AZURE_ALONE,
}


def _refuse(target: str, section: str, part: object) -> Iterator[Problem]:
    for path, instead in REFUSED.get(target, {}).items():
        head, *inner = path.split(".")
        found = _given(part, inner) if head == section else None
        if found is not None:
            yield Problem(
                key=key_of(*map(to_camel, path.split("."))),
                value=shown(found[0]),
                allowed=f"left out on {target}: {instead.why}",
                remedy=instead.remedy,
            )


def _given(part: object, path: list[str]) -> tuple[object] | None:
    """What the stack file itself says at a path, in a tuple, or None where it says nothing."""
    name, *rest = path
    if not isinstance(part, Section) or name not in part.model_fields_set:
        return None
    value = getattr(part, name)
    if rest:
        return _given(value, rest)
    dumped = (
        value.model_dump(by_alias=True, exclude_none=True) if isinstance(value, Section) else value
    )
    return (dumped,)


def _register(section: str) -> None:
    @check("target", section)
    def _options(target: str, part: object) -> Found:
        yield from _refuse(target, section, part)


for _section in sorted({path.partition(".")[0] for paths in REFUSED.values() for path in paths}):
    _register(_section)
