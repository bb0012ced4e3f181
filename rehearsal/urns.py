"""What a URN says: `urn:pulumi:<stack>::<project>::<types>::<name>`."""


def name_of(urn: str) -> str:
    """The logical name; it may have colons of its own. Empty where there is none."""
    return urn.split("::", 3)[-1]


def type_of(urn: str) -> str:
    """The resource's own type, without those of its parents. Empty where there is none."""
    return urn.split("::")[2].rpartition("$")[2] if urn.count("::") >= 3 else ""
