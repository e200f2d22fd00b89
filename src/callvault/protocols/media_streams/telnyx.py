"""Telnyx's frames: "Media Streaming over Websockets", developers.telnyx.com, as of 2026-04-10, read 2026-11-21.

``connected``, ``start``, ``media``, ``dtmf``, ``mark``, ``error``, ``stop``.  Frames may come in another order than
they were made in; ``chunk`` tells it.  Payloads are those of RTP without their headers, in the call's own codec.  Of
L16 that would mean the higher octet first (RFC 3551 section 4.5.11); those who took it off the wire found the lower one
first, and the page is silent, so that is what is read unless the address says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from callvault.errors import ProtocolError
from callvault.protocols.media_streams import fields
from callvault.protocols.media_streams.encodings import encoding_named
from callvault.protocols.media_streams.events import (
    Connected,
    Event,
    Format,
    Marked,
    Oddity,
    Started,
    Stopped,
    Vendor,
)
from callvault.protocols.media_streams.reader import Reader, direction_told, told_by, unknown_event

_IDS = ("call_session_id", "call_leg_id", "connection_id", "client_state")


class TelnyxReader(Reader):
    """Of one connection."""

    vendor: ClassVar[Vendor] = Vendor.TELNYX

    def _read(self, told: Mapping[str, Any]) -> Event | None:
        match told.get("event"):
            case "media":
                return fields.media(fields.inner(told, "media"))
            case "connected":
                return Connected(version=fields.text(told, "version"))
            case "start":
                return _start(told, fields.inner(told, "start"))
            case "dtmf":
                pressed = fields.inner(told, "dtmf")
                return fields.digit(fields.text(pressed, "digit"), fields.track(pressed), None)
            case "mark":
                return Marked(name=fields.text(fields.inner(told, "mark"), "name") or "")
            case "error":
                return _error(fields.inner(told, "payload"))
            case "stop":
                return Stopped(reason=fields.text(fields.inner(told, "stop"), "reason"))
            case other:
                return unknown_event(other)


def _start(told: Mapping[str, Any], start: Mapping[str, Any]) -> Started:
    call_id = fields.text(start, "call_control_id")
    if call_id is None:
        raise ProtocolError("The start has no call_control_id, so nobody could say which call it is.")
    media = fields.inner(start, "media_format")
    parameters = fields.words(fields.inner(start, "custom_parameters"))
    ids = {name: value for name in _IDS if (value := fields.text(start, name)) is not None}
    tags = start.get("tags")
    if isinstance(tags, list) and tags:
        ids |= fields.words({"tags": tags})
    return Started(
        vendor=Vendor.TELNYX,
        stream_id=fields.text(told, "stream_id"),
        call_id=call_id,
        account_id=fields.text(start, "user_id"),
        format=Format(
            encoding=encoding_named(fields.text(media, "encoding") or "PCMU"),
            sample_rate=fields.rate(media, "sample_rate"),
            little_endian=True,
        ),
        tracks=(),
        direction=direction_told(fields.text(start, "direction") or told_by(parameters, "direction")),
        caller=fields.text(start, "from"),
        callee=fields.text(start, "to"),
        ids=ids,
        parameters=parameters,
    )


def _error(error: Mapping[str, Any]) -> Oddity:
    said = ", ".join(word for name in ("code", "title", "detail") if (word := fields.text(error, name)) is not None)
    return Oddity(code="vendor-error", sentence=f"Telnyx told an error of the stream: {said or 'without a word'}.")
