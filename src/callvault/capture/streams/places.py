"""Where media streams are listened for, as operators write it, and what the path of one says.

``ws:127.0.0.1:8089 wss:[::]:8443``; ``/streams/VENDOR/TRUNK`` with, where nothing else can carry it, the trunk's
password behind it.  What does not live here: sockets, and who may come in (``admission``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import parse_qs, unquote, urlsplit

from callvault.errors import NotOffered, OperatorError
from callvault.protocols.media_streams.events import Vendor

_PLACE = re.compile(r"(wss?):(\[[^\[\]]+\]|[^\[\]:]+):([0-9]{1,5})", re.ASCII | re.IGNORECASE)
_PARTS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One socket that listens."""

    secure: bool
    host: str
    """A numeric address, version 6 without brackets."""
    port: int
    """0: any that is free."""

    @property
    def scheme(self) -> str:
        """Of its URLs."""
        return "wss" if self.secure else "ws"

    def __str__(self) -> str:
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}:{shown}:{self.port}"


def read_places(text: str) -> tuple[Place, ...]:
    """The setting ``stream_listen``.

    Raises:
        OperatorError: one of the places is none.
    """
    return tuple(_read_place(word) for word in text.split())


def _read_place(word: str) -> Place:
    found = _PLACE.fullmatch(word)
    if found is not None and int(found[3]) <= 65_535:
        try:
            host = str(ip_address(found[2].strip("[]")))
        except ValueError:
            pass
        else:
            return Place(secure=found[1].lower() == "wss", host=host, port=int(found[3]))
    raise OperatorError(
        f"stream_listen has {word!r}; each place must be ws or wss, a numeric address, and a port, as in "
        f"ws:127.0.0.1:8089 or wss:[::]:8443."
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """What a stream's URL asks for."""

    vendor: Vendor
    trunk: str
    token: str | None = field(default=None, repr=False)
    """The trunk's password, where the URL carries it."""
    big_endian: bool = False
    """``?l16=big``: L16 comes with the higher octet first."""


def read_address(target: str) -> Address:
    """The path and query of a request.

    Raises:
        NotOffered: it is not a media stream's.
    """
    try:
        split = urlsplit(target)
        query = parse_qs(split.query, max_num_fields=20)
    except ValueError as error:
        raise NotOffered("GET", target[:200]) from error
    parts = [unquote(part) for part in split.path.strip("/").split("/")]
    if parts[0] != "streams" or not _PARTS <= len(parts) <= _PARTS + 1 or parts[1] not in set(Vendor):
        raise NotOffered("GET", "/".join(["", *parts[:_PARTS]])[:200])
    token = parts[_PARTS] if len(parts) > _PARTS else query.get("token", [""])[0]
    return Address(vendor=Vendor(parts[1]), trunk=parts[2], token=token or None, big_endian=query.get("l16") == ["big"])
