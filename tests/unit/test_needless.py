"""What waits in order alone: the simulated cloud refuses it otherwise, or we say why it waits."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from rehearsal.needless import waits
from rehearsal.recorded import FOLDER, read
from rehearsal.refusals import strings_of
from rehearsal.urns import type_of
from stacks.raw import RawConfig

# By the last word of the type. A rehearsal does not fail without these dependencies.
_CHOSEN: Mapping[str, str] = {
    "BlobContainer": "a container is there once the account's versions and rules are",
    "BucketLifecycleConfiguration": "rules for versions come after versioning is on",
    "BucketObjectv2": "a seed is placed once its bucket is guarded",
    "BucketPolicy": "settings of one bucket are written one after the other",
    "AccessKey": "a key is given out once it may do what it is for",
    "Cluster": "nodes pull images once there is a way out and their account may",
    "Configuration": "Azure changes one parameter of a server at a time",
    "CronJob": "it runs once there are nodes, names and rights",
    "FederatedIdentityCredential": "Azure writes one credential of an identity at a time",
    "IngressRoute": "the controller's kinds come with its chart",
    "IngressRouteTCP": "the controller's kinds come with its chart",
    "Instance": "logs go to a group whose retention is ours",
    "Job": "its pods need nodes, and what they sign in to",
    "Key": "a key is given out once it may do what it is for",
    "ManagedCluster": "AKS joins subnets with the identity's rights",
    "Middleware": "the controller's kinds come with its chart",
    "PodIdentityAssociation": "a pod gets rights once the role has them",
    "PrivateDnsZoneGroup": "names resolve once the zone is linked",
    "Release": "Helm waits for pods, and they need nodes and add-ons",
    "Server": "a server in a network wants its zone linked",
    "Service": "a load balancer is taken down from inside while its controller runs",
    "Subnet": "Azure writes one subnet of a network at a time",
    "TLSOption": "the controller's kinds come with its chart",
    "TLSStore": "the controller's kinds come with its chart",
}


@pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("*.json.gz")), ids=lambda it: it.name.partition(".")[0]
)
def test_what_waits_must_or_has_a_reason(path: Path, tmp_path: Path) -> None:
    recorded = read(path)
    file = tmp_path / f"Pulumi.{recorded.stack}.yaml"
    file.write_text(recorded.file, encoding="utf-8")
    found = list(waits(recorded.deployment["resources"], strings_of(RawConfig.from_file(file))))
    free = {type_of(it.urn).rpartition(":")[2] for it in found if it.refusal is None}
    assert free - _CHOSEN.keys() == set(), "the simulated cloud does not ask for these waits"


def test_on_aws_a_missing_dependency_fails_the_rehearsal_where_the_cloud_would_refuse() -> None:
    recorded = read(FOLDER / "aws-production.json.gz")
    refused = {
        type_of(it.urn).rpartition(":")[2]
        for it in waits(recorded.deployment["resources"], frozenset())
        if it.refusal is not None
    }
    assert refused >= {
        "AccessPolicyAssociation",
        "Addon",
        "BucketPolicy",
        "Cluster",
        "IngressRoute",
        "NatGateway",
        "NodeGroup",
    }
