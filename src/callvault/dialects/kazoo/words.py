"""Kazoo's words for ours, and its forms of our ids."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from callvault.dialects.toolbox.ids import write_uuid
from callvault.dialects.toolbox.times import GREGORIAN_1970, from_gregorian
from callvault.model.ids import is_core_id, milliseconds_of
from callvault.model.live import LiveCall
from callvault.model.media import MediaFormat
from callvault.model.recording import Direction, Origin, Recording, Status
from callvault.vault.commands import Ref

NAME = "kazoo"

DIRECTION: dict[Direction, str] = {Direction.INBOUND: "inbound", Direction.OUTBOUND: "outbound"}

LISTED: dict[Status, bool] = {
    Status.CAPTURING: False,
    Status.PAUSED: False,
    Status.PROCESSING: True,
    Status.AVAILABLE: True,
    Status.FAILED: True,
    Status.DELETED: False,
}
"""Whether there is a document: Kazoo writes it when the recording ends, and before its audio is stored."""

SERVED: dict[MediaFormat, MediaFormat] = {
    MediaFormat.WAV: MediaFormat.WAV,
    MediaFormat.MP3: MediaFormat.MP3,
    MediaFormat.OGG: MediaFormat.WAV,
    MediaFormat.FLAC: MediaFormat.WAV,
}
"""Kazoo knows two; what arrived as another container is served, and so called, WAV."""

CONTENT_TYPE: dict[MediaFormat, str] = {
    MediaFormat.WAV: "audio/x-wav",
    MediaFormat.MP3: "audio/mpeg",
    MediaFormat.OGG: "audio/ogg",
    MediaFormat.FLAC: "audio/flac",
}
"""The last two only where the bytes are given back as they arrived."""

ORIGIN: dict[Origin, str] = {
    Origin.DIAL: "callflow",
    Origin.RECORD_VERB: "callflow",
    Origin.CALL_CREATION: "callflow",
    Origin.CALL_COMMAND: "metaflow",
    Origin.CONFERENCE: "conference",
    Origin.CONFERENCE_COMMAND: "metaflow",
    Origin.TRUNK: "automatic",
}

AUTOMATIC: dict[Direction, str] = {
    Direction.INBOUND: "inbound from offnet to account",
    Direction.OUTBOUND: "outbound to offnet from account",
}
"""What Kazoo writes for recordings that were started by an account's rule."""

PUSHED_FILE = "call_recording_"
"""How the files begin that Kazoo pushes.  Such a name is an alias where it sent no id, and is never shown as one."""

_RECORDING = re.compile(r"([0-9]{6})-([0-9a-f]{32})")
_HEX = re.compile(r"[0-9a-f]{32}")
_CALL = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_INTERACTION = re.compile(r"([0-9]{1,12})-([0-9a-f]{32})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ID_DAY = 86_400_000 << 80
"""A day, where the core id has its milliseconds: above 80 other bits."""
_NO_TIME = 0
"""What stands for the time of a session whose id carries none."""
_NO_MORE = 253_402_300_800
"""The first second after the year 9999; an id can hold more."""


def origin_word(recording: Recording) -> str:
    """How it was started, with the label that the user gave it."""
    word = AUTOMATIC[recording.direction] if recording.origin is Origin.TRUNK else ORIGIN[recording.origin]
    return f"{word} : {recording.label}" if recording.label else word


def hex_id(text: str) -> UUID | None:
    """An account, a user or a conference: 32 lower-case hex characters."""
    return UUID(hex=text) if _HEX.fullmatch(text) else None


def has_month(text: str) -> bool:
    """Whether an id begins as those of recordings do."""
    return re.match(r"[0-9]{6}-", text) is not None


def computed_id(recording_id: UUID) -> str:
    """Year and month of the start, UTC, and the core id."""
    return f"{_month_of_day(recording_id.int // _ID_DAY)}-{recording_id.hex}"


def month(moment: datetime) -> str:
    """Year and month, as ids begin with them."""
    return f"{moment.year * 100 + moment.month:06}"


@lru_cache(maxsize=4096)
def _month_of_day(day: int) -> str:
    """The month in which a day lies; counted from 1970 on, as ids count milliseconds."""
    return month(_EPOCH + timedelta(days=day))


def core_id(text: str) -> UUID | None:
    """Turn ``computed_id`` back; None where the month is not the id's own, or it is no id of ours."""
    match = _RECORDING.fullmatch(text)
    if match is None:
        return None
    uuid = UUID(hex=match[2])
    try:
        return uuid if is_core_id(uuid) and computed_id(uuid) == text else None
    except OverflowError:  # a time beyond the year 9999
        return None


def recording_id(recording: Recording) -> str:
    """Month and core id, or the id under which it came."""
    foreign = recording.foreign_id(NAME, "recording")
    return computed_id(recording.id) if foreign is None or foreign.startswith(PUSHED_FILE) else foreign


def recording_ref(text: str) -> Ref:
    """A recording as a path names it."""
    return Ref(dialect=NAME, kind="recording", text=text, computed=core_id(text))


def call_id(recording: Recording) -> str:
    """The recorded leg: Kazoo's own id, which is the SIP Call-ID, or ours.

    A Call-ID that looks like one of our ids is not shown, since it could not be looked for.
    """
    foreign = recording.foreign_id(NAME, "call")
    if foreign is None and recording.sip_call_id and not _CALL.fullmatch(recording.sip_call_id):
        return recording.sip_call_id
    return foreign or write_uuid(recording.call_id)


def live_call_id(call: LiveCall) -> str:
    """The same of a call that is under way, so that its recordings' documents will have it."""
    foreign = call.foreign.get(NAME, {}).get("call")
    if foreign is None and call.sip_call_id and not _CALL.fullmatch(call.sip_call_id):
        return call.sip_call_id
    return foreign or write_uuid(call.call_id)


def call_ref(text: str) -> Ref | None:
    """A leg by an id in the form of ours; None where it can only be a Call-ID."""
    return Ref(dialect=NAME, kind="call", text=text, computed=UUID(text)) if _CALL.fullmatch(text) else None


def interaction_id(recording: Recording) -> str:
    """What all legs of a conversation share: Gregorian seconds and hex, as Kazoo makes them, with all of our bits."""
    return recording.foreign_id(NAME, "session") or _computed_interaction(recording.call_session_id)


def live_interaction_id(call: LiveCall) -> str:
    """The same of a call that is under way."""
    return call.foreign.get(NAME, {}).get("session") or _computed_interaction(call.session_id)


def interaction_ref(text: str) -> Ref:
    """A conversation."""
    match = _INTERACTION.fullmatch(text)
    session = UUID(hex=match[2]) if match else None
    computed = session if session is not None and _computed_interaction(session) == text else None
    return Ref(dialect=NAME, kind="session", text=text, computed=computed)


def interaction_time(text: str) -> int | None:
    """The Gregorian second that an interaction id of Kazoo's begins with; None where it has another form."""
    seconds, dash, _ = text.partition("-")
    if not (dash and seconds.isascii() and seconds.isdigit() and len(seconds) <= 12):
        return None
    try:
        from_gregorian(int(seconds))
    except OverflowError:
        return None
    return int(seconds)


def conference_id(recording: Recording) -> str | None:
    """The conference, where it was one that was recorded."""
    foreign = recording.foreign_id(NAME, "conference")
    if foreign is not None or recording.conference_id is None:
        return foreign
    return recording.conference_id.hex


def conference_ref(text: str) -> Ref:
    """A conference."""
    return Ref(dialect=NAME, kind="conference", text=text, computed=hex_id(text))


def _computed_interaction(session: UUID) -> str:
    seconds = _NO_TIME
    if is_core_id(session) and (since := milliseconds_of(session) // 1000) < _NO_MORE:
        seconds = since + GREGORIAN_1970
    return f"{seconds}-{session.hex}"
