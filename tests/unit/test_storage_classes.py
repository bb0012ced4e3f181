"""Storage classes by name: which can serve several nodes."""

import pytest

from components.kubernetes.storage_classes import sharing


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("local-path", "no"),
        ("gp3", "no"),
        ("managed-csi-premium", "no"),
        ("standard-rwo", "no"),
        ("rook-ceph-block", "no"),
        ("efs-sc", "yes"),
        ("azurefile-csi", "yes"),
        ("standard-rwx", "yes"),
        ("nfs-client", "yes"),
        ("longhorn", "yes"),
        ("standard", "unknown"),
        ("my-own", "unknown"),
    ],
)
def test_what_a_name_tells(name: str, found: str) -> None:
    assert sharing(name) == found
