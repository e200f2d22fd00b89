"""Bandwidth's words for ours, and its forms of our ids."""

from __future__ import annotations

import re
import zlib
from uuid import UUID

from callvault.dialects.toolbox.ids import write_uuid
from callvault.model.media import MediaFormat
from callvault.model.recording import Direction, MediaState, Recording, Status
from callvault.model.transcription import TranscriptionStatus
from callvault.vault.commands import Ref

NAME = "bandwidth"

STATUS: dict[Status, str] = {
    Status.CAPTURING: "processing",
    Status.PAUSED: "processing",
    Status.PROCESSING: "processing",
    Status.AVAILABLE: "complete",
    Status.FAILED: "error",
    Status.DELETED: "deleted",
}

DIRECTION: dict[Direction, str] = {Direction.INBOUND: "inbound", Direction.OUTBOUND: "outbound"}

FILE_FORMAT: dict[MediaFormat, str] = {
    MediaFormat.WAV: "wav",
    MediaFormat.MP3: "mp3",
    MediaFormat.OGG: "wav",
    MediaFormat.FLAC: "wav",
}
"""Bandwidth knows two; what arrived as another container is served, and so called, WAV."""

CONTENT_TYPE: dict[MediaFormat, str] = {MediaFormat.WAV: "audio/vnd.wave", MediaFormat.MP3: "audio/mpeg"}

TRANSCRIPTION_STATUS: dict[TranscriptionStatus, str] = {
    TranscriptionStatus.PROCESSING: "processing",
    TranscriptionStatus.AVAILABLE: "available",
    TranscriptionStatus.FAILED: "error",
    TranscriptionStatus.TIMED_OUT: "timeout",
    TranscriptionStatus.TOO_LONG: "file-size-too-big",
    TranscriptionStatus.TOO_SHORT: "file-size-too-small",
}

_CALL = re.compile(r"c-([0-9a-f]{8})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_CONFERENCE = re.compile(r"conf-([0-9a-f]{8})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_RECORDING = re.compile(r"r-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def status_word(recording: Recording) -> str:
    """The media's state shows through the status: ``partial`` and ``deleted`` are said there."""
    if recording.media_state is MediaState.WHOLE:
        return STATUS[recording.status]
    if recording.media_state is MediaState.DELETED:
        return "deleted"
    partial = recording.status is Status.AVAILABLE and recording.media_state is MediaState.PARTIAL
    return "partial" if partial else STATUS[recording.status]


def recording_id(recording: Recording) -> str:
    """``r-`` and the core id, or the id under which it came."""
    return recording.foreign_id(NAME, "recording") or f"r-{write_uuid(recording.id)}"


def call_id(call: UUID) -> str:
    """``c-``, a checksum of eight hex digits, and the core id: 47 characters, as Bandwidth's own."""
    return f"c-{zlib.crc32(call.bytes):08x}-{write_uuid(call)}"


def leg_id(recording: Recording) -> str:
    """The recorded leg."""
    return recording.foreign_id(NAME, "call") or call_id(recording.call_id)


def conference_id(recording: Recording) -> str | None:
    """``conf-``, the checksum and the core id, where it was a conference that was recorded."""
    foreign = recording.foreign_id(NAME, "conference")
    if foreign is not None or recording.conference_id is None:
        return foreign
    return f"conf-{zlib.crc32(recording.conference_id.bytes):08x}-{recording.conference_id}"


def parent_leg_id(recording: Recording) -> str | None:
    """The leg that was transferred, where this is what came of it."""
    foreign = recording.foreign_id(NAME, "parent_call")
    if foreign is not None or recording.parent_call_id is None:
        return foreign
    return call_id(recording.parent_call_id)


def recording_ref(text: str) -> Ref:
    """A recording as a path names it."""
    match = _RECORDING.fullmatch(text)
    return Ref(dialect=NAME, kind="recording", text=text, computed=UUID(match[1]) if match else None)


def call_ref(text: str) -> Ref:
    """A call as a path names it."""
    return Ref(dialect=NAME, kind="call", text=text, computed=_checked(_CALL.fullmatch(text)))


def conference_ref(text: str) -> Ref:
    """A conference as a path names it."""
    return Ref(dialect=NAME, kind="conference", text=text, computed=_checked(_CONFERENCE.fullmatch(text)))


def _checked(match: re.Match[str] | None) -> UUID | None:
    """The core id behind its checksum; None where that is another's."""
    if match is None:
        return None
    computed = UUID(match[2])
    return computed if int(match[1], 16) == zlib.crc32(computed.bytes) else None


def transcription_id(transcription: UUID) -> str:
    """``t-`` and the core id."""
    return f"t-{transcription}"
