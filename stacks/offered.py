"""What this version can make on which target; all else is refused by name, nothing is ignored."""

from collections.abc import Mapping
from types import MappingProxyType

from stacks import sections
from stacks.fields import Section
from stacks.problems import Problem, key_of, shown

_EITHER = frozenset({"managed", "existing"})

OFFERED: Mapping[str, Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "aws": {
            "network": _EITHER,
            "cluster": _EITHER,
            "postgres": _EITHER,
            "redis": _EITHER,
            "blobs": _EITHER,
            "ingress": _EITHER,
            "tls": frozenset({"supplied", "self-signed", "private-ca", "existing", "acme"}),
            "dns": frozenset({"print", "route53", "cloudflare"}),
            "timescale": frozenset({"off", "existing", "managed"}),
            "metrics_server": frozenset({"off", "existing", "managed"}),
        }
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
    modes = [_mode_problem(parsed.get(name), name, modes) for name, modes in offered.items()]
    return [problem for problem in [*modes, *_zones(parsed)] if problem is not None]


def _mode_problem(section: object, name: str, modes: frozenset[str]) -> Problem | None:
    if not isinstance(section, Section) or (mode := getattr(section, "mode", None)) in modes:
        return None
    key = type(section).model_config.get("alias_generator")
    shown_name = key(name) if callable(key) else name
    return Problem(
        key=key_of(shown_name, "mode"),
        value=shown(mode),
        allowed=f"{' or '.join(sorted(modes))} in this version on this target",
        remedy="provide it yourself and name it here",
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
