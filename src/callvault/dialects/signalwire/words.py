"""SignalWire's and Twilio's words for ours, and their forms of our ids.

Both vendors speak one API.  Whose words a caller wants is told by the account in the path: a project's UUID is
SignalWire's, ``AC`` and 32 hex digits are Twilio's, and every other id follows.
"""

from __future__ import annotations

import enum
import re
from uuid import UUID

from callvault.dialects.toolbox.ids import write_uuid
from callvault.errors import NotFound
from callvault.model.ids import cloak, uncloak
from callvault.model.media import MediaFormat
from callvault.model.recording import MediaState, Origin, Recording, Source, Status
from callvault.model.transcription import TranscriptionStatus
from callvault.vault.commands import Ref

NAME = "signalwire"
API_VERSION = "2010-04-01"


class Vendor(enum.StrEnum):
    """Whose client is asking."""

    SIGNALWIRE = "signalwire"
    TWILIO = "twilio"


STATUS: dict[Vendor, dict[Status, str]] = {
    Vendor.SIGNALWIRE: {
        Status.CAPTURING: "in-progress",
        Status.PAUSED: "paused",
        Status.PROCESSING: "stopped",
        Status.AVAILABLE: "completed",
        Status.FAILED: "absent",
        Status.DELETED: "absent",
    },
    Vendor.TWILIO: {
        Status.CAPTURING: "in-progress",
        Status.PAUSED: "paused",
        Status.PROCESSING: "processing",
        Status.AVAILABLE: "completed",
        Status.FAILED: "absent",
        Status.DELETED: "deleted",
    },
}

SOURCE: dict[Vendor, dict[Origin, str]] = {
    Vendor.SIGNALWIRE: {
        Origin.DIAL: "DialVerb",
        Origin.RECORD_VERB: "RecordVerb",
        Origin.CALL_CREATION: "OutBoundApi",
        Origin.CALL_COMMAND: "StartCallRecordingApi",
        Origin.CONFERENCE: "Conference",
        Origin.CONFERENCE_COMMAND: "StartConferenceRecording",
        Origin.TRUNK: "Trunking",
    },
    Vendor.TWILIO: {
        Origin.DIAL: "DialVerb",
        Origin.RECORD_VERB: "RecordVerb",
        Origin.CALL_CREATION: "OutboundAPI",
        Origin.CALL_COMMAND: "StartCallRecordingAPI",
        Origin.CONFERENCE: "Conference",
        Origin.CONFERENCE_COMMAND: "StartConferenceRecordingAPI",
        Origin.TRUNK: "Trunking",
    },
}

TRANSCRIPTION_STATUS: dict[TranscriptionStatus, str] = {
    TranscriptionStatus.PROCESSING: "in-progress",
    TranscriptionStatus.AVAILABLE: "completed",
    TranscriptionStatus.FAILED: "failed",
    TranscriptionStatus.TIMED_OUT: "failed",
    TranscriptionStatus.TOO_LONG: "failed",
    TranscriptionStatus.TOO_SHORT: "failed",
}

TRANSCRIPTION_TYPE: dict[Vendor, str] = {Vendor.SIGNALWIRE: "", Vendor.TWILIO: "fast"}

CONTENT_TYPE: dict[MediaFormat, str] = {MediaFormat.WAV: "audio/x-wav", MediaFormat.MP3: "audio/mpeg"}

LETTERS: dict[str, str] = {
    "account": "AC",
    "recording": "RE",
    "call": "CA",
    "conference": "CF",
    "transcription": "TR",
    "public key": "CR",
}
"""Twilio's ids say what they name with their first two letters."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_HEX = re.compile(r"[0-9a-f]{32}", re.IGNORECASE | re.ASCII)


SILENT = frozenset({MediaState.ABSENT, MediaState.DELETED})
"""There is nothing to hear, or no longer."""


def status_word(recording: Recording, vendor: Vendor, finished: str) -> str:
    """The media's state shows through the status.  ``finished``: what SignalWire calls one that is there to hear."""
    if recording.status is not Status.AVAILABLE:
        return STATUS[vendor][recording.status]
    if recording.media_state not in SILENT:
        return finished if vendor is Vendor.SIGNALWIRE else STATUS[vendor][Status.AVAILABLE]
    return "absent" if recording.media_state is MediaState.ABSENT else STATUS[vendor][Status.DELETED]


def seconds(duration_ms: int) -> int:
    """Whole seconds, halves upwards."""
    return (duration_ms + 500) // 1000


def vendor_of(account: str) -> Vendor:
    """Whose client calls an account so."""
    return Vendor.TWILIO if account.startswith(LETTERS["account"]) else Vendor.SIGNALWIRE


def read_sid(text: str, noun: str, vendor: Vendor) -> UUID | None:
    """The UUID in an id of this vendor's form; None where it has another form."""
    if vendor is Vendor.SIGNALWIRE:
        return UUID(text) if _UUID.fullmatch(text) else None
    letters, digits = text[:2], text[2:]
    return UUID(digits) if letters == LETTERS[noun] and _HEX.fullmatch(digits) else None


def write_sid(core_id: UUID, noun: str, vendor: Vendor) -> str:
    """Turn ``read_sid`` back."""
    return write_uuid(core_id) if vendor is Vendor.SIGNALWIRE else LETTERS[noun] + core_id.hex


def recording_sid(recording: Recording, vendor: Vendor, cloak_key: bytes) -> str:
    """The cloaked core id, since it alone opens the audio; or the id under which the recording came."""
    return _given(recording, "recording", vendor) or write_sid(cloak(recording.id, cloak_key), "recording", vendor)


def call_sid(recording: Recording, vendor: Vendor) -> str:
    """The recorded leg."""
    return _given(recording, "call", vendor) or write_sid(recording.call_id, "call", vendor)


def conference_sid(recording: Recording, vendor: Vendor) -> str | None:
    """The conference, where there was one."""
    if recording.conference_id is None:
        return None
    return _given(recording, "conference", vendor) or write_sid(recording.conference_id, "conference", vendor)


def transcription_sid(recording: Recording, vendor: Vendor) -> str | None:
    """The recording's transcription, where it has one."""
    if recording.transcription is None:
        return None
    given = _given(recording, "transcription", vendor)
    return given or write_sid(recording.transcription.id, "transcription", vendor)


def shows_call(recording: Recording, vendor: Vendor) -> bool:
    """SignalWire's conference recordings have no call; Twilio's have both."""
    return vendor is Vendor.TWILIO or recording.source is Source.CALL


def recording_ref(text: str, vendor: Vendor, cloak_key: bytes) -> Ref:
    """A recording as a path names it.

    A UUID of another version than 4 was never written by ``cloak`` (a core id is of version 7), so it opens nothing.

    Raises:
        NotFound: it has not the form of this vendor's ids.
    """
    public_id = read_sid(text, "recording", vendor)
    if public_id is None:
        raise NotFound("recording", text)
    computed = uncloak(public_id, cloak_key) if public_id.version == 4 else None
    return Ref(dialect=NAME, kind="recording", text=text, computed=computed)


def transcription_ref(text: str, vendor: Vendor) -> Ref:
    """A transcription as a path names it.

    Raises:
        NotFound: it has not the form of this vendor's ids.
    """
    return outer_ref(text, "transcription", vendor)


def outer_ref(text: str, noun: str, vendor: Vendor) -> Ref:
    """A call, a conference or a transcription as a path names it.

    Raises:
        NotFound: it has not the form of this vendor's ids.
    """
    computed = read_sid(text, noun, vendor)
    if computed is None:
        raise NotFound(noun, text)
    return Ref(dialect=NAME, kind=noun, text=text, computed=computed)


def _given(recording: Recording, noun: str, vendor: Vendor) -> str | None:
    """The id that the thing came with, where it is one of this vendor's."""
    text = recording.foreign_id(NAME, noun)
    return text if text is not None and read_sid(text, noun, vendor) is not None else None
