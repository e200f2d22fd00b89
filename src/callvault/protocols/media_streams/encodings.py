"""How vendors call what payloads are coded in, and what RTP calls it.

Sources, read in November 2026: Twilio "Media Streams - WebSocket Messages" (``audio/x-mulaw``), Telnyx "Media Streaming
over Websockets" (``PCMU``, ``PCMA``, ``G722``, ``OPUS``, ``AMR-WB``, ``L16``), SignalWire "Stream" (``audio/x-mulaw``,
``audio/x-L16``), Bandwidth "Start Stream" (PCMU).  What does not live here: decoding.
"""

from __future__ import annotations

from collections.abc import Mapping

from callvault.protocols.spool.journal import Payload

NAMES: Mapping[str, str] = {
    "audio/x-mulaw": "PCMU",
    "audio/mulaw": "PCMU",
    "audio/pcmu": "PCMU",
    "pcmu": "PCMU",
    "mulaw": "PCMU",
    "ulaw": "PCMU",
    "audio/x-alaw": "PCMA",
    "audio/alaw": "PCMA",
    "audio/pcma": "PCMA",
    "pcma": "PCMA",
    "alaw": "PCMA",
    "audio/g722": "G722",
    "g722": "G722",
    "audio/opus": "OPUS",
    "opus": "OPUS",
    "amr-wb": "AMR-WB",
    "audio/amr-wb": "AMR-WB",
    "audio/x-l16": "L16",
    "audio/l16": "L16",
    "l16": "L16",
}
EVENTS_TYPE = 101
"""The payload type of keys: the usual one (RFC 4733 leaves it to the description)."""
_STATIC: Mapping[str, int] = {"PCMU": 0, "PCMA": 8, "G722": 9}
_DYNAMIC: Mapping[str, int] = {"L16": 96, "OPUS": 111, "AMR-WB": 112}
_UNKNOWN_TYPE = 127
_CLOCKS: Mapping[str, int] = {"PCMU": 8000, "PCMA": 8000, "G722": 8000, "OPUS": 48_000, "AMR-WB": 16_000}
"""Of RTP's timestamps, whatever the sampling rate is: RFC 3551 (G.722), RFC 7587 (Opus), RFC 4867 (AMR-WB)."""


def encoding_named(word: str) -> str:
    """RTP's name for what a vendor calls so; the vendor's own word in capitals where there is none."""
    plain = word.partition(";")[0].partition("@")[0].strip()
    return NAMES.get(plain.lower(), plain.upper())


def payload_of(encoding: str, sample_rate: int) -> Payload:
    """What a packet of this encoding is, as a description would say it."""
    return Payload(
        number=_STATIC.get(encoding, _DYNAMIC.get(encoding, _UNKNOWN_TYPE)),
        name=encoding,
        clock_rate=_CLOCKS.get(encoding, sample_rate),
        channels=2 if encoding == "OPUS" else 1,
    )


def events_of(clock_rate: int) -> Payload:
    """Keys on the clock of the audio (RFC 4733 section 2.1)."""
    return Payload(number=EVENTS_TYPE, name="TELEPHONE-EVENT", clock_rate=clock_rate)
