"""Kubernetes: each rule refuses what it is there for, and nothing else."""

from typing import Any

import pytest

from rehearsal.refusals import kubernetes
from tests.unit.refusals_deeds import Deed, Refusals, functions_of, is_refused
from tests.unit.refusals_landscape import Simulated, environment

_TABLE = Refusals()
_BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"


def _secret(it: Simulated, namespace: str = "product", **inputs: Any) -> None:
    metadata = {"name": "more", "namespace": namespace, **inputs.pop("metadata", {})}
    it.make("Secret", "more", metadata=metadata, **inputs)


@_TABLE.refused("_namespace", 'NotFound: namespaces "nowhere" not found')
def _(it: Simulated) -> None:
    _secret(it, "nowhere")


@_TABLE.refused("_namespace", 'NotFound: namespaces "nowhere" not found')
def _(it: Simulated) -> None:
    it.make("Release", "more", name="more", namespace="nowhere", chart="a")


@_TABLE.refused("_already_there", 'AlreadyExists: Secret "product/tls" already exists')
def _(it: Simulated) -> None:
    _secret(it, metadata={"name": "tls"})


@_TABLE.refused("_labels", r"metadata\.labels\[a\] is 'b c'; allowed: up to 63")
def _(it: Simulated) -> None:
    _secret(it, metadata={"labels": {"a": "b c"}})


@_TABLE.refused("_labels", r"metadata\.labels: '-a' is no label's name")
def _(it: Simulated) -> None:
    _secret(it, metadata={"labels": {"-a": "b"}})


@_TABLE.refused("_annotations", r"metadata\.annotations\[a\] is True; allowed: a text")
def _(it: Simulated) -> None:
    _secret(it, metadata={"annotations": {"a": True}})


@_TABLE.refused("_annotations", "metadata.annotations have 300001 bytes")
def _(it: Simulated) -> None:
    _secret(it, metadata={"annotations": {"a": "b" * 300_000}})


@_TABLE.refused("_annotations", "'a b' is no annotation's name")
def _(it: Simulated) -> None:
    _secret(it, metadata={"annotations": {"a b": "c"}})


@_TABLE.refused("_keys", "stringData has the key 'a/b'; allowed: up to 253")
def _(it: Simulated) -> None:
    _secret(it, stringData={"a/b": "c"})


@_TABLE.refused("_keys", "the data has 1048577 bytes; allowed: 1048576")
def _(it: Simulated) -> None:
    _secret(it, stringData={"a": "b" * (1024 * 1024 + 1)})


@_TABLE.refused("_secret", r"a Secret of type kubernetes\.io/tls needs the key tls\.key")
def _(it: Simulated) -> None:
    _secret(it, type="kubernetes.io/tls", stringData={"tls.crt": "a"})


@_TABLE.refused("_secret", r"data\[a\] is not base64; a plain text belongs into stringData")
def _(it: Simulated) -> None:
    _secret(it, data={"a": "plain text!"})


@_TABLE.refused(
    "_known_kind", 'no matches for kind "TargetGroupBinding" in version "elbv2.k8s.aws/v1beta1"'
)
def _(it: Simulated) -> None:
    it.remove("Release", "controller")
    it.make(_BINDING, "b", metadata={"name": "b", "namespace": "product"})


@_TABLE.refused("_known_kind", 'no matches for kind "Thing"')
def _(it: Simulated) -> None:
    it.remove("Release", "controller")
    it.make("kubernetes:things.example.com/v1:Thing", "b", metadata={"name": "b"})


@_TABLE.refused("_access", "Unauthorized: the cluster answers nobody yet")
def _(it: Simulated) -> None:
    it.remove("AccessPolicyAssociation", "admin")
    _secret(it)


def _deployment(it: Simulated, **labels: str) -> None:
    metadata = {"name": "d", "namespace": "product"}
    template = {"metadata": {"labels": labels}}
    spec = {"selector": {"matchLabels": {"app": "d"}}, "template": template}
    it.make("Deployment", "d", metadata=metadata, spec=spec)


@_TABLE.refused("_selector", "spec.selector has app=d, and the template's labels have not")
def _(it: Simulated) -> None:
    _deployment(it, app="e")


def _service(it: Simulated, *names: str | None) -> None:
    ports = [{"port": 80 + number, "name": name} for number, name in enumerate(names)]
    it.make("Service", "s", metadata={"name": "s", "namespace": "product"}, spec={"ports": ports})


@_TABLE.refused("_ports", "each of several ports needs a name of its own")
def _(it: Simulated) -> None:
    _service(it, "a", "a")


@_TABLE.refused("_ports", "each of several ports needs a name of its own")
def _(it: Simulated) -> None:
    _service(it, "a", None)


@pytest.mark.parametrize(("deed", "said"), _TABLE.parameters())
def test_it_is_refused_in_words(deed: Deed, said: str) -> None:
    is_refused(deed, said)


def test_every_rule_that_is_a_function_has_been_seen_to_refuse() -> None:
    assert _TABLE.rules == functions_of(kubernetes)


_ALLOWED: list[Deed] = [
    lambda it: _deployment(it, app="d", more="m"),
    lambda it: _service(it, "a", "b"),
    lambda it: _service(it, None),
    lambda it: _secret(it, "kube-system", data={"a": "cGxhaW4="}),
    lambda it: it.make("Release", "b", name="b", namespace="b", createNamespace=True, chart="b"),
    lambda it: it.make("Namespace", "long", metadata={"name": "n" * 63, "labels": {"a": ""}}),
]


@pytest.mark.parametrize("deed", _ALLOWED)
def test_it_is_allowed(deed: Deed) -> None:
    deed(environment())


def test_on_a_cluster_that_was_there_a_custom_kind_may_be_known() -> None:
    it = Simulated()
    it.make(_BINDING, "b", metadata={"name": "b", "namespace": "default"})


def test_what_a_custom_kind_needs_may_be_its_definition_alone() -> None:
    it = environment()
    it.remove("Release", "controller")
    it.make(
        "CustomResourceDefinition",
        "things",
        metadata={"name": "things.things.example.com"},
        spec={"group": "things.example.com", "names": {"kind": "Thing"}},
    )
    it.make("kubernetes:things.example.com/v1:Thing", "a", metadata={"name": "a"})
