"""What the documentation promises an operator, kept by the real engine through a stack's life."""

import pytest
from google.protobuf import struct_pb2
from pulumi import automation

from tests.rehearsal.environment import Start
from tests.samples import KUBECONFIG
from tools.kept import left

_PRODUCTION = "aws-existing-production"
_OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"


def test_the_two_step_unlock_of_production(start: Start) -> None:
    environment = start(_PRODUCTION)
    environment.edit("protection", "disposable")
    assert set(environment.up()) <= {"same", "update"}
    environment.stack.destroy()
    assert environment.left() == []


def test_an_ordinary_destroy_of_production_keeps_the_data(start: Start) -> None:
    environment = start(_PRODUCTION)
    with pytest.raises(automation.CommandError, match="protected"):
        environment.stack.destroy()
    assert sum("s3/bucket:Bucket::" in urn for urn in environment.left()) == 5


def test_destroy_lists_what_it_kept_and_why(start: Start) -> None:
    environment = start(_PRODUCTION)
    environment.stack.destroy(exclude_protected=True)
    deployment = environment.stack.export_stack().deployment or {}
    protected, needed = left(deployment["resources"])
    assert sum(name.startswith("aws:s3/bucket:Bucket ") for name in protected) == 5
    assert "kubernetes:core/v1:Namespace product" in protected
    assert {"pulumi:providers:aws aws", "pulumi:providers:kubernetes cluster"} <= set(needed)
    assert not [name for name in needed if not name.startswith("pulumi:providers:")]


def test_a_new_kubeconfig_for_the_same_cluster_replaces_nothing(start: Start) -> None:
    environment = start("aws-existing")
    environment.stack.set_config("kubeconfig", automation.ConfigValue(KUBECONFIG, secret=True))
    assert set(environment.preview()) == {"same", "update"}


def test_raising_a_generation_in_production_renews_that_secret_alone(start: Start) -> None:
    environment = start(_PRODUCTION)
    before = environment.stack.outputs()["helmSecrets"].value
    environment.edit("generations", {"clusterKey": 2})
    changes = environment.up()
    assert changes["create"] == 1
    assert set(changes) <= {"create", "same", "update"}
    after = environment.stack.outputs()["helmSecrets"].value
    assert before["global"].pop("cluster") != after["global"].pop("cluster")
    assert before == after


def test_lowering_a_generation_in_production_is_refused(start: Start) -> None:
    environment = start(_PRODUCTION)
    environment.edit("generations", {"clusterKey": 2})
    environment.up()
    environment.edit("generations", {"clusterKey": 1})
    with pytest.raises(automation.CommandError, match="protected"):
        environment.up()


def test_an_operator_s_edit_of_a_seeded_file_is_left_alone(start: Start) -> None:
    environment = start("aws-existing")
    for seed in [each for each in environment.cloud if each.type == _OBJECT]:
        edited = struct_pb2.Struct()
        edited.CopyFrom(seed.properties)
        edited.update({"etag": "edited", "contentType": "text/plain", "versionId": "second"})
        environment.cloud.replace(seed, edited)
    environment.stack.refresh()
    environment.edit("tags", {"Changed": "yes"})
    environment.up()
    touched = [it for it in environment.cloud.history if it.type == _OBJECT and it.kind != "create"]
    assert touched == []


def test_what_an_operator_put_in_the_place_of_a_seed_outlives_destroy_and_up(start: Start) -> None:
    environment = start(_PRODUCTION)
    for seed in [each for each in environment.cloud if each.type == _OBJECT]:
        edited = struct_pb2.Struct()
        edited.CopyFrom(seed.properties)
        edited.update({"etag": "edited", "versionId": "second"})
        environment.cloud.replace(seed, edited)
    environment.stack.destroy(exclude_protected=True)
    environment.stack.refresh()
    environment.up()
    kept = [it for it in environment.cloud if it.type == _OBJECT]
    assert {it.properties["etag"] for it in kept} == {"edited"}
    assert {it.kind for it in environment.cloud.history if it.type == _OBJECT} == {"create"}


def test_a_new_domain_in_production_never_replaces_a_bucket(start: Start) -> None:
    environment = start(_PRODUCTION)
    environment.edit("domain", "other.example.com")
    with pytest.raises(automation.CommandError, match="unable to replace resource"):
        environment.up()
    assert not [it for it in environment.cloud.history if it.kind == "delete"]
