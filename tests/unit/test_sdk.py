"""What the adapter reads off the SDKs."""

import pytest

from rehearsal.checking import faults
from rehearsal.sdk import ListOf, MapOf, Record, Scalar, UnknownType, resource_type, sdk_version

_SSE = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"


def test_a_resource_s_inputs_and_outputs_have_their_wire_names_and_shapes() -> None:
    bucket = resource_type("aws:s3/bucket:Bucket")
    assert bucket.package == "aws"
    assert bucket.inputs["forceDestroy"] == Scalar("boolean")
    assert bucket.inputs["tags"] == MapOf(Scalar("text"))
    assert not bucket.required
    assert bucket.outputs["bucketRegionalDomainName"] == Scalar("text")
    assert "bucketRegionalDomainName" not in bucket.inputs
    assert resource_type("aws:iam/accessKey:AccessKey").required == {"user"}


def test_nested_types_are_read_to_the_end() -> None:
    rules = resource_type(_SSE).inputs["rules"]
    assert isinstance(rules, ListOf)
    assert isinstance(rules.item, Record)
    default = rules.item.fields["applyServerSideEncryptionByDefault"]
    assert isinstance(default, Record)
    assert default.fields["sseAlgorithm"] == Scalar("text")
    assert default.required == {"sseAlgorithm"}


def test_assets_kubernetes_objects_and_providers_are_read_too() -> None:
    uploaded = resource_type("aws:s3/bucketObjectv2:BucketObjectv2")
    assert uploaded.inputs["source"] == Scalar("asset")
    secret = resource_type("kubernetes:core/v1:Secret")
    assert {"apiVersion", "kind", "metadata", "stringData"} <= secret.inputs.keys()
    assert resource_type("pulumi:providers:aws").inputs["maxRetries"] == Scalar("integer")


def test_a_custom_resource_is_open() -> None:
    assert resource_type("kubernetes:traefik.io/v1alpha1:IngressRoute").open
    assert not resource_type("kubernetes:core/v1:Secret").open


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("aws:s3/bukket:Bukket", "pulumi_aws declares no such resource"),
        ("kubernetes:core/v1:Secert", "pulumi_kubernetes declares no such resource"),
        ("kubernetes:networking.k8s.io/v1:Ingres", "pulumi_kubernetes declares no such resource"),
        ("kubernetes:apps/v7:Deployment", "pulumi_kubernetes declares no such resource"),
        ("azure:core/resourceGroup:ResourceGroup", "no SDK of package 'azure' is known"),
        ("pulumi:providers:azure", "no SDK of package 'azure' is known"),
    ],
)
def test_what_no_sdk_declares_is_unknown_by_name(token: str, said: str) -> None:
    with pytest.raises(UnknownType, match=said) as caught:
        resource_type(token)
    assert token in str(caught.value)


def test_every_fault_is_found_at_once_with_its_path() -> None:
    found = faults(
        resource_type(_SSE),
        {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgoritm": "AES256"}}], "bukket": 1},
    )
    nested = "rules[0].applyServerSideEncryptionByDefault"
    assert {path for path, _ in found} == {
        f"{nested}.sseAlgoritm",
        f"{nested}.sseAlgorithm",
        "bukket",
        "bucket",
    }


def test_an_sdk_s_version_is_that_of_its_package() -> None:
    assert sdk_version("kubernetes").count(".") == 2
