"""The graph of the two shipped stacks, property by property where it matters."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.aws.buckets import bucket_policy
from components.aws.identity import access_policy
from components.product_secrets import BYTES
from tests.graph.program import Graph, graph, of
from tests.samples import SECRETS, certificate

_BUCKETS = ("profile-pictures", "end-device-pictures", "edcs", "interop", "plugins")
_PUBLIC = ("profile-pictures", "end-device-pictures")
_SEEDS = {"edcs": "config.yml", "interop": "config.yml", "plugins": "plugins.yml"}


@pytest.fixture
def disposable(tmp_path: Path) -> Graph:
    return graph(tmp_path)


@pytest.fixture
def production(tmp_path: Path) -> Graph:
    return graph(tmp_path, name="aws-existing-production")


def test_there_are_five_buckets_with_all_their_settings(production: Graph) -> None:
    for token in (
        "Bucket",
        "BucketPublicAccessBlock",
        "BucketOwnershipControls",
        "BucketServerSideEncryptionConfiguration",
        "BucketVersioning",
        "BucketLifecycleConfiguration",
        "BucketPolicy",
    ):
        assert set(of(production, token)) == set(_BUCKETS), token


def test_every_bucket_is_encrypted_versioned_and_without_acls(disposable: Graph) -> None:
    for it in of(disposable, "BucketVersioning").values():
        assert it.inputs["versioningConfiguration"] == {"status": "Enabled"}
    for it in of(disposable, "BucketServerSideEncryptionConfiguration").values():
        rule = it.inputs["rules"][0]["applyServerSideEncryptionByDefault"]
        assert rule == {"sseAlgorithm": "AES256"}
    for it in of(disposable, "BucketOwnershipControls").values():
        assert it.inputs["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    for it in of(disposable, "BucketLifecycleConfiguration").values():
        assert it.inputs["rules"][0]["noncurrentVersionExpiration"] == {"noncurrentDays": 90}


def test_only_pictures_are_public(disposable: Graph) -> None:
    for name, it in of(disposable, "BucketPublicAccessBlock").items():
        public = name in _PUBLIC
        assert it.inputs["blockPublicAcls"] is True
        assert it.inputs["ignorePublicAcls"] is True
        assert it.inputs["blockPublicPolicy"] is not public
        assert it.inputs["restrictPublicBuckets"] is not public
    for name, it in of(disposable, "BucketPolicy").items():
        allowed = [
            s for s in json.loads(it.inputs["policy"])["Statement"] if s["Effect"] == "Allow"
        ]
        assert len(allowed) == (1 if name in _PUBLIC else 0)


def test_a_public_bucket_can_be_read_but_not_listed() -> None:
    statements = json.loads(bucket_policy("arn:aws:s3:::b", public=True))["Statement"]
    assert [s["Action"] for s in statements if s["Effect"] == "Allow"] == ["s3:GetObject"]
    assert [s["Resource"] for s in statements if s["Effect"] == "Allow"] == ["arn:aws:s3:::b/*"]


@pytest.mark.parametrize("public", [True, False])
def test_no_bucket_answers_without_tls(public: bool) -> None:
    denied = [
        s
        for s in json.loads(bucket_policy("arn:aws:s3:::b", public=public))["Statement"]
        if s["Effect"] == "Deny"
    ]
    assert len(denied) == 1
    assert denied[0]["Action"] == "s3:*"
    assert denied[0]["Resource"] == ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]
    assert denied[0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_seeds_are_empty_placed_once_and_never_deleted(disposable: Graph) -> None:
    seeds = of(disposable, "BucketObjectv2")
    assert {name.removesuffix("-seed"): it.inputs["key"] for name, it in seeds.items()} == _SEEDS
    for it in seeds.values():
        assert it.inputs["content"] == ""
        assert it.retain_on_delete
        assert {"content", "source", "etag", "contentType"} <= set(it.ignore_changes)
        assert not {"bucket", "key"} & set(it.ignore_changes)


def test_a_seed_waits_for_all_that_guards_its_bucket(disposable: Graph) -> None:
    for name, it in of(disposable, "BucketObjectv2").items():
        bucket = name.removesuffix("-seed")
        waits = {urn.rpartition("::")[2] for urn in it.depends_on}
        kinds = {urn.split("$")[-1].split("::")[0] for urn in it.depends_on}
        assert waits == {bucket}
        assert len(kinds) == 6, kinds


def test_existing_buckets_are_never_written_to(tmp_path: Path) -> None:
    changes = {"blobs.existingBuckets": {"edcs": "theirs-edcs", "profilePictures": "theirs-pics"}}
    found = graph(tmp_path, changes)
    assert set(of(found, "Bucket")) == {"end-device-pictures", "interop", "plugins"}
    assert set(of(found, "BucketObjectv2")) == {"interop-seed", "plugins-seed"}
    named = [it for it in found if it.inputs.get("bucket") in ("theirs-edcs", "theirs-pics")]
    assert named == []


def test_access_is_to_the_five_buckets_and_no_more(disposable: Graph) -> None:
    policy = json.loads(of(disposable, "UserPolicy")["blob-user"].inputs["policy"])
    names = {it.inputs["bucket"] for it in of(disposable, "Bucket").values()}
    for statement in policy["Statement"]:
        assert not [action for action in statement["Action"] if "*" in action]
        reached = {arn.split(":::")[1].removesuffix("/*") for arn in statement["Resource"]}
        assert reached == names


def test_policies_name_the_partition() -> None:
    assert "arn:aws-cn:s3:::b" in access_policy(["b"], "aws-cn")


def test_pod_identity_needs_no_key(production: Graph) -> None:
    assert of(production, "AccessKey") == {}
    bound = of(production, "PodIdentityAssociation").values()
    assert {it.inputs["serviceAccount"] for it in bound} == {"example-one", "example-two"}
    assert {it.inputs["clusterName"] for it in bound} == {"platform"}
    trust = json.loads(of(production, "Role")["blob-role"].inputs["assumeRolePolicy"])
    assert trust["Statement"][0]["Principal"] == {"Service": "pods.eks.amazonaws.com"}


_DATA = ("Bucket", "RandomBytes", "Namespace")


def test_production_protects_all_that_holds_or_guards_data(production: Graph) -> None:
    for it in production:
        kind = it.type.rpartition(":")[2]
        if kind.startswith(_DATA):
            assert it.protect, it.name
    assert all(not it.inputs["forceDestroy"] for it in of(production, "Bucket").values())


def test_disposable_protects_nothing(disposable: Graph) -> None:
    assert [it.name for it in disposable if it.protect] == []
    assert all(it.inputs["forceDestroy"] for it in of(disposable, "Bucket").values())


def test_only_seeds_and_generated_secrets_are_retained(production: Graph) -> None:
    kinds = {it.type.rpartition(":")[2] for it in production if it.retain_on_delete}
    assert kinds == {"BucketObjectv2", "RandomBytes"}


def test_generated_secrets_have_the_product_s_sizes(disposable: Graph) -> None:
    made = {name: it.inputs["length"] for name, it in of(disposable, "RandomBytes").items()}
    expected = {
        f"{name.replace('_', '-')}-1": size
        for name, size in BYTES.items()
        if not name.startswith("noc")
    }
    assert made == expected


def test_a_raised_generation_adds_one_and_leaves_the_rest(tmp_path: Path) -> None:
    before = set(of(graph(tmp_path), "RandomBytes"))
    after = set(of(graph(tmp_path, {"generations": {"clusterKey": 3}}), "RandomBytes"))
    assert after - before == {"cluster-key-2", "cluster-key-3"}
    assert before - after == set()


def test_everything_has_an_explicit_provider_and_a_component(disposable: Graph) -> None:
    for it in disposable:
        if not it.custom or it.type.startswith("pulumi:providers:"):
            continue
        assert "tts:" in it.parent, it.name
        if it.type.startswith(("aws:", "kubernetes:")):
            name = "aws" if it.type.startswith("aws:") else "cluster"
            assert f"::{name}::" in it.provider, it.name


def test_the_account_is_the_one_that_was_named(disposable: Graph) -> None:
    provider = next(it for it in disposable if it.type == "pulumi:providers:aws")
    assert json.loads(provider.inputs["allowedAccountIds"]) == ["123456789012"]
    tags = json.loads(provider.inputs["defaultTags"])["tags"]
    assert tags == {"Project": "the-things-stack", "Stack": "sample", "Environment": "staging"}


def test_the_cluster_is_known_by_its_name(disposable: Graph) -> None:
    provider = next(it for it in disposable if it.type == "pulumi:providers:kubernetes")
    assert provider.inputs["clusterIdentifier"] == "platform"


def test_a_supplied_certificate_goes_into_the_secret(tmp_path: Path) -> None:
    pem, key = certificate(["thethings.example.com", "*.thethings.example.com"])
    changes = {"tls": {"mode": "supplied", "certificate": pem, "secretName": "mine"}}
    found = graph(tmp_path, changes, secrets={**SECRETS, "tlsPrivateKey": key})
    made = of(found, "Secret")["tls"].inputs
    assert made["metadata"]["name"] == "mine"
    assert made["stringData"]["value"] == {"tls.crt": pem, "tls.key": key}


def test_an_existing_tls_secret_is_left_alone(production: Graph) -> None:
    assert of(production, "Secret") == {}


def test_an_existing_namespace_is_not_made(tmp_path: Path) -> None:
    found = graph(tmp_path, {"release": {"createNamespace": False, "namespace": "theirs"}})
    assert of(found, "Namespace") == {}
    assert of(found, "Secret")["tls"].inputs["metadata"]["namespace"] == "theirs"


def test_no_secret_stands_unwrapped_in_any_input(disposable: Graph) -> None:
    for it in disposable:
        for path, text in _open_texts(it.inputs):
            assert text not in SECRETS.values(), f"{it.name}.{path}"


def _open_texts(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(tree, dict):
        if "4dabf18193072939515e22adb298388d" in tree:
            return
        for key, inner in tree.items():
            yield from _open_texts(inner, f"{path}.{key}")
    elif isinstance(tree, list):
        for inner in tree:
            yield from _open_texts(inner, path)
    elif isinstance(tree, str):
        yield path, tree
