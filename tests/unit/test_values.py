"""The Helm values: exactly the documented keys, secrets apart, nothing invented."""

import base64
import dataclasses
import datetime
import json
from urllib.parse import unquote, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from components import values
from components.prerequisites import (
    AdminUser,
    AwsBlobs,
    Buckets,
    Credentials,
    GatewayController,
    Ingress,
    IngressAnnotations,
    LocalBlobs,
    PacketBroker,
    Postgres,
    Prerequisites,
    ProductSecrets,
    PublicAddresses,
    Redis,
    Tenancy,
    Timescale,
    Tls,
)


def _facts(**changed: object) -> Prerequisites[str]:
    given_facts: dict[str, object] = {
        "domain": "thethings.example.com",
        "tenancy": Tenancy(mode="single", tenant_id="example"),
        "admin": AdminUser(user_id="admin-example", email="admin@example.com"),
        "postgres": Postgres(host="db.example.com", database="tts", username="tts"),
        "redis": Redis(address="redis.example.com:6379", read_only_address="ro.example.com:6379"),
        "blobs": AwsBlobs(
            buckets=Buckets(
                profile_pictures="a-profile",
                end_device_pictures="a-devices",
                edcs="a-edcs",
                interop="a-interop",
                plugins="a-plugins",
            ),
            region="eu-west-1",
            access_key_id="AKIAEXAMPLE",
        ),
        "ingress": Ingress(
            controller="traefik",
            annotations=IngressAnnotations(grpc={"example.com/route": "grpc"}),
            service_annotations={"example.com/scheme": "h2c"},
        ),
        "tls": Tls(secret_name="tts-tls"),
        "public": PublicAddresses(),
        "gateway_controller": GatewayController(enabled=True, address="gc.example.com:443"),
    }
    return Prerequisites(**{**given_facts, **changed})  # type: ignore[arg-type]


def _credentials(**changed: object) -> Credentials[str]:
    product: ProductSecrets[str] = ProductSecrets(
        cluster_key="c",
        cookie_block_key="b",
        cookie_hash_key="h",
        metrics_password="m",
        pprof_password="p",
        console_client_secret="o",
        tenant_admin_key="t",
        noc_grafana_password="g",
        noc_client_secret="n",
    )
    given_credentials: dict[str, object] = {
        "license_key": "license",
        "admin_password": "Password1",
        "postgres_password": "p@ss/word",
        "redis_password": "redis-password",
        "blob_secret_access_key": "blob-secret",
        "product": product,
    }
    return Credentials(**{**given_credentials, **changed})  # type: ignore[arg-type]


def test_plain_values_are_the_documented_keys() -> None:
    assert values.helm_values(_facts(), {}) == {
        "global": {
            "domain": "thethings.example.com",
            "deployment": {
                "initialTenant": {
                    "tenantID": "example",
                    "adminUserID": "admin-example",
                    "adminEmail": "admin@example.com",
                }
            },
            "tenancy": {"defaultID": "example"},
            "ingress": {
                "controller": "traefik",
                "tls": {"secretName": "tts-tls"},
                "annotations": {"grpc": {"example.com/route": "grpc"}},
            },
            "services": {"annotations": {"grpc": {"example.com/scheme": "h2c"}}},
            "ttgc": {
                "enabled": True,
                "domain": "thethings.example.com",
                "tls": {"secretName": "tts-tls"},
                "address": "gc.example.com:443",
            },
            "redis": {
                "address": "redis.example.com:6379",
                "readOnly": {"address": "ro.example.com:6379"},
            },
            "blob": {
                "provider": "aws",
                "aws": {"region": "eu-west-1", "accessKeyID": "AKIAEXAMPLE"},
            },
            "interop": {"configSource": "blob", "blob": {"bucket": "a-interop"}},
        },
        "is": {
            "profilePictures": {"bucket": "a-profile"},
            "endDevicePictures": {"bucket": "a-devices"},
        },
        "dcs": {"edcs": {"blob": {"bucket": "a-edcs"}}},
    }


def test_secret_values_are_the_documented_keys() -> None:
    assert values.helm_secrets(_facts(), _credentials(), {}) == {
        "license": {"key": "license"},
        "global": {
            "deployment": {"initialTenant": {"adminPassword": "Password1"}},
            "blob": {"aws": {"secretAccessKey": "blob-secret"}},
            "cluster": {"keys": "c"},
            "http": {
                "cookie": {"blockKey": "b", "hashKey": "h"},
                "metrics": {"password": "m"},
                "pprof": {"password": "p"},
            },
            "redis": {"password": "redis-password", "readOnly": {"password": "redis-password"}},
            "console": {"oauth": {"clientSecret": "o"}},
            "tenancy": {"adminKey": "t"},
            "noc": {"grafana": {"adminPassword": "g"}, "oauth": {"clientSecret": "n"}},
        },
        "is": {
            "database": {
                "uri": "postgres://tts:p%40ss%2Fword@db.example.com:5432/tts?sslmode=require"
            }
        },
    }


def test_every_secret_path_is_one_that_the_secrets_fill() -> None:
    tree = values.helm_secrets(_facts(), _credentials(), {})
    filled = {".".join(path) for path in _leaves(tree)}
    declared = {".".join(path) for path in values.SECRET_PATHS}
    assert declared - filled == {"global.blob.gcp.credentials"}
    assert filled <= declared


def _leaves(tree: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(tree, dict):
        return [path]
    return [leaf for key, inner in tree.items() for leaf in _leaves(inner, (*path, key))]


def test_no_secret_reaches_the_plain_values() -> None:
    plain = repr(values.helm_values(_facts(), {}))
    for secret in ("Password1", "p@ss/word", "redis-password", "blob-secret", "license"):
        assert secret not in plain


def test_multi_tenancy_has_no_default_tenant() -> None:
    facts = _facts(tenancy=Tenancy(mode="multi", tenant_id="example"))
    tree = values.helm_values(facts, {})["global"]
    assert isinstance(tree, dict)
    assert tree["tenancy"] == {"defaultID": ""}


def test_extra_values_are_merged_over_the_documented_ones() -> None:
    tree = values.helm_values(_facts(), {"is": {"replicas": 2}, "gs": {"udp": True}})
    assert tree["gs"] == {"udp": True}
    assert tree["is"] == {
        "profilePictures": {"bucket": "a-profile"},
        "endDevicePictures": {"bucket": "a-devices"},
        "replicas": 2,
    }


@pytest.mark.parametrize(
    ("changed", "fact", "word"),
    [
        ({}, "pluginsBucket", "plugins bucket"),
        (
            {"packet_broker": PacketBroker(mode="home-network", key_id="k", net_id="000013")},
            "packetBroker",
            "Packet Broker",
        ),
        (
            {
                "timescale": Timescale(
                    host="ts.example.com",
                    port=5432,
                    username="u",
                    storage_database="s",
                    noc_database=None,
                )
            },
            "timescale",
            "TimescaleDB",
        ),
    ],
)
def test_what_has_no_documented_key_is_a_fact_and_a_warning(
    changed: dict[str, object], fact: str, word: str
) -> None:
    facts = _facts(**changed)
    assert fact in values.undocumented_facts(facts)
    assert any(word in sentence for sentence in values.warnings(facts))


@given(password=st.text(min_size=1), user=st.text(min_size=1), database=st.text(min_size=1))
def test_any_user_password_and_database_survive_the_uri(
    password: str, user: str, database: str
) -> None:
    facts: Postgres[str] = Postgres(host="db.example.com", database=database, username=user)
    try:
        parts = urlsplit(facts.uri(password))
    except UnicodeEncodeError:
        return
    assert parts.hostname == "db.example.com"
    assert parts.port == 5432
    assert unquote(parts.username or "") == user
    assert unquote(parts.password or "") == password
    assert unquote(parts.path[1:]) == database


def test_an_ipv6_host_is_bracketed() -> None:
    facts: Postgres[str] = Postgres(host="2001:db8::1", database="d", username="u")
    assert urlsplit(facts.uri("p")).hostname == "2001:db8::1"


def _ca(name: str) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


@given(names=st.lists(st.text(alphabet="abc", min_size=1, max_size=20), min_size=1, max_size=3))
def test_root_cas_decode_by_line_and_as_one_text(names: list[str]) -> None:
    encoded = values.root_ca([_ca(name) for name in names])
    assert encoded is not None
    by_line = [x509.load_pem_x509_certificate(base64.b64decode(x)) for x in encoded.split("\n")]
    at_once = x509.load_pem_x509_certificates(base64.b64decode(encoded.replace("\n", "")))
    assert by_line == at_once
    assert [it.subject.rfc4514_string() for it in by_line] == [f"CN={name}" for name in names]


def test_no_root_ca_leaves_the_key_out() -> None:
    assert values.root_ca([]) is None


def test_the_next_step_pipes_the_secrets() -> None:
    text = values.next_step("tts", "the-things-stack", "1.1.0", "dev")
    assert "--show-secrets helmSecrets | helm upgrade --install tts" in text
    assert "-f values.yaml -f -" in text


def test_secrets_without_a_documented_key_are_apart_from_the_helm_values() -> None:
    timescale: Timescale[str] = Timescale(
        host="ts.example.com", port=5433, username="u", storage_database="s", noc_database=None
    )
    facts = _facts(timescale=timescale)
    credentials = _credentials(timescale_password="p/w", packet_broker_key="broker-key")
    assert values.undocumented_secrets(facts, credentials) == {
        "packetBroker": {"key": "broker-key"},
        "timescale": {"storageUri": "postgres://u:p%2Fw@ts.example.com:5433/s?sslmode=require"},
    }
    documented = repr(values.helm_secrets(facts, credentials, {}))
    assert "broker-key" not in documented
    assert "ts.example.com" not in documented


def test_a_volume_is_named_by_its_claim_and_its_folders_are_the_buckets() -> None:
    folders: Buckets[str] = Buckets(
        profile_pictures="profile_pictures",
        end_device_pictures="end_device_pictures",
        edcs="edcs",
        interop="interop",
        plugins="plugins",
    )
    facts = _facts(blobs=LocalBlobs(buckets=folders, claim="blobs", note="See to it."))
    found = values.helm_values(facts, {})
    assert found["global"]["blob"] == {"provider": "local", "local": {"pvc": "blobs"}}  # type: ignore[index,call-overload]
    assert found["is"]["profilePictures"] == {"bucket": "profile_pictures"}  # type: ignore[index,call-overload]
    assert "See to it." in values.warnings(facts)


def test_the_endpoint_of_another_service_is_told_but_no_key_is_invented_for_it() -> None:
    amazon = _facts().blobs
    assert isinstance(amazon, AwsBlobs)
    blobs = dataclasses.replace(amazon, endpoint="https://s3.example.com", path_style=True)
    facts = _facts(blobs=blobs)
    assert "s3.example.com" not in json.dumps(values.helm_values(facts, {}))
    assert values.undocumented_facts(facts)["blobService"] == {
        "endpoint": "https://s3.example.com",
        "forcePathStyle": True,
    }
    assert any("https://s3.example.com" in it for it in values.warnings(facts))
