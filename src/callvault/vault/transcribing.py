"""Transcriptions: asked for, made by a program of the operator's, kept, found and deleted.

Making transcripts is not callvault's trade.  The setting ``transcriber`` names a program that is given the path of a
WAV file (16-bit PCM) and a locale, and prints a JSON list with one object ``{"text", "confidence"}`` a channel; without
one, what is asked for ends as failed, and says so.
"""

from __future__ import annotations

import asyncio
import logging
import shlex
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

import orjson

from callvault.catalogue.store import Catalogue
from callvault.errors import AudioError, CallvaultError, Conflict, Gone, NotFound
from callvault.model.events import EventKind
from callvault.model.hook import Hook
from callvault.model.ids import new_id
from callvault.model.media import MediaFormat, RenditionSpec
from callvault.model.query import RecordingSlice, Slice
from callvault.model.recording import MediaState, Recording, Status
from callvault.model.transcription import Transcript, Transcription, TranscriptionStatus
from callvault.vault.changing import apply
from callvault.vault.commands import Callback
from callvault.vault.hook_commands import AddHook, RemoveHook
from callvault.vault.notifying import Notifying
from callvault.vault.reading import Reading
from callvault.vault.renditions import Renditions
from callvault.vault.transcription_commands import (
    DeleteTranscription,
    FindTranscriptions,
    GetTranscription,
    KeepTranscription,
    RequestTranscription,
)

log = logging.getLogger("callvault.transcribing")

SHORTEST_MS = 500
LONGEST_MS = 4 * 3_600_000
"""What vendors take; outside it the transcription ends as too short or too long."""
PATIENCE_S = 3600.0
TOLD = frozenset({EventKind.TRANSCRIPTION_AVAILABLE, EventKind.TRANSCRIPTION_FAILED})
"""What whoever asked for a transcription is told of."""


class Transcribing:
    """What can be done about transcriptions."""

    def __init__(
        self,
        catalogue: Catalogue,
        reading: Reading,
        renditions: Renditions,
        notifying: Notifying,
        *,
        program: str,
        clock: Callable[[], datetime],
        entropy: Callable[[int], bytes],
    ) -> None:
        self._catalogue = catalogue
        self._reading = reading
        self._renditions = renditions
        self._program = shlex.split(program)
        self._clock = clock
        self._entropy = entropy
        self._under_way: set[asyncio.Task[None]] = set()
        self._notifying = notifying

    async def find(self, command: FindTranscriptions) -> RecordingSlice:
        """A page.  A recording that is not there has none."""
        query = command.query
        if command.recording is not None:
            core_id = await self._reading.core_id(query.account_id, command.recording)
            if core_id is None:
                return Slice(items=(), more=False, total=0 if query.with_total else None)
            query = replace(query, recording_id=core_id)
        return await self._catalogue.find_transcriptions(query)

    async def get(self, command: GetTranscription) -> Recording:
        """The recording that has it.

        Raises:
            NotFound: there is no such transcription, or not of that recording.
        """
        return await self._by_ref(command)

    async def request(self, command: RequestTranscription, now: datetime) -> Recording:
        """Begin to make one.

        Raises:
            NotFound: there is no such recording, or it is not finished.
            Gone: its audio was deleted.
            Conflict: one is being made.
            BadRequest: nobody can be told at the callback's URL.
        """
        recording = await self._reading.locate(command.account_id, command.recording, command.call)
        asked = Transcription(
            id=new_id(now, self._entropy(10)),
            status=TranscriptionStatus.PROCESSING,
            created_at=now,
            updated_at=now,
            locale=command.locale,
        )

        def begun(current: Recording) -> Recording:
            _check_can_be_heard(current, command.recording.text)
            if current.transcription and current.transcription.status is TranscriptionStatus.PROCESSING:
                raise Conflict("A transcription of this recording is being made.")
            return replace(current, transcription=self._judged(current, asked), updated_at=now)

        _check_can_be_heard(recording, command.recording.text)
        hook = await self._listen(command.callback, recording, now) if command.callback else None
        try:
            after = await apply(self._catalogue, recording, begun)
        except CallvaultError:
            if hook is not None:
                await self._notifying.remove(RemoveHook(account_id=hook.account_id, hook_id=hook.id), now)
            raise
        if after.transcription is not None and after.transcription.status is TranscriptionStatus.PROCESSING:
            self._begin(after)
        return after

    async def _listen(self, callback: Callback, recording: Recording, now: datetime) -> Hook:
        """Whoever asks may want to be told of the outcome, of this recording alone; those before are told no more."""
        for earlier in await self._catalogue.hooks(recording.account_id, recording.id):
            if earlier.events <= TOLD:
                await self._notifying.remove(RemoveHook(account_id=earlier.account_id, hook_id=earlier.id), now)
        return await self._notifying.add(
            AddHook(
                account_id=recording.account_id,
                dialect=callback.dialect,
                url=callback.url,
                method=callback.method,
                events=TOLD,
                recording_id=recording.id,
                username=callback.username,
                password=callback.password,
                options=callback.options,
            ),
            now,
        )

    async def keep(self, command: KeepTranscription, now: datetime) -> Recording:
        """Keep what somebody wrote down, in place of what there was."""
        recording = await self._reading.locate(command.account_id, command.recording)

        def written(current: Recording) -> Recording:
            before = current.transcription
            kept = Transcription(
                id=before.id if before else new_id(now, self._entropy(10)),
                status=TranscriptionStatus.AVAILABLE,
                created_at=before.created_at if before else now,
                updated_at=now,
                completed_at=now,
                locale=command.locale or (before.locale if before else None),
                transcripts=command.transcripts,
            )
            return replace(current, transcription=kept, updated_at=now)

        return await apply(self._catalogue, recording, written)

    async def delete(self, command: DeleteTranscription, now: datetime) -> Recording:
        """Take the words away.

        Raises:
            NotFound: there are none.
        """
        if command.transcription is None and command.recording is not None:
            recording = await self._reading.locate(command.account_id, command.recording, command.call)
        else:
            recording = await self._by_ref(command)
        if recording.transcription is None:
            raise NotFound("transcription of recording", command.recording.text if command.recording else "")
        await apply(self._catalogue, recording, lambda current: replace(current, transcription=None, updated_at=now))
        return recording

    async def resume(self) -> None:
        """Take up what a stopped server left being made."""
        for recording in await self._catalogue.awaited_transcriptions():
            self._begin(recording)

    async def close(self) -> None:
        """Let go of what is being made; the next start takes it up."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _by_ref(self, command: GetTranscription | DeleteTranscription) -> Recording:
        ref = command.transcription
        core_id = await self._reading.core_id(command.account_id, ref) if ref else None
        recording = await self._catalogue.transcribed(command.account_id, core_id) if core_id else None
        if ref is None or recording is None or recording.status is Status.DELETED:
            raise NotFound("transcription", ref.text if ref else "")
        outer = command.recording
        if outer is not None and await self._reading.core_id(command.account_id, outer) != recording.id:
            raise NotFound("transcription", ref.text)
        return recording

    def _judged(self, recording: Recording, asked: Transcription) -> Transcription:
        """What is too short or too long, or has nobody to write it down, is over before it began."""
        if recording.duration_ms <= SHORTEST_MS:
            status = TranscriptionStatus.TOO_SHORT
        elif recording.duration_ms >= LONGEST_MS:
            status = TranscriptionStatus.TOO_LONG
        elif not self._program:
            status = TranscriptionStatus.FAILED
        else:
            return asked
        return replace(asked, status=status, completed_at=asked.created_at)

    def _begin(self, recording: Recording) -> None:
        task = asyncio.create_task(self._make(recording))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _make(self, recording: Recording) -> None:
        wanted = recording.transcription
        if wanted is None:
            return
        try:
            transcripts = await self._written_down(recording, wanted.locale)
            status = TranscriptionStatus.AVAILABLE
        except TimeoutError:
            transcripts, status = (), TranscriptionStatus.TIMED_OUT
        except CallvaultError as error:
            log.warning("the transcription of %s failed: %s", recording.id, error)
            transcripts, status = (), TranscriptionStatus.FAILED
        await self._finish(recording, wanted.id, transcripts, status)

    async def _finish(
        self, recording: Recording, wanted: UUID, transcripts: tuple[Transcript, ...], status: TranscriptionStatus
    ) -> None:
        now = self._clock()

        def finished(current: Recording) -> Recording:
            there = current.transcription
            if there is None or there.id != wanted or there.status is not TranscriptionStatus.PROCESSING:
                raise NotFound("transcription", str(wanted))
            done = replace(there, status=status, transcripts=transcripts, completed_at=now, updated_at=now)
            return replace(current, transcription=done, updated_at=now)

        try:
            await apply(self._catalogue, recording, finished)
        except NotFound:
            log.info("the transcription of %s was taken away while it was made", recording.id)

    async def _written_down(self, recording: Recording, locale: str | None) -> tuple[Transcript, ...]:
        """Run the operator's program on the audio.

        Raises:
            TimeoutError: it took too long.
            AudioError: it failed, or printed something else.
        """
        rendition = await self._renditions.open(recording, RenditionSpec(format=MediaFormat.WAV))
        with tempfile.TemporaryDirectory(prefix="callvault-") as scratch:
            path = Path(scratch) / f"{recording.id}.wav"
            with path.open("wb") as file:
                async for piece in rendition.source.chunks(0, rendition.size_bytes):
                    await asyncio.to_thread(file.write, piece)
            process = await asyncio.create_subprocess_exec(
                *self._program, str(path), locale or "", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
            )
            try:
                async with asyncio.timeout(PATIENCE_S):
                    output, complaint = await process.communicate()
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        if process.returncode != 0:
            said = complaint.decode(errors="replace")[-500:]
            raise AudioError(f"The transcriber ended with {process.returncode}: {said}")
        return _read_output(output)


def _read_output(output: bytes) -> tuple[Transcript, ...]:
    try:
        return tuple(
            Transcript(text=str(entry["text"]), confidence=min(1.0, max(0.0, float(entry.get("confidence", 0)))))
            for entry in orjson.loads(output)
        )
    except (orjson.JSONDecodeError, TypeError, KeyError, ValueError, AttributeError) as error:
        raise AudioError("The transcriber did not print a JSON list of objects with text and confidence.") from error


def _check_can_be_heard(recording: Recording, text: str) -> None:
    if recording.media_state is MediaState.DELETED:
        raise Gone("The audio of this recording was deleted; nothing can be written down any more.")
    if not recording.hearable:
        raise NotFound("audio of recording", text)
    if recording.media is not None and recording.media.sealed is not None:
        raise Conflict("The audio is encrypted with its account's own key; nobody here can hear it.")
