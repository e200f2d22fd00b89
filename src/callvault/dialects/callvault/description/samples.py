"""Made-up values for the description; what a reply looks like is written by the functions that write replies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from callvault.dialects.callvault.words import EXAMPLE_ID
from callvault.model.actor import Account, Actor
from callvault.model.events import Event, EventKind
from callvault.model.hook import Attempt, Delivery, DeliveryState, Hook
from callvault.model.live import LiveCall, LiveRecording, Phase
from callvault.model.media import MediaFormat
from callvault.model.party import Party
from callvault.model.policy import Network, Policy, Rule
from callvault.model.recording import Direction, MediaState, Origin, Recording, Status, StoredMedia
from callvault.model.transcription import Transcript, Transcription, TranscriptionStatus
from callvault.model.wish import Cue, Push, Track, Wish
from callvault.vault.hook_commands import LoggedDelivery

BASE_URL = "https://vault.example.net"
_OPENED = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
_STARTED = datetime(2026, 3, 1, 9, 0, 2, 114_000, tzinfo=UTC)
_ENDED = _STARTED + timedelta(milliseconds=92_480)
_TAKEN_IN = _ENDED + timedelta(milliseconds=740)

ACCOUNT = Account(
    id=UUID("019b78c9-0a80-7c1d-9e2f-3a4b5c6d7e8f"), serial=10_000_001, name="tea-house", created_at=_OPENED
)
ACTOR = Actor(account=ACCOUNT, key_id="00112233aabbccdd")

RECORDING = Recording(
    id=UUID(EXAMPLE_ID),
    account_id=ACCOUNT.id,
    call_id=UUID("019ca8a0-46c2-7b4c-9d5e-6f708192a3b4"),
    call_session_id=UUID("019ca8a0-46c2-7b4c-9d5e-6f708192a3b4"),
    sip_call_id="a84b4c76e66710@pbx.example.net",
    connection_id="main-trunk",
    origin=Origin.TRUNK,
    direction=Direction.INBOUND,
    status=Status.AVAILABLE,
    media_state=MediaState.WHOLE,
    caller=Party(number="+12025550143", name="Ruth", country="US"),
    callee=Party(number="+442079460018", country="GB"),
    channels=2,
    format=MediaFormat.WAV,
    duration_ms=92_480,
    media=StoredMedia(
        store="main",
        key="019b78c9-0a80-7c1d-9e2f-3a4b5c6d7e8f/019ca8a0-46c2-7a3b-8c4d-5e6f708192a3/original.wav",
        size_bytes=2_959_404,
        sha256="1f" * 32,
        format=MediaFormat.WAV,
        codec="pcm_s16le",
        sample_rate=8000,
        samples=739_840,
    ),
    started_at=_STARTED,
    ended_at=_ENDED,
    created_at=_ENDED,
    updated_at=_TAKEN_IN,
    taken_in_at=_TAKEN_IN,
    label="Tea order",
    transcription=Transcription(
        id=UUID("019ca8a1-b2e6-7d6e-8f70-8192a3b4c5d6"),
        status=TranscriptionStatus.AVAILABLE,
        created_at=_TAKEN_IN,
        updated_at=_TAKEN_IN,
        completed_at=_TAKEN_IN,
        locale="en-GB",
        transcripts=(
            Transcript(text="Hello, tea house. What can I get you?", confidence=0.96),
            Transcript(text="Two boxes of green tea, please.", confidence=0.93),
        ),
    ),
)

HOOK = Hook(
    id=UUID("019b7900-3c00-7d2e-8f30-4b5c6d7e8f90"),
    account_id=ACCOUNT.id,
    dialect="telnyx",
    url="https://hooks.example.org/calls",
    failover_url="https://standby.example.org/calls",
    events=frozenset({EventKind.AVAILABLE, EventKind.FAILED}),
    options={"client_state": "dGVhIGhvdXNl"},
    created_at=_OPENED,
)

DELIVERY = Delivery(
    id=UUID("019ca8a1-bb12-7e3f-9041-5c6d7e8f90a1"),
    hook_id=HOOK.id,
    event=Event(
        id=UUID("019ca8a1-bb12-7f40-a152-6d7e8f90a1b2"),
        account_id=ACCOUNT.id,
        recording_id=RECORDING.id,
        kind=EventKind.AVAILABLE,
        at=_TAKEN_IN,
    ),
    recording=RECORDING,
    state=DeliveryState.DELIVERED,
    attempts=1,
    due_at=_TAKEN_IN,
)

LOGGED = LoggedDelivery(
    delivery=DELIVERY,
    attempts=(
        Attempt(
            at=_TAKEN_IN,
            method="POST",
            url=HOOK.url,
            headers=(("Host", "hooks.example.org"), ("Content-Type", "application/json")),
            body=b'{"data":{"event_type":"call.recording.saved"}}',
            status=200,
            answer=b"",
            failure=None,
            error=None,
            took_ms=41,
        ),
    ),
)

WISH = Wish(
    format=MediaFormat.MP3,
    channels=2,
    track=Track.INBOUND,
    cue=Cue.ANSWERED,
    most_s=3600.0,
    label="Tea order",
    push=Push(url="https://archive.example.org/in", method="PUT"),
)
CONFERENCE_ID = UUID("019ca8a0-3fbc-7c0f-9f60-718293a4b5c7")
LIVE_CALL = LiveCall(
    take=UUID("019ca8a0-3fbc-7d5e-9f60-718293a4b5c6"),
    account_id=ACCOUNT.id,
    call_id=RECORDING.call_id,
    session_id=RECORDING.call_session_id,
    node="recorder-1",
    door="siprec",
    trunk="main-trunk",
    connection_id="main-trunk",
    sip_call_id=RECORDING.sip_call_id,
    conference_id=CONFERENCE_ID,
    caller=RECORDING.caller,
    callee=RECORDING.callee,
    participants=2,
    began_at=_STARTED - timedelta(milliseconds=1688),
    answered_at=_STARTED - timedelta(milliseconds=80),
    bridged_at=_STARTED,
    recordings=(
        LiveRecording(
            id=RECORDING.id, phase=Phase.RUNNING, wish=WISH, asked_at=_STARTED, began_at=_STARTED, pause_silent=False
        ),
    ),
)
CALL_NAMES = {
    "bandwidth": "c-5f0c1a2b-019ca8a0-46c2-7b4c-9d5e-6f708192a3b4",
    "bird": str(RECORDING.call_id),
    "callvault": str(RECORDING.call_id),
}
CONFERENCE_NAMES = {"telnyx": str(LIVE_CALL.conference_id), "twilio": f"CF{CONFERENCE_ID.hex}"}
POLICY = Policy(
    rules=(
        Rule(name="sales", direction=Direction.INBOUND, network=Network.OFFNET, callee="+4420*", wish=WISH),
        Rule(name="a tenth of the rest", percent=10.0),
    ),
    record=False,
    prebuffer_ms=5000,
    mask_keys=True,
    onnet=("+442079460*",),
)
