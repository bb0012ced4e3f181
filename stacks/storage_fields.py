"""Named types for values about storage, each with one rule and one message."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from stacks.problems import refuse

_SUBDOMAIN = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?")
_HOST_FOLDER = re.compile(r"(/[\w.-]+){2,}")
_PREFIX = re.compile(r"[\w.-]+(/[\w.-]+)*")


def _endpoint(value: str) -> str:
    parts = urlsplit(value)
    plain = parts.path in ("", "/") and not parts.query and not parts.fragment
    if parts.scheme not in ("https", "http") or not plain or not _HOST.fullmatch(parts.netloc):
        refuse(
            "https:// (or http://), a host in lower case and perhaps a port, "
            "for example https://s3.example.com",
            "leave out path and bucket; without an endpoint, Amazon S3 is meant",
        )
    return value.rstrip("/")


def _storage_class(value: str) -> str:
    if not _SUBDOMAIN.fullmatch(value):
        refuse(
            "a storage class by its name, as `kubectl get storageclass` shows it",
            "correct it, or leave it out for the cluster's default",
        )
    return value


def _host_folder(value: str) -> str:
    if not _HOST_FOLDER.fullmatch(value) or ".." in value.split("/"):
        refuse(
            "a folder of its own on the node, at least two deep, for example /var/lib/tts-blobs",
            "write an absolute path without .. in it",
        )
    return value


def _object_prefix(value: str) -> str:
    if not _PREFIX.fullmatch(value):
        refuse(
            "words with single slashes between them, for example databases/tts",
            "leave out slashes at both ends",
        )
    return value


Endpoint = Annotated[str, AfterValidator(_endpoint)]
StorageClassName = Annotated[str, AfterValidator(_storage_class)]
HostFolder = Annotated[str, AfterValidator(_host_folder)]
ObjectPrefix = Annotated[str, AfterValidator(_object_prefix)]
