"""How recordings were captured: written and removed with the recording's own row."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

import orjson

from callvault.catalogue.steps import Steps, ask_all
from callvault.model.capture import Captured, write_capture


def add_capture(serial: int, recording_id: UUID, captured: Captured) -> Steps[None]:
    """Write it down beside a recording, in place of what was there."""
    capture = orjson.dumps(write_capture(captured.capture)).decode()
    exchange = orjson.dumps([asdict(message) for message in captured.exchange]).decode()
    yield from ask_all(
        "INSERT INTO captures (recording_id, account, capture, exchange) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (recording_id) DO UPDATE SET capture = excluded.capture, exchange = excluded.exchange"
        " RETURNING 1",
        recording_id.bytes, serial, capture, exchange,
    )  # fmt: skip


def forget_capture(recording_id: UUID) -> Steps[None]:
    """Whoever was in a call that was deleted is nobody's business any more."""
    yield from ask_all("DELETE FROM captures WHERE recording_id = $1 RETURNING 1", recording_id.bytes)
