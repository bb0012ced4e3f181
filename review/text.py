"""Texts that a reader is not to be tricked by."""


def readable(text: str) -> str:
    """A text on one line, with what a terminal or an eye could be tricked by written out."""
    if text.isprintable():
        return text
    return "".join(it if it.isprintable() else it.encode("unicode_escape").decode() for it in text)
