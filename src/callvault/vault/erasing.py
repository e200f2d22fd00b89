"""Taking recordings out again: the whole entry, several at once, or the audio alone.

The row is struck out first, then the bytes go; a crash between the two is settled by the promise that was written
before (``media.promises``).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from callvault.catalogue.store import Catalogue
from callvault.errors import NotFound
from callvault.media.promises import Promise, PromisedObject
from callvault.model.life import move
from callvault.model.recording import MediaState, Recording, Status
from callvault.vault.changing import apply
from callvault.vault.commands import DeleteMedia, DeleteRecording, DeleteRecordings
from callvault.vault.reading import Reading
from callvault.vault.renditions import Renditions
from callvault.vault.stores import Stores


class Erasing:
    """Deletes."""

    def __init__(
        self,
        catalogue: Catalogue,
        stores: Stores,
        folder: Path,
        reading: Reading,
        renditions: Renditions,
    ) -> None:
        self._catalogue = catalogue
        self._stores = stores
        self._folder = folder
        self._reading = reading
        self._renditions = renditions

    async def delete(self, command: DeleteRecording, now: datetime) -> Recording:
        """Strike a recording out, then erase its audio.  Answer: the recording as it was.

        Raises:
            NotFound: there is none.
            Conflict: it is still being recorded.
        """
        recording = await self._reading.locate(
            command.account_id, command.recording, command.call, command.conference, known_user=command.known_user
        )
        await self._erase(recording, _struck_out(now))
        return recording

    async def delete_all(self, command: DeleteRecordings, now: datetime) -> tuple[Recording, ...]:
        """Delete several, once it is known that all of them are there and may go.

        Raises:
            NotFound: one is not; nothing is deleted.
            Conflict: one is still being recorded; nothing is deleted.
        """
        wanted = {}
        for ref in command.recordings:
            recording = await self._reading.locate(command.account_id, ref)
            move(recording.status, Status.DELETED)
            wanted[recording.id] = recording
        for recording in wanted.values():
            await self._erase(recording, _struck_out(now))
        return tuple(wanted.values())

    async def delete_media(self, command: DeleteMedia, now: datetime) -> Recording:
        """Erase the audio and keep the entry.  Answer: the recording as it is then.

        Raises:
            NotFound: there is no such recording, or nothing to hear of it.
        """
        recording = await self._reading.locate(command.account_id, command.recording, command.call, command.conference)

        def silent(current: Recording) -> Recording:
            if current.media is None or not current.hearable:
                raise NotFound("audio of recording", command.recording.text)
            return replace(current, media_state=MediaState.DELETED, updated_at=now)

        return await self._erase(recording, silent)

    async def _erase(self, recording: Recording, struck: Callable[[Recording], Recording]) -> Recording:
        media = recording.media
        struck(recording)  # refuses before a promise is made
        if media is None or recording.media_state is MediaState.DELETED:
            return await apply(self._catalogue, recording, struck)
        promise = Promise(self._folder, secrets.token_hex(12))
        try:
            promise.name_object(PromisedObject(recording_id=recording.id, store=media.store, key=media.key))
            after = await apply(self._catalogue, recording, struck)
            self._renditions.forget(recording.id)
            await (await self._stores.named(media.store)).delete(media.key)
            promise.keep()
        finally:
            promise.leave()
        return after


def _struck_out(now: datetime) -> Callable[[Recording], Recording]:
    def struck(current: Recording) -> Recording:
        return replace(
            current,
            status=move(current.status, Status.DELETED),
            media_state=MediaState.DELETED if current.media else current.media_state,
            deleted_at=now,
            updated_at=now,
        )

    return struck
