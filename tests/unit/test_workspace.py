"""The throw-away copy of a project: what is in it, and what is kept out of it."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from rehearsal.workspace import UnknownStack, Workspace, isolated, prepare, stack_path, stacks
from stacks.config import load
from stacks.problems import ConfigErrors
from tests.samples import ROOT, certificate, stack_file

_HOSTILE = (
    "AWS_PROFILE",
    "AWS_SECRET_ACCESS_KEY",
    "ARM_CLIENT_SECRET",
    "AZURE_CONFIG_DIR",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "CLOUDSDK_CONFIG",
    "KUBECONFIG",
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_BACKEND_URL",
    "PULUMI_CONFIG",
    "PULUMI_CONFIG_PASSPHRASE_FILE",
    "PULUMI_HOME",
    "PULUMI_STACK",
    "HTTPS_PROXY",
    "https_proxy",
    "SSH_AUTH_SOCK",
    "VAULT_TOKEN",
)


def _project(tmp_path: Path, changes: Mapping[str, Any], document: Mapping[str, Any] = {}) -> Path:
    root = tmp_path / "project"
    (root / "stacks").mkdir(parents=True)
    (root / "Pulumi.yaml").write_bytes((ROOT / "Pulumi.yaml").read_bytes())
    config = {**stack_file({}), **changes}
    stack_path(root, "sample").write_text(yaml.safe_dump({**document, "config": config}))
    return root


def _prepared(tmp_path: Path, changes: Mapping[str, Any], **document: Any) -> Workspace:
    return prepare(_project(tmp_path, changes, document), "sample", tmp_path / "copy")


def _copied(workspace: Workspace) -> Any:
    return yaml.safe_load(stack_path(workspace.path, workspace.stack).read_text())


def test_a_stack_without_secrets_is_sound_in_the_copy(tmp_path: Path) -> None:
    workspace = _prepared(tmp_path, {})
    assert set(workspace.stand_ins) == {
        "licenseKey",
        "adminPassword",
        "kubeconfig",
        "postgresPassword",
        "redisPassword",
    }
    assert load(workspace.raw).stack == "sample"


def test_the_copy_has_nothing_that_only_the_real_stack_s_key_opens(tmp_path: Path) -> None:
    workspace = _prepared(
        tmp_path,
        {
            "tts:licenseKey": {"secure": "v1:ciphertext"},
            "aws:secretKey": {"secure": "v1:ciphertext"},
            "other:nested": {"list": [{"secure": "v1:ciphertext"}]},
            "other:plain": "kept",
        },
        encryptionsalt="v1:salt",
        secretsprovider="awskms://alias/example",
        encryptedkey="ciphertext",
        environment=["example"],
    )
    copied = _copied(workspace)
    assert set(copied) == {"config"}
    assert "ciphertext" not in str(copied)
    assert copied["config"]["other:plain"] == "kept"
    assert "licenseKey" in workspace.stand_ins


def test_a_misplaced_secret_is_still_refused(tmp_path: Path) -> None:
    workspace = _prepared(tmp_path, {"tts:domain": {"secure": "v1:ciphertext"}})
    with pytest.raises(ConfigErrors, match="secrets have keys of their own"):
        load(workspace.raw)


def test_a_secret_in_plain_text_is_still_refused(tmp_path: Path) -> None:
    workspace = _prepared(tmp_path, {"tts:redisPassword": "hunter2-hunter2"})
    assert "redisPassword" not in workspace.stand_ins
    with pytest.raises(ConfigErrors, match="stands in the file as plain text"):
        load(workspace.raw)


def test_a_supplied_certificate_is_replaced_together_with_its_key(tmp_path: Path) -> None:
    pem, _ = certificate(["thethings.example.com", "*.thethings.example.com"])
    tls = {"mode": "supplied", "certificate": pem}
    workspace = _prepared(tmp_path, {"tts:tls": tls, "tts:tlsPrivateKey": {"secure": "v1:x"}})
    assert _copied(workspace)["config"]["tts:tls"]["certificate"] != pem
    assert load(workspace.raw).secret("tlsPrivateKey").startswith("-----BEGIN")


def test_the_stack_file_is_not_touched(tmp_path: Path) -> None:
    root = _project(tmp_path, {"tts:licenseKey": {"secure": "v1:x"}})
    file = stack_path(root, "sample")
    before = file.read_bytes(), file.stat().st_mtime_ns
    prepare(root, "sample", tmp_path / "copy")
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("name", ["sampel", "../sample", "", "sample.yaml"])
def test_an_unknown_stack_is_told_which_there_are(tmp_path: Path, name: str) -> None:
    root = _project(tmp_path, {})
    with pytest.raises(UnknownStack, match="there are: sample"):
        prepare(root, name, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_the_shipped_stacks_are_found() -> None:
    found = stacks(ROOT)
    assert found == sorted(found)
    assert {"aws-development", "aws-existing", "aws-production", "local", "self-managed"} <= set(
        found
    )


def test_a_workspace_keeps_its_passphrase_and_shows_no_secret(tmp_path: Path) -> None:
    workspace = _prepared(tmp_path, {})
    passphrase = workspace.environment["PULUMI_CONFIG_PASSPHRASE"]
    assert workspace.environment["PULUMI_CONFIG_PASSPHRASE"] == passphrase
    shown = repr(workspace)
    assert not [text for text in (passphrase, *workspace.stand_ins.values()) if text in shown]


@pytest.mark.parametrize("folder", ["a b", "50%25", "a#b", "ä"])
def test_the_backend_is_where_its_address_says(tmp_path: Path, folder: str) -> None:
    workspace = Workspace(path=tmp_path / folder, stack="sample", stand_ins={})
    address = urlsplit(workspace.environment["PULUMI_BACKEND_URL"])
    assert Path(unquote(address.path)) == workspace.backend
    assert not address.fragment


def test_nothing_of_the_operator_is_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in _HOSTILE:
        monkeypatch.setenv(name, "hostile")
    before = dict(os.environ)
    with isolated(tmp_path):
        assert "hostile" not in os.environ.values()
        assert os.environ["HOME"] == str(tmp_path)
        assert os.environ["PATH"] == before["PATH"]
    assert dict(os.environ) == before


def test_the_environment_comes_back_after_a_failure(tmp_path: Path) -> None:
    before = dict(os.environ)
    with pytest.raises(RuntimeError), isolated(tmp_path):
        os.environ["AWS_PROFILE"] = "made-inside"
        raise RuntimeError
    assert dict(os.environ) == before


def test_the_state_is_read_by_resource_and_the_rest_by_file(tmp_path: Path) -> None:
    workspace = _prepared(tmp_path, {})
    folder = workspace.backend / ".pulumi"
    folder.mkdir()
    (folder / "sample.json").write_text(
        '{"checkpoint": {"latest": {"resources": ['
        '{"urn": "urn:pulumi:s::tts::t:a:B::one", "outputs": {"a": ["line\\nbreak \\u003c"]}},'
        '{"urn": "urn:pulumi:s::tts::t:a:B::two"}]}}}'
    )
    (folder / "meta.yaml").write_text("version: 1\n")
    found = dict(workspace.state())
    assert set(found) == {"one", "two", ".pulumi/sample.json", ".pulumi/meta.yaml"}
    assert "line\nbreak <" in found["one"]
    assert "line" not in found["two"]


def test_the_state_of_a_new_workspace_is_nobody_else_s(tmp_path: Path) -> None:
    workspace = _prepared(tmp_path, {})
    assert stat.S_ISDIR(workspace.backend.stat().st_mode)
    assert list(workspace.state()) == []


def test_the_operator_s_kubeconfig_is_not_read(tmp_path: Path) -> None:
    changes = stack_file({"cluster.kubeconfigPath": str(tmp_path / "absent")})
    workspace = _prepared(tmp_path, changes)
    assert "kubeconfig" in workspace.stand_ins
    assert "kubeconfigPath" not in _copied(workspace)["config"]["tts:cluster"]
    assert load(workspace.raw).secret("kubeconfig") == workspace.stand_ins["kubeconfig"]
