"""Listeners: live sound in a form, paced by the clock, for as long as call and listener last.

Reading, decoding and encoding are done in a few threads of their own, a fifth of a second's sound at a time, so that
whoever serves the listeners is not held up.  What does not live here: who may listen, and to what (``vault``).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from uuid import UUID

from callvault.audio.endless import EndlessForm, endless
from callvault.capture.finishing.stream import Unseal
from callvault.capture.listening.live_sound import BLOCKS_A_SECOND, LiveSound
from callvault.capture.listening.spool_pair import SpoolPair
from callvault.capture.spools import Spools
from callvault.errors import TooMany
from callvault.model.media import MediaFormat
from callvault.vault.listening import Sounding

THREADS: Final = 4
AGAIN_S: Final = 5.0
"""When it is worth trying again, where there are too many listeners."""


class Listeners:
    """All that listen in one process."""

    def __init__(
        self,
        spools: Callable[[], Spools],
        unseal: Unseal,
        *,
        most: int,
        behind_ns: int,
        clock_ns: Callable[[], int],
    ) -> None:
        """``spools``: this node's; asked for when somebody listens.  ``clock_ns``: the clock that stamps packets."""
        self._make_spools = spools
        self._unseal = unseal
        self._most = most
        self._behind_ns = behind_ns
        self._clock_ns = clock_ns
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="listening")
        self._closed = False
        self.listening = 0

    def close(self) -> None:
        """Nobody is given anything any more."""
        self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def open(self, take: UUID, form: MediaFormat, channels: int | None) -> Sounding | None:
        """The sound of a take, in a form (WAV or MP3); None where it is not under way on this node.

        Raises:
            TooMany: as many listen as may.
            ProtocolError, OperatorError, MediaError: nothing can be heard of it.
        """
        if self.listening >= self._most:
            raise TooMany(f"{self._most} listen already, and no more may at once.", after_s=AGAIN_S, limit=self._most)
        found = await asyncio.get_running_loop().run_in_executor(self._pool, self._channels_of, take)
        if found is None:
            return None
        wanted = channels or found
        return Sounding(form=form, channels=wanted, source=_Source(self, take, form, wanted))

    def _channels_of(self, take: UUID) -> int | None:
        with SpoolPair(self._make_spools(), take) as pair:
            if not pair.live:
                return None
            sound = LiveSound(pair.journal, pair.media, self._unseal, now_ns=self._clock_ns())
            return sound.channels

    async def pieces(self, take: UUID, form: MediaFormat, channels: int) -> AsyncIterator[bytes]:
        """Bytes as they become due, until the call ends."""
        loop = asyncio.get_running_loop()
        ear = _Ear(SpoolPair(self._make_spools(), take), self._unseal, form, channels, self._behind_ns)
        self.listening += 1
        try:
            while not (ear.over or self._closed):
                piece, due_ns = await loop.run_in_executor(self._pool, ear.hear, self._clock_ns())
                if piece:
                    yield piece
                wait_s = (due_ns - self._clock_ns()) / 1e9
                await asyncio.sleep(min(max(0.0, wait_s), 1 / BLOCKS_A_SECOND))
        finally:
            self.listening -= 1
            ear.close()


class _Source:
    """A listener's bytes; there is no way but forward."""

    def __init__(self, listeners: Listeners, take: UUID, form: MediaFormat, channels: int) -> None:
        self._listeners = listeners
        self._take = take
        self._form = form
        self._channels = channels

    def chunks(self, start: int, stop: int | None) -> AsyncIterator[bytes]:  # noqa: ARG002 - see the class
        """From now on."""
        return self._listeners.pieces(self._take, self._form, self._channels)


class _Ear:
    """One listener's work, in whichever thread."""

    def __init__(self, pair: SpoolPair, unseal: Unseal, form: MediaFormat, channels: int, behind_ns: int) -> None:
        self.over = False
        """Whether the call has ended, and all of it was given."""
        self._pair = pair
        self._unseal = unseal
        self._form = form
        self._channels = channels
        self._behind_ns = behind_ns
        self._lock = threading.Lock()
        self._leaving = False
        self._begun: tuple[LiveSound, EndlessForm] | None = None

    def hear(self, now_ns: int) -> tuple[bytes, int]:
        """What is due, and when there will be more (ns)."""
        with self._lock:
            heard = (b"", now_ns) if self._leaving else self._heard(now_ns)
        self._close_if_free()
        return heard

    def close(self) -> None:
        """At once, or when the thread that is about it has finished."""
        self._leaving = True
        self._close_if_free()

    def _close_if_free(self) -> None:
        if self._leaving and self._lock.acquire(blocking=False):
            try:
                self._pair.close()
            finally:
                self._lock.release()

    def _heard(self, now_ns: int) -> tuple[bytes, int]:
        live = self._pair.live  # looked at before the files are: what came until then is in them
        pieces = []
        if self._begun is None:
            sound = LiveSound(
                self._pair.journal, self._pair.media, self._unseal, now_ns=now_ns, behind_ns=self._behind_ns
            )
            self._begun = sound, endless(self._form, sound.sample_rate, self._channels)
            pieces.append(self._begun[1].begin())
        sound, form = self._begun
        blocks = sound.step(now_ns) if live else sound.rest(now_ns)
        pieces += [form.encode(sound.mono(block) if self._channels == 1 else block) for block in blocks]
        if not live:
            pieces.append(form.finish())
            self.over = True
        return b"".join(pieces), sound.due_ns
