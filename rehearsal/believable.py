"""Outputs that a cloud would have computed: believable, of the declared type, and always the same.

They are derived from the resource's URN, so that two rehearsals of one stack give the same values.
None of it is random in the sense of cryptography: it is a simulation.
"""

import base64
import datetime
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.x509.oid import NameOID

from rehearsal.sdk import ListOf, MapOf, OneOf, ResourceType, Scalar, Shape

ACCOUNT = "123456789012"
Values = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Made:
    """A new resource's identifier and computed outputs."""

    id: str
    outputs: Values


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is being made, and the configuration of the provider that makes it."""

    kind: ResourceType
    urn: str
    inputs: Mapping[str, Any]
    provider: Mapping[str, Any]

    @property
    def region(self) -> str:
        """The region of the provider, or one that is as good as any."""
        return str(self.inputs.get("region") or self.provider.get("region") or "eu-west-1")

    def digest(self, salt: str, length: int = 17) -> str:
        """Hexadecimal digits that are this resource's alone."""
        return hashlib.shake_128(f"{self.urn}|{salt}".encode()).hexdigest((length + 1) // 2)[
            :length
        ]

    def data(self, salt: str, length: int) -> bytes:
        """Bytes that are this resource's alone."""
        return hashlib.shake_256(f"{self.urn}|{salt}".encode()).digest(length)


def make(request: Request) -> Made:
    """An identifier, and a value for every declared output that the inputs do not give."""
    special = _SPECIAL.get(request.kind.token, _nothing_special)
    if request.kind.package == "kubernetes":
        special = _kubernetes
    computed = special(request)
    identifier = str(computed.pop("id", None) or _identifier(request))
    if request.kind.package == "aws":
        computed = {**_aws(request), **computed}
    if request.kind.package != "kubernetes":
        for name, shape in request.kind.outputs.items():
            if name not in request.inputs and name not in computed:
                computed[name] = _value(shape, request, name)
    return Made(id=identifier, outputs=computed)


def _identifier(request: Request) -> str:
    for name in ("name", "bucket"):
        value = request.inputs.get(name)
        if isinstance(value, str):
            return value
    return f"{request.kind.token.rpartition(':')[2].lower()}-{request.digest('id')}"


def _value(shape: Shape, request: Request, name: str) -> Any:
    if isinstance(shape, Scalar):
        return _scalar(shape, request, name)
    if isinstance(shape, OneOf):
        return _value(shape.options[0], request, name)
    if isinstance(shape, (ListOf, MapOf)):
        empty: Any = [] if isinstance(shape, ListOf) else {}
        return empty
    return {
        field: _value(inner, request, f"{name}.{field}")
        for field, inner in shape.fields.items()
        if isinstance(inner, Scalar)
    }


def _scalar(shape: Scalar, request: Request, name: str) -> Any:
    if shape.kind in ("integer", "number"):
        return 1
    if shape.kind == "boolean":
        return False
    if shape.kind == "text":
        return f"{name.rpartition('.')[2]}-{request.digest(name, 8)}"
    return None


def _nothing_special(request: Request) -> Values:
    return {}


def _aws(request: Request) -> Values:
    """What most AWS resources have: an ARN, a region and all tags."""
    outputs = request.kind.outputs
    service = request.kind.token.split(":")[1].partition("/")[0]
    found: Values = {}
    if "arn" in outputs:
        found["arn"] = f"arn:aws:{service}:{request.region}:{ACCOUNT}:{_identifier(request)}"
    if "region" in outputs:
        found["region"] = request.region
    if "tagsAll" in outputs:
        defaults = request.provider.get("defaultTags") or {}
        found["tagsAll"] = {**defaults.get("tags", {}), **(request.inputs.get("tags") or {})}
    return found


def _bucket(request: Request) -> Values:
    name = _identifier(request)
    return {
        "id": name,
        "arn": f"arn:aws:s3:::{name}",
        "bucketDomainName": f"{name}.s3.amazonaws.com",
        "bucketRegionalDomainName": f"{name}.s3.{request.region}.amazonaws.com",
    }


def _object(request: Request) -> Values:
    bucket, key = request.inputs.get("bucket"), request.inputs.get("key")
    return {
        "id": f"{bucket}/{key}",
        "arn": f"arn:aws:s3:::{bucket}/{key}",
        "versionId": request.digest("version", 32),
        "etag": hashlib.md5(b"", usedforsecurity=False).hexdigest(),
    }


def _iam(what: str) -> Callable[[Request], Values]:
    def found(request: Request) -> Values:
        return {"arn": f"arn:aws:iam::{ACCOUNT}:{what}/{_identifier(request)}"}

    return found


def _access_key(request: Request) -> Values:
    secret = base64.b64encode(request.data("secret", 30)).decode()
    return {"id": f"AKIA{request.digest('key', 16).upper()}", "secret": secret, "status": "Active"}


def _random_bytes(request: Request) -> Values:
    data = request.data("bytes", int(request.inputs.get("length") or 1))
    return {
        "id": request.digest("id", 40),
        "hex": data.hex(),
        "base64": base64.b64encode(data).decode(),
    }


def _kubernetes(request: Request) -> Values:
    """Objects come back as they were sent, with what the API server adds to their metadata."""
    sent = dict(request.inputs.get("metadata") or {})
    name = str(sent.get("name") or f"{request.urn.rpartition('::')[2]}-{request.digest('name', 8)}")
    namespace = sent.get("namespace")
    added = {
        "name": name,
        "uid": request.digest("uid", 32),
        "resourceVersion": "1",
        "generation": 1,
    }
    return {"id": f"{namespace}/{name}" if namespace else name, "metadata": {**sent, **added}}


def _private_key(request: Request) -> Values:
    key: CertificateIssuerPrivateKeyTypes
    if request.inputs.get("algorithm") == "ECDSA":
        number = int.from_bytes(request.data("key", 32), "big") >> 1
        key = ec.derive_private_key(number or 1, ec.SECP256R1())
    else:
        key = rsa.generate_private_key(65537, 2048)
    public = key.public_key()
    private_pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    public_pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()
    return {
        "id": request.digest("id", 40),
        "privateKeyPem": private_pem,
        "privateKeyPemPkcs8": private_pem,
        "privateKeyOpenssh": private_pem,
        "publicKeyPem": public_pem,
    }


def _self_signed(request: Request) -> Values:
    key = serialization.load_pem_private_key(
        str(request.inputs["privateKeyPem"]).encode(), password=None
    )
    assert isinstance(key, (ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey))
    hours = int(request.inputs.get("validityPeriodHours") or 1)
    start = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    end = start + datetime.timedelta(hours=hours)
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Rehearsal")])
    names = [x509.DNSName(name) for name in request.inputs.get("dnsNames") or []]
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(request.data("serial", 8), "big") >> 1)
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    return {
        "id": request.digest("id", 40),
        "certPem": signed.public_bytes(serialization.Encoding.PEM).decode(),
        "validityStartTime": start.isoformat(),
        "validityEndTime": end.isoformat(),
        "readyForRenewal": False,
        "keyAlgorithm": "ECDSA",
    }


_SPECIAL: Mapping[str, Callable[[Request], Values]] = {
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketObjectv2:BucketObjectv2": _object,
    "aws:iam/user:User": _iam("user"),
    "aws:iam/role:Role": _iam("role"),
    "aws:iam/accessKey:AccessKey": _access_key,
    "random:index/randomBytes:RandomBytes": _random_bytes,
    "tls:index/privateKey:PrivateKey": _private_key,
    "tls:index/selfSignedCert:SelfSignedCert": _self_signed,
}
