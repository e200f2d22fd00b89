"""The fields of a frame: JSON whose values are what they should be, or an error that names the field.

Numbers come as numbers or as text, depending on the vendor and on the year; both are read.  What does not live here:
which fields there are.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from typing import Any

import orjson

from callvault.errors import ProtocolError
from callvault.protocols.media_streams.events import Digit, Media, Oddity, Track

MOST_TEXT = 1000
"""Characters of one value that are kept."""
MOST_PARAMETERS = 100
TELEPHONE_RATE = 8000
LEAST_RATE, MOST_RATE = 4000, 192_000
KEYS = frozenset("0123456789*#ABCD")
_NUMBER_DIGITS = 18
_TRACKS: Mapping[str, Track] = {
    "inbound": Track.INBOUND,
    "inbound_track": Track.INBOUND,
    "outbound": Track.OUTBOUND,
    "outbound_track": Track.OUTBOUND,
}


def document(frame: str | bytes) -> dict[str, Any]:
    """A frame's JSON object.

    Raises:
        ProtocolError: it is none.
    """
    try:
        found = orjson.loads(frame)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        raise ProtocolError(f"The frame is not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise ProtocolError("The frame's JSON is not an object.")
    return found


def inner(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object within, empty where it is missing.

    Raises:
        ProtocolError: something else stands there.
    """
    found = fields.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ProtocolError(f"{name!r} should be an object.")
    return found


def text(fields: Mapping[str, Any], name: str) -> str | None:
    """A text, or a number as one; None where it is missing or empty.

    Raises:
        ProtocolError: something else stands there.
    """
    found = fields.get(name)
    if found is None or found == "":
        return None
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        raise ProtocolError(f"{name!r} should be a text.")
    return str(found)[:MOST_TEXT]


def number(fields: Mapping[str, Any], name: str) -> int | None:
    """A whole number that is not below zero; None where it is missing.

    Raises:
        ProtocolError: something else stands there.
    """
    found = fields.get(name)
    if isinstance(found, str) and found.isdigit() and found.isascii() and len(found) <= _NUMBER_DIGITS:
        return int(found)
    if found is None or found == "":
        return None
    if isinstance(found, int) and not isinstance(found, bool) and 0 <= found < 10**_NUMBER_DIGITS:
        return found
    raise ProtocolError(f"{name!r} should be a whole number, and is {found!r:.40}.")


def rate(fields: Mapping[str, Any], name: str) -> int:
    """Samples a second; 8000 where nothing is told.

    Raises:
        ProtocolError: no audio is sampled so.
    """
    found = number(fields, name)
    if found is None:
        return TELEPHONE_RATE
    if not LEAST_RATE <= found <= MOST_RATE:
        raise ProtocolError(f"{name!r} is {found}, and audio is sampled {LEAST_RATE} to {MOST_RATE} times a second.")
    return found


def payload(fields: Mapping[str, Any], name: str) -> bytes:
    """Octets in base 64; none where there are none.

    Raises:
        ProtocolError: they are not in base 64.
    """
    found = fields.get(name)
    if not isinstance(found, str):
        raise ProtocolError(f"{name!r} should be audio in base 64.")
    try:
        return binascii.a2b_base64(found, strict_mode=True)
    except ValueError as error:  # binascii.Error is one, and so is text that is not ASCII
        raise ProtocolError(f"{name!r} is not in base 64: {error}.") from error


def track(fields: Mapping[str, Any], name: str = "track") -> Track:
    """Which track is named; the inbound one where none is.

    Raises:
        ProtocolError: one that is not known is named.
    """
    found = fields.get(name)
    if found is None:
        return Track.INBOUND
    if not isinstance(found, str) or found not in _TRACKS:
        raise ProtocolError(f"{found!r:.40} is no track; there are inbound and outbound.")
    return _TRACKS[found]


def tracks(names: object) -> tuple[Track, ...]:
    """The tracks of a list of names, or of objects with a name; the inbound one where nothing is told.

    Raises:
        ProtocolError: it is no such list.
    """
    if names is None or names == []:
        return (Track.INBOUND,)
    if not isinstance(names, list):
        raise ProtocolError("'tracks' should be a list.")
    found = {track(each if isinstance(each, dict) else {"name": each}, "name") for each in names}
    return tuple(sorted(found))


def words(fields: Mapping[str, Any]) -> dict[str, str]:
    """What users put into a stream: texts as they are, everything else as JSON."""
    kept = list(fields.items())[:MOST_PARAMETERS]
    return {name[:MOST_TEXT]: _words(value)[:MOST_TEXT] for name, value in kept}


def _words(value: object) -> str:
    if isinstance(value, str):
        return value
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # nested too deeply
        return ""


def digit(key: str | None, track: Track, duration_ms: int | None) -> Digit | Oddity:
    """A key that was pressed, if it is one."""
    name = (key or "").upper()
    if name not in KEYS:
        return Oddity(
            code="digit-unknown", sentence=f"A key {name[:40]!r} was told; there are 0 to 9, *, # and A to D."
        )
    return Digit(key=name, track=track, duration_ms=duration_ms)


def media(fields: Mapping[str, Any]) -> Media:
    """A piece of audio, as Twilio writes it and Telnyx after it.

    Raises:
        ProtocolError: one of its fields is not what it should be.
    """
    return Media(
        track=track(fields),
        payload=payload(fields, "payload"),
        timestamp_ms=number(fields, "timestamp"),
        number=number(fields, "chunk"),
    )
