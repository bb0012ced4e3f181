"""All rules together, as the simulated cloud consults them."""

from collections.abc import Iterator, Mapping

from rehearsal.cloud import Cloud, Operation
from rehearsal.refusals import (
    azure,
    caches,
    databases,
    eks,
    gcp,
    identity,
    kubernetes,
    network,
    storage,
)
from rehearsal.refusals.case import Case, Check
from rehearsal.refusals.data import types
from rehearsal.refusals.declared import delete_refusals, write_refusals

_MODULES = (azure, caches, databases, eks, gcp, identity, network, storage)
_WRITES: Mapping[str, tuple[Check, ...]] = {
    token: checks for module in _MODULES for token, checks in module.WRITES.items()
}
_DELETES: Mapping[str, tuple[Check, ...]] = {
    token: checks for module in _MODULES for token, checks in module.DELETES.items()
}


class CloudRules:
    """What AWS, Azure, Google Cloud and a Kubernetes API refuse.

    `given`: texts that an operator brings; what goes by one of them is taken to exist.
    """

    def __init__(self, given: frozenset[str] = frozenset()) -> None:
        self._given = given

    def refusal(self, operation: Operation, cloud: Cloud) -> str | None:
        """The first reason to refuse, as `<Code>: <sentence>`, or None."""
        case = Case(
            operation=operation,
            cloud=cloud,
            given=self._given,
            before=None if operation.kind == "create" else cloud.find(operation.type, operation.id),
        )
        return next(_refusals(case), None)


def known_types() -> frozenset[str]:
    """The types that have an entry."""
    return frozenset(types())


def _refusals(case: Case) -> Iterator[str]:
    token = case.operation.type
    deleting = case.operation.kind == "delete"
    rules = types().get(token)
    if rules is not None:
        yield from (delete_refusals if deleting else write_refusals)(case, rules)
    checks = (_DELETES if deleting else _WRITES).get(token, ())
    if token.startswith("kubernetes:"):
        checks = kubernetes.DELETES if deleting else kubernetes.WRITES
    for check in checks:
        refused = check(case)
        if refused is not None:
            yield refused
