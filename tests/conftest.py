"""Loaded before any test."""

# The plugin would import it at the very end otherwise, deep in a call stack, where CPython 3.11's
# parser can fail (https://github.com/python/cpython/issues/106905).
import hypothesis  # noqa: F401
