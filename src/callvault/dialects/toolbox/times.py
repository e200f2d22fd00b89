"""Times and durations in the forms that vendors write, and back.  The one that most write is the model's own."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import orjson

from callvault.errors import BadRequest
from callvault.model.spelling import iso_ms

__all__ = [
    "GREGORIAN_1970",
    "duration_iso",
    "from_gregorian",
    "gregorian",
    "http_date",
    "iso_ms",
    "parse_iso",
    "rfc2822",
]

GREGORIAN_1970 = 62_167_219_200
"""The second with which Unix begins, as Erlang counts: from year 0 on, which is a leap year."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LOST_PLUS = re.compile(r"(T\S+) (\d\d:?\d\d)$", re.ASCII)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def rfc2822(moment: datetime) -> str:
    """RFC 2822 in UTC: ``Sun, 01 Mar 2026 09:00:02 +0000``; three-letter months in every locale."""
    text = orjson.dumps(moment).decode()
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day}, {text[9:11]} {month} {text[1:5]} {text[12:20]} +0000"


def http_date(moment: datetime) -> str:
    """RFC 9110 section 5.6.7, for Last-Modified."""
    return rfc2822(moment).removesuffix("+0000") + "GMT"


def gregorian(moment: datetime) -> int:
    """Whole seconds since the year 0, as Erlang counts them."""
    since = moment - _EPOCH
    return since.days * _DAY + since.seconds + GREGORIAN_1970


def from_gregorian(seconds: int) -> datetime:
    """Turn ``gregorian`` back.

    Raises:
        OverflowError: outside the years 1 to 9999.
    """
    return _EPOCH + timedelta(seconds=seconds - GREGORIAN_1970)


def duration_iso(duration_ms: int) -> str:
    """ISO 8601 duration with a fraction, zeros trimmed: ``PT1.415S``, ``PT1M30.5S``, ``PT0S``."""
    seconds, milliseconds = divmod(duration_ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{milliseconds:03}".rstrip("0").rstrip(".")
    text = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or milliseconds or not text:
        text += f"{seconds}{fraction}S"
    return "PT" + text


def parse_iso(text: str, field: str) -> datetime:
    """Parse ISO 8601 (date, or date and time; any offset; without one it is UTC).  The answer is UTC.

    A plus that a client forgot to encode arrives as a space; it is read as the plus of an offset.

    Raises:
        BadRequest: it is something else.
    """
    candidate = text.strip()
    if " " in candidate:
        candidate = _LOST_PLUS.sub(r"\1+\2", candidate)
    try:
        # The standard library would read a time with a NUL behind it
        moment = datetime.fromisoformat(candidate if candidate.isprintable() else "")
        if moment.tzinfo is UTC:
            return moment
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise BadRequest(
            f"{field} must be an ISO 8601 time such as 2026-03-01T09:00:02.114Z, not {text!r}.",
            field=field,
            value=text,
        ) from None
