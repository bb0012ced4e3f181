"""Stand-ins: each passes the check that the real secret would have to pass."""

import base64
import datetime
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.stand_ins import certificate_like, stand_in, traces
from stacks.certificates import check_certificate, check_private_key, read_leaf
from stacks.config import load
from stacks.kubeconfig import check_kubeconfig
from stacks.secrets import SECRETS, SecretKey
from tests.samples import SECRETS as SET
from tests.samples import certificate, raw

_NAMES = ("thethings.example.com", "*.thethings.example.com")


@pytest.mark.parametrize("key", SECRETS)
def test_no_two_rehearsals_share_a_stand_in(key: SecretKey) -> None:
    assert stand_in(key, {}) != stand_in(key, {})


def test_the_stand_ins_of_a_shipped_stack_make_it_sound(tmp_path: Path) -> None:
    given_secrets = {key: stand_in(key, {}) for key in SECRETS if key in SET}
    config = load(raw(tmp_path, secrets={str(key): it for key, it in given_secrets.items()}))
    assert config.secret("adminPassword") == given_secrets["adminPassword"]


@pytest.mark.parametrize("context", [None, "staging"])
def test_a_kubeconfig_has_the_context_that_is_meant(context: str | None) -> None:
    cluster = {"mode": "existing", "name": "platform"}
    config = {"tts:cluster": cluster if context is None else {**cluster, "context": context}}
    assert check_kubeconfig(stand_in("kubeconfig", config), context) == []


@settings(deadline=None)
@given(junk=st.none() | st.integers() | st.text() | st.lists(st.text()))
def test_a_kubeconfig_is_made_whatever_stands_in_the_file(junk: object) -> None:
    for config in ({"tts:cluster": junk}, {"tts:cluster": {"context": junk}}):
        assert yaml.safe_load(stand_in("kubeconfig", config))["clusters"]


def test_a_certificate_is_stood_in_for_with_a_key_that_fits() -> None:
    real, _ = certificate(list(_NAMES), days=45)
    pair = certificate_like(real)
    assert pair is not None
    made, key = pair
    now = datetime.datetime.now(datetime.timezone.utc)
    assert check_certificate(made, _NAMES, now) == []
    assert check_private_key(made, key) == []
    assert read_leaf(made).names == read_leaf(real).names
    assert read_leaf(made).not_after == read_leaf(real).not_after
    assert read_leaf(made).public_key != read_leaf(real).public_key


def test_a_certificate_that_has_ended_stays_one_that_has_ended() -> None:
    real, _ = certificate(list(_NAMES), days=-1)
    pair = certificate_like(real)
    assert pair is not None
    now = datetime.datetime.now(datetime.timezone.utc)
    assert [it.value for it in check_certificate(pair[0], _NAMES, now)] == [
        f"ended on {read_leaf(real).not_after:%Y-%m-%d}"
    ]


def test_a_certificate_without_names_gets_a_key_too() -> None:
    pair = certificate_like(_without_names())
    assert pair is not None
    assert read_leaf(pair[0]).names == ()
    assert check_private_key(*pair) == []


@pytest.mark.parametrize("pem", ["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_what_is_no_certificate_is_left_for_the_checks(pem: str) -> None:
    assert certificate_like(pem) is None


def test_an_unreadable_certificate_is_the_only_thing_complained_of(tmp_path: Path) -> None:
    key = stand_in("tlsPrivateKey", {})
    sample = raw(
        tmp_path,
        {"tls": {"mode": "supplied", "certificate": "no PEM"}},
        secrets={**SET, "tlsPrivateKey": key},
    )
    with pytest.raises(Exception, match=r"has 1 problem;.*\n\ntts:tls\.certificate"):
        load(sample)


@pytest.mark.parametrize("key", SECRETS)
def test_a_stand_in_is_found_whole_in_base64_and_by_its_telling_part(key: SecretKey) -> None:
    secret = stand_in(key, {})
    encoded = base64.b64encode(secret.encode()).decode()
    telling = max((word for word in secret.split() if "://" not in word), key=len)
    for file in (f"a {secret} b", f'{{"data": "{encoded}"}}', f'"{telling}"'):
        assert any(trace in file for trace in traces(secret))


def test_what_every_kubeconfig_has_betrays_none() -> None:
    found = traces(stand_in("kubeconfig", {}))
    assert not any(trace in "https://kubernetes.example.com" for trace in found)
    assert not any(trace in "current-context: rehearsal" for trace in found)


def _without_names() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=9))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM).decode()
