"""Stack files: what is read from a sound one, and what each fault is told."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.protection import Protection
from stacks.config import TARGETS, AwsConfig, file_keys, load
from stacks.problems import ConfigErrors, Problem
from stacks.raw import RawConfig
from stacks.secrets import SECRETS as SECRET_KEYS
from tests.samples import KUBECONFIG, ROOT, SECRETS, certificate, raw, stack_file


def _problems(
    tmp_path: Path, changes: dict[str, Any] | None = None, secrets: Any = SECRETS
) -> dict[str, Problem]:
    with pytest.raises(ConfigErrors) as caught:
        load(raw(tmp_path, changes, secrets=secrets))
    return {problem.key: problem for problem in caught.value.problems}


def test_the_shipped_file_is_sound(tmp_path: Path) -> None:
    config = load(raw(tmp_path))
    assert isinstance(config, AwsConfig)
    assert config.region == "eu-west-1"
    assert config.protection is Protection.DISPOSABLE
    assert config.secret("licenseKey") == "license-key-text"


def test_the_shipped_production_file_is_sound(tmp_path: Path) -> None:
    config = load(raw(tmp_path, name="aws-existing-production"))
    assert config.protection is Protection.PRODUCTION
    assert config.tenancy.mode == "multi"


def test_secrets_are_not_in_the_representation(tmp_path: Path) -> None:
    sample = raw(tmp_path)
    shown = repr(load(sample)) + repr(sample)
    assert not [text for text in SECRETS.values() if text in shown]


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"region": None}, "tts:region", "required"),
        ({"region": "Europe"}, "tts:region", "eu-west-1"),
        ({"target": "oracle"}, "tts:target", "aws, azure, gcp, self-managed"),
        ({"target": None}, "tts:target", "aws, azure, gcp, self-managed"),
        ({"regoin": "x"}, "tts:regoin", "did you mean 'region'?"),
        ({"postgres.hots": "x"}, "tts:postgres.hots", "did you mean 'host'?"),
        ({"postgres.host": None}, "tts:postgres.host", "required"),
        ({"postgres.majorVersion": 13}, "tts:postgres.majorVersion", "14"),
        ({"postgres.port": "5432"}, "tts:postgres.port", "without quotes"),
        ({"postgres.mode": "borrowed"}, "tts:postgres.mode", "existing, in-cluster, managed"),
        ({"postgres.mode": "managed"}, "tts:postgres.host", "not known"),
        ({"postgres.caCertificate": "no PEM"}, "tts:postgres.caCertificate", "PEM"),
        ({"redis.clusterMode": True}, "tts:redis.clusterMode", "cluster mode"),
        ({"redis.version": "6.0"}, "tts:redis.version", "6.2"),
        ({"redis.version": 7.1}, "tts:redis.version", "in quotes"),
        ({"redis.address": "redis"}, "tts:redis.address", "host:port"),
        ({"redis.tls": False}, "tts:redisPassword", "redis.tls"),
        ({"domain": "https://example.com"}, "tts:domain", "leave out scheme"),
        ({"adminUser.userId": "admin"}, "tts:adminUser.userId", "any user ID but 'admin'"),
        ({"tenancy.tenantId": "X"}, "tts:tenancy.tenantId", "lower-case"),
        ({"size": "tiny"}, "tts:size", "'small', 'medium' or 'large'"),
        ({"protection": "none"}, "tts:protection", "production"),
        ({"aws.accountId": 123456789012}, "tts:aws.accountId", "in quotes"),
        ({"aws.accountId": "12"}, "tts:aws.accountId", "12 digits"),
        (
            {"blobs.access": {"mode": "pod-identity"}},
            "tts:blobs.access.serviceAccounts",
            "required",
        ),
        (
            {"blobs.existingBuckets": {"edcs": "one-bucket", "interop": "one-bucket"}},
            "tts:blobs.existingBuckets.interop",
            "must not share",
        ),
        ({"ingress.mode": "managed", "ingress.controller": None}, "tts:ingress", ""),
        ({"timescale": {"mode": "existing"}}, "tts:timescale.host", "required"),
        ({"zones": ["us-east-1a"]}, "tts:zones[0]", "a zone of eu-west-1"),
        ({"zones": ["eu-west-1a"]}, "tts:zones", "left out"),
        ({"generations": {"clusterKey": 0}}, "tts:generations.clusterKey", "1"),
        ({"gatewayController": {"address": "a:1"}}, "tts:gatewayController.address", "enabled"),
        ({"packetBroker": {"mode": "forwarder", "keyId": "k"}}, "tts:packetBrokerKey", "not set"),
        ({"extraValues": {"license": {"key": "x"}}}, "tts:extraValues.license.key", "extraSecrets"),
        (
            {"dns": {"mode": "cloud-dns", "zone": "example.com", "managedZone": "z"}},
            "tts:dns.mode",
            "in this version",
        ),
        ({"tls": [1]}, "tts:tls", "mapping"),
        ({"postgresPassword": "hunter2"}, "tts:postgresPassword", "plain text"),
        ({"postgres.password": {"secure": "v1:x"}}, "tts:postgres", "keys of their own"),
    ],
)
def test_a_fault_is_named_with_what_is_allowed(
    tmp_path: Path, changes: dict[str, Any], key: str, words: str
) -> None:
    plain = {k: v for k, v in SECRETS.items() if k not in changes}
    found = _problems(tmp_path, changes, plain)
    named = [problem for problem in found.values() if problem.key.startswith(key)]
    assert any(words in str(problem) for problem in named), [str(it) for it in found.values()]
    assert all(problem.remedy and problem.allowed for problem in found.values())


def test_every_problem_is_in_one_message(tmp_path: Path) -> None:
    changes = {"region": "Europe", "redis.clusterMode": True, "postgres.majorVersion": 13}
    found = _problems(tmp_path, {**changes, "sizee": "small"})
    assert set(found) == {
        "tts:region",
        "tts:redis.clusterMode",
        "tts:postgres.majorVersion",
        "tts:sizee",
    }


def test_a_secret_that_is_not_set_comes_with_its_command(tmp_path: Path) -> None:
    found = _problems(tmp_path, secrets={})
    assert set(found) == {f"tts:{key}" for key in SECRETS}
    assert found["tts:licenseKey"].remedy == (
        "pulumi config set --secret licenseKey --stack sample"
    )


def test_a_secret_that_nothing_uses_is_refused(tmp_path: Path) -> None:
    found = _problems(tmp_path, secrets={**SECRETS, "packetBrokerKey": "x"})
    assert "nothing in this stack file uses it" in found["tts:packetBrokerKey"].allowed


def test_no_message_shows_a_secret_or_the_value_of_an_unknown_key(tmp_path: Path) -> None:
    changes = {
        "postgres.pasword": "hunter2",
        "postgresPasword": "hunter2",
        "adminPasswrd": "hunter2",
    }
    with pytest.raises(ConfigErrors) as caught:
        load(raw(tmp_path, changes, secrets={**SECRETS, "adminPassword": "lower-case-secret"}))
    assert "hunter2" not in str(caught.value)
    assert "lower-case-secret" not in str(caught.value)


@pytest.mark.parametrize("password", ["short1A", "nouppercase1", "NoDigitsHere"])
def test_the_product_s_password_policy(tmp_path: Path, password: str) -> None:
    assert "tts:adminPassword" in _problems(
        tmp_path, secrets={**SECRETS, "adminPassword": password}
    )


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"tls": {"mode": "self-signed"}}, "tts:tls.mode"),
        ({"redis.tls": False}, "tts:redis.tls"),
        ({"postgres.sslMode": "disable"}, "tts:postgres.sslMode"),
    ],
)
def test_production_refuses_what_only_a_trial_may_do(
    tmp_path: Path, changes: dict[str, Any], key: str
) -> None:
    with pytest.raises(ConfigErrors) as caught:
        load(raw(tmp_path, changes, name="aws-existing-production"))
    assert key in {problem.key for problem in caught.value.problems}


def _supplied(names: list[str], days: int = 30) -> tuple[dict[str, Any], dict[str, str]]:
    pem, key = certificate(names, days)
    return {"tls": {"mode": "supplied", "certificate": pem}}, {**SECRETS, "tlsPrivateKey": key}


DOMAIN = "thethings.example.com"


@pytest.mark.parametrize("names", [[DOMAIN, f"example.{DOMAIN}"], [DOMAIN, f"*.{DOMAIN}"]])
def test_a_certificate_for_the_tenant_or_all_of_them_is_taken(
    tmp_path: Path, names: list[str]
) -> None:
    changes, secrets = _supplied(names)
    assert load(raw(tmp_path, changes, secrets=secrets)).tls.mode == "supplied"


@pytest.mark.parametrize(
    ("names", "days", "words"),
    [
        ([DOMAIN], 30, f"also names example.{DOMAIN}"),
        ([f"*.{DOMAIN}"], 30, f"also names {DOMAIN}"),
        ([DOMAIN, f"*.{DOMAIN}"], -1, "ended on"),
    ],
)
def test_a_certificate_that_cannot_serve_is_refused(
    tmp_path: Path, names: list[str], days: int, words: str
) -> None:
    changes, secrets = _supplied(names, days)
    assert words in str(_problems(tmp_path, changes, secrets)["tts:tls.certificate"])


def test_multi_tenancy_needs_the_wildcard(tmp_path: Path) -> None:
    changes, secrets = _supplied([DOMAIN, f"example.{DOMAIN}"])
    found = _problems(tmp_path, {**changes, "tenancy.mode": "multi"}, secrets)
    assert f"*.{DOMAIN}" in found["tts:tls.certificate"].allowed


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    changes, secrets = _supplied([DOMAIN, f"*.{DOMAIN}"])
    other = {**secrets, "tlsPrivateKey": certificate([DOMAIN])[1]}
    assert "made together" in _problems(tmp_path, changes, other)["tts:tlsPrivateKey"].remedy
    broken = {**secrets, "tlsPrivateKey": "no key"}
    assert "PEM" in _problems(tmp_path, changes, broken)["tts:tlsPrivateKey"].allowed


def test_a_kubeconfig_that_is_none_is_refused_without_being_quoted(tmp_path: Path) -> None:
    for text in ("~/.kube/config", "a: [", "contexts: []"):
        found = _problems(tmp_path, secrets={**SECRETS, "kubeconfig": text})
        assert text not in str(found["tts:kubeconfig"])


def test_several_contexts_need_a_choice(tmp_path: Path) -> None:
    parsed = yaml.safe_load(KUBECONFIG)
    parsed["contexts"].append({"name": "b", "context": {"cluster": "a", "user": "a"}})
    secrets = {**SECRETS, "kubeconfig": yaml.safe_dump(parsed)}
    assert "one of a, b" in _problems(tmp_path, secrets=secrets)["tts:cluster.context"].allowed
    chosen = load(raw(tmp_path, {"cluster.context": "b"}, secrets=secrets))
    assert chosen.cluster.mode == "existing"
    missing = _problems(tmp_path, {"cluster.context": "c"}, secrets)
    assert missing["tts:cluster.context"].value == '"c"'


def test_pulumi_yaml_describes_every_key_and_no_other() -> None:
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    ours = {key for key in declared if ":" not in key}
    assert ours == {key for model in TARGETS.values() for key in file_keys(model)}
    assert all(declared[key]["description"] for key in ours)
    assert all(declared[key]["description"].startswith("Secret") for key in SECRET_KEYS)


@pytest.mark.parametrize("text", ["", "config", "config: [", "config: 5", "\x00", "config: {1: 2}"])
def test_a_file_that_is_no_stack_file_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "Pulumi.sample.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigErrors):
        load(RawConfig.from_file(path))


_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


def _paths(tree: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    here = [path] if path else []
    if not isinstance(tree, dict):
        return here
    return here + [leaf for key, inner in tree.items() for leaf in _paths(inner, (*path, key))]


_PATHS = _paths(stack_file())


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(_PATHS), junk=_JUNK)
def test_junk_anywhere_ends_in_a_configuration_or_in_named_problems(
    tmp_path: Path, path: tuple[str, ...], junk: Any
) -> None:
    config = stack_file()
    node = config
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = junk
    file = tmp_path / "Pulumi.sample.yaml"
    file.write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
    try:
        load(RawConfig.from_file(file, SECRETS))
    except ConfigErrors as errors:
        assert all(it.key.startswith(path[0]) or it.key == "tts:target" for it in errors.problems)
