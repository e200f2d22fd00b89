"""The golden frames, as a WebSocket hands them over."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from callvault.protocols.media_streams.events import Event, Vendor
from callvault.protocols.media_streams.readers import READERS

GOLDEN = Path(__file__).parents[3] / "golden" / "protocols" / "media_streams"


def golden(vendor: Vendor) -> list[str | bytes]:
    """Text frames as text, binary ones as bytes."""
    lines = (GOLDEN / f"{vendor.value}.jsonl").read_text(encoding="utf-8").splitlines()
    return [_frame(line) for line in lines]


def _frame(line: str) -> str | bytes:
    binary = json.loads(line).get("binary")
    return line if binary is None else base64.b64decode(binary)


def events_of(vendor: Vendor, frames: list[str | bytes] | None = None) -> list[Event]:
    """What a fresh reader makes of them, one after the other."""
    reader = READERS[vendor]()
    return [event for frame in (golden(vendor) if frames is None else frames) for event in reader.receive(frame)]
