"""A server on loopback that speaks S3 and checks signatures, in a process of its own."""

import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from tools.s3_server import obtain

_PROGRAM = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
server.stop()
"""
_ALL_OF_S3 = """{"Version": "2012-10-17",
"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}"""


@dataclass(frozen=True, kw_only=True)
class S3Server:
    """A running server. `access_key_id` and `secret_access_key`: of a user who may do all with buckets."""

    endpoint: str
    access_key_id: str
    secret_access_key: str

    def make(self, *buckets: str) -> None:
        """Make buckets, as their owner would."""
        for bucket in buckets:
            self._ask(f"/{bucket}", method="PUT")

    def put(self, path: str, text: bytes) -> None:
        """Write an object, as an operator would."""
        self._ask(f"/{path}", method="PUT", data=text)

    def get(self, path: str) -> bytes | None:
        """An object's content, None where there is none."""
        try:
            return self._ask(f"/{path}")
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise

    def _ask(self, path: str, method: str = "GET", data: bytes | None = None) -> bytes:
        """Without a signature: the server is told to ask for none meanwhile."""
        _check_signatures(self.endpoint, "inf")
        try:
            return _request(self.endpoint + path, method, data, "s3")
        finally:
            _check_signatures(self.endpoint, "0")


@contextmanager
def serving() -> Iterator[S3Server]:
    """A new server without a bucket."""
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM],
        env={"PYTHONPATH": str(obtain())},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            endpoint = f"http://127.0.0.1:{int(process.stdout.readline())}"
            key = _user(endpoint)
            _check_signatures(endpoint, "0")
            yield S3Server(endpoint=endpoint, **key)
        finally:
            process.terminate()


def _user(endpoint: str) -> dict[str, str]:
    _iam(endpoint, {"Action": "CreateUser", "UserName": "seeds"})
    _iam(
        endpoint,
        {
            "Action": "PutUserPolicy",
            "UserName": "seeds",
            "PolicyName": "all",
            "PolicyDocument": _ALL_OF_S3,
        },
    )
    answer = ET.fromstring(_iam(endpoint, {"Action": "CreateAccessKey", "UserName": "seeds"}))  # noqa: S314
    found = {it.tag.rpartition("}")[2]: it.text or "" for it in answer.iter()}
    return {"access_key_id": found["AccessKeyId"], "secret_access_key": found["SecretAccessKey"]}


def _iam(endpoint: str, form: Mapping[str, str]) -> bytes:
    data = urllib.parse.urlencode({**form, "Version": "2010-05-08"}).encode()
    return _request(endpoint, "POST", data, "iam")


def _check_signatures(endpoint: str, after: str) -> None:
    _request(f"{endpoint}/moto-api/reset-auth", "POST", after.encode(), "s3")


def _request(url: str, method: str, data: bytes | None, service: str) -> bytes:
    # The server goes by the service in this header.
    scope = f"Credential=any/20260101/us-east-1/{service}/aws4_request"
    header = {"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=none"}
    if service == "s3":
        header["Content-Type"] = "application/octet-stream"
    request = urllib.request.Request(url, data=data, method=method, headers=header)  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        content: bytes = answer.read()
    return content
