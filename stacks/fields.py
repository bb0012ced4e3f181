"""Named types for single values in a stack file, each with one rule and one message."""

import datetime
import ipaddress
import re
from typing import Annotated

from cryptography import x509
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from stacks.problems import refuse

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})+")
_ID = re.compile(r"[a-z0-9](?:-?[a-z0-9]){2,}")
_KUBERNETES_NAME = re.compile(_LABEL)
_BUCKET = re.compile(r"(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_MINOR = re.compile(r"1\.(\d{2})")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_AWS_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_AWS_ACCOUNT = re.compile(r"\d{12}")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_AZURE_REGION = re.compile(r"[a-z]+[a-z0-9]*")
_RESOURCE_GROUP = re.compile(r"[A-Za-z0-9_()-][A-Za-z0-9_().-]{0,88}(?<!\.)")
_STORAGE_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")
_VM_SIZE = re.compile(r"Standard_[A-Za-z0-9_-]+")
_GCP_REGION = re.compile(r"[a-z]+(-[a-z]+)+\d{1,2}")
# https://cloud.google.com/resource-manager/docs/creating-managing-projects
_GCP_PROJECT = re.compile(r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
_GOOGLE_GROUP = re.compile(r"gke-security-groups@[a-z0-9.-]+\.[a-z]+")
_RANGE_NAME = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_BUCKET_PREFIX = re.compile(r"[a-z0-9][a-z0-9-]{1,40}[a-z0-9]")
_HTTPS_URL = re.compile(r"https://[^\s/]+(/\S*)?")
_SQL_NAME = re.compile(r"[a-z][a-z0-9_]{0,15}")
# What the product takes for proxies by itself: cmd/internal/shared/config.go in
# https://github.com/TheThingsNetwork/lorawan-stack
_PRIVATE = tuple(
    ipaddress.IPv4Network(it)
    for it in ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")
)
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
_LOG_RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192),
    *(2557, 2922, 3288, 3653),
)
OLDEST_KUBERNETES_MINOR = 21
OLDEST_REDIS = (6, 2)


class Section(BaseModel):
    """A part of the stack file: camelCase keys, nothing unknown, no value bent into another type."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, alias_generator=to_camel, validate_default=True
    )


def _matching(pattern: re.Pattern[str], allowed: str, remedy: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            refuse(allowed, remedy)
        return value

    return AfterValidator(check)


def as_tuple(value: object) -> object:
    """A list, as YAML has it, as the tuple that a frozen model keeps."""
    return tuple(value) if isinstance(value, list) else value


def _host(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        pass
    if not _HOST.fullmatch(value) or len(value) > 253:
        refuse("a host name or an IP address", "leave out scheme, port and path")
    return value


def _address(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not colon or not port.isdigit() or not 0 < int(port) < 65536:
        refuse(
            "host:port, for example redis.example.com:6379", "add the port, leave out the scheme"
        )
    _host(host.strip("[]"))
    return value


def _domain(value: str) -> str:
    if not _DOMAIN.fullmatch(value) or len(value) > 253:
        refuse(
            "a domain in lower case, for example thethings.example.com",
            "leave out scheme, port, path and wildcard",
        )
    return value


def _kubernetes_version(value: str) -> str:
    match = _MINOR.fullmatch(value)
    if not match or int(match.group(1)) < OLDEST_KUBERNETES_MINOR:
        refuse(
            f"a minor version in quotes, 1.{OLDEST_KUBERNETES_MINOR} or later, for example '1.34'",
            "name one your cloud offers; it changes only by this edit, one minor at a time",
        )
    return value


def minor_version(value: str) -> int:
    """The minor version of Kubernetes in a text such as 1.34."""
    return int(value.partition(".")[2])


def _cidr(value: str) -> str:
    try:
        return str(ipaddress.IPv4Network(value))
    except ValueError:
        refuse(
            "an IPv4 network, for example 10.0.0.0/16", "write the network address and its length"
        )


def _ip_address(value: str) -> str:
    try:
        return str(ipaddress.IPv4Address(value))
    except ValueError:
        refuse("an IPv4 address, for example 10.0.0.10", "write the address alone")


def _private_cidr(value: str) -> str:
    network = ipaddress.IPv4Network(_cidr(value))
    if not any(network.subnet_of(private) for private in _PRIVATE):
        refuse(
            "a network within 10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12 or 192.168.0.0/16: the product "
            "believes what proxies with such addresses say of their clients, and no others",
            "choose a private network, for example 10.0.0.0/16",
        )
    return str(network)


def _moment(value: str) -> str:
    try:
        moment = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        refuse(
            "a moment with its zone, for example '2026-01-31T12:00:00Z'",
            "write it in quotes, or leave it out for the latest there is",
        )
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _log_retention_days(value: int) -> int:
    if value not in _LOG_RETENTION_DAYS:
        refuse(
            f"one of {', '.join(map(str, _LOG_RETENTION_DAYS))}: CloudWatch knows no others",
            "choose the next one",
        )
    return value


def _user_id(value: str) -> str:
    if value == "admin":
        refuse("any user ID but 'admin'", "choose another one, for example admin-<tenant ID>")
    return value


def _redis_version(value: str) -> str:
    match = re.fullmatch(r"(\d+)\.(\d+)(\.\d+)?", value)
    if not match or (int(match.group(1)), int(match.group(2))) < OLDEST_REDIS:
        refuse(
            "6.2 or later, in quotes, for example '7.1'",
            "upgrade the server, or write the version it runs",
        )
    return value


def _cluster_mode_off(value: bool) -> bool:
    if value:
        refuse(
            "false: The Things Stack cannot use a Redis with cluster mode",
            "provide one with cluster mode disabled",
        )
    return value


def _certificates(value: str) -> str:
    try:
        x509.load_pem_x509_certificates(value.encode())
    except ValueError:
        refuse(
            "certificates in PEM",
            "paste the CA's file, from -----BEGIN CERTIFICATE----- on, as a block (|)",
        )
    return value


def _net_id(value: str) -> str:
    if not re.fullmatch(r"[0-9A-Fa-f]{6}", value):
        refuse(
            "a LoRa Alliance NetID: 6 hexadecimal digits",
            "write it in quotes, for example '000013'",
        )
    return value


def _dev_addr_block(value: str) -> str:
    match = re.fullmatch(r"[0-9A-Fa-f]{8}/(\d{1,2})", value)
    if not match or int(match.group(1)) > 32:
        refuse(
            "a device address prefix: 8 hexadecimal digits and a length, for example 26000000/20",
            "write the block as it was leased to you",
        )
    return value


Text = Annotated[str, Field(min_length=1, max_length=1024)]
Pem = Annotated[str, Field(min_length=1, max_length=100_000)]
Port = Annotated[int, Field(ge=1, le=65535)]
Host = Annotated[str, AfterValidator(_host)]
Address = Annotated[str, AfterValidator(_address)]
Domain = Annotated[str, AfterValidator(_domain)]
Cidr = Annotated[str, AfterValidator(_cidr)]
Cidrs = Annotated[tuple[Cidr, ...], BeforeValidator(as_tuple), Field(min_length=1)]
PrivateCidr = Annotated[str, AfterValidator(_private_cidr)]
Moment = Annotated[str, AfterValidator(_moment)]
LogRetentionDays = Annotated[int, AfterValidator(_log_retention_days)]
# RDS allows 16 characters: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html
SqlName = Annotated[
    str,
    _matching(
        _SQL_NAME,
        "1 to 16 lower-case letters, digits and underscores, a letter first",
        "choose another name",
    ),
]
KubernetesVersion = Annotated[str, AfterValidator(_kubernetes_version)]
CaCertificates = Annotated[Pem, AfterValidator(_certificates)]
RedisVersion = Annotated[str, AfterValidator(_redis_version)]
ClusterModeOff = Annotated[bool, AfterValidator(_cluster_mode_off)]
AwsRegion = Annotated[
    str, _matching(_AWS_REGION, "an AWS region, for example eu-west-1", "write the region's code")
]
AwsAccountId = Annotated[
    str,
    _matching(_AWS_ACCOUNT, "an AWS account ID: 12 digits in quotes", "write it without hyphens"),
]
Guid = Annotated[
    str,
    _matching(
        _GUID,
        "a GUID in lower case, 8-4-4-4-12 hexadecimal digits",
        "copy it from the portal, or from az account show",
    ),
]
AzureRegion = Annotated[
    str,
    _matching(
        _AZURE_REGION,
        "an Azure region, for example westeurope",
        "write its name as az account list-locations does, without spaces",
    ),
]
# https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/resource-name-rules
ResourceGroupName = Annotated[
    str,
    _matching(
        _RESOURCE_GROUP,
        "1 to 90 letters, digits and _().-, no full stop at the end",
        "choose another name",
    ),
]
StorageAccountName = Annotated[
    str,
    _matching(
        _STORAGE_ACCOUNT,
        "3 to 24 lower-case letters and digits",
        "give the storage account's name, not its URL",
    ),
]
VmSize = Annotated[
    str,
    _matching(
        _VM_SIZE,
        "a size of Azure, for example Standard_D4ds_v5",
        "write it as az vm list-skus does",
    ),
]
GcpRegion = Annotated[
    str,
    _matching(
        _GCP_REGION, "a region of Google Cloud, for example europe-west4", "write the region's name"
    ),
]
GcpProject = Annotated[
    str,
    _matching(
        _GCP_PROJECT,
        "a project ID: 6 to 30 lower-case letters, digits and hyphens, a letter first",
        "gcloud projects list shows IDs; the project's name and number are something else",
    ),
]
GoogleGroup = Annotated[
    str,
    _matching(
        _GOOGLE_GROUP,
        "gke-security-groups@<your domain>: GKE takes no group of another name",
        "make that group and put the groups of cluster.admins into it",
    ),
]
RangeName = Annotated[
    str,
    _matching(
        _RANGE_NAME,
        "the name of a secondary range: lower-case letters, digits and hyphens, a letter first",
        "gcloud compute networks subnets describe <subnetwork> shows them",
    ),
]
BucketPrefix = Annotated[
    str,
    _matching(
        _BUCKET_PREFIX, "3 to 42 lower-case letters, digits and hyphens", "choose another prefix"
    ),
]
PostgresMajor = Annotated[int, Field(ge=14, le=18)]
TenantId = Annotated[
    str,
    Field(max_length=36),
    _matching(_ID, "3 to 36 lower-case letters, digits and single hyphens", "choose another ID"),
]
UserId = Annotated[
    str,
    Field(max_length=36),
    _matching(_ID, "3 to 36 lower-case letters, digits and single hyphens", "choose another ID"),
    AfterValidator(_user_id),
]
KubernetesName = Annotated[
    str,
    _matching(
        _KUBERNETES_NAME,
        "at most 63 lower-case letters, digits and hyphens, a letter or digit at both ends",
        "rename it",
    ),
]
BucketName = Annotated[
    str,
    _matching(
        _BUCKET,
        "3 to 63 lower-case letters, digits, dots and hyphens, a letter or digit at both ends",
        "give the bucket's name, not its ARN or URL",
    ),
]
HttpsUrl = Annotated[
    str, _matching(_HTTPS_URL, "a URL that begins with https://", "write it as its server says")
]
IpAddress = Annotated[str, AfterValidator(_ip_address)]
IpAddresses = Annotated[tuple[IpAddress, ...], BeforeValidator(as_tuple)]
Email = Annotated[str, _matching(_EMAIL, "an e-mail address", "write it as name@example.com")]
NetId = Annotated[str, AfterValidator(_net_id)]
DevAddrBlock = Annotated[str, AfterValidator(_dev_addr_block)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(as_tuple)]
KubernetesNames = Annotated[
    tuple[KubernetesName, ...], BeforeValidator(as_tuple), Field(min_length=1)
]
