"""Loopback addresses: one for each part, so that every part has the port numbers of production."""

import random

# Drawn anew for each run, so that tests of several working trees do not meet.
_random = random.SystemRandom()


def loopback() -> str:
    """An address of this machine's own that most likely nobody uses: all of 127.0.0.0/8 is."""
    return f"127.{_random.randint(1, 254)}.{_random.randint(0, 255)}.{_random.randint(1, 254)}"
