"""What can be asked of the vault about transcriptions, as values; the rest is in ``commands``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from callvault.model.actor import Scope
from callvault.model.query import TranscriptionQuery
from callvault.model.transcription import Transcript

if TYPE_CHECKING:
    from callvault.vault.commands import Callback, Ref


@dataclass(frozen=True, kw_only=True, slots=True)
class FindTranscriptions:
    """A page of the recordings that have a transcription.  Answer: ``RecordingSlice``, placed by transcription."""

    query: TranscriptionQuery
    recording: Ref | None = None

    @property
    def account_id(self) -> UUID:
        """Whose recordings."""
        return self.query.account_id


@dataclass(frozen=True, kw_only=True, slots=True)
class GetTranscription:
    """One transcription, by its own id.  Answer: its ``Recording``, whose transcription is not None."""

    account_id: UUID
    transcription: Ref
    recording: Ref | None = None
    """Where the path names a recording too, it must be this transcription's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestTranscription:
    """Somebody shall write down what was said.  Answer: the ``Recording``, its transcription being made or failed."""

    account_id: UUID
    recording: Ref
    call: Ref | None = None
    locale: str | None = None
    callback: Callback | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class KeepTranscription:
    """Somebody has written down what was said.  Answer: the ``Recording`` with it."""

    account_id: UUID
    recording: Ref
    transcripts: tuple[Transcript, ...]
    locale: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DeleteTranscription:
    """The words go, the recording stays.  Answer: the ``Recording`` as it was."""

    account_id: UUID
    recording: Ref | None = None
    """The recording whose words go; beside ``transcription``, whose words they must be."""
    call: Ref | None = None
    transcription: Ref | None = None


TranscriptionCommand = (
    FindTranscriptions | GetTranscription | RequestTranscription | KeepTranscription | DeleteTranscription
)

TRANSCRIPTION_SCOPES: Mapping[type, Scope] = {
    FindTranscriptions: Scope.READ,
    GetTranscription: Scope.READ,
    RequestTranscription: Scope.WRITE,
    KeepTranscription: Scope.WRITE,
    DeleteTranscription: Scope.DELETE,
}
