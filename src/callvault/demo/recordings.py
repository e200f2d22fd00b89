"""The demo's recordings: which file is which call, and when it would have been.

``recordings.json`` holds a list of objects: ``file`` (its name in ``audio/``), ``days_ago`` (how long before the demo
first runs the call began) and ``card`` (see ``model.card``), in which every time is left out, since the demo's calls
shall always be of the last months.  How the audio was made: ``tools/make_demo_audio.sh``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from callvault.model.card import Card, read_card

_HERE = Path(__file__).parent
_TRANSCRIBING = timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoRecording:
    """One call of the demo."""

    file: Path
    card: Card
    """All that is known of it, but for what the audio itself says."""


def demo_recordings(now: datetime) -> tuple[DemoRecording, ...]:
    """All of them, oldest first.  ``now``: aware; the calls were so many days before it, to the millisecond."""
    entries: list[dict[str, Any]] = json.loads((_HERE / "recordings.json").read_text(encoding="utf-8"))
    return tuple(
        DemoRecording(
            file=_HERE / "audio" / entry["file"],
            card=read_card(_dated(entry["card"], now - timedelta(days=entry["days_ago"]))),
        )
        for entry in entries
    )


def _dated(card: dict[str, Any], began: datetime) -> dict[str, Any]:
    began = began.replace(microsecond=began.microsecond // 1000 * 1000)
    dated = card | {"started_at": began.isoformat()}
    if "transcription" in card:
        done = (began + _TRANSCRIBING).isoformat()
        dated["transcription"] = card["transcription"] | {"created_at": done, "updated_at": done, "completed_at": done}
    return dated
