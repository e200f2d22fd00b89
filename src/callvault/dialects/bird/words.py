"""Bird's words for ours, and its forms of our ids and numbers."""

from __future__ import annotations

import re

from callvault.dialects.toolbox.ids import read_uuid, write_uuid
from callvault.model.media import MediaFormat
from callvault.model.party import Party
from callvault.model.recording import Direction, MediaState, Origin, Recording, Source, Status
from callvault.model.transcription import Transcription, TranscriptionStatus
from callvault.vault.commands import Ref

NAME = "bird"

STATUS: dict[Status, str] = {
    Status.CAPTURING: "ongoing",
    Status.PAUSED: "paused",
    Status.PROCESSING: "completed",
    Status.AVAILABLE: "available",
    Status.FAILED: "failed",
    Status.DELETED: "absent",
}

STATUSES: dict[str, tuple[frozenset[Status], bool | None]] = {
    "accepted": (frozenset(), None),
    "ongoing": (frozenset({Status.CAPTURING}), None),
    "paused": (frozenset({Status.PAUSED}), None),
    "completed": (frozenset({Status.PROCESSING}), None),
    "available": (frozenset({Status.AVAILABLE}), False),
    "absent": (frozenset({Status.AVAILABLE}), True),
    "failed": (frozenset({Status.FAILED}), None),
}
"""What a filter by status asks for, and whether of those that are silent.  Nothing here is ever merely accepted."""

TRANSCRIPTION_STATUS: dict[TranscriptionStatus, str] = {
    TranscriptionStatus.PROCESSING: "accepted",
    TranscriptionStatus.AVAILABLE: "available",
    TranscriptionStatus.FAILED: "failed",
    TranscriptionStatus.TIMED_OUT: "failed",
    TranscriptionStatus.TOO_LONG: "failed",
    TranscriptionStatus.TOO_SHORT: "failed",
}
"""The vendor shows the first two; the third is the recordings' own word."""

DIRECTION: dict[Direction, str] = {Direction.INBOUND: "incoming", Direction.OUTBOUND: "outgoing"}
DIRECTIONS: dict[str, Direction] = {word: direction for direction, word in DIRECTION.items()}

SOURCE: dict[Source, str] = {Source.CALL: "call", Source.CONFERENCE: "conference"}

ORIGIN: dict[Origin, str] = {
    Origin.DIAL: "bridge-call",
    Origin.RECORD_VERB: "call-command-record",
    Origin.CALL_CREATION: "create-call",
    Origin.CALL_COMMAND: "call-command-record-call",
    Origin.CONFERENCE: "call-command-record-call",
    Origin.CONFERENCE_COMMAND: "call-command-record-call",
    Origin.TRUNK: "create-call",
}
"""Bird has four words: a command to a conference is one to a call, and a trunk records from the start of the call."""

FORMAT: dict[MediaFormat, MediaFormat] = {
    MediaFormat.WAV: MediaFormat.WAV,
    MediaFormat.MP3: MediaFormat.MP3,
    MediaFormat.OGG: MediaFormat.MP3,
    MediaFormat.FLAC: MediaFormat.WAV,
}
"""What a recording is called and served as: what clients know, with nothing lost that was there."""

EXTENSIONS: dict[str, MediaFormat] = {"mp3": MediaFormat.MP3, "wav": MediaFormat.WAV}

_E164 = re.compile(r"\+([1-9][0-9]{6,14})", re.ASCII)
_E164_DIGITS = re.compile(r"[1-9][0-9]{7,14}", re.ASCII)


SILENT = frozenset({MediaState.ABSENT, MediaState.DELETED})
"""There is nothing to hear, or no longer."""


def status_word(recording: Recording) -> str:
    """Audio that was erased, or that there never was, shows through the status."""
    silent = recording.status is Status.AVAILABLE and recording.media_state in SILENT
    return "absent" if silent else STATUS[recording.status]


def recording_id(recording: Recording) -> str:
    """The core id, or the id under which it came."""
    return recording.foreign_id(NAME, "recording") or write_uuid(recording.id)


def call_id(recording: Recording) -> str:
    """The recorded leg."""
    return recording.foreign_id(NAME, "call") or write_uuid(recording.call_id)


def conference_id(recording: Recording) -> str | None:
    """The conference, where there was one."""
    return recording.foreign_id(NAME, "conference") or (
        None if recording.conference_id is None else write_uuid(recording.conference_id)
    )


def source_id(recording: Recording) -> str:
    """What was recorded: a call, or a conference."""
    conference = conference_id(recording) if recording.source is Source.CONFERENCE else None
    return conference or call_id(recording)


def channel_id(recording: Recording) -> str | None:
    """The connection that carried the call, where it is called by a UUID: no other name can be said here."""
    connection = recording.connection_id
    return connection if connection is not None and read_uuid(connection) is not None else None


def transcription_id(recording: Recording, transcription: Transcription) -> str:
    """The core id of the transcription, or the id under which it came."""
    return recording.foreign_id(NAME, "transcription") or str(transcription.id)


def recording_ref(text: str) -> Ref:
    """A recording as a path names it."""
    return Ref(dialect=NAME, kind="recording", text=text, computed=read_uuid(text))


def call_ref(text: str) -> Ref:
    """A call by its id."""
    return Ref(dialect=NAME, kind="call", text=text, computed=read_uuid(text))


def transcription_ref(text: str) -> Ref:
    """A transcription as a path names it."""
    return Ref(dialect=NAME, kind="transcription", text=text, computed=read_uuid(text))


def split_extension(segment: str) -> tuple[str, MediaFormat | None]:
    """The id, and the form of audio that is asked for by an extension behind it."""
    stem, _, extension = segment.rpartition(".")
    form = EXTENSIONS.get(extension) if stem else None
    return (segment, None) if form is None else (stem, form)


def digits(party: Party) -> str | None:
    """The party's number, without the plus of E.164."""
    number = party.number
    return number[1:] if number is not None and is_e164(number) else number


def is_e164(number: str) -> bool:
    """Whether it is a number of the public network, with its plus."""
    return _E164.fullmatch(number) is not None


def sought_number(text: str) -> str:
    """A number to look for: this wire writes E.164 with and without its plus."""
    return f"+{text}" if _E164_DIGITS.fullmatch(text) else text
