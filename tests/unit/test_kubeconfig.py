"""A kubeconfig: what is told of a faulty one, and what a file of one becomes."""

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks.config import load
from stacks.kubeconfig import check_kubeconfig, server_of
from stacks.kubeconfig_file import read_kubeconfig
from stacks.problems import ConfigErrors, Problem
from stacks.sections import ExistingCluster
from tests.samples import SECRETS, certificate, raw

_SERVER = "https://192.0.2.10:6443"


def _kubeconfig(server: str = _SERVER, **user: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "one",
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "contexts": [{"name": "one", "context": {"cluster": "c", "user": "u"}}],
        "users": [{"name": "u", "user": user or {"token": "token-of-one"}}],
    }


def _two() -> dict[str, Any]:
    found = _kubeconfig()
    found["clusters"].append({"name": "d", "cluster": {"server": "https://other.example.com"}})
    found["contexts"].append({"name": "two", "context": {"cluster": "d", "user": "v"}})
    found["users"].append({"name": "v", "user": {"token": "token-of-two"}})
    return found


def _problems(found: dict[str, Any], context: str | None = None) -> list[Problem]:
    return check_kubeconfig(yaml.safe_dump(found), context)


def _client_certificate(days: int) -> str:
    return base64.b64encode(certificate(["admin"], days)[0].encode()).decode()


def test_a_sound_one_is_taken() -> None:
    assert _problems(_kubeconfig()) == []
    assert _problems(_two(), "two") == []
    valid = {"client-certificate-data": _client_certificate(30), "client-key-data": "aGk="}
    assert _problems(_kubeconfig(**valid)) == []
    assert _problems(_kubeconfig(exec={"command": "aws"})) == []


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (_kubeconfig("http://192.0.2.10:8080"), "https://"),
        (_kubeconfig(""), "https://"),
        (_kubeconfig("https://[bad"), "https://"),
        (_kubeconfig("https://0.0.0.0:6443"), "reached from here"),
        ({**_kubeconfig(), "clusters": [{"name": "x"}]}, "a cluster for its context one"),
        ({**_kubeconfig(), "users": [{"name": "x"}]}, "a user for its context one"),
        (_kubeconfig(**{"client-certificate": "/home/me/client.crt"}), "stands alone"),
        (_kubeconfig(tokenFile="/var/run/token"), "tokenFile names a file"),
        (_kubeconfig(**{"client-certificate-data": _client_certificate(-1)}), "ended on"),
        (_kubeconfig(**{"client-certificate-data": "bm8gUEVN"}), "in PEM"),
        (_kubeconfig(**{"client-certificate-data": "%"}), "in PEM"),
        ({**_kubeconfig(), "contexts": []}, "content of a kubeconfig"),
    ],
)
def test_a_faulty_one_is_told_and_not_quoted(found: dict[str, Any], words: str) -> None:
    (problem,) = _problems(found)
    assert words in str(problem)
    assert problem.remedy
    assert "token-of-one" not in str(problem)


def test_of_several_contexts_one_is_to_be_named_whatever_is_current() -> None:
    (problem,) = _problems(_two())
    assert problem.key == "tts:cluster.context"
    assert "one, two" in problem.allowed


def test_the_server_of_the_context_that_is_meant() -> None:
    assert server_of(yaml.safe_dump(_two()), "two") == "other.example.com"
    assert server_of(yaml.safe_dump(_kubeconfig()), None) == "192.0.2.10"


def _cluster(path: Path, context: str | None = None) -> ExistingCluster:
    return ExistingCluster.model_validate(
        {"mode": "existing", "name": "c", "kubeconfigPath": str(path), "context": context}
    )


def test_a_file_is_read_with_what_it_names_and_without_other_contexts(tmp_path: Path) -> None:
    found = _two()
    found["clusters"][0]["cluster"]["certificate-authority"] = "ca.crt"
    found["users"][0]["user"] = {"client-certificate": "a.crt", "client-key": str(tmp_path / "k")}
    for name, text in (("ca.crt", "CA"), ("a.crt", "CERTIFICATE"), ("k", "KEY")):
        (tmp_path / name).write_text(text)
    (tmp_path / "config").write_text(yaml.safe_dump(found))
    text, problems = read_kubeconfig(_cluster(tmp_path / "config", "one"))
    assert problems == []
    assert text is not None
    assert "token-of-two" not in text
    parsed = yaml.safe_load(text)
    user = parsed["users"][0]["user"]
    assert base64.b64decode(user["client-key-data"]) == b"KEY"
    assert base64.b64decode(user["client-certificate-data"]) == b"CERTIFICATE"
    assert "client-key" not in user
    assert base64.b64decode(parsed["clusters"][0]["cluster"]["certificate-authority-data"]) == b"CA"
    assert [it["name"] for it in parsed["contexts"]] == ["one"]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (_, [absent]) = read_kubeconfig(_cluster(tmp_path / "absent"))
    assert absent.key == "tts:cluster.kubeconfigPath"
    assert "No such file" in absent.allowed
    (_, [folder]) = read_kubeconfig(_cluster(tmp_path))
    assert "directory" in folder.allowed
    (tmp_path / "config").write_text(yaml.safe_dump(_kubeconfig(**{"client-key": "gone"})))
    (_, [partly]) = read_kubeconfig(_cluster(tmp_path / "config"))
    assert "gone" in partly.allowed
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (_, [binary]) = read_kubeconfig(_cluster(tmp_path / "binary"))
    assert "no text" in binary.allowed


def test_a_path_takes_the_place_of_the_secret(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(yaml.safe_dump(_kubeconfig()))
    changes = {"cluster.kubeconfigPath": str(tmp_path / "config")}
    without = {key: text for key, text in SECRETS.items() if key != "kubeconfig"}
    config = load(raw(tmp_path, changes, secrets=without))
    assert "token-of-one" in config.secret("kubeconfig")
    assert "token-of-one" not in repr(config)
    with pytest.raises(ConfigErrors, match="nothing in this stack file uses it"):
        load(raw(tmp_path, changes))


@pytest.mark.parametrize("text", ["", "a: [", "5", "clusters: 5", "users: [1]", "contexts: {a: b}"])
def test_a_file_that_is_no_kubeconfig_is_refused_as_such(tmp_path: Path, text: str) -> None:
    (tmp_path / "config").write_text(text)
    without = {key: text for key, text in SECRETS.items() if key != "kubeconfig"}
    with pytest.raises(ConfigErrors, match="a kubeconfig with clusters"):
        load(raw(tmp_path, {"cluster.kubeconfigPath": str(tmp_path / "config")}, secrets=without))
