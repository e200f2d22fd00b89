"""The call that is to be described: who is in it, which streams there are, and where everybody can be reached.

What lives here: values that no vendor has a say in.  What does not: any of their spellings.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime


class Content(enum.StrEnum):
    """What a request carries."""

    BOTH = "both"
    """Session description and metadata (RFC 7866 section 9)."""
    METADATA = "metadata"
    """Metadata alone, as the whole body: nothing about the streams changes."""
    DESCRIPTION = "description"
    """A session description alone."""
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """A payload type of a media line."""

    number: int
    encoding: str
    """As in rtpmap: ``PCMU/8000``, ``opus/48000/2``."""
    parameters: str | None = None
    """As in fmtp."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """A master key that is offered for SRTP (RFC 4568)."""

    tag: int
    suite: str
    secret: bytes
    """Master key and salt."""
    mki_bytes: int = 0
    """How long its identifier is in each packet: 1, or 2 where it is the one that follows; 0: it has none."""
    next_secret: bytes | None = None
    """The key that follows in the middle of the call; it needs identifiers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody in the recorded call."""

    id: bytes
    """16 octets; each vendor spells them in its own way."""
    user: str
    host: str
    name: str
    joined_at: datetime
    left_at: datetime | None = None

    @property
    def aor(self) -> str:
        """The address of record as a SIP URI."""
        return f"sip:{self.user}@{self.host}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A media line, and the stream on it."""

    id: bytes
    """16 octets."""
    number: int
    """Of the stream, from 0, whatever order the lines come in."""
    port: int
    """0: the line is not used any more."""
    formats: tuple[Format, ...]
    person: int | None = 0
    """Whose voice it is, as an index into the scene's people; None: everybody's."""
    kind: str = "audio"
    active: bool = True
    """Whether audio is sent at the moment."""
    ptime_ms: int = 20
    keys: tuple[Key, ...] = ()
    ssrc: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """The call as it is now."""

    signalling_host: str
    """Of ours."""
    signalling_port: int
    media_host: str
    transport: str
    """``udp``, ``tcp`` or ``tls``."""
    recorder: str
    """The URI that is dialled."""
    session: bytes
    """The recorded session's id: 16 octets."""
    group: bytes
    origin: int
    """A number for the session description's ``o=``."""
    version: int
    """How often the description has changed."""
    recorded_call: str
    """Call-ID of the call that is recorded."""
    began_at: datetime
    now: datetime
    people: tuple[Person, ...]
    lines: tuple[Line, ...]
    """In the order of the streams' numbers; a style may send them in another."""
    partial: bool = False
    """Whether the metadata may leave out what has not changed."""
    parameters: tuple[tuple[str, str], ...] = field(default_factory=tuple)
    """What the client's user wants passed on: name and value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialogue:
    """The part of a request that belongs to the dialogue."""

    method: str
    target: str
    """The request URI."""
    branch: str
    call_id: str
    from_tag: str
    to_tag: str | None
    cseq: int
