"""A DNS server on loopback with a zone file, and a client that asks it."""

from collections.abc import Iterator
from contextlib import contextmanager

import dns.message
import dns.query
import dns.rdatatype
from dnslib import RCODE, RR, DNSRecord
from dnslib.server import BaseResolver, DNSLogger, DNSServer

from tests.kubernetes.addresses import loopback
from tests.kubernetes.processes import free_port


class _Zone(BaseResolver):
    """Records of a zone file. A wildcard stands for names that are not there (RFC 4592)."""

    def __init__(self, zone: str) -> None:
        self._records: dict[str, list[RR]] = {}
        for record in RR.fromZone(zone):
            self._records.setdefault(_text(record.rname), []).append(record)

    def resolve(self, request: DNSRecord, handler: object) -> DNSRecord:
        """The answer to a question."""
        reply = request.reply()
        name = _text(request.q.qname)
        there = name if name in self._records else self._wildcard(name)
        if there is None:
            reply.header.rcode = RCODE.NXDOMAIN
            return reply
        for record in self._records[there]:
            if record.rtype == request.q.qtype:
                ttl, data = record.ttl, record.rdata
                reply.add_answer(RR(request.q.qname, record.rtype, ttl=ttl, rdata=data))
        return reply

    def _wildcard(self, name: str) -> str | None:
        rest = name
        while "." in rest:
            rest = rest.partition(".")[2]
            if f"*.{rest}" in self._records:
                return f"*.{rest}"
            if rest in self._records:
                return None
        return None


def _text(label: object) -> str:
    return str(label).rstrip(".").lower()


class Resolver:
    """Asks one server."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port

    def ask(self, name: str, kind: str) -> list[str]:
        """What stands there, as a zone file has it; nothing where there is no such name."""
        question = dns.message.make_query(name, kind)
        answer = dns.query.udp(question, self._host, port=self._port, timeout=10)
        wanted = dns.rdatatype.from_text(kind)
        return sorted(
            data.to_text() for found in answer.answer if found.rdtype == wanted for data in found
        )


@contextmanager
def served(zone: str) -> Iterator[Resolver]:
    """A DNS server with these lines of a zone file."""
    host, port = loopback(), free_port()
    silent = DNSLogger(log="", logf=lambda _: None)
    server = DNSServer(_Zone(zone), address=host, port=port, logger=silent)
    server.start_thread()
    try:
        yield Resolver(host, port)
    finally:
        server.stop()
