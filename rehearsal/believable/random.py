"""What the random provider makes; here it is derived from the URN."""

import base64
import string
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from rehearsal.believable.request import Request, Unbelievable, Values


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


SPECIAL: Mapping[str, Callable[[Request], Values]] = {
    "random:index/randomBytes:RandomBytes": _random_bytes,
    "random:index/randomId:RandomId": _random_id,
    "random:index/randomInteger:RandomInteger": _random_integer,
    "random:index/randomPassword:RandomPassword": _random_text,
    "random:index/randomPet:RandomPet": _random_pet,
    "random:index/randomShuffle:RandomShuffle": _random_shuffle,
    "random:index/randomString:RandomString": _random_text,
    "random:index/randomUuid:RandomUuid": _random_uuid,
}
