"""From a place in the settings to a store: a folder, or a bucket somewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from obstore.store import S3Store, from_url

from callvault.errors import OperatorError
from callvault.media.store import MediaStore


@dataclass(frozen=True, kw_only=True, slots=True)
class BucketAccess:
    """What an S3 bucket is reached with; empty: as the library finds it (environment, instance role)."""

    endpoint: str = ""
    region: str = ""
    access_key: str = ""
    secret_key: str = ""


def store_at(name: str, place: str, access: BucketAccess) -> MediaStore:
    """``place``: a folder's path, ``s3://bucket/prefix``, or another URL that the object-store library knows.

    Raises:
        OperatorError: the place cannot be understood.
    """
    if "://" not in place:
        return MediaStore.in_folder(name, Path(place).expanduser().resolve())
    try:
        if place.startswith("s3://"):
            bucket, _, prefix = place.removeprefix("s3://").partition("/")
            return MediaStore(name, S3Store(bucket, prefix=prefix or None, **_s3_options(access)))
        return MediaStore(name, from_url(place))
    except Exception as error:  # the library has no common root for what a wrong URL or option raises
        raise OperatorError(f"The setting store is {place!r}, which cannot be used: {error}") from error


def _s3_options(access: BucketAccess) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if access.endpoint:
        options["endpoint"] = access.endpoint
        options["client_options"] = {"allow_http": access.endpoint.startswith("http://")}
    if access.region:
        options["region"] = access.region
    if access.access_key:
        options["access_key_id"] = access.access_key
        options["secret_access_key"] = access.secret_key
    return options
