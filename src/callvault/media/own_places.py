"""From what an account says of its own bucket to a store: four kinds, each with the names of its keys.

What is said goes into URLs and into a library, so each value is held to its form first: nothing said of a bucket may
turn a request to another server.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, ObjectStore, S3Store

from callvault.errors import BadRequest, MediaError
from callvault.media.store import MediaStore
from callvault.model.storage import Backend

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

USUAL_REGION = "us-east-1"
"""What servers that know no regions are told."""

_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]", re.ASCII)
_REGION = re.compile(r"[a-z0-9]+(-[a-z0-9]+){0,5}", re.ASCII)
_AZURE_NAME = re.compile(r"[a-z0-9]{3,24}", re.ASCII)
_KEY = re.compile(r"[!-~]{1,4096}", re.ASCII)
_ENDPOINT = re.compile(r"https?://[A-Za-z0-9.\-:\[\]]+(/[A-Za-z0-9._~/-]*)?", re.ASCII)
_ANY = re.compile(r".{1,16384}", re.DOTALL)

_SERVICE_ACCOUNT = ("type", "project_id", "private_key_id", "private_key", "client_email", "client_id")
"""What is taken of a service account's JSON; another key could name another server."""

_PATIENCE: RetryConfig = {"max_retries": 2, "retry_timeout": timedelta(seconds=20)}
_CLIENT: ClientConfig = {"connect_timeout": "5s", "timeout": "60s"}
"""Whoever sends audio waits for the store: better to keep it elsewhere soon than here after minutes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kind:
    required: Mapping[str, re.Pattern[str]]
    optional: Mapping[str, re.Pattern[str]]


_S3 = {"bucket": _BUCKET, "aws_access_key_id": _KEY, "aws_secret_access_key": _KEY}
_KINDS: dict[Backend, _Kind] = {
    Backend.S3: _Kind(required={**_S3, "region": _REGION}, optional={}),
    Backend.S3_GENERIC: _Kind(required={**_S3, "endpoint": _ENDPOINT}, optional={"region": _REGION}),
    Backend.GCS: _Kind(required={"bucket": _BUCKET, "credentials": _ANY}, optional={}),
    Backend.AZURE: _Kind(required={"bucket": _BUCKET, "account_name": _AZURE_NAME, "account_key": _KEY}, optional={}),
}


def checked(backend: Backend, configuration: Mapping[str, Any]) -> dict[str, str]:
    """What is known of the configuration's keys, each in its form; others are left out.

    Raises:
        BadRequest: a key is missing, or is not what it should be.
    """
    kind, known = _KINDS[backend], {}
    for name, form in {**kind.required, **kind.optional}.items():
        value = configuration.get(name)
        field = f"/configuration/{name}"
        if value is None or value == "":
            if name in kind.required:
                raise BadRequest(f"{name} is missing from the configuration of {backend}.", field=field)
            continue
        if not isinstance(value, str) or form.fullmatch(value) is None:
            raise BadRequest(f"{name} is not what {backend} calls one.", field=field, value="...")
        known[name] = value
    try:
        _backend(backend, known)
    except MediaError as error:
        raise BadRequest(str(error), field="/configuration", value="...") from error
    return known


def own_store(name: str, backend: Backend, configuration: Mapping[str, str]) -> MediaStore:
    """The store; whether it lets us in is seen when it is used.  ``configuration``: as ``checked`` gave it.

    Raises:
        MediaError: the library can make nothing of it.
    """
    return MediaStore(name, _backend(backend, configuration))


def url_of(backend: Backend, configuration: Mapping[str, str], key: str) -> str:
    """Where an object lies, for whoever has keys to the bucket: never signed."""
    bucket = configuration["bucket"]
    match backend:
        case Backend.S3 | Backend.S3_GENERIC:
            return f"s3://{bucket}/{key}"
        case Backend.GCS:
            return f"gs://{bucket}/{key}"
        case Backend.AZURE:
            return f"https://{configuration['account_name']}.blob.core.windows.net/{bucket}/{key}"


def same_bucket(backend: Backend, configuration: Mapping[str, str], other: Backend, others: Mapping[str, str]) -> bool:
    """Whether two configurations name one bucket, so that new keys open what lies there."""
    places = ("bucket", "endpoint", "account_name")
    return backend is other and all(configuration.get(name) == others.get(name) for name in places)


def endpoint_host(configuration: Mapping[str, str]) -> tuple[str, int, bool] | None:
    """Host, port and whether it is https, where the account names the server itself.

    Raises:
        BadRequest: it names none.
    """
    endpoint = configuration.get("endpoint")
    if endpoint is None:
        return None
    try:
        parts = urlsplit(endpoint)
        secure = parts.scheme == "https"
        host, port = parts.hostname, parts.port or (443 if secure else 80)
    except ValueError:
        host, port, secure = None, 0, False
    if not host:
        raise BadRequest("endpoint names no server.", field="/configuration/endpoint", value=endpoint)
    return host, port, secure


def _backend(backend: Backend, configuration: Mapping[str, str]) -> ObjectStore:
    try:
        match backend:
            case Backend.S3 | Backend.S3_GENERIC:
                return _s3(configuration)
            case Backend.GCS:
                account = _service_account(configuration["credentials"])
                return GCSStore(
                    configuration["bucket"],
                    service_account_key=account,
                    client_options=_CLIENT,
                    retry_config=_PATIENCE,
                )
            case Backend.AZURE:
                return AzureStore(
                    configuration["bucket"],
                    account_name=configuration["account_name"],
                    account_key=configuration["account_key"],
                    client_options=_CLIENT,
                    retry_config=_PATIENCE,
                )
    except (BaseError, ValueError) as error:  # the library's sentence may hold what stood in a key
        raise MediaError(f"The keys of this {backend} bucket cannot be read.") from error


def _s3(configuration: Mapping[str, str]) -> S3Store:
    region = configuration.get("region", USUAL_REGION)
    china = ".cn" if region.startswith("cn-") else ""
    endpoint = configuration.get("endpoint") or f"https://s3.{region}.amazonaws.com{china}"
    return S3Store(
        configuration["bucket"],
        endpoint=endpoint,
        region=region,
        access_key_id=configuration["aws_access_key_id"],
        secret_access_key=configuration["aws_secret_access_key"],
        client_options={**_CLIENT, "allow_http": endpoint.startswith("http://")},
        retry_config=_PATIENCE,
    )


def _service_account(text: str) -> str:
    """The JSON of a service account, with what we know of it and no more."""
    account = json.loads(text)
    if not isinstance(account, dict) or account.get("type") != "service_account":
        raise ValueError("not a service account")
    return json.dumps({name: account[name] for name in _SERVICE_ACCOUNT if name in account})
