"""The rules that are data, applied to one operation."""

import ipaddress
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from rehearsal.cloud import Remembered
from rehearsal.refusals.case import Case, at, called, identities, refusal
from rehearsal.refusals.data import Group, Holder, TypeRules, Unique, ValueRule, holders

_MOST_SHOWN = 80


def write_refusals(case: Case, rules: TypeRules) -> Iterator[str]:
    """Why it can be neither made nor changed so."""
    for path, rule in rules.values.items():
        yield from _values(case, path, rule)
    yield from _groups(case, rules)
    for unique in rules.unique:
        yield from _taken(case, unique)
    for path, reference in rules.refers.items():
        if case.changed(path):
            for value in case.texts(path):
                if not case.exists(reference.thing, value):
                    what = (
                        f"{path} is {_shown(value)}, and there is no {reference.thing} of that name"
                    )
                    yield refusal(reference.error, what)


def delete_refusals(case: Case, rules: TypeRules) -> Iterator[str]:
    """Why it cannot be deleted. What protects it is what is in the state."""
    gone, switch = case.before, rules.protected_by
    if switch is not None and (case.is_on(switch.path) or _is_on(gone, switch.path)):
        what = f"{switch.path} is on in the state; turn it off in an update of its own first"
        yield refusal(switch.error, what)
    if gone is None:
        return
    for holder in holders(case.operation.type):
        if holder.hold.unless is None or not case.is_on(holder.hold.unless):
            yield from _held(case, gone, holder)


def _is_on(resource: Remembered | None, path: str) -> bool:
    return resource is not None and True in at(resource.inputs, path)


def _held(case: Case, gone: Remembered, holder: Holder) -> Iterator[str]:
    names = identities(gone, holder.identities)
    for each in case.of(holder.type):
        if any(value in names for value in at(each.inputs, holder.path)):
            what = f"{gone.id} cannot be deleted while {called(each)} uses it ({holder.path})"
            unless = holder.hold.unless
            remedy = "" if unless is None else f", unless {unless} was on in the state before"
            yield refusal(holder.hold.error, what + remedy)


def _groups(case: Case, rules: TypeRules) -> Iterator[str]:
    for group in rules.exactly_one:
        if len(_present(case, group)) != 1:
            yield refusal(rules.error, f"{_given(case, group)}; exactly one of {_list(group)}")
    for group in rules.at_most_one:
        if len(_present(case, group)) > 1:
            yield refusal(rules.error, f"{_given(case, group)}; at most one of {_list(group)}")
    for group in rules.at_least_one:
        if not _present(case, group):
            yield refusal(rules.error, f"{_given(case, group)}; at least one of {_list(group)}")
    for path, needed in rules.needs.items():
        if _present(case, (path,)) and not _present(case, (needed,)):
            yield refusal(rules.error, f"{path} is given, which needs {needed} as well")


def _present(case: Case, group: Group) -> list[str]:
    """Unknown values count as given: it is what they are that is not known."""
    return [path for path in group if _holds_something(case.inputs, path)]


def _holds_something(inputs: Mapping[str, Any], path: str) -> bool:
    head, _, rest = path.partition(".")
    value = inputs.get(head)
    if rest and isinstance(value, Mapping):
        return _holds_something(value, rest)
    return value is not None and value not in ([], "")


def _given(case: Case, group: Group) -> str:
    return f"{_list(_present(case, group)) or 'nothing'} given"


def _list(names: Group | list[str]) -> str:
    return ", ".join(names)


def _taken(case: Case, unique: Unique) -> Iterator[str]:
    if not any(case.changed(path) for path in unique.by):
        return
    mine = _key(case.inputs, unique)
    if mine[0] == []:
        return
    for each in case.of(case.operation.type):
        if _key(each.inputs, unique) == mine:
            first, *within = unique.by
            scope = f", and it must be unique within {_list(within)}" if within else ""
            what = f"{called(each)} has the same {first}, {_shown(mine[0][0])}{scope}"
            yield refusal(unique.error, what)


def _key(tree: Mapping[str, Any], unique: Unique) -> list[list[Any]]:
    found = [at(tree, path) for path in unique.by]
    if not unique.ignore_case:
        return found
    return [[it.lower() if isinstance(it, str) else it for it in values] for values in found]


def _values(case: Case, path: str, rule: ValueRule) -> Iterator[str]:
    found = at(case.inputs, path)
    for value in found:
        allowed = _allowed(value, rule)
        if allowed is not None:
            what = f"{path} is {_shown(value)}; allowed: {rule.allowed or allowed}"
            yield refusal(rule.error, what)


def _allowed(value: Any, rule: ValueRule) -> str | None:
    """What would be allowed, or None if the value is."""
    tests = (_choice, _in_range, _long_enough, _many_enough, _matching, _network, _policy)
    return next((it for it in (test(value, rule) for test in tests) if it is not None), None)


def _choice(value: Any, rule: ValueRule) -> str | None:
    if rule.one_of is None or _as_number(value) in rule.one_of or value in rule.one_of:
        return None
    return ", ".join(map(str, rule.one_of))


def _in_range(value: Any, rule: ValueRule) -> str | None:
    if rule.range is None:
        return None
    low, high = rule.range
    number = _as_number(value)
    inside = isinstance(number, (int, float)) and low <= number <= high
    return None if inside else f"a number from {low} to {high}"


def _as_number(value: Any) -> Any:
    """AWS's types have some numbers as texts."""
    if isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return int(value)
    return value


def _long_enough(value: Any, rule: ValueRule) -> str | None:
    if rule.length is None:
        return None
    low, high = rule.length
    inside = isinstance(value, str) and low <= len(value) <= high
    return None if inside else f"{low} to {high} characters"


def _many_enough(value: Any, rule: ValueRule) -> str | None:
    if rule.count is None:
        return None
    low, high = rule.count
    return (
        None
        if isinstance(value, list) and low <= len(value) <= high
        else f"{low} to {high} of them"
    )


def _matching(value: Any, rule: ValueRule) -> str | None:
    if rule.pattern is None or rule.pattern.search(str(value)):
        return None
    return f"what matches {rule.pattern.pattern}"


def _network(value: Any, rule: ValueRule) -> str | None:
    if rule.network is None:
        return None
    shortest, longest = rule.network
    try:
        network = ipaddress.ip_network(str(value))
    except ValueError:
        network = None
    if network is not None and shortest <= network.prefixlen <= longest:
        return None
    return f"a network address with a prefix of /{shortest} to /{longest}"


def _policy(value: Any, rule: ValueRule) -> str | None:
    if rule.json is None:
        return None
    try:
        document = json.loads(str(value))
    except ValueError:
        return "JSON"
    if not isinstance(document, dict):
        return "a JSON object"
    compact = len(re.sub(r"\s", "", str(value)))
    return None if compact <= rule.json else f"{rule.json} characters without white space"


def _shown(value: Any) -> str:
    text = f"{len(value)} long" if isinstance(value, list) else repr(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
