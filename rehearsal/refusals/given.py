"""What an operator brings: every text of a stack file may name something that is there."""

import json
from collections.abc import Iterator

from stacks.config import StackConfig
from stacks.raw import RawConfig


def strings_of(raw: RawConfig, config: StackConfig | None = None) -> frozenset[str]:
    """All texts of a stack file, secrets left out, those inside of lists and mappings too.

    With `config`, what that file leaves to the defaults as well: a namespace that is there, for example.
    """
    plain = (text for key, text in raw.values.items() if key not in raw.secrets)
    defaults: dict[str, object] = {} if config is None else config.model_dump(mode="json")
    return frozenset((*(found for text in plain for found in _texts(text)), *_leaves(defaults)))


def _texts(text: str) -> Iterator[str]:
    yield text
    if text.startswith(("[", "{")):
        try:
            yield from _leaves(json.loads(text))
        except ValueError:
            return


def _leaves(tree: object) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        for inner in tree.values():
            yield from _leaves(inner)
    elif isinstance(tree, list):
        for inner in tree:
            yield from _leaves(inner)
