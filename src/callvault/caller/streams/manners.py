"""What each vendor puts on the wire: a media stream's frames as text or octets.

Written from the vendors' pages as of November 2026: Twilio "Media Streams - WebSocket Messages", Telnyx "Media
Streaming over Websockets", SignalWire "Stream", Bandwidth "Start Stream", jambonz "listen".  What does not live here:
when a frame is sent.
"""

from __future__ import annotations

import base64
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callvault.caller.streams.plan import StreamPlan

TRACKS = ("inbound", "outbound")
Frame = str | bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """One track's audio of one moment."""

    track: int
    chunk: int
    """From 1, within the track."""
    at_ms: int
    payload: bytes


class Manner(ABC):
    """One vendor's, for one connection."""

    subprotocol: str | None = None
    together = False
    """Both voices lie in one frame."""

    def __init__(self, plan: StreamPlan, connection: int) -> None:
        self.plan = plan
        self.stream_id = plan.stream_ids[connection]
        self._sent = 0

    @abstractmethod
    def opening(self) -> Sequence[Frame]:
        """What comes ahead of the audio."""

    @abstractmethod
    def media(self, pieces: Sequence[Piece]) -> Frame:
        """Audio of one moment: one piece, or of every track one."""

    @abstractmethod
    def digit(self, key: str, held_ms: int) -> Frame:
        """A key was pressed."""

    def closing(self) -> Sequence[Frame]:
        """The last words, if the vendor has any."""
        return ()

    @property
    def rate(self) -> int:
        """Samples a second."""
        return (self.plan.rate or 16_000) if self.plan.codec == "l16" else 8000

    def _next(self) -> str:
        self._sent += 1
        return str(self._sent)


def _text(told: Mapping[str, Any]) -> str:
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False)


def _b64(payload: bytes) -> str:
    return base64.b64encode(payload).decode()


class Twilio(Manner):
    """``<Start><Stream>``."""

    encoding: Mapping[str, str] = {"pcmu": "audio/x-mulaw"}

    def opening(self) -> Sequence[Frame]:
        plan = self.plan
        start = {
            "accountSid": plan.account_id,
            "streamSid": self.stream_id,
            "callSid": plan.call_id,
            "tracks": list(TRACKS[: len(plan.voices)]),
            "mediaFormat": {"encoding": self.encoding[plan.codec], "sampleRate": self.rate, "channels": 1},
            "customParameters": dict(plan.parameters),
        }
        return (
            self._said({"event": "connected", "protocol": "Call", "version": "1.0.0"}),
            self._said({"event": "start", "sequenceNumber": self._next(), "start": start, "streamSid": self.stream_id}),
        )

    def media(self, pieces: Sequence[Piece]) -> Frame:
        (piece,) = pieces
        media = {
            "track": TRACKS[piece.track],
            "chunk": str(piece.chunk),
            "timestamp": str(piece.at_ms + 57),
            "payload": _b64(piece.payload),
        }
        return self._said(
            {"event": "media", "sequenceNumber": self._next(), "media": media, "streamSid": self.stream_id}
        )

    def digit(self, key: str, held_ms: int) -> Frame:  # noqa: ARG002 - Twilio does not tell it
        pressed = {"track": "inbound_track", "digit": key}
        return self._said(
            {"event": "dtmf", "streamSid": self.stream_id, "sequenceNumber": self._next(), "dtmf": pressed}
        )

    def closing(self) -> Sequence[Frame]:
        stop = {"accountSid": self.plan.account_id, "callSid": self.plan.call_id}
        return (
            self._said({"event": "stop", "sequenceNumber": self._next(), "stop": stop, "streamSid": self.stream_id}),
        )

    def _said(self, raw: Mapping[str, Any]) -> Frame:
        return _text(raw)


class SignalWire(Twilio):
    """``<Start><Stream>`` of cXML: the same, wrapped up."""

    encoding: Mapping[str, str] = {"pcmu": "audio/x-mulaw", "l16": "audio/x-L16"}

    def _said(self, raw: Mapping[str, Any]) -> Frame:
        return _text(
            {
                "timestamp": "2026-11-21T09:00:00.000Z",
                "direction": "inbound",
                "eventType": raw["event"],
                "streamSid": self.stream_id,
                "rawEvent": raw,
            }
        )


class Telnyx(Manner):
    """``streaming_start``."""

    def opening(self) -> Sequence[Frame]:
        plan = self.plan
        start = {
            "user_id": plan.account_id,
            "call_control_id": plan.call_id,
            "call_session_id": f"session-of-{plan.call_id}",
            "from": plan.caller,
            "to": plan.callee,
            "client_state": "ZGVzayA3",
            "custom_parameters": dict(plan.parameters),
            "media_format": {"encoding": plan.codec.upper(), "sample_rate": self.rate, "channels": 1},
        }
        return (
            _text({"event": "connected", "version": "1.0.0"}),
            _text({"event": "start", "sequence_number": self._next(), "start": start, "stream_id": self.stream_id}),
        )

    def media(self, pieces: Sequence[Piece]) -> Frame:
        (piece,) = pieces
        media = {
            "track": TRACKS[piece.track],
            "chunk": str(piece.chunk),
            "timestamp": str(piece.at_ms + 5),
            "payload": _b64(piece.payload),
        }
        return _text({"event": "media", "sequence_number": self._next(), "media": media, "stream_id": self.stream_id})

    def digit(self, key: str, held_ms: int) -> Frame:  # noqa: ARG002 - Telnyx does not tell it
        return _text(
            {
                "event": "dtmf",
                "stream_id": self.stream_id,
                "occurred_at": "2026-11-21T09:00:00.000000Z",
                "sequence_number": self._next(),
                "dtmf": {"digit": key},
            }
        )

    def closing(self) -> Sequence[Frame]:
        stop = {"user_id": self.plan.account_id, "call_control_id": self.plan.call_id}
        return (_text({"event": "stop", "sequence_number": self._next(), "stop": stop, "stream_id": self.stream_id}),)


class Bandwidth(Manner):
    """``<StartStream>``."""

    def opening(self) -> Sequence[Frame]:
        media = {"encoding": "PCMU", "sampleRate": 8000}
        tracks = [{"name": name, "mediaFormat": media} for name in TRACKS[: len(self.plan.voices)]]
        start = {**self._metadata(), "tracks": tracks}
        return (_text({"eventType": "start", "metadata": start, "streamParams": dict(self.plan.parameters)}),)

    def media(self, pieces: Sequence[Piece]) -> Frame:
        (piece,) = pieces
        return _text(
            {
                "eventType": "media",
                "track": TRACKS[piece.track],
                "payload": _b64(piece.payload),
                "sequenceNumber": str(piece.chunk),
            }
        )

    def digit(self, key: str, held_ms: int) -> Frame:  # noqa: ARG002 - Bandwidth does not tell it
        return _text({"eventType": "dtmf", "track": "inbound", "digit": key})

    def closing(self) -> Sequence[Frame]:
        return (_text({"eventType": "stop", "metadata": self._metadata()}),)

    def _metadata(self) -> dict[str, str]:
        return {
            "accountId": self.plan.account_id,
            "callId": self.plan.call_id,
            "streamId": self.stream_id,
            "streamName": self.stream_id,
        }


class Jambonz(Manner):
    """``listen``."""

    subprotocol = "audio.jambonz.org"
    together = True

    def opening(self) -> Sequence[Frame]:
        plan = self.plan
        mono = "mixed" if plan.mixed else "mono"
        return (
            _text(
                {
                    "callSid": plan.call_id,
                    "direction": plan.direction,
                    "from": plan.caller,
                    "to": plan.callee,
                    "callId": f"sip-of-{plan.call_id}",
                    "sipStatus": 200,
                    "callStatus": "in-progress",
                    "accountSid": plan.account_id,
                    "sampleRate": self.rate,
                    "mixType": "stereo" if len(plan.voices) == 2 else mono,
                    **plan.parameters,
                }
            ),
        )

    def media(self, pieces: Sequence[Piece]) -> Frame:
        if len(pieces) == 1:
            return pieces[0].payload
        first, second = (piece.payload for piece in pieces)
        return b"".join(first[at : at + 2] + second[at : at + 2] for at in range(0, len(first), 2))

    def digit(self, key: str, held_ms: int) -> Frame:
        return _text({"event": "dtmf", "dtmf": key, "duration": str(8 * held_ms)})


MANNERS: Mapping[str, type[Manner]] = {
    "twilio": Twilio,
    "telnyx": Telnyx,
    "signalwire": SignalWire,
    "bandwidth": Bandwidth,
    "jambonz": Jambonz,
}
CODECS: Mapping[str, tuple[str, ...]] = {
    "twilio": ("pcmu",),
    "telnyx": ("pcmu", "pcma", "g722", "opus", "l16"),
    "signalwire": ("pcmu", "l16"),
    "bandwidth": ("pcmu",),
    "jambonz": ("l16",),
}
"""What each vendor codes its streams in, the usual one first."""
