"""The longest chain of a deployment, and why each link waits."""

from typing import Any

from rehearsal.critical_path import critical_path, seconds_of

_CLUSTER, _NODES = "aws:eks/cluster:Cluster", "aws:eks/nodeGroup:NodeGroup"
_DATABASE, _RELEASE = "aws:rds/instance:Instance", "kubernetes:helm.sh/v3:Release"


def _urn(token: str) -> str:
    return f"urn:pulumi:s::p::tts:aws:Part${token}::it"


def _resource(token: str, *waits: str, given: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "urn": _urn(token),
        "custom": True,
        "dependencies": [_urn(it) for it in (*waits, *given)],
        "propertyDependencies": {"input": [_urn(it) for it in given], "other": None},
    }


def test_the_chain_is_the_longest_in_time_and_knows_what_is_only_order() -> None:
    path = critical_path(
        [
            _resource(_CLUSTER),
            _resource(_DATABASE),
            _resource(_NODES, given=(_CLUSTER,)),
            _resource(_RELEASE, _NODES, _DATABASE),
        ]
    )
    assert [link.type for link in path.links] == [_CLUSTER, _NODES, _RELEASE]
    assert path.seconds == sum(map(seconds_of, (_CLUSTER, _NODES, _RELEASE)))
    assert [(a.type, b.type) for a, b in path.ordered] == [(_NODES, _RELEASE)]


def test_what_runs_beside_adds_nothing() -> None:
    path = critical_path([_resource(_CLUSTER), _resource(_DATABASE)])
    assert [link.type for link in path.links] == [_CLUSTER]
    assert str(path.links[0]) == "it (Cluster)"


def test_a_type_has_one_time_whatever_the_version_of_the_api() -> None:
    cluster = "azure-native:containerservice/v20250801:ManagedCluster"
    assert seconds_of(cluster) > 100
    assert seconds_of("aws:s3/bucket:Bucket") < 10


def test_nothing_takes_no_time() -> None:
    assert critical_path([]).seconds == 0
