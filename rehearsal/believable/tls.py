"""Keys and certificates, real ones."""

import base64
import datetime
import hashlib
import ipaddress
from collections.abc import Callable, Mapping

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from rehearsal.believable.request import Request, Unbelievable, Values

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
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


SPECIAL: Mapping[str, Callable[[Request], Values]] = {
    "tls:index/certRequest:CertRequest": _request_for_certificate,
    "tls:index/locallySignedCert:LocallySignedCert": _locally_signed,
    "tls:index/privateKey:PrivateKey": _private_key,
    "tls:index/selfSignedCert:SelfSignedCert": _self_signed,
}
