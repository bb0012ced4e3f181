"""The simulated cloud under the real engine: what it refuses, what it remembers, what it hides."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pulumi_random as random
import pytest
from pulumi import automation

from rehearsal.cloud import Cloud
from tests.rehearsal.conftest import Deploy
from tests.samples import KUBECONFIG


def _raw(token: str, name: str, inputs: Mapping[str, Any]) -> Callable[[], None]:
    """A program with one resource whose inputs no SDK class has checked."""

    def program() -> None:
        pulumi.CustomResource(token, name, dict(inputs))

    return program


@pytest.mark.parametrize(
    ("token", "inputs", "said"),
    [
        (
            "aws:s3/bucket:Bucket",
            {"buckt": "a"},
            ["buckt is not a property", "did you mean 'bucket'?"],
        ),
        ("aws:s3/bucket:Bucket", {"forceDestroy": "yes"}, ["forceDestroy wants true or false"]),
        ("aws:iam/accessKey:AccessKey", {}, ["user is required"]),
        (
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            {
                "bucket": "a",
                "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgoritm": "AES256"}}],
            },
            ["rules[0].applyServerSideEncryptionByDefault.sseAlgoritm is not a property"],
        ),
        ("kubernetes:core/v1:Secret", {"metadata": {"nam": "x"}}, ["metadata.nam is not"]),
        ("aws:s3/bukket:Bukket", {}, ["pulumi_aws declares no such resource"]),
    ],
)
def test_what_the_sdk_does_not_declare_is_refused(
    deploy: Deploy, token: str, inputs: Mapping[str, Any], said: list[str]
) -> None:
    stack = deploy(_raw(token, "wrong", inputs))
    with pytest.raises(automation.CommandError) as caught:
        stack.preview()
    message = str(caught.value)
    for words in ["wrong", *said]:
        assert words in message
    assert "Traceback" not in message


def test_unknowns_stay_unknown_in_a_preview(deploy: Deploy, cloud: Cloud) -> None:
    seen: list[str] = []

    def program() -> None:
        bucket = aws.s3.Bucket("b", bucket="sample-bucket")
        bucket.bucket.apply(seen.append)
        bucket.arn.apply(seen.append)

    deploy(program).preview()
    assert seen == ["sample-bucket"]
    assert len(cloud) == 0


def test_a_life_from_up_to_destroy(deploy: Deploy, cloud: Cloud, tmp_path: Path) -> None:
    name = ["first-name"]

    def program() -> None:
        bucket = aws.s3.Bucket("b", bucket=name[0], tags={"a": "b"})
        aws.s3.BucketVersioning(
            "b",
            bucket=bucket.bucket,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(
                status="Enabled"
            ),
        )
        data = random.RandomBytes("r", length=8)
        pulumi.export("arn", bucket.arn)
        pulumi.export("tags", bucket.tags_all)
        pulumi.export("hex", data.hex)

    stack = deploy(program)
    made = stack.up()
    assert made.outputs["arn"].value == "arn:aws:s3:::first-name"
    assert made.outputs["tags"].value == {"a": "b"}
    assert made.outputs["hex"].secret
    assert len(made.outputs["hex"].value) == 16
    state = "".join(p.read_text() for p in (tmp_path / "state").rglob("*.json"))
    assert "first-name" in state
    assert made.outputs["hex"].value not in state

    assert set(stack.preview(expect_no_changes=True).change_summary) == {automation.OpType.SAME}
    stack.refresh()
    assert set(stack.preview().change_summary) == {automation.OpType.SAME}

    name[0] = "second-name"
    assert stack.preview().change_summary[automation.OpType.REPLACE] == 2

    destroyed = stack.destroy()
    assert destroyed.summary.resource_changes == {"delete": 4}
    assert len(cloud) == 0


def test_what_someone_else_deleted_is_gone_after_a_refresh(deploy: Deploy, cloud: Cloud) -> None:
    def program() -> None:
        aws.s3.Bucket("b", bucket="sample-bucket")

    stack = deploy(program)
    stack.up()
    cloud.forget("aws:s3/bucket:Bucket", "sample-bucket")
    stack.refresh()
    assert stack.preview().change_summary[automation.OpType.CREATE] == 1


@pytest.mark.parametrize(("identifier", "replaced"), [("platform", 0), (None, 1)])
def test_only_another_cluster_replaces_what_is_in_it(
    deploy: Deploy, identifier: str | None, replaced: int
) -> None:
    token = ["first"]

    def program() -> None:
        provider = kubernetes.Provider(
            "cluster",
            kubeconfig=KUBECONFIG.replace("kubeconfig-token", token[0]),
            cluster_identifier=identifier,
        )
        kubernetes.core.v1.Namespace(
            "n",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name="n"),
            opts=pulumi.ResourceOptions(provider=provider),
        )

    stack = deploy(program)
    stack.up()
    token[0] = "second"
    changes = stack.preview().change_summary
    assert (changes.get(automation.OpType.REPLACE, 0) > 0) == bool(replaced)


def test_no_program_may_ask_the_cloud(deploy: Deploy) -> None:
    stack = deploy(lambda: pulumi.export("who", aws.get_caller_identity_output().account_id))
    with pytest.raises(automation.CommandError, match="answers no questions"):
        stack.preview()
