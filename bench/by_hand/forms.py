"""Whose pages they are, and the forms in which the vendors write times, places and links."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from callvault.model.ids import time_of
from callvault.model.query import ALWAYS, Span
from callvault.model.recording import Recording

Asked = Mapping[str, str]
"""The parameters of a request."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TO_GREGORIAN = 62_167_219_200
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, kw_only=True)
class Archive:
    """What stands in all pages."""

    account_id: UUID
    serial: int
    token: str
    base_url: str
    link_key: bytes
    veil_key: bytes


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")[:23] + "Z"


def rfc2822(moment: datetime) -> str:
    day, month = DAYS[moment.weekday()], MONTHS[moment.month - 1]
    return f"{day}, {moment.day:02} {month} {moment.year} {moment.hour:02}:{moment.minute:02}:{moment.second:02} +0000"


def gregorian(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(seconds=1) + TO_GREGORIAN


def month(core_id: UUID) -> str:
    moment = time_of(core_id)
    return f"{moment.year:04}{moment.month:02}"


def duration(milliseconds: int) -> str:
    minutes, milliseconds = divmod(milliseconds, 60_000)
    seconds, milliseconds = divmod(milliseconds, 1000)
    text = f"PT{minutes}M" if minutes else "PT"
    if milliseconds:
        return text + f"{seconds}.{milliseconds:03}".rstrip("0") + "S"
    return text + f"{seconds}S" if seconds or not minutes else text


def place(at: datetime, core_id: UUID) -> str:
    microseconds = (at - EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(microseconds.to_bytes(8, "big", signed=True) + core_id.bytes).decode()


def link(archive: Archive, item: Recording, form: str) -> str:
    expires = int(datetime.now(UTC).timestamp()) + 600
    name = f"{item.id}.{form}"
    signature = hmac.digest(archive.link_key, f"{name}\n\n{expires}".encode(), hashlib.sha256)[:24]
    return f"{archive.base_url}/media/{name}?expires={expires}&signature={base64.urlsafe_b64encode(signature).decode()}"


def span(asked: Asked, from_: str, before: str = "") -> Span:
    least, most = asked.get(from_), asked.get(before)
    if least is None and most is None:
        return ALWAYS
    return Span(
        from_=datetime.fromisoformat(least) if least else None, before=datetime.fromisoformat(most) if most else None
    )
