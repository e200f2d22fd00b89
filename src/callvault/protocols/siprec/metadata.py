"""One metadata document as values (RFC 7865 section 6), whichever of its three dialects it was written in.

What does not live here: reading it (``reading``), and what several of them tell together (``history``).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

NAMESPACE = "urn:ietf:params:xml:ns:recording:1"
"""RFC 7865 section 10.1."""

Extensions = Mapping[str, str]
"""What the RFC has no word for, by name; a name within another is joined to it with a dot."""


class Mode(enum.StrEnum):
    """Whether a document says everything, or what has changed."""

    COMPLETE = "complete"
    PARTIAL = "partial"


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A communication session: the call that is recorded."""

    id: str
    sip_session_ids: tuple[str, ...] = ()
    """``sipSessionID``: of RFC 7989, or a Call-ID."""
    group: str | None = None
    began_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str | None = None
    extensions: Extensions = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """A participant."""

    id: str
    addresses: tuple[str, ...] = ()
    """Addresses of record as they came: SIP and tel URIs, bare numbers."""
    name: str | None = None
    extensions: Extensions = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stream:
    """A media stream, known in the session description by its label."""

    id: str
    """Empty with some clients."""
    label: str | None
    session: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Presence:
    """That somebody is in the call, or left it."""

    person: str
    left_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """Which streams carry somebody's voice, and which somebody hears."""

    person: str
    sends: tuple[str, ...] = ()
    receives: tuple[str, ...] = ()
    ended: bool = False
    """Whether it is said to be over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """All of one document, each kind in its order."""

    mode: Mode
    namespace: str
    mended: bool
    """Whether it was XML only nearly."""
    sessions: tuple[Session, ...] = ()
    people: tuple[Person, ...] = ()
    nameless: bool = False
    """Whether one of them has no id; the address stands for it then."""
    streams: tuple[Stream, ...] = ()
    presences: tuple[Presence, ...] = ()
    links: tuple[Link, ...] = ()
    extensions: Extensions = field(default_factory=dict)
    """Of the recording and its groups, and what belongs to nobody in particular."""
