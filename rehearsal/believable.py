"""Outputs that a cloud would have computed: believable, of the declared type, and always the same.

They are derived from the resource's URN and from how often it was made before, so that two
rehearsals of one stack give the same values, and a replacement gives others. None of it is random
in the sense of cryptography: it is a simulation. RSA keys and the validity of certificates are the
exception: the library makes the first, the clock the second.
"""

import base64
import datetime
import hashlib
import ipaddress
import string
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from rehearsal.sdk import ListOf, MapOf, OneOf, ResourceType, Scalar, Shape

ACCOUNT = "123456789012"
Values = dict[str, Any]
PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
_CLUSTER_SCOPED = Path(__file__).parent / "rules" / "cluster_scoped.yaml"


class Unbelievable(Exception):
    """Inputs from which nothing can be computed; the message says which and why."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A new resource's identifier and computed outputs."""

    id: str
    outputs: Values


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is being made, by a provider of which configuration, after how many of the same URN."""

    kind: ResourceType
    urn: str
    inputs: Mapping[str, Any]
    provider: Mapping[str, Any]
    serial: int = 0

    @property
    def region(self) -> str:
        """The region of the provider, or one that is as good as any."""
        return str(self.inputs.get("region") or self.provider.get("region") or "eu-west-1")

    @property
    def name(self) -> str:
        """The logical name."""
        return self.urn.split("::", 3)[-1]

    def digest(self, salt: str, length: int = 17) -> str:
        """Hexadecimal digits that are this resource's alone."""
        return digest(self.urn, self.serial, salt, length)

    def data(self, salt: str, length: int) -> bytes:
        """Bytes that are this resource's alone."""
        return hashlib.shake_256(_seed(self.urn, self.serial, salt)).digest(length)

    def pick(self, salt: str, characters: str, length: int) -> str:
        """A text of these characters that is this resource's alone."""
        return "".join(characters[byte % len(characters)] for byte in self.data(salt, length))

    def whole(self, name: str, otherwise: int) -> int:
        """A number among the inputs."""
        value = self.inputs.get(name)
        return otherwise if value is None else int(value)


def digest(urn: str, serial: int, salt: str, length: int) -> str:
    """Hexadecimal digits for the resource of this URN that was made after `serial` others."""
    digits = hashlib.shake_128(_seed(urn, serial, salt)).hexdigest((length + 1) // 2)
    return digits[:length]


def _seed(urn: str, serial: int, salt: str) -> bytes:
    return f"{urn}|{serial}|{salt}".encode()


def namespaced(token: str) -> bool:
    """Whether a Kubernetes object of this type lives in a namespace."""
    return token.rpartition(":")[2] not in _cluster_scoped()


@cache
def _cluster_scoped() -> frozenset[str]:
    return frozenset(yaml.safe_load(_CLUSTER_SCOPED.read_text(encoding="utf-8")))


def make(request: Request) -> Made:
    """An identifier, and a value for every declared output that the inputs do not give.

    Raises Unbelievable.
    """
    computed = _special(request)(request)
    identifier = str(computed.pop("id", None) or _identifier(request))
    if request.kind.package == "aws":
        computed = {**_aws(request, identifier), **computed}
    if request.kind.package != "kubernetes":
        for name, shape in request.kind.outputs.items():
            if name not in request.inputs and name not in computed:
                computed[name] = _value(shape, request, name)
    return Made(id=identifier, outputs=computed)


def follow(request: Request, olds: Mapping[str, Any]) -> Values:
    """The computed outputs that an update changes, and those that are part of an input."""
    if "tagsAll" in request.kind.outputs:
        return {"tagsAll": _all_tags(request)}
    before = olds.get("metadata")
    if request.kind.package != "kubernetes" or not isinstance(before, Mapping):
        return {}
    added = {name: before[name] for name in _ADDED_METADATA if name in before}
    for counter in ("generation", "resourceVersion"):
        if str(added.get(counter, "")).isdigit():
            added[counter] = type(added[counter])(int(added[counter]) + 1)
    return {"metadata": added}


def _special(request: Request) -> Callable[[Request], Values]:
    if request.kind.package == "kubernetes":
        object_like = request.kind.open or "metadata" in request.kind.inputs
        return _kubernetes if object_like else _helm_release
    return _SPECIAL.get(request.kind.token, _nothing_special)


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


def _aws(request: Request, identifier: str) -> Values:
    """What most AWS resources have: an ARN, a region and all tags."""
    outputs = request.kind.outputs
    service = request.kind.token.split(":")[1].partition("/")[0]
    found: Values = {}
    if "arn" in outputs:
        found["arn"] = f"arn:aws:{service}:{request.region}:{ACCOUNT}:{identifier}"
    if "region" in outputs:
        found["region"] = request.region
    if "tagsAll" in outputs:
        found["tagsAll"] = _all_tags(request)
    return found


def _all_tags(request: Request) -> Values:
    defaults = request.provider.get("defaultTags") or {}
    return {**(defaults.get("tags") or {}), **(request.inputs.get("tags") or {})}


def _bucket(request: Request) -> Values:
    name = _identifier(request)
    return {
        "id": name,
        "bucket": name,
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


def _iam(what: str, prefix: str = "") -> Callable[[Request], Values]:
    """An IAM entity; AWS begins the unique ids of each kind with letters of its own."""

    def found(request: Request) -> Values:
        name, path = _identifier(request), request.inputs.get("path") or "/"
        values: Values = {"arn": f"arn:aws:iam::{ACCOUNT}:{what}{path}{name}"}
        if prefix:
            return {**values, "uniqueId": f"{prefix}{request.digest('unique', 17).upper()}"}
        return {
            **values,
            "id": values["arn"],
            "policyId": f"ANPA{request.digest('unique').upper()}",
        }

    return found


def _inline_policy(owner: str) -> Callable[[Request], Values]:
    """Its name is unique only within the user or role that has it."""
    return lambda request: {"id": f"{request.inputs.get(owner)}:{_identifier(request)}"}


def _attachment(owner: str) -> Callable[[Request], Values]:
    return lambda request: {"id": f"{request.inputs.get(owner)}/{request.inputs.get('policyArn')}"}


def _access_key(request: Request) -> Values:
    secret = base64.b64encode(request.data("secret", 30)).decode()
    return {"id": f"AKIA{request.digest('key', 16).upper()}", "secret": secret, "status": "Active"}


def _pod_identity(request: Request) -> Values:
    identifier = f"a-{request.digest('id', 17)}"
    where = f"arn:aws:eks:{request.region}:{ACCOUNT}:podidentityassociation"
    return {
        "id": identifier,
        "associationId": identifier,
        "associationArn": f"{where}/{request.inputs.get('clusterName')}/{identifier}",
    }


def _random_bytes(request: Request) -> Values:
    data = request.data("bytes", request.whole("length", 1))
    encoded = base64.b64encode(data).decode()
    return {"id": request.digest("id", 40), "hex": data.hex(), "base64": encoded}


def _random_id(request: Request) -> Values:
    data = request.data("bytes", request.whole("byteLength", 1))
    prefix = request.inputs.get("prefix") or ""
    url = base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    return {
        "id": url,
        "hex": prefix + data.hex(),
        "dec": f"{prefix}{int.from_bytes(data, 'big')}",
        "b64Std": prefix + base64.b64encode(data).decode(),
        "b64Url": prefix + url,
    }


def _random_text(request: Request) -> Values:
    """RandomString and RandomPassword: at least so many of each kind, as the inputs ask."""
    special = request.inputs.get("overrideSpecial") or "!@#$%&*()-_=+[]{}<>:?"
    groups = {
        "Lower": (string.ascii_lowercase, request.inputs.get("lower")),
        "Upper": (string.ascii_uppercase, request.inputs.get("upper")),
        "Numeric": (string.digits, request.inputs.get("numeric", request.inputs.get("number"))),
        "Special": (special, request.inputs.get("special")),
    }
    allowed = {name: letters for name, (letters, wanted) in groups.items() if wanted is not False}
    if not allowed:
        raise Unbelievable("lower, upper, numeric and special are all false, so nothing is left")
    needed = "".join(
        request.pick(name, letters, request.whole(f"min{name}", 0))
        for name, letters in allowed.items()
    )
    length = request.whole("length", 1)
    rest = request.pick("rest", "".join(allowed.values()), max(0, length - len(needed)))
    result = _shuffled(request, list(needed + rest))
    found: Values = {"id": "none", "result": "".join(result)}
    if "bcryptHash" in request.kind.outputs:
        alphabet = "./" + string.ascii_letters + string.digits
        return {**found, "bcryptHash": f"$2a$10${request.pick('bcrypt', alphabet, 53)}"}
    return {**found, "id": found["result"]}


def _random_integer(request: Request) -> Values:
    low, high = request.whole("min", 0), request.whole("max", 0)
    if high < low:
        raise Unbelievable(f"max ({high}) is less than min ({low})")
    result = low + int.from_bytes(request.data("integer", 8), "big") % (high - low + 1)
    return {"id": str(result), "result": result}


def _random_uuid(request: Request) -> Values:
    result = str(uuid.UUID(bytes=request.data("uuid", 16), version=4))
    return {"id": result, "result": result}


def _random_pet(request: Request) -> Values:
    words = [f"pet{request.digest(str(at), 4)}" for at in range(request.whole("length", 2))]
    prefix = request.inputs.get("prefix")
    separator = request.inputs.get("separator")
    joined = ("-" if separator is None else separator).join([*([prefix] if prefix else []), *words])
    return {"id": joined}


def _random_shuffle(request: Request) -> Values:
    given = _shuffled(request, list(request.inputs.get("inputs") or []))
    return {"id": "-", "results": given[: request.whole("resultCount", len(given))]}


def _shuffled(request: Request, items: list[Any]) -> list[Any]:
    keys = {at: request.digest(f"order{at}", 16) for at in range(len(items))}
    return [items[at] for at in sorted(keys, key=lambda at: keys[at])]


_ADDED_METADATA = ("uid", "resourceVersion", "generation", "creationTimestamp")


def _kubernetes(request: Request) -> Values:
    """An object comes back as it was sent; this is only what the API server adds to its metadata.

    What was sent is not repeated: some of it may be secret.
    """
    sent = request.inputs.get("metadata") or {}
    added: Values = {
        "uid": str(uuid.UUID(bytes=request.data("uid", 16), version=4)),
        "resourceVersion": "1",
        "generation": 1,
        "creationTimestamp": "2026-01-01T00:00:00Z",
    }
    name = sent.get("name")
    if name is None:
        start = sent.get("generateName") or f"{request.name}-"
        name = added["name"] = f"{start}{request.digest('name', 5)}"
    namespace = sent.get("namespace")
    return {"id": f"{namespace}/{name}" if namespace else str(name), "metadata": added}


def _helm_release(request: Request) -> Values:
    name = request.inputs.get("name") or f"{request.name}-{request.digest('name', 8)}"
    namespace = request.inputs.get("namespace") or "default"
    status = {"name": name, "namespace": namespace, "revision": 1, "status": "deployed"}
    chart = {"chart": request.inputs.get("chart"), "version": request.inputs.get("version")}
    values = {"name": name, "namespace": namespace, "status": {**status, **chart}}
    return {"id": f"{namespace}/{name}", **values}


_CURVES: Mapping[str, Callable[[], ec.EllipticCurve]] = {
    "P224": ec.SECP224R1,
    "P256": ec.SECP256R1,
    "P384": ec.SECP384R1,
    "P521": ec.SECP521R1,
}


def _private_key(request: Request) -> Values:
    key = _new_key(request)
    pkcs8 = _pem(key, PrivateFormat.PKCS8)
    ed = isinstance(key, ed25519.Ed25519PrivateKey)
    public = key.public_key()
    values = {
        "privateKeyPem": pkcs8 if ed else _pem(key, PrivateFormat.TraditionalOpenSSL),
        "privateKeyPemPkcs8": pkcs8,
        "publicKeyPem": _text(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)),
        "privateKeyOpenssh": "",
        "publicKeyOpenssh": "",
        "publicKeyFingerprintMd5": "",
        "publicKeyFingerprintSha256": "",
    }
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp224r1":
        values |= _openssh(key)
    return {"id": request.digest("id", 40), **values}


def _openssh(key: PrivateKey) -> dict[str, str]:
    """OpenSSH knows no P224, and the real provider leaves these empty for it."""
    line = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    blob = base64.b64decode(line.split()[1])
    md5 = hashlib.md5(blob, usedforsecurity=False).hexdigest()
    sha256 = base64.b64encode(hashlib.sha256(blob).digest()).rstrip(b"=").decode()
    return {
        "privateKeyOpenssh": _pem(key, PrivateFormat.OpenSSH),
        "publicKeyOpenssh": _text(line) + "\n",
        "publicKeyFingerprintMd5": ":".join(md5[at : at + 2] for at in range(0, 32, 2)),
        "publicKeyFingerprintSha256": f"SHA256:{sha256}",
    }


def _new_key(request: Request) -> PrivateKey:
    algorithm = request.inputs.get("algorithm")
    if algorithm == "RSA":
        return rsa.generate_private_key(65537, request.whole("rsaBits", 2048))
    if algorithm == "ED25519":
        return ed25519.Ed25519PrivateKey.from_private_bytes(request.data("key", 32))
    curve = request.inputs.get("ecdsaCurve") or "P224"
    if algorithm != "ECDSA" or curve not in _CURVES:
        allowed = f"RSA, ED25519, or ECDSA with the curve {', '.join(_CURVES)}"
        raise Unbelievable(f"algorithm {algorithm!r} with curve {curve!r}; allowed: {allowed}")
    kind = _CURVES[curve]()
    number = int.from_bytes(request.data("key", kind.key_size // 8), "big") >> 1
    return ec.derive_private_key(number or 1, kind)


def _pem(key: PrivateKey, form: PrivateFormat) -> str:
    return _text(key.private_bytes(Encoding.PEM, form, serialization.NoEncryption()))


def _text(data: bytes) -> str:
    return data.decode("ascii")


def _load_key(request: Request, *names: str) -> PrivateKey:
    given = next((name for name in names if request.inputs.get(name)), None)
    if given is None:
        raise Unbelievable(f"one of {', '.join(names)} is required")
    try:
        key = serialization.load_pem_private_key(str(request.inputs[given]).encode(), password=None)
    except (ValueError, TypeError) as error:
        raise Unbelievable(f"{given} holds no private key in PEM") from error
    if isinstance(key, (ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey, rsa.RSAPrivateKey)):
        return key
    raise Unbelievable(f"{given} holds a key that is neither RSA, ECDSA nor ED25519")


def _algorithm(key: PrivateKey) -> str:
    if isinstance(key, rsa.RSAPrivateKey):
        return "RSA"
    return "ED25519" if isinstance(key, ed25519.Ed25519PrivateKey) else "ECDSA"


def _hash(key: PrivateKey) -> hashes.SHA256 | None:
    """Ed25519 has its hash built in."""
    return None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()


_SUBJECT = {
    "commonName": NameOID.COMMON_NAME,
    "organization": NameOID.ORGANIZATION_NAME,
    "organizationalUnit": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "country": NameOID.COUNTRY_NAME,
    "province": NameOID.STATE_OR_PROVINCE_NAME,
    "locality": NameOID.LOCALITY_NAME,
    "postalCode": NameOID.POSTAL_CODE,
    "serialNumber": NameOID.SERIAL_NUMBER,
}


def _subject(request: Request) -> x509.Name:
    given = request.inputs.get("subject") or {}
    pairs = [(oid, given[name]) for name, oid in _SUBJECT.items() if given.get(name)]
    try:
        return x509.Name([x509.NameAttribute(oid, str(value)) for oid, value in pairs])
    except ValueError as error:
        raise Unbelievable(f"subject: {error}") from error


def _alternative_names(request: Request) -> x509.SubjectAlternativeName | None:
    names: list[x509.GeneralName] = []
    try:
        names += [x509.DNSName(name) for name in request.inputs.get("dnsNames") or []]
        for address in request.inputs.get("ipAddresses") or []:
            names.append(x509.IPAddress(ipaddress.ip_address(address)))
        names += [x509.UniformResourceIdentifier(uri) for uri in request.inputs.get("uris") or []]
    except ValueError as error:
        raise Unbelievable(f"a subject alternative name: {error}") from error
    return x509.SubjectAlternativeName(names) if names else None


def _self_signed(request: Request) -> Values:
    key = _load_key(request, "privateKeyPem", "privateKeyPemWo")
    subject, names = _subject(request), _alternative_names(request)
    builder = _certificate(request).subject_name(subject).issuer_name(subject)
    builder = builder.public_key(key.public_key())
    if names is not None:
        builder = builder.add_extension(names, critical=False)
    return {**_signed(request, builder, key), "keyAlgorithm": _algorithm(key)}


def _request_for_certificate(request: Request) -> Values:
    key = _load_key(request, "privateKeyPem", "privateKeyPemWo")
    builder = x509.CertificateSigningRequestBuilder().subject_name(_subject(request))
    names = _alternative_names(request)
    if names is not None:
        builder = builder.add_extension(names, critical=False)
    signed = builder.sign(key, _hash(key))
    return {
        "id": request.digest("id", 40),
        "certRequestPem": _text(signed.public_bytes(Encoding.PEM)),
        "keyAlgorithm": _algorithm(key),
    }


def _locally_signed(request: Request) -> Values:
    key = _load_key(request, "caPrivateKeyPem", "caPrivateKeyPemWo")
    try:
        authority = x509.load_pem_x509_certificate(str(request.inputs["caCertPem"]).encode())
        asked = x509.load_pem_x509_csr(str(request.inputs["certRequestPem"]).encode())
    except ValueError as error:
        raise Unbelievable("caCertPem or certRequestPem holds no PEM of its kind") from error
    builder = _certificate(request).subject_name(asked.subject).issuer_name(authority.subject)
    builder = builder.public_key(asked.public_key())
    for extension in asked.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    return {**_signed(request, builder, key), "caKeyAlgorithm": _algorithm(key)}


def _certificate(request: Request) -> x509.CertificateBuilder:
    """What certificates have in common: a serial number, a validity, whether they may sign."""
    start = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    end = start + datetime.timedelta(hours=request.whole("validityPeriodHours", 1))
    signs = request.inputs.get("isCaCertificate") is True
    return (
        x509.CertificateBuilder()
        .serial_number((int.from_bytes(request.data("serial", 8), "big") >> 1) or 1)
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=signs, path_length=None), critical=True)
    )


def _signed(request: Request, builder: x509.CertificateBuilder, key: PrivateKey) -> Values:
    certificate = builder.sign(key, _hash(key))
    return {
        "id": request.digest("id", 40),
        "certPem": _text(certificate.public_bytes(Encoding.PEM)),
        "validityStartTime": certificate.not_valid_before_utc.isoformat(),
        "validityEndTime": certificate.not_valid_after_utc.isoformat(),
        "readyForRenewal": False,
    }


_SPECIAL: Mapping[str, Callable[[Request], Values]] = {
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketObjectv2:BucketObjectv2": _object,
    "aws:iam/user:User": _iam("user", "AIDA"),
    "aws:iam/role:Role": _iam("role", "AROA"),
    "aws:iam/policy:Policy": _iam("policy"),
    "aws:iam/accessKey:AccessKey": _access_key,
    "aws:iam/userPolicy:UserPolicy": _inline_policy("user"),
    "aws:iam/rolePolicy:RolePolicy": _inline_policy("role"),
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": _attachment("user"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _attachment("role"),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": _pod_identity,
    "random:index/randomBytes:RandomBytes": _random_bytes,
    "random:index/randomId:RandomId": _random_id,
    "random:index/randomInteger:RandomInteger": _random_integer,
    "random:index/randomPassword:RandomPassword": _random_text,
    "random:index/randomPet:RandomPet": _random_pet,
    "random:index/randomShuffle:RandomShuffle": _random_shuffle,
    "random:index/randomString:RandomString": _random_text,
    "random:index/randomUuid:RandomUuid": _random_uuid,
    "tls:index/certRequest:CertRequest": _request_for_certificate,
    "tls:index/locallySignedCert:LocallySignedCert": _locally_signed,
    "tls:index/privateKey:PrivateKey": _private_key,
    "tls:index/selfSignedCert:SelfSignedCert": _self_signed,
}
