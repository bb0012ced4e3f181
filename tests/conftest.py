"""Loaded before any test."""

# Loaded here, because its plugin would import it at the very end otherwise, deep in a call stack, where
# CPython 3.11's parser can fail (https://github.com/python/cpython/issues/106905).
import hypothesis

# Machines are shared: how long an example takes says nothing.
hypothesis.settings.register_profile("shared-machine", deadline=None)
hypothesis.settings.load_profile("shared-machine")
