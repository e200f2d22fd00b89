"""What was said, where somebody has written it down.  Making transcripts is not this package's matter."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


class TranscriptionStatus(enum.StrEnum):
    """How far the transcript has come."""

    PROCESSING = "processing"
    AVAILABLE = "available"
    FAILED = "failed"
    TIMED_OUT = "timed-out"
    TOO_LONG = "too-long"
    TOO_SHORT = "too-short"


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcript:
    """The words of one channel."""

    text: str
    confidence: float
    """0.0 to 1.0."""
    speaker: int | None = None
    """Zero-based, where speakers were told apart."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcription:
    """One transcription of one recording."""

    id: UUID
    status: TranscriptionStatus
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None = None
    locale: str | None = None
    transcripts: tuple[Transcript, ...] = ()
    """One for a recording of one channel, two for two, in the order of the channels."""

    @property
    def text(self) -> str:
        """All channels' words, a line each."""
        return "\n".join(transcript.text for transcript in self.transcripts)
