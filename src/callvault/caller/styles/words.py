"""Spellings that several vendors share: ids, moments, text inside XML."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID
from xml.sax.saxutils import escape, quoteattr


def base64_id(octets: bytes) -> str:
    """RFC 7865 section 6.10: 24 characters, the last two of them padding."""
    return base64.b64encode(octets).decode()


def urn_uuid(octets: bytes) -> str:
    """The draft's way, which BroadWorks has kept."""
    return f"urn:uuid:{UUID(bytes=octets)}"


def hexadecimal(octets: bytes, length: int) -> str:
    """The first ``length`` digits, in lower case."""
    return octets.hex()[:length]


def zulu(moment: datetime) -> str:
    """RFC 3339 in UTC, whole seconds."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def zulu_ms(moment: datetime) -> str:
    """RFC 3339 in UTC, with milliseconds."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def zoneless(moment: datetime) -> str:
    """Nobody says whose time it is."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}"


def numeric_zone(moment: datetime) -> str:
    """ISO 8601's basic zone, without a colon: not what RFC 3339 allows."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}+0000"


def offset_zone(moment: datetime) -> str:
    """RFC 3339 with an offset instead of Z."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}+00:00"


def text(words: str) -> str:
    """Inside an element."""
    return escape(words)


def quoted(words: str) -> str:
    """As an attribute's value, quotation marks included."""
    return quoteattr(words)


def lined(lines: Iterable[str]) -> str:
    """Lines, each with its end."""
    return "".join(f"{line}\r\n" for line in lines)
