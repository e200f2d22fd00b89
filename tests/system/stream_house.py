"""A door for media streams in this process, and what becomes of the takes that come through it.

Sockets, spool and finishing are the real ones; trunks are told by hand, and what is finished goes into a folder.
"""

from __future__ import annotations

import asyncio
import secrets as randomness
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import numpy.typing as npt

from callvault.audio.decode import open_samples
from callvault.audio.probe import probe
from callvault.caller.sound import noise
from callvault.caller.streams.manners import CODECS
from callvault.caller.streams.plan import StreamPlan
from callvault.caller.streams.report import TrackReport
from callvault.capture.cards import card_of
from callvault.capture.finishing.spool_files import finish_files
from callvault.capture.journals import read_journal
from callvault.capture.spools import Spools
from callvault.capture.steering.helm import NoBoard
from callvault.capture.streams.door import Door
from callvault.errors import CatalogueError
from callvault.model.capture import Capture, StreamQuality
from callvault.model.card import Card
from callvault.model.trunk import Trunk
from callvault.protocols.spool.journal import Journal
from callvault.server.build import master_key
from callvault.server.capture.places import spool_folder
from callvault.server.capture.streaming import streaming
from callvault.server.settings import Settings, resolve
from callvault.vault.media_keys import unseal_media_keys
from callvault.vault.secrets import Secrets
from callvault.vault.trunks import make_trunk
from tests.sameness import QUIETEST
from tests.system.assembled_recorder import ToldTrunks

PASSWORD = "eleven-paper-boats"
PATIENCE_S = 60.0
VOICES = (noise(1, seconds=0.6), noise(2, seconds=0.6))

Samples = npt.NDArray[np.int16]


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What a take became."""

    journal: Journal
    card: Card
    capture: Capture
    rate: int
    samples: Samples
    """Shape (n, channels)."""

    def stream(self, label: str) -> StreamQuality:
        return next(stream for stream in self.capture.streams if stream.label == label)

    def channel(self, label: str) -> Samples:
        channel = self.stream(label).channel
        assert channel is not None
        return np.ascontiguousarray(self.samples[:, channel - 1])

    def records(self, kind: type) -> list[Any]:
        return [record for record in self.journal.records if isinstance(record, kind)]


class StreamHouse:
    """It listens for media streams."""

    def __init__(self, door: Door, spools: Spools, port: int, folder: Path, scheme: str, secrets: Secrets) -> None:
        self.door, self.spools, self._folder, self._secrets = door, spools, folder, secrets
        self.base = f"{scheme}://127.0.0.1:{port}/streams"
        self._known: set[UUID] = set()

    def plan(self, vendor: str, trunk: str = "open", **more: Any) -> StreamPlan:
        """A short call."""
        told: dict[str, Any] = {
            "url": f"{self.base}/{vendor}/{trunk}",
            "vendor": vendor,
            "voices": VOICES,
            "call_id": f"call-{uuid4()}",
            "account_id": "account-7",
            "stream_ids": (f"one-{uuid4()}", f"two-{uuid4()}"),
            "codec": CODECS[vendor][0],
        }
        return StreamPlan(**{**told, **more})

    def journal(self, take: UUID) -> Journal:
        """Of a take that has ended."""
        return read_journal(self.spools.ended(take).journal)

    async def taken(self) -> Taken:
        """What the one call that has ended since became."""
        await until(lambda: bool(set(self.spools.ended_takes()) - self._known))
        ended = set(self.spools.ended_takes()) - self._known
        (take,) = ended
        self._known |= ended
        paths = self.spools.ended(take)
        folder = self._folder / str(take)
        folder.mkdir()
        secrets = self._secrets
        finished = await asyncio.to_thread(finish_files, paths, folder, lambda text: unseal_media_keys(secrets, text))
        journal = read_journal(paths.journal)
        assert journal.spoilt == 0
        audio = finished.files[0]
        samples = np.concatenate(list(open_samples(audio.path, probe(audio.path))))
        begun = journal.begun
        assert begun is not None
        return Taken(
            journal=journal,
            card=card_of(journal, begun, audio),
            capture=audio.capture,
            rate=audio.sample_rate,
            samples=samples,
        )


async def until(happened: Callable[[], bool]) -> None:
    """Wait until something is so."""
    last = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < last, "it has not happened"
        await asyncio.sleep(0.01)


def a_trunk(name: str, secrets: Secrets, **more: Any) -> Trunk:
    """Whose recordings are nobody's."""
    return make_trunk(
        UUID(int=7), name, secrets=secrets, now=datetime.now(UTC), entropy=randomness.token_bytes(22), **more
    )


def trunks_for(secrets: Secrets, settings: Mapping[str, Any]) -> tuple[Trunk, ...]:
    """One that takes whatever comes from here, one that asks for a password, one that is for others."""
    return (
        replace(a_trunk("open", secrets, networks=["127.0.0.0/8"]), settings=settings),
        a_trunk("locked", secrets, username="gate", password=PASSWORD),
        a_trunk("elsewhere", secrets, networks=["192.0.2.0/24"]),
        a_trunk("certified", secrets, networks=["127.0.0.0/8"], certificate="sbc.example.net"),
    )


class AwayTrunks:
    """A catalogue that is away."""

    async def trunks(self) -> Sequence[Trunk]:
        raise CatalogueError("The database cannot be reached.")


def settings_in(folder: Path, **changes: Any) -> Settings:
    data = folder / "data"
    data.mkdir(exist_ok=True)
    told = {"data": str(data), "stream_listen": "ws:127.0.0.1:0", **changes}
    return resolve(told, {})


@asynccontextmanager
async def stream_house(
    folder: Path,
    *,
    trunk_settings: Mapping[str, Any] = MappingProxyType({}),
    away: bool = False,
    **changes: Any,
) -> AsyncIterator[StreamHouse]:
    """``away``: the catalogue does not answer."""
    settings = settings_in(folder, **changes)
    secrets = Secrets(master_key(settings, settings.path("data")))
    trunks = AwayTrunks() if away else ToldTrunks(*trunks_for(secrets, trunk_settings))
    async with streaming(settings, trunks, NoBoard()) as (door, places):
        spools = Spools(spool_folder(settings))
        yield StreamHouse(door, spools, places[0].port, folder, places[0].scheme, secrets)


def differences(track: TrackReport, channel: Samples, rate: int) -> Iterator[str]:
    """How a channel differs from what was sent: nothing, where every run of frames is there to the sample.

    Runs that are apart, because frames between them were lost, have the distance at which they were sent.
    """
    used = np.zeros(len(channel), dtype=bool)
    shift: int | None = None
    for begin, run in _runs(track.pieces, rate):
        at = _place(channel, run)
        if at is None:
            yield f"{len(run)} samples from {begin / rate:.3f} s on are not there"
            continue
        used[at : at + len(run)] = True
        shift = at - begin if shift is None else shift
        if at - begin != shift:
            yield f"what was sent at {begin / rate:.3f} s is {(at - begin - shift) / rate * 1000:.1f} ms off"
    loud = np.count_nonzero(np.abs(channel[~used].astype(np.int32)) > QUIETEST)
    if loud:
        yield f"{loud} samples were never sent"


def as_sent(sent: Samples, channel: Samples, rate: int) -> Samples:
    """Of a channel as many samples as were sent, from where its first 20 ms lie.

    A vendor without a clock leaves its tracks where they arrived, so one may begin a moment after the other; and both
    channels of a recording have one length.
    """
    begin = begins(sent, channel, rate)
    assert len(channel) - len(sent) <= rate // 50, "a frame too much"
    assert not np.any(channel[:begin]), "something before the beginning"
    assert not np.any(channel[begin + len(sent) :]), "something after the end"
    return channel[begin : begin + len(sent)]


def begins(sent: Samples, channel: Samples, rate: int) -> int:
    """Where in a channel the first 20 ms of what was sent lie."""
    begin = _place(channel, sent[: rate // 50])
    assert begin is not None, "the beginning is not there"
    return begin


def _runs(pieces: Sequence[tuple[float, Samples]], rate: int) -> Iterator[tuple[int, Samples]]:
    gathered: list[Samples] = []
    begin = due = 0
    for at_s, samples in pieces:
        at = round(at_s * rate)
        if gathered and at != due:
            yield begin, np.concatenate(gathered)
            gathered = []
        if not gathered:
            begin = at
        gathered.append(samples)
        due = at + len(samples)
    if gathered:
        yield begin, np.concatenate(gathered)


def _place(channel: Samples, run: Samples) -> int | None:
    hay, needle = channel.tobytes(), run.tobytes()
    at = hay.find(needle)
    while at >= 0 and at % 2:
        at = hay.find(needle, at + 1)
    return at // 2 if at >= 0 else None
