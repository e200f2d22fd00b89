"""The live call: what is known of a call while it lasts, and of the recordings that are being made of it.

What does not live here: its audio (the spool), how it is steered (``order``), what it becomes (``recording``).
``write_live`` and ``read_live`` turn one into JSON and back; the keys are the fields' names.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from callvault.model.party import NOBODY, Party
from callvault.model.recording import Direction
from callvault.model.wish import Wish, read_wish, write_wish


class Phase(enum.StrEnum):
    """Where a recording of a live call is."""

    WAITING = "waiting"
    """For its cue: nothing is recorded yet."""
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    """By a verb or a limit, while the call goes on; its file is being finished."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveRecording:
    """One recording under way."""

    id: UUID
    phase: Phase
    wish: Wish
    asked_at: datetime
    began_at: datetime | None = None
    """None while it waits for its cue."""
    ended_at: datetime | None = None
    rule: str | None = None
    """The name of the rule that asked for it; None where a request did."""
    pause_silent: bool = False
    """Whether what is paused is silence in the file, or cut out of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveCall:
    """One call that is being received, recorded or not."""

    take: UUID
    """What it is to the capture."""
    account_id: UUID
    call_id: UUID
    """What it is to everybody else, and its recordings' ``call_id``."""
    session_id: UUID
    """Their ``call_session_id``."""
    node: str
    """Who has it: where orders for it go."""
    door: str
    """How it came: ``siprec``, or the kind of media stream."""
    trunk: str | None = None
    user_id: UUID | None = None
    connection_id: str | None = None
    sip_call_id: str | None = None
    foreign: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Ids that a vendor gave to the call: dialect to kind (``call``, ``session``, ``conference``) to id."""
    conference_id: UUID | None = None
    """By which it is found where a conference is asked for, be it one or not."""
    conference_name: str | None = None
    is_conference: bool = False
    """Whether it is one: its client says so, or three have spoken in it at a time."""
    direction: Direction = Direction.INBOUND
    caller: Party = NOBODY
    callee: Party = NOBODY
    participants: int = 0
    """Who is in it just now."""
    began_at: datetime
    answered_at: datetime | None = None
    """The first participant's stream flows."""
    bridged_at: datetime | None = None
    """The second's."""
    held: bool = False
    masked: bool = False
    recordings: tuple[LiveRecording, ...] = ()
    """Oldest first; stopped ones stay while the call lasts."""

    @property
    def active(self) -> tuple[LiveRecording, ...]:
        """Those that can be steered, oldest first."""
        return tuple(each for each in self.recordings if each.phase is not Phase.STOPPED)

    def recording(self, recording_id: UUID) -> LiveRecording | None:
        """One of its recordings."""
        return next((each for each in self.recordings if each.id == recording_id), None)


def names_of(call: LiveCall) -> frozenset[str]:
    """By what it may be asked for: its ids and those of its recordings as text, its Call-ID, a vendor's ids.

    What one vendor calls the call is what our own API knows it by, too; and what one calls the conference, every one.
    """
    own = {call.take, call.call_id, call.session_id, call.conference_id, *(each.id for each in call.recordings)}
    names = {str(each) for each in own if each is not None}
    names |= {foreign_name(dialect, kind, text) for dialect, ids in call.foreign.items() for kind, text in ids.items()}
    handles = (text for ids in call.foreign.values() for kind, text in ids.items() if kind.startswith("call"))
    names |= {foreign_name("callvault", "call", text) for text in handles}
    names |= {text for ids in call.foreign.values() for kind, text in ids.items() if kind == "conference"}
    return frozenset(names | {each for each in (call.sip_call_id, call.conference_name) if each})


def foreign_name(dialect: str, kind: str, text: str) -> str:
    """A vendor's id as one of a live call's names."""
    return f"{dialect}:{kind}:{text}"


def write_live(call: LiveCall) -> dict[str, Any]:
    """The JSON document; for ``orjson``, which knows times, UUIDs and dataclasses."""
    recordings = [{**_said(each), "wish": write_wish(each.wish)} for each in call.recordings]
    return {**_said(call), "recordings": recordings}


def _said(value: LiveCall | LiveRecording) -> dict[str, Any]:
    return {item.name: getattr(value, item.name) for item in fields(value)}


def read_live(document: Mapping[str, Any]) -> LiveCall:
    """Turn ``write_live`` back.

    Raises:
        KeyError, TypeError, ValueError: it is no such document.
    """
    values = dict(document)
    for name in ("take", "account_id", "call_id", "session_id", "user_id", "conference_id"):
        values[name] = UUID(values[name]) if values.get(name) else None
    for name in ("began_at", "answered_at", "bridged_at"):
        values[name] = datetime.fromisoformat(values[name]) if values.get(name) else None
    values["direction"] = Direction(values["direction"])
    for name in ("caller", "callee"):
        values[name] = Party(**values[name])
    values["recordings"] = tuple(_recording(each) for each in values["recordings"])
    return LiveCall(**values)


def _recording(document: Mapping[str, Any]) -> LiveRecording:
    values = dict(document)
    for name in ("asked_at", "began_at", "ended_at"):
        values[name] = datetime.fromisoformat(values[name]) if values.get(name) else None
    values |= {
        "id": UUID(values["id"]),
        "phase": Phase(values["phase"]),
        "wish": read_wish(values["wish"]),
    }
    return LiveRecording(**values)
