"""Stack files that went wrong: shipped ones with a few mutations, as Hypothesis draws them."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from rehearsal.workspace import stacks
from stacks.config import TARGETS
from stacks.secrets import SECRETS
from tests.samples import ROOT, stack_file

Path = tuple[str | int, ...]
_SHIPPED = stacks(ROOT)


@dataclass(frozen=True, kw_only=True)
class Mutated:
    """A stack file's config, and the top-level keys that were meddled with."""

    config: Mapping[str, Any]
    touched: Sequence[str]


def paths(tree: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in a config."""
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in inner:
        yield (*path, key)
        if isinstance(value, (dict, list)):
            yield from paths(value, (*path, key))


# What people write, and what nobody writes.
_WORDS = (
    *(
        "",
        " ",
        "yes",
        "null",
        "managed",
        "existing",
        "production",
        "10.0.0.0/8",
        "eu-west-1a",
        "1.35",
        "17",
    ),
    *("2024-01-01", "https://example.com", "a" * 300, "${x}", "{}", "[", '{"a": 1}', "-----BEGIN"),
)
_TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(_WORDS),
)
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.integers(-2, 200),
    st.floats(),
    st.dates(),
    _TEXTS,
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(_TEXTS, st.sampled_from(["mode", "name", "secure"])), inner, max_size=3
        ),
    ),
    max_leaves=6,
)
_KEYS = sorted(
    {
        field.alias or name
        for model in TARGETS.values()
        for name, field in model.model_fields.items()
    }
    | set(SECRETS)
)


@st.composite
def mutated(draw: st.DrawFn, most: int = 4) -> Mutated:
    """A shipped stack file with one to `most` things wrong, or right by chance."""
    config = copy.deepcopy(stack_file(name=draw(st.sampled_from(_SHIPPED))))
    touched = [_mutate(draw, config) for _ in range(draw(st.integers(1, most)))]
    return Mutated(config=config, touched=touched)


def _mutate(draw: st.DrawFn, config: dict[str, Any]) -> str:
    found = list(paths(config))
    how = draw(st.sampled_from(("replace", "remove", "rename", "add", "move", "mode", "key")))
    if how == "key" or not found:
        name = draw(st.sampled_from(_KEYS))
        config[f"tts:{name}"] = draw(_VALUES)
        return name
    path = draw(st.sampled_from(found))
    holder = _at(config, path[:-1])
    last: Any = path[-1]
    if how == "mode":
        sections = [it for it in found if it[-1] == "mode"]
        path = draw(st.sampled_from(sections)) if sections else path
        holder, last = _at(config, path[:-1]), path[-1]
        holder[last] = draw(
            st.sampled_from(("managed", "existing", "off", "multi", "acme", "private"))
        )
    elif how == "replace":
        holder[last] = draw(_VALUES)
    elif how == "remove":
        del holder[last]
    elif how == "rename" and isinstance(holder, dict):
        holder[_misspelt(draw, str(last))] = holder.pop(last)
    elif how == "add" and isinstance(holder, dict):
        holder[draw(_TEXTS) if len(path) > 1 else f"tts:{draw(_TEXTS)}"] = draw(_VALUES)
    else:
        other = draw(st.sampled_from(found))
        holder[last] = copy.deepcopy(_at(config, other))
    return str(path[0]).removeprefix("tts:")


def _misspelt(draw: st.DrawFn, name: str) -> str:
    at = draw(st.integers(0, max(len(name) - 1, 0)))
    return draw(st.sampled_from((name[:at] + name[at + 1 :], name.upper(), f"{name}s", name[::-1])))


def _at(tree: Any, path: Path) -> Any:
    for key in path:
        tree = tree[key]
    return tree
