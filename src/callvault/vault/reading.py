"""Finding, getting and opening what is in the vault."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from callvault.catalogue.pages import position_of
from callvault.catalogue.store import Catalogue
from callvault.errors import Conflict, NotAuthenticated, NotFound
from callvault.model.capture import Captured
from callvault.model.media import MediaFormat, RenditionSpec
from callvault.model.query import RecordingQuery, RecordingSlice, Slice
from callvault.model.recording import Recording, Source, Status
from callvault.vault.commands import Access, FindRecordings, GetCapture, GetRecording, OpenedMedia, OpenMedia, Ref
from callvault.vault.pushing import Pushing
from callvault.vault.renditions import Renditions

PIECE = 200
"""Recordings that are held and judged at once, where what no index knows is asked: a few milliseconds of work."""


class Reading:
    """Answers questions; changes nothing."""

    def __init__(self, catalogue: Catalogue, renditions: Renditions, pushing: Pushing) -> None:
        self._catalogue = catalogue
        self._renditions = renditions
        self._pushing = pushing

    async def find(self, command: FindRecordings) -> RecordingSlice:
        """A page.  A ref that names nothing makes it empty, and so does a question for no status at all.

        Raises:
            NotFound: the account has no such user.
        """
        query = command.query
        if command.known_user is not None:
            await self._check_user(query.account_id, command.known_user)
        if not query.statuses:
            return _nothing(query)
        wanted = {"call_id": command.call, "call_session_id": command.session, "conference_id": command.conference}
        for name, ref in wanted.items():
            if ref is None:
                continue
            core_id = await self.core_id(query.account_id, ref)
            if core_id is None:
                return _nothing(query)
            narrowed: dict[str, Any] = {name: core_id}
            query = replace(query, **narrowed)
        if command.subject is not None:
            return await self._of_subject(query, command.subject, command.keep)
        page = await self._page(query, command.keep)
        if command.call is not None and command.call_by_sip and not page.items:
            return await self._page(replace(query, call_id=None, sip_call_id=command.call.text), command.keep)
        return page

    async def get(self, command: GetRecording) -> Recording:
        """One recording.

        Raises:
            NotFound: this account has none such, or not in that call, conference or user's hands.
        """
        recording = await self.locate(
            command.account_id,
            command.recording,
            command.call,
            command.conference,
            known_user=command.known_user,
            deleted_from=command.deleted_from,
        )
        if command.user_id is not None and recording.user_id != command.user_id:
            raise NotFound("recording", command.recording.text)
        return recording

    async def capture(self, command: GetCapture) -> Captured:
        """How a recording was captured.

        Raises:
            NotFound: this account has none such, or it was not captured here.
        """
        recording = await self.locate(command.account_id, command.recording)
        captured = await self._catalogue.capture_of(command.account_id, recording.id)
        if captured is None:
            raise NotFound("capture", command.recording.text)
        return captured

    async def open(self, command: OpenMedia) -> OpenedMedia:
        """The audio, ready to be read.

        Raises:
            NotFound: no such recording, or nothing to hear of it.
            Conflict: two channels are asked of what has one.
            NotAuthenticated: the account does not let an id alone open its audio.
        """
        if command.access is Access.PUBLIC:
            await self._check_public(command)
        recording = await self.locate(
            command.account_id, command.recording, command.call, command.conference, known_user=command.known_user
        )
        if not recording.hearable or recording.media is None:
            elsewhere = await self._elsewhere(recording) if command.relayed else None
            if elsewhere is None:
                raise NotFound("audio of recording", command.recording.text)
            return elsewhere
        sealed = recording.media.sealed
        if command.original and sealed is not None:
            raise NotFound("original of recording", command.recording.text)
        if command.original:
            form, channels = recording.media.format, recording.channels
            rendition = await self._renditions.original(recording)
        else:
            form, channels = _form(command, recording), _channels(command, recording)
            spec = RenditionSpec(format=form, channels=channels if channels != recording.channels else None)
            rendition = await self._renditions.open(recording, spec)
        return OpenedMedia(
            recording=recording,
            format=form,
            channels=channels,
            size_bytes=rendition.size_bytes,
            etag=rendition.etag,
            modified_at=recording.taken_in_at,
            source=rendition.source,
        )

    async def _elsewhere(self, recording: Recording) -> OpenedMedia | None:
        """The audio from where it was pushed to."""
        found = await self._pushing.elsewhere(recording)
        if found is None:
            return None
        address, source = found
        return OpenedMedia(
            recording=recording,
            format=address.form,
            channels=recording.channels,
            size_bytes=None,
            etag=f"{recording.id.hex}-pushed",
            modified_at=recording.updated_at,
            source=source,
        )

    async def locate(
        self,
        account_id: UUID | None,
        ref: Ref,
        call: Ref | None = None,
        conference: Ref | None = None,
        *,
        known_user: UUID | None = None,
        deleted_from: datetime | None = None,
    ) -> Recording:
        """The recording that a ref names, in the call or conference that the path names too.

        ``known_user``: the account must have this user, whose recording it need not be.
        ``deleted_from``: one that was deleted since then will do as well as a living one.

        Raises:
            NotFound: there is none.
        """
        await self._check_user(account_id, known_user)
        recording = await self._by_ref(account_id, ref)
        if recording is not None and _is_there(recording, deleted_from):
            inside = ((call, recording.call_id), (conference, recording.conference_id))
            for outer, actual in inside:
                if outer is None or (actual is not None and outer.computed == actual):
                    continue
                if actual is None or await self.core_id(recording.account_id, outer) != actual:
                    break
            else:
                return recording
        raise NotFound(ref.kind, ref.text)

    async def core_id(self, account_id: UUID, ref: Ref) -> UUID | None:
        """What a ref stands for; a vendor's own id wins over the same text read as computed."""
        alias = await self._catalogue.resolve(account_id, ref.dialect, ref.kind, ref.text)
        return alias or ref.computed

    async def _page(self, query: RecordingQuery, keep: Callable[[Recording], bool] | None) -> RecordingSlice:
        """A page of the catalogue's; or of what is worth keeping, read on until it is full."""
        if keep is None:
            return await self._catalogue.find(query)
        if query.page is not None or query.with_total:
            raise ValueError("what no index knows can be neither numbered nor counted")
        kept: list[Recording] = []
        unread = replace(query, limit=PIECE)
        while True:
            piece = await self._catalogue.find(unread)
            for recording in piece.items:
                if not keep(recording):
                    continue
                if len(kept) == query.limit:
                    following = position_of(recording, query.axis)
                    return Slice(items=tuple(kept), more=True, next=following, query=query)
                kept.append(recording)
            if piece.next is None:
                return Slice(items=tuple(kept), more=False, query=query)
            unread = replace(unread, at=piece.next, after=None)
            await asyncio.sleep(0)  # others have their turn between two pieces

    async def _of_subject(
        self, query: RecordingQuery, subject: Ref, keep: Callable[[Recording], bool] | None
    ) -> RecordingSlice:
        """An id is a call's or a conference's, never both: whichever has recordings answers."""
        for source, kind, name in (
            (Source.CALL, "call", "call_id"),
            (Source.CONFERENCE, "conference", "conference_id"),
        ):
            core_id = await self.core_id(query.account_id, replace(subject, kind=kind))
            if core_id is None or getattr(query, name) not in {None, core_id} or query.source not in {None, source}:
                continue
            narrowed: dict[str, Any] = {"source": source, name: core_id}
            page = await self._page(replace(query, **narrowed), keep)
            if page.items or page.total:
                return page
        return _nothing(query)

    async def _by_ref(self, account_id: UUID | None, ref: Ref) -> Recording | None:
        if ref.computed is not None:
            recording = await self._catalogue.get(ref.computed, account_id=account_id)
            if recording is not None:
                return recording
        if account_id is None:
            return None
        alias = await self._catalogue.resolve(account_id, ref.dialect, ref.kind, ref.text)
        return await self._catalogue.get(alias, account_id=account_id) if alias else None

    async def _check_user(self, account_id: UUID | None, user_id: UUID | None) -> None:
        """A user is known by an entry, or by owning recordings that came from elsewhere."""
        if account_id is None or user_id is None or await self._catalogue.user(account_id, user_id):
            return
        owned = await self._catalogue.find(RecordingQuery(account_id=account_id, user_id=user_id, limit=1))
        if not owned.items:
            raise NotFound("user", str(user_id))

    async def _check_public(self, command: OpenMedia) -> None:
        account = await self._catalogue.account(command.account_id) if command.account_id else None
        if account is None:
            raise NotFound(command.recording.kind, command.recording.text)
        if not account.settings.get("public_media", True):
            raise NotAuthenticated


def _is_there(recording: Recording, deleted_from: datetime | None) -> bool:
    if recording.status is not Status.DELETED:
        return True
    return deleted_from is not None and recording.deleted_at is not None and recording.deleted_at >= deleted_from


def _nothing(query: RecordingQuery) -> RecordingSlice:
    return Slice(items=(), more=False, total=0 if query.with_total else None, query=query)


def _form(command: OpenMedia, recording: Recording) -> MediaFormat:
    form = command.form or recording.format
    if command.form is None and recording.media is not None and recording.media.sealed is not None:
        made = recording.media.sealed.forms
        form = form if any(each.format is form for each in made) else made[0].format
    return form if not command.among or form in command.among else command.among[0]


def _channels(command: OpenMedia, recording: Recording) -> int:
    wanted = command.channels or recording.channels
    if wanted > recording.channels:
        raise Conflict(f"The recording has one channel; {wanted} cannot be made of it.")
    return wanted
