"""From a finished take to a recording: kept, read back, and only then known to be safe.

What does not live here: how a take's audio is made (``capture.finishing``), how audio is taken in (``intake``).
Everything here can be repeated: a take has one id, and what it became is found again by it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from callvault.catalogue.store import Catalogue
from callvault.errors import Conflict, MediaError
from callvault.model.capture import Captured
from callvault.model.card import Card
from callvault.model.events import events_between
from callvault.model.media import AudioFacts, MediaFormat
from callvault.model.recording import MediaState, Recording, Status
from callvault.model.wish import Push
from callvault.vault.changing import apply
from callvault.vault.commands import TakeIn
from callvault.vault.completing import UNFINISHED, complete
from callvault.vault.enrolment import Heard, check_card, enrol
from callvault.vault.intake import PIECE, Intake
from callvault.vault.known_calls import known_call
from callvault.vault.pushing import Pushing
from callvault.vault.stores import Stores

NOTHING_CAME = "The call was announced to the recorder, and no audio of it came."


@dataclass(frozen=True, kw_only=True, slots=True)
class FinishedTake:
    """What is known of one recording of a take."""

    account_id: UUID
    recording_id: UUID
    call_id: UUID
    """Of its call, unless the call is known already."""
    card: Card
    captured: Captured
    audio: Path | None
    """A sound file, which stays; None where there is none to keep: ``card.error`` then says why."""
    form: MediaFormat | None = None
    """What the recording was asked to be made as; None: what its file is."""
    push: Push | None = None
    """Where its file shall go then."""


class Finishing:
    """Keeps what was captured."""

    def __init__(self, catalogue: Catalogue, stores: Stores, intake: Intake, pushing: Pushing) -> None:
        self._catalogue = catalogue
        self._stores = stores
        self._intake = intake
        self._pushing = pushing

    async def keep(self, take: FinishedTake, now: datetime) -> Recording:
        """The recording, in the catalogue, with its object read back; repeated, the one of before.

        Raises:
            MediaError, CatalogueError: it could not be kept, or is not what was put; try again later.
            BadRequest, NotFound: it can never be kept, and the sentence says why.
        """
        if take.audio is None:
            return await self._note_missed(take, now)
        taken = await self._intake.take_in(
            TakeIn(
                account_id=take.account_id,
                recording_id=take.recording_id,
                card=take.card,
                content=_pieces(take.audio),
                key=f"take:{take.recording_id}",
                captured=take.captured,
                call_id=take.call_id,
                form=take.form,
            ),
            now,
        )
        await self._read_back(taken.recording)
        if take.push is not None:
            await self._pushing.keep(taken.recording, take.push, now)
        return taken.recording

    async def is_kept(self, account_id: UUID, recording_id: UUID) -> bool:
        """Whether a recording is finished and safe, or was since removed by somebody."""
        known = await self._catalogue.get(recording_id, account_id=account_id)
        return known is not None and known.status not in UNFINISHED

    async def give_up(self, account_id: UUID, recording_ids: Iterable[UUID], why: str, now: datetime) -> None:
        """Recordings that were under way will never be finished.

        Raises:
            CatalogueError: the catalogue is away.
        """

        def failed(current: Recording) -> Recording:
            if current.status not in UNFINISHED:
                return current
            return replace(
                current, status=Status.FAILED, media_state=MediaState.ABSENT, error=why, ended_at=now, updated_at=now
            )

        for recording_id in recording_ids:
            known = await self._catalogue.get(recording_id, account_id=account_id)
            if known is not None and known.status in UNFINISHED:
                await apply(self._catalogue, known, failed)

    async def _read_back(self, recording: Recording) -> None:
        """See that the store has what the row says."""
        media = recording.media
        if media is None or recording.media_state is MediaState.DELETED:
            return  # somebody was quicker, and erased it
        store = await self._stores.named(media.store)
        digest = hashlib.sha256()
        async for piece in store.chunks(media.key, 0, media.size_bytes):
            await asyncio.to_thread(digest.update, piece)
        if digest.hexdigest() != media.sha256:
            raise MediaError(f"The store {media.store!r} gave back other bytes for {media.key} than were put there.")

    async def _note_missed(self, take: FinishedTake, now: datetime) -> Recording:
        """A call without audio is an entry too: a recorder must not be silent about what it has not got."""
        card = take.card
        check_card(card)
        known = await self._catalogue.get(take.recording_id, account_id=take.account_id)
        if known is not None and known.status not in UNFINISHED:
            return known
        nothing = AudioFacts(
            format=MediaFormat.WAV, codec="none", sample_rate=8000, channels=1, samples=0, duration_ms=0
        )
        entry = replace(
            enrol(
                card,
                Heard(facts=nothing, size_bytes=0, sha256=""),
                account_id=take.account_id,
                recording_id=take.recording_id,
                call_id=await known_call(self._catalogue, take.account_id, card.foreign, card.sip_call_id)
                or take.call_id,
                now=now,
                entropy=hashlib.sha256(take.recording_id.bytes).digest()[:20],
            ),
            status=Status.FAILED,
            media_state=MediaState.ABSENT,
            error=card.error or NOTHING_CAME,
        )
        if known is not None:
            return (await complete(self._catalogue, known, entry, take.captured)).recording
        try:
            added = await self._catalogue.add(entry, events=events_between(None, entry), captured=take.captured)
        except Conflict:  # another finisher was between the two statements, or somebody who has steered it
            known = await self._catalogue.get(take.recording_id, account_id=take.account_id)
            if known is None:
                raise
            return (await complete(self._catalogue, known, entry, take.captured)).recording
        return added.recording


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece
