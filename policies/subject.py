"""A resource as a policy sees it, whoever looks: Pulumi's policy runner, a rehearsal, or a comparison."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

# Fixed by Pulumi's protocol: sdk/go/common/resource/plugin/rpc.go and resource/properties.go.
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_API_VERSION = re.compile(r"^(azure-native:\w+)/v\w+:")


@dataclass(frozen=True)
class Hidden:
    """A value that there is, but that is not known yet or nobody may see."""


HIDDEN: Final = Hidden()


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One resource. `type` is without API version, `inputs` are plain, with HIDDEN where nothing is known.

    `protected`: Pulumi refuses to delete it, which is how production is told from a trial.
    """

    type: str
    name: str
    urn: str
    inputs: Mapping[str, Any] = field(repr=False)
    protected: bool

    @property
    def elsewhere(self) -> bool:
        """Whether it is at a service that only speaks like a cloud's: of that less can be asked."""
        if self.type == "pulumi:providers:aws":
            return self.one("endpoints") not in (None, "", "[]")
        return "::tts:s3:S3Buckets$" in self.urn

    def at(self, path: str) -> list[Any]:
        """All that is at a path such as `a.b` or, for each item of a list, `a[].b`; None where nothing is.

        No path at all is that of all inputs.
        """
        return list(_at(self.inputs, path.split(".") if path else []))

    def one(self, path: str) -> Any:
        """What is at a path without lists."""
        return next(iter(self.at(path)), None)


def subject(urn: str, inputs: Mapping[str, Any], *, protected: bool) -> Subject:
    """A resource by its URN, with inputs as they stand in a deployment or came from the engine."""
    kind = urn.split("::")[2].rpartition("$")[2]
    return Subject(
        type=_API_VERSION.sub(r"\1:", kind),
        name=urn.split("::", 3)[-1],
        urn=urn,
        inputs={key: plain(it) for key, it in inputs.items() if not key.startswith("__")},
        protected=protected,
    )


def subjects(resources: Iterable[Mapping[str, Any]]) -> Iterator[Subject]:
    """The resources of an exported deployment, components aside."""
    for it in resources:
        if it.get("custom") and not it.get("delete"):
            yield subject(it["urn"], it.get("inputs") or {}, protected=bool(it.get("protect")))


def plain(tree: Any) -> Any:
    """A tree of the engine's with HIDDEN for secrets and for what is not known yet."""
    if isinstance(tree, Mapping):
        if tree.get(_SIGNATURE) == _SECRET:
            return HIDDEN
        return {str(key): plain(inner) for key, inner in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [plain(inner) for inner in tree]
    return HIDDEN if tree == _UNKNOWN else tree


def items(tree: Any) -> list[Any]:
    """What there is of a list, or of a single thing where both are allowed."""
    if tree is None or isinstance(tree, Hidden):
        return []
    return tree if isinstance(tree, list) else [tree]


def mapping(tree: Any) -> Mapping[str, Any]:
    """A mapping, empty where there is none or it is hidden."""
    return tree if isinstance(tree, Mapping) else {}


def _at(tree: Any, keys: list[str]) -> Iterator[Any]:
    if not keys or isinstance(tree, Hidden):
        yield tree
        return
    key, rest = keys[0], keys[1:]
    name = key.removesuffix("[]")
    found = tree.get(name) if isinstance(tree, Mapping) else None
    if not key.endswith("[]"):
        yield from _at(found, rest)
    elif isinstance(found, Hidden):
        yield found
    else:
        for item in found if isinstance(found, list) else []:
            yield from _at(item, rest)
