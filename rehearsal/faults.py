"""What goes wrong in a cloud without anybody's fault, once for each resource."""

import enum
import hashlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from rehearsal.cloud import HalfDone, Operation, Refused
from rehearsal.urns import type_of


class Fault(str, enum.Enum):
    """One way in which an operation goes wrong."""

    CREATE_REFUSED = "create refused"
    CREATE_LOST = "made, reported as failed"
    CREATE_UNREADY = "made, not ready in time"
    ENGINE_KILLED = "engine killed meanwhile"
    UPDATE_REFUSED = "update refused"
    DELETE_REFUSED = "delete refused"


OPERATIONS: Mapping[Fault, str] = {
    Fault.CREATE_REFUSED: "create",
    Fault.CREATE_LOST: "create",
    Fault.CREATE_UNREADY: "create",
    Fault.ENGINE_KILLED: "create",
    Fault.UPDATE_REFUSED: "update",
    Fault.DELETE_REFUSED: "delete",
}
# Throttled, over a quota, out of capacity, in the words of each cloud. Sources:
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
# https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
# https://cloud.google.com/apis/design/errors, https://cloud.google.com/compute/docs/troubleshooting
# https://kubernetes.io/docs/reference/using-api/api-concepts/
_REASONS: Mapping[str, Sequence[str]] = {
    "aws": (
        "ThrottlingException: Rate exceeded",
        "LimitExceeded: the quota of this account in this region is reached",
        "InsufficientCapacity: there is no capacity in this zone just now",
    ),
    "azure-native": (
        "TooManyRequests: the number of requests of this subscription exceeded the limit",
        "QuotaExceeded: the operation exceeds the approved quota of this region",
        "AllocationFailed: there is no capacity in this region just now",
    ),
    "gcp": (
        "googleapi: Error 429: rateLimitExceeded",
        "googleapi: Error 403: quotaExceeded: the quota of this project is reached",
        "ZONE_RESOURCE_POOL_EXHAUSTED: the zone has not enough resources",
    ),
    "kubernetes": (
        "TooManyRequests: the server has received too many requests",
        "Forbidden: exceeded quota",
        "ServiceUnavailable: the server is currently unable to handle the request",
    ),
}
_ANYWHERE = ("the provider ended unexpectedly",)
# Providers that make nothing outside of the state: nothing of theirs can be lost.
LOCAL = frozenset({"random", "tls"})
# What is held and then refused by a rule never says that it is done.
_SETTLED_SECONDS = 5.0
Chosen = Callable[[str], Fault | None]


def package_of(token: str) -> str:
    """The package of a resource type."""
    return token.partition(":")[0]


def draw(*parts: object) -> float:
    """A number in [0, 1) that these parts decide."""
    digest = hashlib.sha256(":".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def reason(operation: Operation, seed: int) -> str:
    """Why a cloud refuses an operation that it would carry out another time."""
    words = _REASONS.get(package_of(operation.type), _ANYWHERE)
    return words[int(draw(seed, operation.kind, operation.urn) * len(words))]


def everywhere(fault: Fault) -> Chosen:
    """This fault at every resource that can have it."""
    return lambda urn: fault if possible(fault, urn) else None


def mixed(seed: int, share: float, among: Sequence[Fault]) -> Chosen:
    """At a share of the resources one of these faults, as the seed decides."""

    def chosen(urn: str) -> Fault | None:
        if draw(seed, "which", urn) >= share:
            return None
        fault = among[int(draw(seed, "what", urn) * len(among))]
        return fault if possible(fault, urn) else None

    return chosen


def possible(fault: Fault, urn: str) -> bool:
    """Whether a resource can have a fault: what is made in the state alone is not made elsewhere."""
    outside = (Fault.CREATE_LOST, Fault.CREATE_UNREADY)
    return fault not in outside or package_of(type_of(urn)) not in LOCAL


class Once:
    """Each resource has its fault the first time that it comes to it, and never again."""

    def __init__(self, chosen: Chosen, seed: int = 0) -> None:
        self._chosen = chosen
        self._seed = seed
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._going: set[str] = set()
        self._tried: dict[str, Fault] = {}
        self._held: dict[str, threading.Event] = {}
        self._last = time.monotonic()

    @property
    def tried(self) -> Mapping[str, Fault]:
        """The fault that each resource had, by URN."""
        return dict(self._tried)

    def before(self, operation: Operation) -> None:
        """Refuse, or hold until the engine is gone."""
        with self._lock:
            self._last = time.monotonic()
            fault = self._due(operation)
            if fault in (Fault.CREATE_LOST, Fault.CREATE_UNREADY, None):
                return
            self._tried[operation.urn] = fault
            released = threading.Event()
            if fault is Fault.ENGINE_KILLED:
                self._held[operation.urn] = released
                self._going.add(operation.urn)
        if fault is not Fault.ENGINE_KILLED:
            raise Refused(reason(operation, self._seed))
        released.wait()
        if not self.completes(operation.urn):
            self._gone(operation.urn)
            raise Refused("it came to nothing, and nobody heard of it")

    def after(self, operation: Operation) -> None:
        """Say that it failed, though it is made."""
        self._gone(operation.urn)
        with self._lock:
            fault = self._due(operation)
            if fault not in (Fault.CREATE_LOST, Fault.CREATE_UNREADY):
                return
            self._tried[operation.urn] = fault
        if fault is Fault.CREATE_UNREADY:
            raise HalfDone("timed out while waiting for it to become ready")
        raise Refused("the connection was reset before the answer came")

    def completes(self, urn: str) -> bool:
        """Whether what was being made when the engine was killed is there in the end."""
        local = package_of(type_of(urn)) in LOCAL
        return not local and draw(self._seed, "completes", urn) < 0.5

    def at_rest(self, seconds: float) -> bool:
        """Whether something is held, and nothing else was asked for in so many seconds."""
        with self._lock:
            return bool(self._held) and time.monotonic() - self._last > seconds

    def release(self) -> None:
        """Let what is held go on, now that nobody listens any more, and wait for the end of it."""
        with self._changed:
            for event in self._held.values():
                event.set()
            self._held.clear()
            self._changed.wait_for(lambda: not self._going, timeout=_SETTLED_SECONDS)
            self._going.clear()

    def _gone(self, urn: str) -> None:
        with self._changed:
            self._going.discard(urn)
            self._changed.notify_all()

    def _due(self, operation: Operation) -> Fault | None:
        if operation.urn in self._tried:
            return None
        fault = self._chosen(operation.urn)
        if fault is None or OPERATIONS[fault] != operation.kind:
            return None
        return fault
