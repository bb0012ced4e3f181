"""The pack for `pulumi preview|up --policy-pack policies`; `make policies` installs what it needs."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# Pulumi runs this file alone; the policies are the project's, and so is the table of ports.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyPack,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from policies.every import RULES
from policies.rule import Rule
from policies.subject import HIDDEN, Subject, subject


def main() -> None:
    """Serve the policies until the engine ends this process."""
    PolicyPack("the-things-stack", [policy for rule in RULES for policy in _policies(rule)])


def _policies(rule: Rule) -> list[Policy]:
    level = EnforcementLevel.MANDATORY if rule.mandatory else EnforcementLevel.ADVISORY
    common: dict[str, Any] = {
        "description": rule.says,
        "enforcement_level": level,
        "remediation_steps": rule.remedy,
        "url": rule.source,
    }
    found: list[Policy] = []
    if rule.table is not None or rule.resource is not None:
        found.append(
            ResourceValidationPolicy(name=rule.name, validate=_of_resource(rule), **common)
        )
    if rule.stack is not None:
        name = f"{rule.name}-stack" if found else rule.name
        found.append(StackValidationPolicy(name=name, validate=_of_stack(rule), **common))
    return found


def _of_resource(rule: Rule) -> Any:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        for wrong in rule.of_resource(_subject(args)):
            report(f"{args.name}: {wrong}. {rule.remedy}", None)

    return validate


def _of_stack(rule: Rule) -> Any:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        stack = [it for it in map(_subject, args.resources) if not it.elsewhere]
        for it, wrong in rule.stack(stack) if rule.stack else ():
            report(f"{it.name}: {wrong}. {rule.remedy}", it.urn)

    return validate


def _subject(given: ResourceValidationArgs | PolicyResource) -> Subject:
    return subject(given.urn, _known(given.props), protected=given.opts.protect)


def _known(tree: Any) -> Any:
    """Without the guard that ends a policy at the first value that is not known yet."""
    if isinstance(tree, Mapping):
        return {key: _item(tree, key) for key in tree}
    if isinstance(tree, Sequence) and not isinstance(tree, str):
        return [_item(tree, index) for index in range(len(tree))]
    return tree


def _item(tree: Any, key: Any) -> Any:
    try:
        return _known(tree[key])
    except UnknownValueError:
        return HIDDEN


if __name__ == "__main__":
    main()
