"""Lives of resources under the real engine: names, providers, replacements, what is computed."""

import json
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pulumi_random as random
import pulumi_tls as tls
import pytest
import yaml
from pulumi import automation

from rehearsal.cloud import Cloud
from tests.rehearsal.conftest import Deploy
from tests.samples import KUBECONFIG

_HIDDEN = "an-annotation-that-nobody-may-read"


def test_providers_of_one_package_are_told_apart(deploy: Deploy) -> None:
    def program() -> None:
        for region in ("eu-central-1", "us-east-2"):
            tags = aws.ProviderDefaultTagsArgs(tags={"from": region})
            provider = aws.Provider(region, region=region, default_tags=tags, max_retries=3)
            bucket = aws.s3.Bucket(
                f"in-{region}",
                tags={"own": "yes"},
                opts=pulumi.ResourceOptions(provider=provider),
            )
            pulumi.export(region, [bucket.region, bucket.tags_all])

    stack = deploy(program)
    outputs = stack.up().outputs
    for region in ("eu-central-1", "us-east-2"):
        assert outputs[region].value == [region, {"from": region, "own": "yes"}]
    assert set(stack.preview(expect_no_changes=True).change_summary) == {"same"}


def test_a_replacement_is_another_resource_and_outlives_the_one_it_replaces(
    deploy: Deploy, cloud: Cloud
) -> None:
    generation = [1]

    def program() -> None:
        data = random.RandomBytes("r", length=8, keepers={"generation": str(generation[0])})
        pulumi.export("hex", data.hex)

    stack = deploy(program)
    first = stack.up().outputs["hex"].value
    generation[0] = 2
    second = stack.up()
    assert second.summary.resource_changes == {"replace": 1, "same": 1}
    assert second.outputs["hex"].value != first
    assert len(cloud) == 1
    stack.refresh()
    assert set(stack.preview(expect_no_changes=True).change_summary) == {"same"}
    assert stack.up().outputs["hex"].value == second.outputs["hex"].value


def test_what_is_given_no_name_keeps_the_one_it_gets(deploy: Deploy, cloud: Cloud) -> None:
    tag = ["first"]

    def program() -> None:
        bucket = aws.s3.Bucket("Pictures", tags={"tag": tag[0]})
        labels = kubernetes.meta.v1.ObjectMetaArgs(labels={"tag": tag[0]})
        secret = kubernetes.core.v1.Secret("s", metadata=labels)
        pulumi.export("bucket", [bucket.id, bucket.bucket, bucket.region, bucket.tags_all])
        pulumi.export("secret", [secret.id, secret.metadata.name, secret.metadata.uid])

    stack = deploy(program)
    made = stack.up().outputs
    identifier, name, _, _ = made["bucket"].value
    assert identifier == name
    assert name.startswith("pictures-") and len(name) == len("pictures-") + 7
    assert made["secret"].value[0] == f"default/{made['secret'].value[1]}"
    assert set(stack.preview(expect_no_changes=True).change_summary) == {"same"}

    tag[0] = "second"
    updated = stack.up()
    assert updated.summary.resource_changes == {"same": 1, "update": 2}
    assert updated.outputs["secret"].value == made["secret"].value
    assert updated.outputs["bucket"].value == [*made["bucket"].value[:3], {"tag": "second"}]
    assert len(cloud) == 2


@pytest.mark.parametrize(("mutable", "operation"), [(True, "update"), (False, "replace")])
def test_what_is_in_a_secret_changes_in_place_if_the_provider_was_told_so(
    deploy: Deploy, mutable: bool, operation: str
) -> None:
    password = ["first"]

    def program() -> None:
        provider = kubernetes.Provider(
            "cluster", kubeconfig=KUBECONFIG, enable_secret_mutable=mutable
        )
        kubernetes.core.v1.Secret(
            "s",
            string_data={"password": password[0]},
            opts=pulumi.ResourceOptions(provider=provider),
        )

    stack = deploy(program)
    stack.up()
    password[0] = "second"
    assert stack.up().summary.resource_changes == {"same": 2, operation: 1}


@pytest.mark.parametrize(("explicit", "first"), [(True, "delete"), (False, "create")])
def test_what_would_bear_the_same_name_is_deleted_before_it_is_replaced(
    deploy: Deploy, cloud: Cloud, explicit: bool, first: str
) -> None:
    kind = ["Opaque"]

    def program() -> None:
        name = "s" if explicit else None
        metadata = kubernetes.meta.v1.ObjectMetaArgs(name=name)
        kubernetes.core.v1.Secret("s", metadata=metadata, type=kind[0])

    stack = deploy(program)
    stack.up()
    kind[0] = "kubernetes.io/tls"
    stack.up()
    assert [operation.kind for operation in cloud.history][1] == first
    assert len(cloud) == 1


def test_nothing_secret_in_an_object_s_metadata_is_repeated_in_plain(
    deploy: Deploy, tmp_path: Path
) -> None:
    def program() -> None:
        annotations = {"note": pulumi.Output.secret(_HIDDEN)}
        metadata = kubernetes.meta.v1.ObjectMetaArgs(name="s", annotations=annotations)
        kubernetes.core.v1.Secret("s", metadata=metadata)

    stack = deploy(program)
    stack.up()
    stack.refresh()
    written = [path.read_text() for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert any('"kubernetes:core/v1:Secret"' in text for text in written)
    assert not any(_HIDDEN in text for text in written)


def test_a_kubeconfig_in_json_is_a_text_and_a_custom_resource_is_its_own_affair(
    deploy: Deploy,
) -> None:
    def program() -> None:
        kubeconfig = json.dumps(yaml.safe_load(KUBECONFIG))
        provider = kubernetes.Provider("cluster", kubeconfig=kubeconfig)
        route = kubernetes.apiextensions.CustomResource(
            "route",
            api_version="traefik.io/v1alpha1",
            kind="IngressRoute",
            spec={"routes": [{"match": "HostSNI(`*`)"}]},
            opts=pulumi.ResourceOptions(provider=provider),
        )
        pulumi.export("id", route.id)

    stack = deploy(program)
    assert stack.up().outputs["id"].value.startswith("default/route-")
    assert set(stack.preview(expect_no_changes=True).change_summary) == {"same"}


def test_certificates_are_real_ones(deploy: Deploy) -> None:
    def program() -> None:
        key = tls.PrivateKey("k", algorithm="ECDSA", ecdsa_curve="P256")
        certificate = tls.SelfSignedCert(
            "c",
            private_key_pem=key.private_key_pem,
            dns_names=["example.com"],
            subject=tls.SelfSignedCertSubjectArgs(common_name="example.com"),
            validity_period_hours=24,
            allowed_uses=["server_auth"],
        )
        pulumi.export("certificate", certificate.cert_pem)
        pulumi.export("algorithm", certificate.key_algorithm)

    from cryptography import x509

    outputs = deploy(program).up().outputs
    certificate = x509.load_pem_x509_certificate(outputs["certificate"].value.encode())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["example.com"]
    assert certificate.subject.rfc4514_string() == "CN=example.com"
    assert (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days == 1
    assert outputs["algorithm"].value == "ECDSA"


def test_what_nothing_can_be_computed_from_is_named_in_one_message(deploy: Deploy) -> None:
    def program() -> None:
        tls.SelfSignedCert(
            "broken", private_key_pem="no key", validity_period_hours=1, allowed_uses=[]
        )

    with pytest.raises(automation.CommandError) as caught:
        deploy(program).up()
    said = str(caught.value)
    assert "tls:index/selfSignedCert:SelfSignedCert 'broken': privateKeyPem holds no" in said
    assert "no key" not in said
    assert "Traceback" not in said
