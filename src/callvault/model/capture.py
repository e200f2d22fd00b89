"""What is known of how a recording was captured: its streams and their quality, its gaps, who was in it, what was odd.

All moments are milliseconds from the beginning of the recording's audio.  What does not live here: the audio, the
recording itself (``recording``), what the signalling said while it went on (``protocols.spool.journal``).
``write_capture`` and ``read_capture`` turn it into JSON and back; the keys are the fields' names.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


class GapKind(enum.StrEnum):
    """Why there is silence where a stream has no audio."""

    LOST = "lost"
    """Packets that never came, or that cannot be read any more."""
    HELD = "held"
    """The client said that there would be none."""
    QUIET = "quiet"
    """The sender stopped while it had nothing to say (DTX, comfort noise): nothing is missing."""
    LATE = "late"
    """Before the stream's first packet, or behind its last one."""
    MASKED = "masked"
    """Struck out at somebody's wish."""
    PAUSED = "paused"
    """The recording was paused, in a manner that leaves the pause its length."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """A stretch of one stream without audio; in the recording it is silence of the same length."""

    from_ms: int
    through_ms: int
    """Where audio goes on."""
    kind: GapKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Digit:
    """A key that was pressed (RFC 4733)."""

    at_ms: int
    key: str
    """``0`` to ``9``, ``*``, ``#``, ``A`` to ``D``, or ``flash``."""
    duration_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamQuality:
    """One stream, as it arrived.  Counts are of RTP packets."""

    stream: int
    """From 0, in the order of the media lines."""
    label: str | None
    channel: int | None
    """The column of the recording, from 1; None where it has none of its own."""
    codecs: tuple[str, ...]
    """Encoding names in the order in which they came: ``PCMU``, ``G722``."""
    ssrcs: tuple[int, ...]
    expected: int
    received: int
    """Each once, however often it came."""
    lost: int
    late: int
    """Came after a later one; they are in the audio all the same."""
    duplicated: int
    unreadable: int
    """No RTP, of an unknown payload type, or not to be decrypted or decoded."""
    jitter_ms: float
    """The mean of the interarrival jitter (RFC 3550 section 6.4.1)."""
    jitter_most_ms: float
    mos: float | None
    """Estimated by the E-model (ITU-T G.107) from loss and codec: 1.0 to 4.5; None without packets."""
    gaps: tuple[Gap, ...]
    digits: tuple[Digit, ...] = ()
    dropped: int = 0
    """Packets that reached this machine and are lost all the same: nobody drained the stream's socket in time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attendance:
    """Somebody in the call, and when."""

    id: str
    address: str | None
    name: str | None
    channel: int | None
    """The column of the recording in which this voice is, from 1; None where nobody said, or in none."""
    from_ms: int
    through_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Oddity:
    """Something that was served although it was not as it should be."""

    at_ms: int
    code: str
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Capture:
    """How one recording was captured."""

    door: str
    """``siprec``, or the kind of media stream."""
    trunk: str | None
    peer: str
    reason: str
    """Why it ended: ``protocols.spool.journal.Reason``."""
    streams: tuple[StreamQuality, ...]
    attendances: tuple[Attendance, ...]
    oddities: tuple[Oddity, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One message of the signalling, word for word but for keys."""

    at_ms: int
    sent: bool
    """By us."""
    peer: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Captured:
    """All that is kept of a capture beside the audio."""

    capture: Capture
    exchange: tuple[Message, ...] = ()


def write_capture(capture: Capture) -> dict[str, Any]:
    """The JSON document."""
    return asdict(capture)


def read_capture(document: Mapping[str, Any]) -> Capture:
    """Turn ``write_capture`` back."""
    return Capture(
        **{
            **document,
            "streams": tuple(_stream(each) for each in document["streams"]),
            "attendances": tuple(Attendance(**each) for each in document["attendances"]),
            "oddities": tuple(Oddity(**each) for each in document["oddities"]),
        }
    )


def _stream(document: Mapping[str, Any]) -> StreamQuality:
    return StreamQuality(
        **{
            **document,
            "codecs": tuple(document["codecs"]),
            "ssrcs": tuple(document["ssrcs"]),
            "gaps": tuple(Gap(**{**gap, "kind": GapKind(gap["kind"])}) for gap in document["gaps"]),
            "digits": tuple(Digit(**digit) for digit in document["digits"]),
        }
    )
