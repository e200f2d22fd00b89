"""Everything that the catalogue can do, once for both engines.

An engine says how steps are driven: ``_read`` for what changes nothing, ``_write`` for what does.  What does not live
here: any SQL, any driver.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from callvault.catalogue import accounts, aliases, counters, entries, pages, transcriptions
from callvault.catalogue.accounts import Directory, Revision
from callvault.catalogue.entries import Written, plain
from callvault.catalogue.live_verbs import LiveVerbs
from callvault.catalogue.outbox_verbs import OutboxVerbs
from callvault.catalogue.public_key_verbs import PublicKeyVerbs
from callvault.catalogue.shipment_verbs import ShipmentVerbs
from callvault.catalogue.steps import Steps, Tally
from callvault.catalogue.storage_verbs import StorageVerbs
from callvault.catalogue.store import Added
from callvault.catalogue.trunk_verbs import TrunkVerbs
from callvault.model.actor import Account, Key, User
from callvault.model.capture import Captured
from callvault.model.events import Event
from callvault.model.query import RecordingQuery, RecordingSlice, TranscriptionQuery
from callvault.model.recording import Recording

Result = TypeVar("Result")

SCAN_PAGE = 500
"""Recordings that a scan holds at once."""


class Verbs(LiveVerbs, OutboxVerbs, PublicKeyVerbs, ShipmentVerbs, StorageVerbs, TrunkVerbs):
    """The methods of ``Catalogue``, in terms of steps; see there for what each promises."""

    def __init__(self) -> None:
        self.tally = Tally()
        """What was asked of the database since the start."""
        self._directory = Directory()
        self._listeners = []

    @abstractmethod
    async def open(self) -> None:
        """Connect, and bring the schema up to date."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of every connection."""

    @abstractmethod
    async def _read(self, steps: Callable[[], Steps[Result]], *, snapshot: bool = False) -> Result:
        """Drive steps that change nothing; ``snapshot``: all of them have to see the same moment."""

    @abstractmethod
    async def _write(self, steps: Callable[[], Steps[Written[Result]]]) -> Result:
        """Drive steps in one transaction, bring the counters up to date, commit."""

    async def add_account(self, account: Account) -> Account:
        """Keep an account."""
        return await self._write(lambda: plain(accounts.add_account(account)))

    async def account(self, account_id: UUID) -> Account | None:
        """One account."""
        return await self._read(lambda: accounts.find_account(account_id))

    async def account_named(self, name: str) -> Account | None:
        """One account by its name, or by its id or serial in text form."""
        return await self._read(lambda: accounts.find_account_named(name))

    async def accounts(self) -> Sequence[Account]:
        """All accounts, oldest first."""
        return await self._read(accounts.all_accounts)

    async def change_account(self, account_id: UUID, settings: Mapping[str, Any]) -> Account:
        """Replace an account's settings."""
        return await self._write(lambda: plain(accounts.change_account(account_id, settings)))

    async def revise_account(self, account_id: UUID, anew: Revision) -> Account:
        """Make new settings of an account's."""
        return await self._write(lambda: plain(accounts.revise_account(account_id, anew)))

    async def add_user(self, user: User) -> None:
        """Keep a user."""
        await self._write(lambda: plain(accounts.add_user(self._directory, user)))

    async def user(self, account_id: UUID, user_id: UUID) -> User | None:
        """One user."""
        return await self._read(lambda: accounts.find_user(self._directory, account_id, user_id))

    async def users(self, account_id: UUID) -> Sequence[User]:
        """An account's users, by name."""
        return await self._read(lambda: accounts.users_of(self._directory, account_id))

    async def add_key(self, key: Key) -> None:
        """Keep a key."""
        await self._write(lambda: plain(accounts.add_key(self._directory, key)))

    async def key(self, key_id: str) -> tuple[Key, Account] | None:
        """A key with its account."""
        return await self._read(lambda: accounts.find_key(key_id))

    async def keys(self, account_id: UUID) -> Sequence[Key]:
        """An account's keys, oldest first."""
        return await self._read(lambda: accounts.keys_of(self._directory, account_id))

    async def revoke_key(self, key_id: str, at: datetime) -> bool:
        """Make a key worthless from now on."""
        return await self._write(lambda: plain(accounts.revoke_key(key_id, at)))

    async def add(
        self,
        recording: Recording,
        *,
        intake_key: str | None = None,
        events: Sequence[Event] = (),
        captured: Captured | None = None,
    ) -> Added:
        """Keep a recording."""
        added = await self._write(lambda: entries.add(self._directory, recording, intake_key, events, captured))
        if events:
            self._tell()
        return added

    async def add_all(self, recordings: Sequence[Recording]) -> int:
        """Keep many recordings, all or none."""
        return await self._write(lambda: entries.add_all(self._directory, recordings))

    async def taken(self, account_id: UUID, intake_key: str) -> Recording | None:
        """The living recording that an intake key brought."""
        return await self._read(lambda: entries.taken(self._directory, account_id, intake_key))

    async def get(self, recording_id: UUID, *, account_id: UUID | None = None) -> Recording | None:
        """One recording."""
        return await self._read(lambda: entries.get(self._directory, recording_id, account_id))

    async def find(self, query: RecordingQuery) -> RecordingSlice:
        """A page."""
        several = query.with_total or query.page is not None
        return await self._read(lambda: pages.find(self._directory, query), snapshot=several)

    async def scan(self, query: RecordingQuery) -> AsyncIterator[Recording]:
        """Everything that matches, page after page."""
        query = replace(query, with_total=False)
        if query.page is not None:  # its number counts pages of the query's own length
            place = (await self.find(query)).items[:1]
            if not place:
                return
            query = replace(query, page=None, at=pages.position_of(place[0], query.axis))
        query = replace(query, limit=SCAN_PAGE)
        while True:
            page = await self.find(query)
            for recording in page.items:
                yield recording
            if page.next is None:
                return
            query = replace(query, at=page.next, after=None)

    async def change(self, recording: Recording, *, expected: int, events: Sequence[Event] = ()) -> Recording:
        """Replace an entry."""
        changed = await self._write(lambda: entries.change(self._directory, recording, expected, events))
        if events:
            self._tell()
        return changed

    async def find_transcriptions(self, query: TranscriptionQuery) -> RecordingSlice:
        """A page of the recordings that have a transcription."""
        return await self._read(lambda: transcriptions.find(self._directory, query), snapshot=query.with_total)

    async def transcribed(self, account_id: UUID, transcription_id: UUID) -> Recording | None:
        """The recording that has this transcription."""
        return await self._read(lambda: transcriptions.transcribed(self._directory, account_id, transcription_id))

    async def awaited_transcriptions(self) -> Sequence[Recording]:
        """Every account's recordings whose transcription is being made."""
        return await self._read(lambda: transcriptions.awaited(self._directory))

    async def resolve(self, account_id: UUID, dialect: str, kind: str, foreign: str) -> UUID | None:
        """What an alias stands for."""
        return await self._read(lambda: self._resolve(account_id, dialect, kind, foreign))

    def _resolve(self, account_id: UUID, dialect: str, kind: str, foreign: str) -> Steps[UUID | None]:
        serial = yield from self._directory.serial(account_id)
        return (yield from aliases.resolve(serial, dialect, kind, foreign))

    async def recount(self, account_id: UUID) -> None:
        """Count all of an account's recordings again."""
        await self._write(lambda: self._recount(account_id))

    def _recount(self, account_id: UUID) -> Steps[Written[None]]:
        serial = yield from self._directory.serial_or_refuse(account_id)
        yield from counters.recount(serial)
        return Written(None)
