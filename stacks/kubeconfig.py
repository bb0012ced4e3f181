"""What can be told about a kubeconfig without asking its server."""

import datetime
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import yaml
from cryptography import x509
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, ValidationError

from stacks.problems import Problem, key_of, shown

_KEY = key_of("kubeconfig")
_CONTEXT = key_of("cluster", "context")
_SET = "pulumi config set --secret kubeconfig < kubeconfig.yaml"
_FLATTEN = "kubectl config view --raw --minify --flatten --context <context>"


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", populate_by_name=True)


class _Server(_Part):
    server: str = ""
    authority_file: str | None = Field(None, alias="certificate-authority")


class _User(_Part):
    certificate_file: str | None = Field(None, alias="client-certificate")
    key_file: str | None = Field(None, alias="client-key")
    token_file: str | None = Field(None, alias="tokenFile")
    certificate: Base64Bytes | None = Field(None, alias="client-certificate-data")


class _Choice(_Part):
    cluster: str = ""
    user: str = ""


class _Cluster(_Part):
    name: str
    cluster: _Server = _Server()


class _Context(_Part):
    name: str
    context: _Choice = _Choice()


class _Person(_Part):
    name: str
    user: _User | None = None


class _Kubeconfig(_Part):
    clusters: Sequence[_Cluster] = Field(min_length=1)
    contexts: Sequence[_Context] = Field(min_length=1)
    users: Sequence[_Person] = Field(min_length=1)


def check_kubeconfig(content: str, context: str | None) -> list[Problem]:
    """Whether it is a kubeconfig, which of its contexts is meant, and whether that can be used.

    Its content is secret and is never quoted; the names of its contexts and its server are not.
    """
    try:
        parsed = _Kubeconfig.model_validate(yaml.safe_load(content))
    except (yaml.YAMLError, ValidationError):
        return [
            Problem(
                key=_KEY,
                allowed="the content of a kubeconfig with clusters, contexts and users",
                remedy=f"{_SET} (the file's content, not its path)",
            )
        ]
    names = [entry.name for entry in parsed.contexts]
    listed = ", ".join(names)
    if context is None and len(names) > 1:
        return [
            Problem(
                key=_CONTEXT,
                allowed=f"one of {listed}: the kubeconfig has several contexts",
                remedy="name the one that is meant; the file's current-context is not trusted",
            )
        ]
    if context is not None and context not in names:
        return [
            Problem(
                key=_CONTEXT,
                value=shown(context),
                allowed=f"one of {listed}",
                remedy="name a context of the kubeconfig, or set one that has it",
            )
        ]
    chosen = next(it for it in parsed.contexts if context in (None, it.name))
    return list(_check_choice(parsed, chosen))


def server_of(content: str, context: str | None) -> str | None:
    """The host of the API server that a sound kubeconfig leads to; None for any other."""
    try:
        parsed = _Kubeconfig.model_validate(yaml.safe_load(content))
    except (yaml.YAMLError, ValidationError):
        return None
    chosen = next((it for it in parsed.contexts if context in (None, it.name)), None)
    found = next(
        (it for it in parsed.clusters if chosen and it.name == chosen.context.cluster), None
    )
    try:
        return None if found is None else urlsplit(found.cluster.server).hostname
    except ValueError:
        return None


def _check_choice(parsed: _Kubeconfig, chosen: _Context) -> Iterator[Problem]:
    cluster = next((it for it in parsed.clusters if it.name == chosen.context.cluster), None)
    person = next((it for it in parsed.users if it.name == chosen.context.user), None)
    if cluster is None or person is None:
        absent = "cluster" if cluster is None else "user"
        yield Problem(
            key=_KEY,
            allowed=f"a {absent} for its context {chosen.name}, which names one that is not there",
            remedy=f"make it anew: {_FLATTEN}",
        )
        return
    yield from _check_server(cluster.cluster)
    user = person.user or _User()
    files = (
        ("certificate-authority", cluster.cluster.authority_file),
        ("client-certificate", user.certificate_file),
        ("client-key", user.key_file),
        ("tokenFile", user.token_file),
    )
    named = [field for field, path in files if path]
    if named:
        yield Problem(
            key=_KEY,
            allowed=f"a kubeconfig that stands alone; {', '.join(named)} names a file",
            remedy=f"{_FLATTEN}, or name the kubeconfig's file as cluster.kubeconfigPath",
        )
    yield from _check_certificate(user.certificate)


def _check_server(cluster: _Server) -> Iterator[Problem]:
    try:
        parts = urlsplit(cluster.server)
        sound = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts, sound = urlsplit(""), False
    unspecified = parts.hostname in ("0.0.0.0", "::")  # noqa: S104 (to connect to, not to bind)
    if not sound or unspecified:
        yield Problem(
            key=_KEY,
            value=shown(cluster.server),
            allowed="https:// and an address at which the API server can be reached from here",
            remedy=(
                "write the node's address, or 127.0.0.1 on the node itself"
                if unspecified
                else "correct clusters[].cluster.server in the kubeconfig"
            ),
        )


def _check_certificate(pem: bytes | None) -> Iterator[Problem]:
    if pem is None:
        return
    try:
        ended = x509.load_pem_x509_certificate(pem).not_valid_after_utc
    except ValueError:
        yield Problem(
            key=_KEY,
            allowed="a client certificate in PEM, base64, as client-certificate-data",
            remedy=f"make it anew: {_FLATTEN}",
        )
        return
    if ended < datetime.datetime.now(datetime.timezone.utc):
        yield Problem(
            key=_KEY,
            allowed=f"a client certificate that is valid; this one ended on {ended:%Y-%m-%d}",
            remedy="renew it (kubeadm certs renew admin.conf; minikube and k3s do so at a restart)",
        )
