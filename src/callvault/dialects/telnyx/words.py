"""Telnyx's words for ours, and its forms of our ids."""

from __future__ import annotations

import base64
import re
from uuid import UUID

from callvault.dialects.toolbox.ids import read_uuid, write_uuid
from callvault.model.recording import Origin, Recording, Source
from callvault.vault.commands import Ref

NAME = "telnyx"

STATUS = "completed"
"""The only status that this wire knows: what is not available does not exist here."""

CHANNELS: dict[int, str] = {1: "single", 2: "dual"}

SOURCE: dict[Source, str] = {Source.CALL: "call", Source.CONFERENCE: "conference"}

INITIATED_BY: dict[Origin, str] = {
    Origin.DIAL: "DialVerb",
    Origin.RECORD_VERB: "RecordVerb",
    Origin.CALL_CREATION: "OutboundAPI",
    Origin.CALL_COMMAND: "StartCallRecordingAPI",
    Origin.CONFERENCE: "Conference",
    Origin.CONFERENCE_COMMAND: "StartConferenceRecordingAPI",
    Origin.TRUNK: "Trunking",
}

_CALL_CONTROL = re.compile(r"v3:([A-Za-z0-9_-]{22})")


def recording_id(recording: Recording) -> str:
    """The core id, or the id under which it came."""
    return recording.foreign_id(NAME, "recording") or write_uuid(recording.id)


def call_leg_id(recording: Recording) -> str:
    """The recorded leg."""
    return recording.foreign_id(NAME, "call") or write_uuid(recording.call_id)


def call_session_id(recording: Recording) -> str:
    """The conversation that the leg belongs to."""
    return recording.foreign_id(NAME, "session") or write_uuid(recording.call_session_id)


def conference_id(recording: Recording) -> str | None:
    """The conference, where there was one."""
    return recording.foreign_id(NAME, "conference") or (
        None if recording.conference_id is None else write_uuid(recording.conference_id)
    )


def call_control_id(recording: Recording) -> str:
    """The handle by which commands would name the recorded leg."""
    return recording.foreign_id(NAME, "call_control") or control_id(recording.call_id)


def control_id(call: UUID) -> str:
    """``v3:`` and the call's 16 bytes in base64url, 22 characters without padding."""
    return "v3:" + base64.urlsafe_b64encode(call.bytes).decode().rstrip("=")


def recording_ref(text: str) -> Ref:
    """A recording as a path names it."""
    return Ref(dialect=NAME, kind="recording", text=text, computed=read_uuid(text))


def call_ref(text: str) -> Ref:
    """A call by its ``call_leg_id``."""
    return Ref(dialect=NAME, kind="call", text=text, computed=read_uuid(text))


def session_ref(text: str) -> Ref:
    """A conversation by its ``call_session_id``."""
    return Ref(dialect=NAME, kind="session", text=text, computed=read_uuid(text))


def conference_ref(text: str) -> Ref:
    """A conference by its id."""
    return Ref(dialect=NAME, kind="conference", text=text, computed=read_uuid(text))


def call_control_ref(text: str) -> Ref:
    """A call by its ``call_control_id``."""
    match = _CALL_CONTROL.fullmatch(text)
    computed = UUID(bytes=base64.urlsafe_b64decode(match[1] + "==")) if match else None
    if computed is not None and control_id(computed) != text:
        computed = None  # the four bits that 22 characters have too many were not zero
    return Ref(dialect=NAME, kind="call_control", text=text, computed=computed)
