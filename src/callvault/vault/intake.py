"""Taking audio in: every step can be cut short, and then there is the whole recording or nothing.

Order: the bytes go to a file beside the store, are measured, promised, put, and only then named by a row.  What a
crash leaves is found by its promise (``media.promises``) and settled by ``settling``.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from io import FileIO
from pathlib import Path
from uuid import UUID

from callvault.audio.probe import probe
from callvault.catalogue.store import Catalogue
from callvault.errors import CallerError, Conflict, MediaError, MediaRefused, NotAudio, TooLarge
from callvault.media.keys import original_key, sealed_key
from callvault.media.promises import Promise, PromisedObject
from callvault.media.store import MediaStore
from callvault.model.events import events_between
from callvault.model.recording import Recording
from callvault.model.storage import Trouble
from callvault.vault.commands import TakeIn, TakenIn
from callvault.vault.completing import UNFINISHED, complete
from callvault.vault.enrolment import Heard, check_card, enrol, stored
from callvault.vault.keyring import Keyring
from callvault.vault.known_calls import known_call
from callvault.vault.sealing import Sealed, seal
from callvault.vault.stores import Stores

log = logging.getLogger("callvault.intake")

PIECE = 1 << 20
Entropy = Callable[[int], bytes]


class Intake:
    """Takes audio into one store and the catalogue."""

    def __init__(
        self,
        catalogue: Catalogue,
        stores: Stores,
        keyring: Keyring,
        folder: Path,
        *,
        most_bytes: int,
        entropy: Entropy = secrets.token_bytes,
    ) -> None:
        self._catalogue = catalogue
        self._stores = stores
        self._keyring = keyring
        self._folder = folder
        self._most_bytes = most_bytes
        self._entropy = entropy

    async def take_in(self, command: TakeIn, now: datetime) -> TakenIn:
        """Everything from the first byte to the committed row.

        Raises:
            NotAudio: empty, broken off, or not audio.
            BadRequest: the card says what it cannot.
            TooLarge: more bytes than the setting allows.
            MediaError, CatalogueError: it could not be kept; nothing of it is.
        """
        check_card(command.card)
        if command.key is not None:
            known = await self._catalogue.taken(command.account_id, command.key)
            if known is not None:
                async for _ in command.content:
                    pass  # clients that do not read an answer before they have sent everything
                return TakenIn(recording=known, fresh=False)
        standing = await self._standing(command)
        if standing is not None and standing.status not in UNFINISHED:
            return TakenIn(recording=standing, fresh=False)
        promise = Promise(self._folder, self._entropy(12).hex())
        try:
            return await self._keep(command, promise, now)
        except BaseException as error:
            if isinstance(error, CallerError) or not promise.named:
                promise.keep()  # no object can have come of it
            raise
        finally:
            promise.leave()

    async def _keep(self, command: TakeIn, promise: Promise, now: datetime) -> TakenIn:
        heard = await self._receive(command, promise.part)
        key = command.key or _content_key(command, heard)
        known = await self._catalogue.taken(command.account_id, key)
        if known is not None:
            promise.keep()
            return TakenIn(recording=known, fresh=False)
        recording = enrol(
            command.card,
            heard,
            account_id=command.account_id,
            call_id=await self._known_call(command) or command.call_id,
            now=now,
            entropy=self._entropy(20),
            recording_id=command.recording_id,
            form=command.form,
        )
        sealed = await self._seal(command.account_id, heard, promise)
        if sealed is not None:
            place = sealed_key(command.account_id, recording.id, sealed.sha256)
        else:
            place = original_key(command.account_id, recording.id, heard.sha256, heard.facts.format)
        store, url, trouble = await self._put(recording, promise, place)
        entry = stored(recording, heard, store=store.name, key=place, url=url, trouble=trouble, sealed=sealed)
        try:
            added = await self._enter(entry, key, command)
        except CallerError:
            await store.delete(place)
            raise
        theirs = added.recording.media
        if not added.fresh and (theirs is None or (theirs.store, theirs.key) != (store.name, place)):
            await store.delete(place)  # somebody was faster with the same key
        promise.keep()
        return added

    async def _enter(self, entry: Recording, key: str, command: TakeIn) -> TakenIn:
        """Add the entry, or complete the one that its recording has had since it began."""
        standing = await self._standing(command)
        if standing is not None:
            return await complete(self._catalogue, standing, entry, command.captured)
        try:
            added = await self._catalogue.add(
                entry, intake_key=key, events=events_between(None, entry), captured=command.captured
            )
        except Conflict:  # somebody has steered it between the two statements, so that it has one by now
            standing = await self._standing(command)
            if standing is None:
                raise
            return await complete(self._catalogue, standing, entry, command.captured)
        return TakenIn(recording=added.recording, fresh=added.fresh)

    async def _standing(self, command: TakeIn) -> Recording | None:
        if command.recording_id is None:
            return None
        return await self._catalogue.get(command.recording_id, account_id=command.account_id)

    async def _seal(self, account_id: UUID, heard: Heard, promise: Promise) -> Sealed | None:
        """Encrypt what arrived, where the account wants that; nothing readable is left then.

        Raises:
            Conflict: the account's key is gone.
            AudioError: the audio cannot be turned into what clients may ask for.
        """
        key = await self._keyring.in_force(account_id)
        if key is None:
            return None
        sealed = await asyncio.to_thread(seal, promise.part, promise.sealed, heard.facts, key, self._entropy)
        promise.sealed.replace(promise.part)
        return sealed

    async def _put(
        self, recording: Recording, promise: Promise, place: str
    ) -> tuple[MediaStore, str | None, Trouble | None]:
        """Into the store that the account chose for the connection, or else into the server's own.

        What the chosen store does not take is not lost: it is kept here.  Answer: where it is, its address there where
        it has one, and why it is not where it should be.
        """
        connection, trouble = recording.connection_id, None
        chosen = await self._catalogue.storage_for(recording.account_id, connection) if connection else None
        if chosen is not None:
            promised = PromisedObject(recording_id=recording.id, store=chosen.store, key=place)
            try:
                store = await self._stores.chosen(chosen)
                promise.name_object(promised)
                await store.put_file(place, promise.part)
                return store, self._stores.url_of(chosen, place), None
            except MediaError as error:
                if not promise.part.exists():
                    raise
                log.warning("the store of connection %r did not keep %s: %.300s", connection, recording.id, error)
                trouble = Trouble.REFUSED if isinstance(error, MediaRefused) else Trouble.UNREACHABLE
        store = self._stores.main
        promise.name_object(PromisedObject(recording_id=recording.id, store=store.name, key=place))
        await store.put_file(place, promise.part)
        return store, None, trouble

    async def _receive(self, command: TakeIn, part: Path) -> Heard:
        digest = hashlib.sha256()
        size = 0
        try:
            with part.open("wb", buffering=0) as file:
                async for piece in _gathered(command.content):
                    size += len(piece)
                    if size > self._most_bytes:
                        raise TooLarge(f"The audio is larger than the {self._most_bytes} bytes that are allowed here.")
                    await asyncio.to_thread(_write, file, digest, piece)
            expected = command.expected_bytes
            if expected is not None and size < expected:
                raise NotAudio(f"The upload broke off after {size} of {expected} bytes; send it again, whole.")
            facts = await asyncio.to_thread(probe, part)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise MediaError(f"The audio cannot be written to {part.parent}: {error.strerror}.") from error
        return Heard(facts=facts, size_bytes=size, sha256=digest.hexdigest())

    async def _known_call(self, command: TakeIn) -> UUID | None:
        card = command.card
        return await known_call(self._catalogue, command.account_id, card.foreign, card.sip_call_id)


def _content_key(command: TakeIn, heard: Heard) -> str:
    """Without a key from the sender the bytes are the key, and what tells two calls with the same bytes apart."""
    card = command.card
    ids = sorted(f"{dialect}/{kind}={text}" for dialect, ids in card.foreign.items() for kind, text in ids.items())
    apart = (card.call_id, card.sip_call_id, card.started_at, *ids)
    return "content:" + heard.sha256 + "".join(f"|{word}" for word in apart if word is not None)


async def _gathered(content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Pieces of about a megabyte, so that a thread is not asked for each packet."""
    gathered = bytearray()
    async for piece in content:
        gathered += piece
        if len(gathered) >= PIECE:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)


def _write(file: FileIO, digest: hashlib._Hash, piece: bytes) -> None:
    digest.update(piece)
    view = memoryview(piece)
    while view:
        view = view[os.write(file.fileno(), view) :]
