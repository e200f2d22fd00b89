"""A live call, as dialects are told of it, ready to be varied."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from callvault.model.live import LiveCall, LiveRecording, Phase
from callvault.model.media import MediaFormat
from callvault.model.party import Party
from callvault.model.recording import Direction, MediaState, Recording, Status
from callvault.model.wish import Wish
from tests.unit.dialects.visits import ALICE, TEA_ORDER

BEGAN = datetime(2026, 3, 1, 9, 0, 0, 500_000, tzinfo=UTC)
RUNNING = LiveRecording(
    id=TEA_ORDER.id,
    phase=Phase.RUNNING,
    wish=Wish(format=MediaFormat.MP3, label="Tea order"),
    asked_at=datetime(2026, 3, 1, 9, 0, 2, tzinfo=UTC),
    began_at=TEA_ORDER.started_at,
)
LIVE = LiveCall(
    take=UUID("019ca884-23a0-7c41-8d00-0000000000aa"),
    account_id=ALICE.id,
    call_id=TEA_ORDER.call_id,
    session_id=TEA_ORDER.call_session_id,
    node="recorder-1",
    door="siprec",
    trunk="tea-house",
    connection_id=TEA_ORDER.connection_id,
    sip_call_id=TEA_ORDER.sip_call_id,
    direction=Direction.INBOUND,
    caller=Party(number="+15550100"),
    callee=Party(number="+15550199"),
    participants=2,
    began_at=BEGAN,
    answered_at=datetime(2026, 3, 1, 9, 0, 1, tzinfo=UTC),
    bridged_at=datetime(2026, 3, 1, 9, 0, 2, tzinfo=UTC),
    recordings=(RUNNING,),
)


def live(**changes: Any) -> LiveCall:
    """The call, with these fields changed."""
    return replace(LIVE, **changes)


def under_way(**changes: Any) -> Recording:
    """The entry of its recording while it is being made."""
    changes = {
        "status": Status.CAPTURING,
        "media_state": MediaState.AWAITED,
        "duration_ms": 0,
        "media": None,
        "ended_at": None,
        **changes,
    }
    return replace(TEA_ORDER, **changes)
