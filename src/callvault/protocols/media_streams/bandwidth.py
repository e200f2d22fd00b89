"""Bandwidth's frames: "Start Stream", dev.bandwidth.com/docs/voice/bxml/startStream, read 2026-11-21.

``start`` with ``metadata`` and ``streamParams``, ``media`` with a track and µ-law in base 64, ``stop``.  Pieces have no
time, and a number only in some; their place follows from the audio before them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from callvault.errors import ProtocolError
from callvault.protocols.media_streams import fields
from callvault.protocols.media_streams.encodings import encoding_named
from callvault.protocols.media_streams.events import Event, Format, Media, Started, Stopped, Vendor
from callvault.protocols.media_streams.reader import Reader, direction_told, told_by, unknown_event


class BandwidthReader(Reader):
    """Of one connection."""

    vendor: ClassVar[Vendor] = Vendor.BANDWIDTH

    def _read(self, told: Mapping[str, Any]) -> Event | None:
        match told.get("eventType"):
            case "media":
                return _media(told)
            case "start":
                return _start(told, fields.inner(told, "metadata"))
            case "dtmf":
                return fields.digit(fields.text(told, "digit"), fields.track(told), None)
            case "stop":
                return Stopped(reason=fields.text(told, "cause"))
            case other:
                return unknown_event(other)


def _start(told: Mapping[str, Any], start: Mapping[str, Any]) -> Started:
    call_id = fields.text(start, "callId")
    if call_id is None:
        raise ProtocolError("The start's metadata has no callId, so nobody could say which call it is.")
    parameters = fields.words(fields.inner(told, "streamParams"))
    tracks = start.get("tracks")
    first = tracks[0] if isinstance(tracks, list) and tracks and isinstance(tracks[0], dict) else {}
    media = fields.inner(first, "mediaFormat")
    name = fields.text(start, "streamName")
    return Started(
        vendor=Vendor.BANDWIDTH,
        stream_id=fields.text(start, "streamId"),
        call_id=call_id,
        account_id=fields.text(start, "accountId"),
        format=Format(
            encoding=encoding_named(fields.text(media, "encoding") or "PCMU"),
            sample_rate=fields.rate(media, "sampleRate"),
            little_endian=True,  # as it wants PCM that is played: ``audio/pcm;...;endian=little``
        ),
        tracks=fields.tracks(tracks),
        direction=direction_told(fields.text(start, "direction") or told_by(parameters, "direction")),
        caller=fields.text(start, "from") or told_by(parameters, "from", "caller"),
        callee=fields.text(start, "to") or told_by(parameters, "to", "callee"),
        ids={"stream_name": name} if name else {},
        parameters=parameters,
    )


def _media(told: Mapping[str, Any]) -> Media:
    within = told if "payload" in told else fields.inner(told, "media")
    return Media(
        track=fields.track(told),
        payload=fields.payload(within, "payload"),
        timestamp_ms=fields.number(told, "timestamp"),
        number=fields.number(told, "sequenceNumber"),
    )
