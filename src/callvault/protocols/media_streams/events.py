"""What a media stream says, in the same words for every vendor.

What does not live here: how a vendor writes it.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field


class Vendor(enum.StrEnum):
    """Whose frames they are; the word is the one in the URL's path."""

    TWILIO = "twilio"
    TELNYX = "telnyx"
    SIGNALWIRE = "signalwire"
    BANDWIDTH = "bandwidth"
    JAMBONZ = "jambonz"


class Track(enum.IntEnum):
    """Which side of the call is heard; the number is the stream's index in the take."""

    INBOUND = 0
    """What the vendor receives from the other end of the call: the far party's voice."""
    OUTBOUND = 1
    """What the vendor sends to it: whoever the far party talks to."""

    @property
    def label(self) -> str:
        """As the vendors call it."""
        return self.name.lower()


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """How the payloads are coded."""

    encoding: str
    """RTP's name for it: ``PCMU``, ``PCMA``, ``G722``, ``OPUS``, ``AMR-WB``, ``L16``; or as it was told."""
    sample_rate: int
    """As told; of L16 the samples a second."""
    little_endian: bool = False
    """L16 with the lower octet first, as a processor has it and RTP has not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Connected:
    """The first thing that some vendors say."""

    version: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """Whose audio it is, and how it is coded."""

    vendor: Vendor
    stream_id: str | None
    call_id: str
    """The call's id, as the vendor's API has it."""
    account_id: str | None = None
    format: Format
    tracks: tuple[Track, ...]
    """What is announced, if anything is; each of them once."""
    mixed: bool = False
    """Both sides in one track."""
    direction: str | None = None
    """``inbound`` or ``outbound``, where it is told."""
    caller: str | None = None
    callee: str | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    """Other ids and words that the vendor tells of the call, under its own names."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What the user had put into the stream's verb."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Media:
    """A piece of one track's audio."""

    track: Track
    payload: bytes
    """As it came, but for the text encoding around it."""
    timestamp_ms: int | None = None
    """Since the stream began, by the vendor's clock, where it is told."""
    number: int | None = None
    """Which piece it is, where they are counted; each vendor counts from its own beginning."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Digit:
    """A key was pressed."""

    key: str
    """One of ``0123456789*#ABCD``."""
    track: Track = Track.INBOUND
    duration_ms: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Marked:
    """An acknowledgement of what somebody played to the call; nothing that we ask for."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopped:
    """The vendor says that the stream is over."""

    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Oddity:
    """A frame was otherwise than it should be, and served all the same, or left out."""

    code: str
    """A stable slug."""
    sentence: str


Event = Connected | Started | Media | Digit | Marked | Stopped | Oddity
