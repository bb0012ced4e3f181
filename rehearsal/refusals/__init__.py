"""What AWS and a Kubernetes API refuse, beyond what the SDK's types tell.

The data is in rules/refusals, one file for each service; what needs more than one resource, or
arithmetic, is a function in this package.
"""

from rehearsal.refusals.given import strings_of
from rehearsal.refusals.rules import CloudRules, known_types

__all__ = ["CloudRules", "known_types", "strings_of"]
