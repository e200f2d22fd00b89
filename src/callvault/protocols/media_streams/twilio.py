"""Twilio's frames: "Media Streams - WebSocket Messages", twilio.com/docs/voice/media-streams, read 2026-11-21.

``connected``, ``start``, ``media``, ``dtmf``, ``mark``, ``stop``; always µ-law of 8000 samples a second, each track in
frames of its own.  Twilio does not tell who is in the call: the user may, by ``<Parameter>`` of the names ``from``,
``to`` and ``direction``.
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
    Started,
    Stopped,
    Vendor,
)
from callvault.protocols.media_streams.reader import Reader, direction_told, told_by, unknown_event


class TwilioReader(Reader):
    """Of one connection."""

    vendor: ClassVar[Vendor] = Vendor.TWILIO

    def _read(self, told: Mapping[str, Any]) -> Event | None:
        match told.get("event"):
            case "media":
                return fields.media(fields.inner(told, "media"))
            case "connected":
                return Connected(version=fields.text(told, "version"))
            case "start":
                return self._start(fields.inner(told, "start"))
            case "dtmf":
                pressed = fields.inner(told, "dtmf")
                key, held_ms = fields.text(pressed, "digit"), fields.number(pressed, "duration")
                return fields.digit(key, fields.track(pressed), held_ms)
            case "mark":
                return Marked(name=fields.text(fields.inner(told, "mark"), "name") or "")
            case "stop":
                return Stopped()
            case other:
                return unknown_event(other)

    def _start(self, start: Mapping[str, Any]) -> Started:
        call_id = fields.text(start, "callSid")
        if call_id is None:
            raise ProtocolError("The start has no callSid, so nobody could say which call it is.")
        media = fields.inner(start, "mediaFormat")
        parameters = fields.words(fields.inner(start, "customParameters"))
        return Started(
            vendor=self.vendor,
            stream_id=fields.text(start, "streamSid"),
            call_id=call_id,
            account_id=fields.text(start, "accountSid"),
            format=Format(
                encoding=encoding_named(fields.text(media, "encoding") or "audio/x-mulaw"),
                sample_rate=fields.rate(media, "sampleRate"),
                little_endian=True,
            ),
            tracks=fields.tracks(start.get("tracks")),
            direction=direction_told(told_by(parameters, "direction")),
            caller=told_by(parameters, "from", "caller"),
            callee=told_by(parameters, "to", "callee"),
            parameters=parameters,
        )
