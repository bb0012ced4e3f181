"""From the contract to the Helm values of The Things Stack: pure, and documented keys only.

The keys are those of the product's configuration and preparation pages
(https://www.thethingsindustries.com/docs/enterprise/kubernetes/generic/configuration/). Plain
values and secrets are two trees, so that a preview of the plain one stays readable; Helm merges
them. What the product documents no key for is listed by `undocumented_facts` and `warnings`.
"""

import base64
import re
from collections.abc import Iterable, Mapping
from typing import Union

from typing_extensions import assert_never

from components.prerequisites import (
    AwsBlobs,
    AzureBlobs,
    Credentials,
    GcpBlobs,
    LocalBlobs,
    Postgres,
    Prerequisites,
    Timescale,
)

Json = Union[None, bool, int, float, str, "list[Json]", "dict[str, Json]"]
Tree = dict[str, Json]

CHART = "oci://registry-1.docker.io/thethingsindustries/lorawan-stack-helm-chart"
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)

_SECRET_KEYS = (
    "license.key",
    "global.deployment.initialTenant.adminPassword",
    "global.blob.aws.secretAccessKey",
    "global.blob.gcp.credentials",
    "global.cluster.keys",
    "global.http.cookie.blockKey",
    "global.http.cookie.hashKey",
    "global.http.metrics.password",
    "global.http.pprof.password",
    "global.redis.password",
    "global.redis.readOnly.password",
    "global.console.oauth.clientSecret",
    "global.tenancy.adminKey",
    "global.noc.grafana.adminPassword",
    "global.noc.oauth.clientSecret",
    "is.database.uri",
)
SECRET_PATHS: tuple[tuple[str, ...], ...] = tuple(tuple(key.split(".")) for key in _SECRET_KEYS)


def helm_values(facts: Prerequisites[str], extra: Mapping[str, Json]) -> Tree:
    """The plain Helm values: the documented keys, with `extra` merged over them."""
    return merged(_nested({**_global_values(facts), **_store_values(facts)}), extra)


def helm_secrets(
    facts: Prerequisites[str], credentials: Credentials[str], extra: Mapping[str, Json]
) -> Tree:
    """The secret Helm values: the documented keys, with `extra` merged over them."""
    product = credentials.product
    read_only = facts.redis.read_only_address is not None
    documented: Mapping[str, Json] = {
        "license.key": credentials.license_key,
        "global.deployment.initialTenant.adminPassword": credentials.admin_password,
        "global.blob.aws.secretAccessKey": credentials.blob_secret_access_key,
        "global.blob.gcp.credentials": credentials.gcp_credentials,
        "global.cluster.keys": product.cluster_key,
        "global.http.cookie.blockKey": product.cookie_block_key,
        "global.http.cookie.hashKey": product.cookie_hash_key,
        "global.http.metrics.password": product.metrics_password,
        "global.http.pprof.password": product.pprof_password,
        "global.redis.password": credentials.redis_password,
        "global.redis.readOnly.password": credentials.redis_password if read_only else None,
        "global.console.oauth.clientSecret": product.console_client_secret,
        "global.tenancy.adminKey": product.tenant_admin_key,
        "global.noc.grafana.adminPassword": product.noc_grafana_password,
        "global.noc.oauth.clientSecret": product.noc_client_secret,
        "is.database.uri": facts.postgres.uri(credentials.postgres_password),
    }
    return merged(_nested(documented), extra)


def undocumented_facts(facts: Prerequisites[str]) -> Tree:
    """What the product needs to be told, but the chart documents no key for."""
    found: Tree = {"pluginsBucket": facts.blobs.buckets.plugins}
    if isinstance(facts.blobs, AwsBlobs) and facts.blobs.endpoint is not None:
        found["blobService"] = {
            "endpoint": facts.blobs.endpoint,
            "forcePathStyle": facts.blobs.path_style,
        }
    if facts.packet_broker is not None:
        found["packetBroker"] = _nested(
            {
                "mode": facts.packet_broker.mode,
                "keyId": facts.packet_broker.key_id,
                "netId": facts.packet_broker.net_id,
                "devAddrBlock": facts.packet_broker.dev_addr_block,
            }
        )
    if facts.timescale is not None:
        found["timescale"] = _nested(
            {
                "host": facts.timescale.host,
                "port": facts.timescale.port,
                "username": facts.timescale.username,
                "storageDatabase": facts.timescale.storage_database,
                "nocDatabase": facts.timescale.noc_database,
            }
        )
    return found


def undocumented_secrets(facts: Prerequisites[str], credentials: Credentials[str]) -> Tree:
    """The secret part of `undocumented_facts`: the Packet Broker key, and TimescaleDB's URIs."""
    found: Tree = {}
    if credentials.packet_broker_key is not None:
        found["packetBroker"] = {"key": credentials.packet_broker_key}
    if facts.timescale is not None and credentials.timescale_password is not None:
        password = credentials.timescale_password
        found["timescale"] = _nested(
            {
                "storageUri": _timescale_uri(
                    facts.timescale, facts.timescale.storage_database, password
                ),
                "nocUri": _timescale_uri(facts.timescale, facts.timescale.noc_database, password),
            }
        )
    return found


def _timescale_uri(timescale: Timescale[str], database: str | None, password: str) -> str | None:
    if database is None:
        return None
    where: Postgres[str] = Postgres(
        host=timescale.host, port=timescale.port, database=database, username=timescale.username
    )
    return where.uri(password)


def warnings(facts: Prerequisites[str]) -> list[str]:
    """What the operator must still carry over by extraValues or extraSecrets, one sentence each."""
    how = "look for its key in the chart's values.yaml and set it through"
    found = [f"The chart documents no key for the plugins bucket: {how} extraValues."]
    if facts.packet_broker is not None:
        found.append(
            f"The chart documents no key for Packet Broker: {how} extraValues and extraSecrets."
        )
    if facts.timescale is not None:
        found.append(f"The chart documents no key for TimescaleDB's address: {how} extraSecrets.")
    if isinstance(facts.blobs, AwsBlobs) and facts.blobs.endpoint is not None:
        found.append(
            f"The chart documents no key for the endpoint {facts.blobs.endpoint} of the buckets: {how} "
            "extraValues, together with path style; without it the product looks for them at Amazon."
        )
    if isinstance(facts.blobs, LocalBlobs) and facts.blobs.note is not None:
        found.append(facts.blobs.note)
    if isinstance(facts.blobs, AwsBlobs) and facts.blobs.access_key_id is None:
        found.append(
            "The buckets are reached by pod identity: the chart documents no key for its service "
            "accounts, so check that their names are those in blobs.access.serviceAccounts."
        )
    return found


def next_step(release: str, namespace: str, chart_version: str, stack: str) -> str:
    """The commands that install the product; secrets go through a pipe, never into a file."""
    output = f"pulumi stack output --stack {stack} --json"
    return "\n".join(
        [
            f"{output} helmValues > values.yaml",
            f"{output} --show-secrets helmSecrets | helm upgrade --install {release} {CHART} \\",
            f"  --version {chart_version} --namespace {namespace} -f values.yaml -f -",
        ]
    )


def root_ca(certificates: Iterable[str]) -> str | None:
    """CAs (PEM) as `global.tls.rootCA` wants them: base64 per certificate, one on a line.

    Each is filled up with line ends to a multiple of three bytes, so that no line ends in padding:
    right for a reader that decodes each line, and for one that decodes them all as one text, as a
    Kubernetes Secret does.
    """
    blocks = [block for pem in certificates for block in _PEM.findall(pem)]
    lines = []
    for block in blocks:
        text = block.encode() + b"\n"
        text += b"\n" * (-len(text) % 3)
        lines.append(base64.b64encode(text).decode())
    return "\n".join(lines) or None


def merged(base: Mapping[str, Json], over: Mapping[str, Json]) -> Tree:
    """Two trees of values in one; where both have a value, that of `over` holds."""
    result: Tree = dict(base)
    for key, value in over.items():
        below = result.get(key)
        both = isinstance(below, dict) and isinstance(value, dict)
        result[key] = merged(below, value) if both else value  # type: ignore[arg-type]
    return result


def _global_values(facts: Prerequisites[str]) -> Mapping[str, Json]:
    controller = facts.gateway_controller
    on = controller.enabled
    routes = facts.ingress.annotations
    return {
        "global.domain": facts.domain,
        "global.deployment.initialTenant.tenantID": facts.tenancy.tenant_id,
        "global.deployment.initialTenant.adminUserID": facts.admin.user_id,
        "global.deployment.initialTenant.adminEmail": facts.admin.email,
        "global.tenancy.defaultID": facts.tenancy.default_id,
        "global.ingress.controller": facts.ingress.controller,
        "global.ingress.tls.secretName": facts.tls.secret_name,
        "global.ingress.annotations.http": _annotations(routes.http),
        "global.ingress.annotations.grpc": _annotations(routes.grpc),
        "global.ingress.annotations.semtechws": _annotations(routes.semtechws),
        "global.ingress.annotations.semtechcups": _annotations(routes.semtechcups),
        "global.ingress.annotations.ttigw": _annotations(routes.ttigw),
        "global.services.annotations.grpc": _annotations(facts.ingress.service_annotations),
        "global.tls.rootCA": root_ca(facts.tls.root_cas),
        "global.ttgc.enabled": on,
        "global.ttgc.domain": facts.domain if on else None,
        "global.ttgc.tls.secretName": facts.tls.secret_name if on else None,
        "global.ttgc.address": controller.address if on else None,
    }


def _store_values(facts: Prerequisites[str]) -> Mapping[str, Json]:
    buckets = facts.blobs.buckets
    storage = facts.timescale is not None and facts.timescale.storage_database is not None
    return {
        "global.redis.address": facts.redis.address,
        "global.redis.readOnly.address": facts.redis.read_only_address,
        **_blob_values(facts.blobs),
        "global.interop.configSource": "blob",
        "global.interop.blob.bucket": buckets.interop,
        "is.profilePictures.bucket": buckets.profile_pictures,
        "is.endDevicePictures.bucket": buckets.end_device_pictures,
        "dcs.edcs.blob.bucket": buckets.edcs,
        "as.storage.enabled": True if storage else None,
    }


def _blob_values(
    blobs: AwsBlobs[str] | AzureBlobs[str] | GcpBlobs[str] | LocalBlobs[str],
) -> Mapping[str, Json]:
    match blobs:
        case AwsBlobs():
            return {
                "global.blob.provider": "aws",
                "global.blob.aws.region": blobs.region,
                "global.blob.aws.accessKeyID": blobs.access_key_id,
            }
        case AzureBlobs():
            return {
                "global.blob.provider": "azure",
                "global.blob.azure.accountName": blobs.account_name,
                "global.blob.azure.clientID": blobs.client_id,
            }
        case GcpBlobs():
            return {"global.blob.provider": "gcp"}
        case LocalBlobs():
            return {"global.blob.provider": "local", "global.blob.local.pvc": blobs.claim}
        case _:
            assert_never(blobs)


def _annotations(annotations: Mapping[str, str]) -> Json:
    return dict(annotations) or None


def _nested(flat: Mapping[str, Json]) -> Tree:
    """Dotted keys as a tree; what is None is left to the chart's own default."""
    tree: Tree = {}
    for key, value in flat.items():
        if value is None:
            continue
        *parents, last = key.split(".")
        node = tree
        for parent in parents:
            inner = node.setdefault(parent, {})
            assert isinstance(inner, dict)
            node = inner
        node[last] = value
    return tree
