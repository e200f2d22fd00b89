"""jambonz' frames: "listen", docs.jambonz.org/verbs/verbs/listen, read 2026-11-21.

The first frame is text and tells of the call, as a webhook would, with ``sampleRate`` and ``mixType``; then binary
frames of 16-bit samples come, two channels side by side where the type is ``stereo``, and text for keys.  FreeSWITCH's
mod_audio_fork sends samples as its processor has them: the lower octet first.  Nothing is numbered or timed, and no
frame says the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from callvault.errors import ProtocolError
from callvault.protocols.media_streams import fields
from callvault.protocols.media_streams.events import Event, Format, Marked, Media, Started, Track, Vendor
from callvault.protocols.media_streams.reader import Reader, direction_told, unknown_event

_IDS = (
    "callId",
    "applicationSid",
    "parentCallSid",
    "callStatus",
    "callerName",
    "originatingSipIp",
    "originatingSipTrunkName",
    "traceId",
)
_KNOWN = frozenset(
    {
        *_IDS, "callSid", "accountSid", "direction", "from", "to", "sampleRate", "mixType", "metadata", "sipStatus",
        "sipReason", "localSipAddress", "publicIp", "fsSipAddress", "fsPublicIp", "apiBaseUrl", "sip",
    }
)  # fmt: skip
_EVENT_CLOCK = 8
"""Of a key's duration: RTP timestamp units a millisecond."""


class JambonzReader(Reader):
    """Of one connection."""

    vendor: ClassVar[Vendor] = Vendor.JAMBONZ

    def __init__(self, *, big_endian: bool = False) -> None:
        super().__init__(big_endian=big_endian)
        self._channels = 1
        self._rest = b""
        """What came of a sample that is not whole."""

    def _events(self, frame: str | bytes) -> tuple[Event, ...]:
        if isinstance(frame, str):
            return super()._events(frame)
        if not self._started:
            raise ProtocolError("jambonz tells of the call in text before it sends audio, and this is audio.")
        return self._audio(frame)

    def _read(self, told: Mapping[str, Any]) -> Event | None:
        kind = told.get("event", told.get("type"))
        if kind is None and ("callSid" in told or not self._started):
            return self._start(told)
        if kind == "dtmf":
            held = fields.number(told, "duration")
            return fields.digit(
                fields.text(told, "dtmf"), Track.INBOUND, None if held is None else held // _EVENT_CLOCK
            )
        if kind == "mark":
            return Marked(name=fields.text(fields.inner(told, "data"), "name") or "")
        return None if kind == "playDone" else unknown_event(kind)

    def _start(self, told: Mapping[str, Any]) -> Started:
        call_id = fields.text(told, "callSid")
        if call_id is None:
            raise ProtocolError("The first frame has no callSid, so nobody could say which call it is.")
        mix = fields.text(told, "mixType") or "mono"
        started = Started(
            vendor=Vendor.JAMBONZ,
            stream_id=None,
            call_id=call_id,
            account_id=fields.text(told, "accountSid"),
            format=Format(encoding="L16", sample_rate=fields.rate(told, "sampleRate"), little_endian=True),
            tracks=(Track.INBOUND, Track.OUTBOUND) if mix == "stereo" else (Track.INBOUND,),
            mixed=mix == "mixed",
            direction=direction_told(fields.text(told, "direction")),
            caller=fields.text(told, "from"),
            callee=fields.text(told, "to"),
            ids={name: value for name in _IDS if (value := fields.text(told, name)) is not None},
            parameters={
                **fields.words({name: value for name, value in told.items() if name not in _KNOWN}),
                **fields.words(fields.inner(told, "metadata")),
            },
        )
        if not self._started:
            self._channels = len(started.tracks)
        return started

    def _audio(self, frame: bytes) -> tuple[Event, ...]:
        octets = self._rest + frame
        whole = len(octets) - len(octets) % (2 * self._channels)
        octets, self._rest = octets[:whole], octets[whole:]
        if not octets:
            return ()
        if self._channels == 1:
            return (Media(track=Track.INBOUND, payload=octets),)
        samples = np.frombuffer(octets, dtype=np.uint16)
        return tuple(Media(track=track, payload=samples[track::2].tobytes()) for track in Track)
