"""The shipped stacks, rehearsed as `make rehearse` does it."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from rehearsal.cloud import Cloud, Operation
from rehearsal.engine import Engine
from rehearsal.report import write
from rehearsal.run import RehearsalFailed, Result, rehearse
from rehearsal.workspace import stacks
from stacks.problems import ConfigErrors
from tests.rehearsal.environment import Silent, project
from tests.rehearsal.waits import CHOSEN, REQUIRED
from tests.samples import ROOT, certificate

_PLANTED = (".aws/credentials", ".aws/config", ".kube/config", ".pulumi/credentials.json")
_HOSTILE = {
    "AWS_PROFILE": "hostile",
    "AWS_ACCESS_KEY_ID": "hostile",
    "KUBECONFIG": "/hostile/kubeconfig",
    "PULUMI_ACCESS_TOKEN": "hostile",
    "PULUMI_BACKEND_URL": "https://pulumi.example.com",
    "PULUMI_CONFIG": '{"tts:hostile": "an unknown key, which is refused where it is seen"}',
    "PULUMI_STACK": "hostile",
    "http_proxy": "http://127.0.0.1:9",
    "grpc_proxy": "http://127.0.0.1:9",
}


def _leaves(tree: Any, path: str = "") -> dict[str, Any]:
    if not isinstance(tree, dict) or path.endswith("annotations"):
        return {path: tree}
    found: dict[str, Any] = {}
    for key, inner in tree.items():
        found.update(_leaves(inner, f"{path}.{key}" if path else key))
    return found


_EVERY_STACK = {
    "global.domain",
    "global.deployment.initialTenant.tenantID",
    "global.deployment.initialTenant.adminUserID",
    "global.deployment.initialTenant.adminEmail",
    "global.tenancy.defaultID",
    "global.ingress.controller",
    "global.ingress.tls.secretName",
    "global.ingress.annotations",
    "global.services.annotations",
    "global.ttgc.enabled",
    "global.redis.address",
    "global.blob.provider",
    "global.interop.configSource",
    "global.interop.blob.bucket",
    "is.profilePictures.bucket",
    "is.endDevicePictures.bucket",
    "dcs.edcs.blob.bucket",
}
_EVERY_SECRET = {
    "license.key",
    "global.deployment.initialTenant.adminPassword",
    "global.cluster.keys",
    "global.http.cookie.blockKey",
    "global.http.cookie.hashKey",
    "global.http.metrics.password",
    "global.http.pprof.password",
    "global.console.oauth.clientSecret",
    "global.tenancy.adminKey",
    "is.database.uri",
}
_AWS_REGION = "global.blob.aws.region"
_READER, _READER_PASSWORD = "global.redis.readOnly.address", "global.redis.readOnly.password"
_GATEWAY_CONTROLLER = {"global.ttgc.domain", "global.ttgc.tls.secretName"}
_REDIS_PASSWORD = "global.redis.password"
_AZURE = {"global.blob.azure.accountName", "global.blob.azure.clientID"}
_OWN: dict[str, tuple[set[str], set[str]]] = {
    "aws-existing": (
        {_AWS_REGION, "global.blob.aws.accessKeyID", "global.tls.rootCA", _READER},
        {"global.blob.aws.secretAccessKey", _REDIS_PASSWORD, _READER_PASSWORD},
    ),
    "aws-existing-production": (
        {_AWS_REGION, _READER, *_GATEWAY_CONTROLLER},
        {_REDIS_PASSWORD, _READER_PASSWORD},
    ),
    "aws-development": (
        {_AWS_REGION, "global.blob.aws.accessKeyID", "global.tls.rootCA"},
        {"global.blob.aws.secretAccessKey", _REDIS_PASSWORD},
    ),
    "aws-production": (
        {_AWS_REGION, _READER, *_GATEWAY_CONTROLLER},
        {_REDIS_PASSWORD, _READER_PASSWORD},
    ),
    "gcp-development": (
        {"global.tls.rootCA"},
        {"global.blob.gcp.credentials", _REDIS_PASSWORD},
    ),
    "gcp-production": (
        {"global.tls.rootCA", *_GATEWAY_CONTROLLER},
        {"global.blob.gcp.credentials", _REDIS_PASSWORD},
    ),
    # Its Redis has neither TLS nor, with that, a password.
    "local": ({"global.blob.local.pvc", "global.tls.rootCA"}, set()),
    "self-managed": (
        {_AWS_REGION, "global.blob.aws.accessKeyID"},
        {"global.blob.aws.secretAccessKey", _REDIS_PASSWORD},
    ),
    "azure-development": ({*_AZURE, "global.tls.rootCA"}, {_REDIS_PASSWORD}),
    "azure-production": ({*_AZURE, *_GATEWAY_CONTROLLER}, {_REDIS_PASSWORD}),
}


_BUCKETS = {
    "aws": "aws:s3/bucket:Bucket",
    "azure": "azure-native:storage:BlobContainer",
    "gcp": "gcp:storage/bucket:Bucket",
}


@pytest.fixture(scope="module", params=stacks(ROOT))
def result(request: pytest.FixtureRequest, engine: Engine) -> Result:
    before = _stack_files()
    found = rehearse(ROOT, request.param, lambda: engine, Silent())
    assert _stack_files() == before
    return found


def _stack_files() -> dict[Path, tuple[bytes, int]]:
    files = (ROOT / "stacks").glob("*.yaml")
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_the_values_have_every_documented_key(result: Result) -> None:
    values, secrets = _OWN[result.stack]
    assert set(_leaves(result.values)) == _EVERY_STACK | values
    assert set(_leaves(result.secrets)) == _EVERY_SECRET | secrets
    assert all(
        leaf not in (None, "")
        for key, leaf in _leaves(result.values).items()
        if key != "global.tenancy.defaultID"
    )


def test_the_second_preview_is_empty_and_the_tear_down_is_the_operator_s(result: Result) -> None:
    again = next(step for step in result.steps if step.name == "preview again")
    assert set(again.changes) == {"same"}
    target = result.stack.split("-")[0]
    if result.stack.endswith("production") or result.stack == "self-managed":
        buckets = [it for it in result.kept if it.endswith(f"({_BUCKETS.get(target)})")]
        assert (len(buckets) >= 5) is (target in _BUCKETS)
        assert any("RandomBytes" in name for name in result.kept)
        assert [step.name for step in result.steps][-1] == "up again"
    else:
        assert result.kept == ()
        assert set(result.steps[-1].changes) == {"delete"}


def test_nothing_on_the_critical_path_waits_without_a_reason(result: Result) -> None:
    known = {**REQUIRED, **CHOSEN}
    waits = {tuple(link.type.rpartition(":")[2] for link in pair) for pair in result.path.ordered}
    assert waits - known.keys() == set(), "say in tests/rehearsal/waits.py why, or take it away"
    assert result.path.seconds < 40 * 60


def test_the_files_are_written_and_the_secrets_are_the_owner_s(
    result: Result, tmp_path: Path
) -> None:
    files = write(result, tmp_path / "out")
    again = write(result, tmp_path / "out")
    assert files == again
    secrets = tmp_path / "out" / "secrets.yaml"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    assert yaml.safe_load(secrets.read_text()) == result.secrets
    assert yaml.safe_load((tmp_path / "out" / "values.yaml").read_text()) == result.values
    assert "rehearsal" in secrets.read_text().splitlines()[0]


def test_a_supplied_certificate_is_stood_in_for_with_its_key(
    engine: Engine, tmp_path: Path
) -> None:
    pem, _ = certificate(["thethings.example.com", "*.thethings.example.com"])
    tls = {"mode": "supplied", "certificate": pem}
    root = project(tmp_path, {"tls": tls, "tlsPrivateKey": {"secure": "v1:abc"}})
    cloud = Cloud()
    found = rehearse(root, "sample", lambda: engine, Silent(), cloud)
    assert "tlsPrivateKey" in found.stood_in
    assert {it.component for it in found.resources} >= {"blobs", "product-secrets"}
    made = [operation for operation in cloud.history if operation.kind == "create"]
    assert len(made) == len([it for it in found.resources if not it.type.startswith("pulumi:")])


def test_a_certificate_that_does_not_cover_the_domain_is_found_before_the_engine(
    tmp_path: Path,
) -> None:
    pem, _ = certificate(["other.example.com"])
    root = project(tmp_path, {"tls": {"mode": "supplied", "certificate": pem}})

    def no_engine() -> Engine:
        raise AssertionError("the engine is not needed to say this")

    with pytest.raises(ConfigErrors, match=r"thethings\.example\.com"):
        rehearse(root, "sample", no_engine, Silent())


def test_a_program_that_fails_is_one_message(engine: Engine, tmp_path: Path) -> None:
    root = project(tmp_path, {})
    program = "import pulumi_aws as aws\naws.s3.BucketPolicy('p', bucket='b', policy=5)\n"
    (root / "__main__.py").write_text(program)
    with pytest.raises(RehearsalFailed) as caught:
        rehearse(root, "sample", lambda: engine, Silent())
    assert "up failed" in str(caught.value)
    assert "Default provider for 'aws' disabled" in str(caught.value)


def test_a_program_that_is_never_at_rest_is_found_out(engine: Engine, tmp_path: Path) -> None:
    root = project(tmp_path, {})
    program = (
        "import itertools, pathlib, pulumi, pulumi_random as random\n"
        "seen = pathlib.Path(__file__).with_name('seen')\n"
        "seen.write_text(seen.read_text() + 'x' if seen.exists() else 'x')\n"
        "random.RandomBytes('restless', length=len(seen.read_text()))\n"
        "pulumi.export('helmSecrets', {})\n"
    )
    (root / "__main__.py").write_text(program)
    with pytest.raises(RehearsalFailed, match=r"(?s)finds changes.*restless: replace.*length"):
        rehearse(root, "sample", lambda: engine, Silent())


def test_a_secret_in_plain_text_in_the_state_is_found_out(engine: Engine, tmp_path: Path) -> None:
    root = project(tmp_path, {})
    program = (
        "import pulumi\n"
        "licence = pulumi.Config().require('licenseKey')\n"
        "pulumi.export('helmSecrets', {})\n"
        "pulumi.export('leak', 'licence: ' + licence)\n"
    )
    (root / "__main__.py").write_text(program)
    with pytest.raises(RehearsalFailed, match="tts:licenseKey stands in plain text"):
        rehearse(root, "sample", lambda: engine, Silent())


def test_a_secret_that_only_the_engine_knows_is_found_too(engine: Engine, tmp_path: Path) -> None:
    root = project(tmp_path, {})
    program = (
        "import pulumi, pulumi_tls as tls\n"
        "key = tls.PrivateKey('key', algorithm='ECDSA')\n"
        "pulumi.export('helmSecrets', {})\n"
        "pulumi.export('leak', pulumi.Output.unsecret(key.private_key_pem))\n"
    )
    (root / "__main__.py").write_text(program)
    with pytest.raises(RehearsalFailed, match=r"private\w* of key \(tls:.*plain text") as caught:
        rehearse(root, "sample", lambda: engine, Silent())
    assert "PRIVATE KEY-----" not in str(caught.value)


class _RefusingPolicies:
    def refusal(self, operation: Operation, cloud: Cloud) -> str | None:
        return "too public" if operation.type.endswith(":BucketPolicy") else None


def test_what_a_cloud_refuses_is_told_once_for_each_resource(
    engine: Engine, tmp_path: Path
) -> None:
    cloud = Cloud(rules=_RefusingPolicies())
    with pytest.raises(RehearsalFailed) as caught:
        rehearse(project(tmp_path, {}), "sample", lambda: engine, Silent(), cloud)
    heading, *lines = str(caught.value).splitlines()
    assert heading == "up failed:"
    assert lines
    assert len({line.split()[0] for line in lines}) == len(lines)
    assert all("BucketPolicy" in line and "too public" in line for line in lines)


def _command(
    *words: str, root: Path = ROOT, **environment: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "rehearsal", *words],
        cwd=root,
        timeout=120,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_nothing_of_the_operator_s_environment_is_read(tmp_path: Path) -> None:
    home, out = tmp_path / "home", tmp_path / "out"
    for name in _PLANTED:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(home / name)  # whoever opens it to read waits for ever
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    operator = {**_HOSTILE, "HOME": str(home), "XDG_CACHE_HOME": cache}
    done = _command("aws-existing", "--out", str(out), **operator)
    assert done.returncode == 0, done.stderr
    assert "simulated cloud" in done.stdout
    assert "\x1b" not in done.stdout
    written = "".join(path.read_text() for path in out.rglob("*.yaml"))
    assert "hostile" not in done.stdout + done.stderr + written
    secrets = yaml.safe_load((out / "aws-existing" / "secrets.yaml").read_text())
    for text in _leaves(secrets).values():
        assert text not in done.stdout


def test_an_unknown_stack_is_told_which_there_are() -> None:
    done = _command("aws-exisiting")
    assert done.returncode == 2
    assert f"there are: {', '.join(stacks(ROOT))}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The project as a person would have it who changes it."""
    root = tmp_path / "clone"
    left_out = shutil.ignore_patterns("__pycache__", ".venv")
    for folder in ("components", "policies", "rehearsal", "stacks", "tools"):
        shutil.copytree(ROOT / folder, root / folder, ignore=left_out)
    for file in ("Pulumi.yaml", "__main__.py"):
        shutil.copyfile(ROOT / file, root / file)
    return root


def test_a_misconfigured_stack_explains_itself(clone: Path) -> None:
    file = clone / "stacks" / "Pulumi.aws-existing.yaml"
    text = file.read_text().replace("clusterMode: false", "clusterMode: true")
    file.write_text(text.replace("eu-west-1", "Europe"))
    done = _command("aws-existing", root=clone, PATH="")
    assert done.returncode == 1
    assert "stacks/Pulumi.aws-existing.yaml has 2 problems" in done.stderr
    for words in ("tts:redis.clusterMode = true", 'tts:region = "Europe"', "allowed:", "remedy:"):
        assert words in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not (clone / "out").exists()


def test_a_mistake_in_the_program_is_named_with_its_line(clone: Path) -> None:
    file = clone / "components" / "aws" / "buckets.py"
    text = file.read_text()
    assert "force_destroy=" in text
    file.write_text(text.replace("force_destroy=", "force_destory="))
    done = _command("aws-existing", root=clone)
    assert done.returncode == 1
    assert "up: stopped after" in done.stdout
    assert "the program broke: components/aws/buckets.py:" in done.stderr
    assert "force_destory" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_stack_that_uses_everything(engine: Engine, tmp_path: Path) -> None:
    pem, _ = certificate(["thethings.example.com", "*.thethings.example.com"])
    ca, _ = certificate(["ca.example.com"])
    encrypted = {"secure": "v1:abc"}
    buckets = ("profilePictures", "endDevicePictures", "edcs", "interop", "plugins")
    changes: dict[str, Any] = {
        "tls": {"mode": "supplied", "certificate": pem, "secretName": "mine"},
        "postgres.caCertificate": ca,
        "redis.caCertificate": ca,
        "blobs": {
            "mode": "existing",
            "region": "eu-central-1",
            "buckets": {kind: f"theirs-{kind.lower()}" for kind in buckets},
            "access": {"mode": "existing-key", "accessKeyId": "AKIAEXAMPLE"},
        },
        "timescale": {
            "mode": "existing",
            "host": "timescale.example.com",
            "username": "tts",
            "storageDatabase": "storage",
            "nocDatabase": "noc",
        },
        "packetBroker": {"mode": "home-network", "keyId": "key", "netId": "000013"},
        "gatewayController": {"enabled": True, "address": "gc.example.com:443"},
        "extraValues": {"gs": {"example": 1}},
        "extraSecrets": encrypted,
        "licenseKey": encrypted,
        "release": {"createNamespace": False},
    }
    root = project(tmp_path, changes)
    found = rehearse(root, "sample", lambda: engine, Silent())
    assert {
        "global.ttgc.domain",
        "global.ttgc.tls.secretName",
        "global.ttgc.address",
        "global.tls.rootCA",
        "global.blob.aws.accessKeyID",
        "as.storage.enabled",
        "gs.example",
    } <= set(_leaves(found.values)) - _EVERY_STACK
    assert {
        "global.noc.grafana.adminPassword",
        "global.noc.oauth.clientSecret",
        "global.blob.aws.secretAccessKey",
        "rehearsal.extraSecret",
        _REDIS_PASSWORD,
        _READER_PASSWORD,
    } == set(_leaves(found.secrets)) - _EVERY_SECRET
    assert found.values["global"]["blob"]["aws"]["region"] == "eu-central-1"
    assert not [it for it in found.resources if it.type.startswith("aws:s3")]
    words = " ".join(found.warnings)
    assert all(it in words for it in ("plugins bucket", "Packet Broker", "TimescaleDB"))
