"""The typed configuration of one stack: `load` gives it, or every problem of the file at once."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    JsonValue,
    SecretStr,
    ValidationError,
    create_model,
)
from pydantic.fields import FieldInfo

from components.protection import Protection
from components.sizing import Capacity, capacity
from stacks import (  # noqa: F401 (checks are imported for their rules, which register themselves)
    aws_checks,
    azure_checks,
    azure_store_checks,
    entry_checks,
    existing_checks,
    gcp_checks,
    gcp_store_checks,
    options,
    portable_checks,
    sections,
    self_managed_checks,
    timescale_checks,
)
from stacks.checking import run_checks
from stacks.checks import required_secrets
from stacks.fields import AwsRegion, AzureRegion, Domain, GcpRegion, Section, Texts
from stacks.kubeconfig_file import read_kubeconfig
from stacks.offered import offered_problems
from stacks.problems import (
    ConfigErrors,
    Problem,
    from_validation,
    key_of,
    refuse,
    shown,
    unknown_key,
)
from stacks.raw import RawConfig
from stacks.secrets import SECRETS, SecretKey

Size = Literal["small", "medium", "large"]


def _protection(value: object) -> Protection:
    modes = [mode.value for mode in Protection]
    if value not in modes:
        refuse(f"one of {', '.join(modes)}", "say whether this environment's data may be lost")
    return Protection(value)


def _distinct(zones: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(zones)) != len(zones):
        refuse("each zone once", "remove the repeated one")
    return zones


class CommonConfig(Section):
    """What every target has. See docs/configuration.md for each key."""

    stack: str = Field(exclude=True)
    secrets: Mapping[str, SecretStr] = Field(exclude=True, repr=False)

    domain: Domain
    tenancy: sections.Tenancy
    admin_user: sections.AdminUser
    size: Size
    sizing: sections.Sizing = sections.Sizing()
    protection: Annotated[Protection, BeforeValidator(_protection)]
    availability: Literal["redundant", "single"] | None = None
    zones: Annotated[Texts, AfterValidator(_distinct)] = ()
    tags: dict[str, str] = Field(default_factory=dict)
    network: sections.Network | None = None
    cluster: sections.Cluster
    postgres: sections.Postgres
    redis: sections.Redis
    blobs: sections.Blobs
    ingress: sections.Ingress
    tls: sections.Tls
    dns: sections.Dns = sections.PrintedDns(mode="print")
    cert_manager: sections.CertManager | None = None
    timescale: sections.Timescale = sections.NoTimescale(mode="off")
    metrics_server: sections.MetricsServer | None = None
    maintenance: sections.Maintenance = sections.Maintenance()
    gateway_controller: sections.GatewayController = sections.GatewayController()
    packet_broker: sections.PacketBroker = sections.NoPacketBroker(mode="off")
    release: sections.Release = sections.Release()
    generations: sections.Generations = sections.Generations()
    extra_values: dict[str, JsonValue] = Field(default_factory=dict)

    @property
    def redundant(self) -> bool:
        """Whether the loss of a zone is to be survived without a hand."""
        return self.availability == "redundant"

    @property
    def capacity(self) -> Capacity:
        """The figures of `size`, with those of `sizing` in their place."""
        return capacity(self.size, self.sizing.model_dump(exclude_none=True))

    def secret(self, key: SecretKey) -> str:
        """A secret's text. Raises KeyError for one that this configuration has no use for."""
        return self.secrets[key].get_secret_value()


class AwsConfig(CommonConfig):
    """An environment on AWS."""

    target: Literal["aws"]
    region: AwsRegion
    aws: sections.AwsAccount


class AzureConfig(CommonConfig):
    """An environment on Azure."""

    target: Literal["azure"]
    region: AzureRegion
    azure: sections.AzureAccount


class GcpConfig(CommonConfig):
    """An environment on Google Cloud."""

    target: Literal["gcp"]
    region: GcpRegion
    gcp: sections.GcpAccount


class SelfManagedConfig(CommonConfig):
    """An environment on a cluster of no cloud that this project knows."""

    target: Literal["self-managed"]


StackConfig = AwsConfig | AzureConfig | GcpConfig | SelfManagedConfig
TARGETS: Mapping[str, type[StackConfig]] = {
    "aws": AwsConfig,
    "azure": AzureConfig,
    "gcp": GcpConfig,
    "self-managed": SelfManagedConfig,
}
_SCALARS = frozenset({"target", "region", "domain", "size", "protection", "availability"})
_NOT_IN_THE_FILE = frozenset({"stack", "secrets"})


def load(raw: RawConfig) -> StackConfig:
    """The configuration that a stack file describes.

    Raises ConfigErrors with every problem there is; nothing else, whatever the file holds.
    """
    given = raw.given
    model = TARGETS.get(given.get("target", ""))
    if model is None:
        raise ConfigErrors(
            raw.stack, [_target_problem(given.get("target")), *_secret_problems(raw)]
        )
    parsed, faults = _parse(raw, model)
    problems = [*_unknown_keys(given, model), *_secret_problems(raw), *faults]
    secrets: dict[SecretKey, SecretStr] = {
        key: SecretStr(given[key]) for key in SECRETS if key in given
    }
    usable, unread = _with_kubeconfig(parsed, secrets)
    problems += unread
    problems += run_checks({**parsed, **{str(key): value for key, value in usable.items()}})
    told = {problem.key for problem in problems}
    problems += [it for it in _presence_problems(raw, parsed, secrets) if it.key not in told]
    problems += offered_problems(parsed)
    if problems:
        raise ConfigErrors(raw.stack, problems)
    return model.model_construct(None, stack=raw.stack, secrets=usable, **parsed)


def _with_kubeconfig(
    parsed: Mapping[str, object], secrets: Mapping[SecretKey, SecretStr]
) -> tuple[Mapping[SecretKey, SecretStr], Sequence[Problem]]:
    """The secrets with the kubeconfig's file among them, where the stack file names one."""
    content, unread = read_kubeconfig(parsed.get("cluster"))
    return (secrets if content is None else {**secrets, "kubeconfig": SecretStr(content)}), unread


def needed_secrets(raw: RawConfig) -> frozenset[SecretKey]:
    """The secrets that the sound parts of a stack file have a use for, set or not."""
    model = TARGETS.get(raw.given.get("target", ""))
    return required_secrets(_parse(raw, model)[0] if model else {})[0]


def extra_secrets(config: CommonConfig) -> Mapping[str, JsonValue]:
    """What the secret `extraSecrets` adds to the secret Helm values; empty where it is not set."""
    if "extraSecrets" not in config.secrets:
        return {}
    found = yaml.safe_load(config.secret("extraSecrets"))
    return found if isinstance(found, dict) else {}


def file_keys(model: type[CommonConfig]) -> tuple[str, ...]:
    """Every key that a stack file of this target may have, the secrets included."""
    return (*(field.alias or name for name, field in file_fields(model)), *SECRETS)


def file_fields(model: type[CommonConfig]) -> Iterator[tuple[str, FieldInfo]]:
    """Every key that a stack file of this target may have but the secrets, by field name."""
    return (item for item in model.model_fields.items() if item[0] not in _NOT_IN_THE_FILE)


def _target_problem(value: str | None) -> Problem:
    return Problem(
        key=key_of("target"),
        value=None if value is None else shown(value),
        allowed=f"one of {', '.join(TARGETS)}; nothing else can be read without it",
        remedy="name where the environment is to run",
    )


def _unknown_keys(given: Mapping[str, str], model: type[CommonConfig]) -> list[Problem]:
    known = file_keys(model)
    return [unknown_key([key], known) for key in given if key not in known]


def _decoded(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _parse(
    raw: RawConfig, model: type[CommonConfig]
) -> tuple[Mapping[str, object], Sequence[Problem]]:
    """The sound parts by field name, and what is wrong with the others.

    A key that is encrypted where no secret belongs is left out: it is refused as such.
    """
    parsed: dict[str, object] = {}
    problems: list[Problem] = []
    given = raw.given
    for name, field in file_fields(model):
        if (field.alias or name) not in raw.secrets:
            problems += _parse_into(parsed, name, field, given)
    return parsed, problems


def _parse_into(
    parsed: dict[str, object], name: str, field: FieldInfo, given: Mapping[str, str]
) -> Sequence[Problem]:
    key = field.alias or name
    if key not in given:
        if field.is_required():
            return [_missing(key)]
        parsed[name] = field.get_default(call_default_factory=True)
        return []
    value = given[key] if key in _SCALARS else _decoded(given[key])
    # A model of one field, because the parts that are sound must reach the checks between parts.
    definition: Any = {name: (field.annotation, field)}
    single = create_model(name, __base__=Section, **definition)
    try:
        parsed[name] = getattr(single.model_validate({key: value}), name)
    except ValidationError as error:
        return from_validation(key, field.annotation, error)
    return []


def _missing(key: str) -> Problem:
    return Problem(
        key=key_of(key),
        allowed="this key is required",
        remedy="add it; stacks/Pulumi.aws-existing.yaml shows every section with comments",
    )


def _secret_problems(raw: RawConfig) -> list[Problem]:
    plain = [key for key in SECRETS if raw.values.get(key) and key not in raw.secrets]
    misplaced = [key for key in raw.secrets if key not in SECRETS]
    return [
        *(
            Problem(
                key=key_of(key),
                allowed="an encrypted value; this one stands in the file as plain text",
                remedy=f"{SECRETS[key].command(raw.stack)}, and renew it: it may have been read",
            )
            for key in plain
        ),
        *(
            Problem(
                key=key_of(key),
                allowed="plain values here; secrets have keys of their own",
                remedy=f"use one of {', '.join(SECRETS)}",
            )
            for key in misplaced
        ),
    ]


def _presence_problems(
    raw: RawConfig, parsed: Mapping[str, object], secrets: Mapping[SecretKey, SecretStr]
) -> list[Problem]:
    needed, unsure = required_secrets(parsed)
    missing = [key for key in SECRETS if key in needed and key not in secrets]
    unused = [key for key in secrets if key not in needed and key not in unsure]
    return [
        *(
            Problem(
                key=key_of(key),
                allowed=f"a secret: {SECRETS[key].purpose}; it is not set",
                remedy=SECRETS[key].command(raw.stack),
            )
            for key in missing
        ),
        *(
            Problem(
                key=key_of(key),
                allowed="not set: nothing in this stack file uses it",
                remedy=f"pulumi config rm {key} --stack {raw.stack}, or use what it is for",
            )
            for key in unused
        ),
    ]
