"""Made-up recordings for catalogues of any size: the same number always gives the same recording.

Each has every field that a dialect shows: two numbers, a media object, a session, an application; every tenth has a
transcription.  A caller, a callee and a call session have ``SHARED`` recordings each, one of which is of a conference,
whatever the size, so that a filter by one of them matches as many.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from callvault.model.ids import new_id
from callvault.model.media import MediaFormat
from callvault.model.party import Party
from callvault.model.recording import Direction, MediaState, Origin, Recording, Source, Status, StoredMedia
from callvault.model.transcription import Transcript, Transcription, TranscriptionStatus

SHARED = 21
"""Recordings of one caller, and of one session."""
CONNECTION = "2100000000000000001"
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
STEP = timedelta(seconds=31, milliseconds=250)
"""Between one recording's start and the next one's: a million of them take a year."""


def recordings(account_id: UUID, count: int) -> Iterator[Recording]:
    """So many, oldest first."""
    return (recording(account_id, number) for number in range(count))


def recording(account_id: UUID, number: int) -> Recording:
    """The one with this number, from 0 on."""
    noise = hashlib.blake2b(number.to_bytes(8, "big"), digest_size=64).digest()
    started = start_of(number)
    duration_ms = 5_000 + int.from_bytes(noise[:2], "big") * 4
    ended = started + timedelta(milliseconds=duration_ms)
    taken = ended + timedelta(seconds=1)
    inbound = noise[2] % 3 != 0
    core_id = new_id(started, noise[4:14])
    in_conference = number % SHARED == 7
    sha256 = noise[:32].hex()
    return Recording(
        id=core_id,
        account_id=account_id,
        call_id=new_id(started, noise[14:24]),
        call_session_id=new_id(start_of(number - number % SHARED), b"session" + (number // SHARED).to_bytes(8, "big")),
        conference_id=new_id(started, noise[24:34]) if in_conference else None,
        conference_name="weekly" if in_conference else None,
        sip_call_id=f"{noise[34:42].hex()}@pbx.example.net",
        connection_id=CONNECTION,
        source=Source.CONFERENCE if in_conference else Source.CALL,
        origin=Origin.CONFERENCE if in_conference else Origin.TRUNK,
        direction=Direction.INBOUND if inbound else Direction.OUTBOUND,
        status=Status.AVAILABLE,
        media_state=MediaState.WHOLE,
        caller=Party(number=caller_number(number), name="Ada Lovelace", country="US"),
        callee=Party(number=callee_number(number), country="US"),
        channels=1 + number % 2,
        format=MediaFormat.WAV,
        duration_ms=duration_ms,
        media=StoredMedia(
            store="main",
            key=f"{account_id}/{core_id}/{sha256}.wav",
            size_bytes=44 + duration_ms * 16 * (1 + number % 2),
            sha256=sha256,
            format=MediaFormat.WAV,
            codec="pcm_s16le",
            sample_rate=8000,
            samples=duration_ms * 8,
        ),
        started_at=started,
        ended_at=ended,
        created_at=ended,
        updated_at=taken,
        taken_in_at=taken,
        transcription=_transcription(noise, taken) if number % 10 == 3 else None,
    )


def start_of(number: int) -> datetime:
    """When it began."""
    return FIRST + number * STEP


def caller_number(number: int) -> str:
    """Who called; ``SHARED`` neighbours have the same."""
    return f"+1202{number // SHARED:07}"


def callee_number(number: int) -> str:
    """Who was called; ``SHARED`` neighbours have the same."""
    return f"+1312{number // SHARED:07}"


def _transcription(noise: bytes, at: datetime) -> Transcription:
    return Transcription(
        id=UUID(bytes=noise[44:60], version=4),
        status=TranscriptionStatus.AVAILABLE,
        created_at=at,
        updated_at=at,
        completed_at=at,
        locale="en-US",
        transcripts=(Transcript(text="Good morning, this is the bicycle shop.", confidence=0.91),),
    )
