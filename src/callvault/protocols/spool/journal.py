"""The journal: what the signalling said of a take, a line a record, in the order in which it became true.

A line is the CRC-32 of what follows, in eight hex digits, a space, the record as JSON (an array of its kind and its
fields), and a line feed.  A torn or spoilt line is passed over, and counted; whoever reads goes on behind it.
Times are ``at_ns``: nanoseconds since 1970, UTC, on the clock that stamps the packets.

What does not live here: files (``capture.journals``), the packets (``batch``).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self
from uuid import UUID
from zlib import crc32

import orjson


class Reason(enum.StrEnum):
    """Why a take ended."""

    BYE = "bye"
    """The client hung up."""
    UNACKNOWLEDGED = "unacknowledged"
    """Our answer was never acknowledged, and no packet came."""
    SILENT = "silent"
    """No packet came for longer than is waited for."""
    EXPIRED = "expired"
    """The session timer ran out (RFC 4028)."""
    INTERRUPTED = "interrupted"
    """The server went down, and found the take unfinished at its next start."""
    STOPPED = "stopped"
    """The server was stopped, or somebody asked for the end."""


class Flow(enum.StrEnum):
    """Whether a stream is meant to carry audio just now."""

    FLOWING = "flowing"
    HELD = "held"
    """Announced as inactive, or with the address 0.0.0.0: its silence is meant."""
    CLOSED = "closed"
    """Its media line was refused, removed or set to port 0."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Payload:
    """What one payload type of a stream stands for (RFC 8866 section 6.6, ``a=rtpmap`` and ``a=fmtp``)."""

    number: int
    """0 to 127."""
    name: str
    """The encoding name in capitals: ``PCMU``, ``G722``, ``OPUS``, ``TELEPHONE-EVENT``, ``CN``."""
    clock_rate: int
    """Of the RTP timestamps; 8000 for G.722 too (RFC 3551 section 4.5.2)."""
    channels: int = 1
    parameters: str = ""
    """Of ``a=fmtp``, as they came."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Participant:
    """Somebody in the recorded call, as the metadata names them (RFC 7865 section 6.5)."""

    id: str
    """As the client calls them; only good within this take."""
    address: str | None = None
    """The first address of record: a SIP or tel URI, or what the client puts there."""
    name: str | None = None
    sends: tuple[int, ...] = ()
    """The streams (by index) that carry this participant's voice."""
    receives: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """The first record: whose call it is, and what it is called."""

    take: UUID
    """A UUID version 7 of the moment; the recording that it becomes has this id."""
    at_ns: int
    account_id: UUID
    door: str
    """``siprec``, or the kind of media stream."""
    trunk: str | None = None
    """The trunk's name, where one was admitted by name."""
    peer: str = ""
    """Where it came from: ``udp:192.0.2.7:5060``."""
    call_id: str | None = None
    """The Call-ID of our dialog."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What the trunk's entry says about its recordings, at this moment."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """Names of the recorded call, as they become known; what is None or empty says nothing new."""

    at_ns: int
    session_id: str | None = None
    """Of the communication session: the metadata's ``sipSessionID``, a UCID, ..."""
    sip_call_id: str | None = None
    """The Call-ID of the recorded call, where that is told."""
    direction: str | None = None
    """``inbound`` or ``outbound``, seen from the account, where it can be told."""
    foreign: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Ids that a vendor gave: dialect to kind (``call``, ``session``, ``conference``) to id."""
    conference_name: str | None = None
    """Of the conference that it is in."""
    extras: Mapping[str, Any] = field(default_factory=dict)
    """What the core has no word for: headers and extension data by name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamAgreed:
    """A media line was answered, for the first time or anew."""

    at_ns: int
    stream: int
    """From 0, in the order of the media lines."""
    label: str | None
    """``a=label`` (RFC 4574)."""
    payloads: tuple[Payload, ...]
    """What the answer accepted, the preferred one first."""
    packet_ms: int | None = None
    crypto: str | None = None
    """SRTP (RFC 4568): suite and keys of what the client sends, encrypted under the server's master key."""
    cname: str | None = None
    ssrc: int | None = None
    """``a=ssrc``, where it was told."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Flowed:
    """From this moment on a stream is meant to flow, or not to."""

    at_ns: int
    stream: int
    flow: Flow


@dataclass(frozen=True, kw_only=True, slots=True)
class Attended:
    """Who is in the call from this moment on: all of them, not what changed."""

    at_ns: int
    participants: tuple[Participant, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A metadata document, as it came (RFC 7865)."""

    at_ns: int
    document: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchanged:
    """One SIP message of the recording session."""

    at_ns: int
    sent: bool
    """By us."""
    peer: str
    message: str
    """Its bytes, read as Latin-1, so that none is lost; keys in ``a=crypto`` lines struck out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Odd:
    """Something that a client did otherwise than it should have, and that was served all the same."""

    at_ns: int
    code: str
    """A stable slug: ``label-unknown``."""
    sentence: str
    """For the operator: what came, and what would have been right."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordingAsked:
    """A recording of this take is wanted, by a rule or by somebody; it begins now, or with its cue.

    A journal with none of these and none of ``Unasked`` is of a take that is recorded whole.
    """

    at_ns: int
    recording: UUID
    """A UUID version 7; the recording has this id."""
    wish: Mapping[str, Any]
    """``model.wish.write_wish``."""
    rule: str | None = None
    """The name of the rule that asked; None where somebody did."""
    key: str | None = None
    """By which a repeated request is known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unasked:
    """From the beginning nobody wanted this take recorded; what is not asked for is thrown away."""

    at_ns: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordingMoved:
    """From this moment on a recording runs, pauses, or is stopped."""

    at_ns: int
    """Running for the first time: what came from then on is in it, which may be before it was asked for."""
    recording: UUID
    phase: str
    """``running``, ``paused`` or ``stopped``: ``model.live.Phase``."""
    silent: bool = False
    """Whether a pause is silence in the file; else it is cut out."""
    why: str = "asked"
    """``asked``, ``limit``, ``silence``, ``transfer``: what stopped it."""
    key: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Masking:
    """Somebody wanted the whole call masked, or not any more; what was not written is told by the media spool."""

    at_ns: int
    on: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class DialogKept:
    """The state of our dialog, so that a successor can answer what comes next; the last one counts."""

    at_ns: int
    state: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """The last record of a take; whoever finds it may finish the recording."""

    at_ns: int
    reason: Reason


Record = (
    Begun
    | Named
    | StreamAgreed
    | Flowed
    | Attended
    | Told
    | Exchanged
    | Odd
    | RecordingAsked
    | Unasked
    | RecordingMoved
    | Masking
    | DialogKept
    | Ended
)

KINDS: Mapping[str, type[Record]] = {
    "begun": Begun,
    "named": Named,
    "stream": StreamAgreed,
    "flow": Flowed,
    "attended": Attended,
    "told": Told,
    "exchanged": Exchanged,
    "odd": Odd,
    "asked": RecordingAsked,
    "unasked": Unasked,
    "moved": RecordingMoved,
    "masking": Masking,
    "dialog": DialogKept,
    "ended": Ended,
}
_WORD_OF = {kind: word for word, kind in KINDS.items()}


def write(record: Record) -> bytes:
    """The record's line."""
    said = {item.name: getattr(record, item.name) for item in fields(record)}
    line = orjson.dumps([_WORD_OF[type(record)], said], option=orjson.OPT_PASSTHROUGH_SUBCLASS, default=_plain)
    return b"%08x %b\n" % (crc32(line), line)


def _plain(value: object) -> object:
    if isinstance(value, enum.StrEnum):
        return value.value
    raise TypeError(f"{value!r} has no place in a journal")


@dataclass(frozen=True, kw_only=True, slots=True)
class Journal:
    """All that could be read of a journal."""

    records: tuple[Record, ...]
    spoilt: int
    """Lines that could not be read."""

    @property
    def begun(self) -> Begun | None:
        """How it began; None where that line is spoilt."""
        return next((record for record in self.records if isinstance(record, Begun)), None)

    @property
    def ended(self) -> Ended | None:
        """How it ended, where it did."""
        return next((record for record in reversed(self.records) if isinstance(record, Ended)), None)

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Whatever the bytes are, what can be read of them."""
        records: list[Record] = []
        spoilt = 0
        for line in data.split(b"\n"):
            record = _record(line) if line else None
            if record is not None:
                records.append(record)
            elif line:
                spoilt += 1
        return cls(records=tuple(records), spoilt=spoilt)


def _record(line: bytes) -> Record | None:
    said, text = line[:8], line[9:]
    if line[8:9] != b" " or said != b"%08x" % crc32(text):
        return None
    word, values = orjson.loads(text)
    kind = KINDS.get(word)
    if kind is None:  # written by a later callvault
        return None
    readers = _READERS.get(kind, {})
    known = {item.name for item in fields(kind)}
    given = {
        name: readers[name](value) if name in readers else value for name, value in values.items() if name in known
    }
    return kind(**given)


def _payloads(values: list[dict[str, Any]]) -> tuple[Payload, ...]:
    return tuple(Payload(**value) for value in values)


def _participants(values: list[dict[str, Any]]) -> tuple[Participant, ...]:
    streams = ("sends", "receives")
    return tuple(Participant(**{**value, **{name: tuple(value[name]) for name in streams}}) for value in values)


_READERS: Mapping[type[Record], Mapping[str, Any]] = {
    Begun: {"take": UUID, "account_id": UUID},
    StreamAgreed: {"payloads": _payloads},
    Flowed: {"flow": Flow},
    Attended: {"participants": _participants},
    RecordingAsked: {"recording": UUID},
    RecordingMoved: {"recording": UUID},
    Ended: {"reason": Reason},
}
