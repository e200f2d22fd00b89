"""The catalogue's seam: what the vault may ask of either engine.

Every method is one transaction.  All raise ``CatalogueError`` when the database cannot be reached or does not answer;
what else they raise stands with them.  Times that are handed in are aware; those that come out are UTC, to the
millisecond.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from callvault.catalogue.lives import Lives
from callvault.catalogue.outbox import Outbox
from callvault.catalogue.public_keys import PublicKeys
from callvault.catalogue.shipments import Shipments
from callvault.catalogue.storages import Storages
from callvault.catalogue.trunks import Trunks
from callvault.model.actor import Account, Key, User
from callvault.model.capture import Captured
from callvault.model.events import Event
from callvault.model.query import RecordingQuery, RecordingSlice, TranscriptionQuery
from callvault.model.recording import Recording


@dataclass(frozen=True, kw_only=True, slots=True)
class Added:
    """What came of adding a recording."""

    recording: Recording
    fresh: bool
    """False: the intake key had been used before, nothing was written, and this is the recording of then."""


class Catalogue(Lives, Outbox, PublicKeys, Shipments, Storages, Trunks, Protocol):
    """Rows in, rows out."""

    async def open(self) -> None:
        """Connect, and bring the schema up to date."""

    async def close(self) -> None:
        """Let go of every connection.  May be called twice."""

    # Accounts, users, keys

    async def add_account(self, account: Account) -> Account:
        """Keep an account; the answer carries the serial that the catalogue gave it.

        Raises:
            Conflict: the name is taken.
        """
        ...

    async def account(self, account_id: UUID) -> Account | None:
        """One account."""
        ...

    async def account_named(self, name: str) -> Account | None:
        """One account by its name, or by its id or serial in text form."""
        ...

    async def accounts(self) -> Sequence[Account]:
        """All accounts, oldest first."""
        ...

    async def change_account(self, account_id: UUID, settings: Mapping[str, Any]) -> Account:
        """Replace an account's settings.

        Raises:
            NotFound: there is no such account.
        """
        ...

    async def revise_account(self, account_id: UUID, anew: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Account:
        """Make new settings of an account's, as they are at the moment; what others change is not lost by it.

        ``anew`` may be called more than once, in another thread, and may raise: then nothing is changed.

        Raises:
            NotFound: there is no such account.
        """
        ...

    async def add_user(self, user: User) -> None:
        """Keep a user.

        Raises:
            Conflict: the account has a user of that name.
        """
        ...

    async def user(self, account_id: UUID, user_id: UUID) -> User | None:
        """One user."""
        ...

    async def users(self, account_id: UUID) -> Sequence[User]:
        """An account's users, by name."""
        ...

    async def add_key(self, key: Key) -> None:
        """Keep a key."""
        ...

    async def key(self, key_id: str) -> tuple[Key, Account] | None:
        """A key with its account, revoked ones too."""
        ...

    async def keys(self, account_id: UUID) -> Sequence[Key]:
        """An account's keys, oldest first."""
        ...

    async def revoke_key(self, key_id: str, at: datetime) -> bool:
        """Make a key worthless from now on; false where there is none."""
        ...

    # Recordings

    async def add(
        self,
        recording: Recording,
        *,
        intake_key: str | None = None,
        events: Sequence[Event] = (),
        captured: Captured | None = None,
    ) -> Added:
        """Keep a recording with its transcription, its aliases (from ``foreign``) and its counters.

        ``events``: what hooks are told of it, if it is kept.  ``captured``: how it was captured, where that was here.

        ``intake_key`` is unique within the account for ever: the second ``add`` with it writes nothing.  The key of a
        recording that was deleted since may be used again.

        Raises:
            Conflict: the id is taken, or an alias already stands for something else.
            NotFound: there is no such account.
        """
        ...

    async def add_all(self, recordings: Sequence[Recording]) -> int:
        """Keep many recordings at once, all or none; for imports.  Answers how many.

        Raises:
            Conflict: an id is taken, or an alias already stands for something else.
            NotFound: there is no such account.
        """
        ...

    async def taken(self, account_id: UUID, intake_key: str) -> Recording | None:
        """The living recording that an intake key brought."""
        ...

    async def get(self, recording_id: UUID, *, account_id: UUID | None = None) -> Recording | None:
        """One recording with its transcription, whatever its status; None where this account has none such."""
        ...

    async def find(self, query: RecordingQuery) -> RecordingSlice:
        """A page, in at most a fixed number of statements, whatever the page's length."""
        ...

    def scan(self, query: RecordingQuery) -> AsyncIterator[Recording]:
        """Everything that matches, page after page by position; additions meanwhile neither repeat nor hide one."""
        ...

    async def change(self, recording: Recording, *, expected: int, events: Sequence[Event] = ()) -> Recording:
        """Replace the entry with this id; counters and aliases follow.  The answer's revision is ``expected + 1``.

        ``events``: what hooks are told of the change, if it is made.

        Raises:
            NotFound: there is none.
            Conflict: its revision is not ``expected``; somebody else changed it meanwhile.
        """
        ...

    async def recount(self, account_id: UUID) -> None:
        """Count all of an account's recordings again, after they came into the database by other means."""

    async def find_transcriptions(self, query: TranscriptionQuery) -> RecordingSlice:
        """A page of the recordings that have a transcription; positions and total are of transcriptions."""
        ...

    async def transcribed(self, account_id: UUID, transcription_id: UUID) -> Recording | None:
        """The recording that has this transcription, whatever its status."""
        ...

    async def awaited_transcriptions(self) -> Sequence[Recording]:
        """Every account's recordings whose transcription is being made, oldest first."""
        ...

    async def resolve(self, account_id: UUID, dialect: str, kind: str, foreign: str) -> UUID | None:
        """What an alias stands for."""
        ...
