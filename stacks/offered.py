"""What this version can make on which target; all else is refused by name, nothing is ignored."""

from collections.abc import Mapping
from types import MappingProxyType

from pydantic.alias_generators import to_camel

from stacks import sections
from stacks.fields import Section
from stacks.problems import Problem, key_of, shown

_EITHER = frozenset({"managed", "existing"})
_EXISTING = frozenset({"existing"})
_IN_CLUSTER = frozenset({"in-cluster"})
_PORTABLE_BLOBS = frozenset({"s3", "local"})

_REMEDIES: Mapping[tuple[str, str], str] = {
    ("aws", "blobs.access"): "bring a key of your own by mode existing-key",
    ("azure", "blobs.access"): "bring a managed identity of your own by mode existing-identity",
    ("gcp", "blobs.access"): (
        "access-key makes a service account with a key, existing-credentials takes yours: the product "
        "wants credentials in JSON there"
    ),
    ("azure", "metrics_server"): "leave metricsServer out: AKS ships one",
    ("gcp", "metrics_server"): "leave metricsServer out: GKE ships one",
}

OFFERED: Mapping[str, Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "aws": {
            "network": _EITHER,
            "cluster": _EITHER,
            "postgres": _EITHER | _IN_CLUSTER,
            "redis": _EITHER | _IN_CLUSTER,
            "blobs": _EITHER | _PORTABLE_BLOBS,
            "blobs.access": frozenset({"access-key", "pod-identity", "existing-key"}),
            "ingress": _EITHER,
            "tls": frozenset({"supplied", "self-signed", "private-ca", "existing", "acme"}),
            "dns": frozenset({"print", "route53", "cloudflare"}),
            "timescale": frozenset({"off", "existing", "managed"}),
            "metrics_server": frozenset({"off", "existing", "managed"}),
        },
        "azure": {
            "network": _EITHER,
            "cluster": _EITHER,
            "postgres": _EITHER | _IN_CLUSTER,
            "redis": _EITHER | _IN_CLUSTER,
            "blobs": _EITHER | _PORTABLE_BLOBS,
            "blobs.access": frozenset({"workload-identity", "existing-identity"}),
            "ingress": _EITHER,
            "tls": frozenset({"supplied", "self-signed", "private-ca", "existing", "acme"}),
            "dns": frozenset({"print", "cloudflare"}),
            "timescale": frozenset({"off", "existing"}),
            "metrics_server": frozenset({"existing", "managed"}),
        },
        "gcp": {
            "network": _EITHER,
            "cluster": _EITHER,
            "postgres": _EITHER | _IN_CLUSTER,
            "redis": _EITHER | _IN_CLUSTER,
            "blobs": _EITHER | _PORTABLE_BLOBS,
            "blobs.access": frozenset({"access-key", "existing-credentials"}),
            "ingress": _EITHER,
            "tls": frozenset({"supplied", "self-signed", "private-ca", "existing", "acme"}),
            "dns": frozenset({"print", "cloudflare"}),
            "timescale": frozenset({"off", "existing"}),
            "metrics_server": frozenset({"existing", "managed"}),
        },
        "self-managed": {
            "cluster": _EXISTING,
            "postgres": _EXISTING | _IN_CLUSTER,
            "redis": _EXISTING | _IN_CLUSTER,
            "blobs": _PORTABLE_BLOBS,
            "ingress": _EITHER,
            "tls": frozenset({"supplied", "self-signed", "private-ca", "existing", "acme"}),
            "dns": frozenset({"print", "cloudflare"}),
            "timescale": frozenset({"off", "existing"}),
            "metrics_server": frozenset({"off", "existing", "managed"}),
        },
    }
)


def offered_problems(parsed: Mapping[str, object]) -> list[Problem]:
    """A problem for each part that is well formed, but that this version cannot make."""
    target = str(parsed.get("target"))
    offered = OFFERED.get(target)
    if offered is None:
        return [
            Problem(
                key=key_of("target"),
                value=shown(target),
                allowed=f"{', '.join(OFFERED)} in this version",
                remedy=f"choose {' or '.join(OFFERED)}",
            )
        ]
    modes = [
        _mode_problem(_part(parsed, path), target, path, modes) for path, modes in offered.items()
    ]
    return [problem for problem in [*modes, *_zones(parsed)] if problem is not None]


def _part(parsed: Mapping[str, object], path: str) -> object:
    """A section, or a part of one: `blobs.access`."""
    name, _, inner = path.partition(".")
    found = parsed.get(name)
    return getattr(found, inner, None) if inner else found


def _mode_problem(section: object, target: str, path: str, modes: frozenset[str]) -> Problem | None:
    if not isinstance(section, Section) or (mode := getattr(section, "mode", None)) in modes:
        return None
    return Problem(
        key=key_of(*map(to_camel, path.split(".")), "mode"),
        value=shown(mode),
        allowed=f"{' or '.join(sorted(modes))} in this version on this target",
        remedy=_REMEDIES.get((target, path), "provide it yourself and name it here"),
    )


def _zones(parsed: Mapping[str, object]) -> list[Problem | None]:
    managed = any(
        isinstance(parsed.get(name), (sections.ManagedNetwork, sections.ManagedCluster))
        for name in ("network", "cluster")
    )
    if managed or not parsed.get("zones"):
        return []
    return [
        Problem(
            key=key_of("zones"),
            value=shown(parsed["zones"]),
            allowed="left out: nothing that this stack makes is placed in a zone",
            remedy="remove zones; an existing cluster brings its own",
        )
    ]
