"""Listening in: what one listener of a live call costs, as a share of a core, how soon they hear, and their memory.

The call's files are real, and grow as the clock that the listener is told goes on; reading, placing, decoding and
encoding count, HTTP does not.  What does not live here: sending the bytes (``media``).
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import pylibsrtp
from tests.growing_spools import GrowingBytes, growing_media
from tests.rtp_calls import EPOCH_NS, arrived, batches, spooled, stream

from bench.finishing import KEY, PCMU, SUITE, spool_a_call
from bench.rounds import alternate
from bench.tables import Budget, Table, Wish
from callvault.audio.endless import endless
from callvault.capture.listening.live_sound import BLOCKS_A_SECOND, LiveSound
from callvault.capture.spools import SpoolPaths
from callvault.model.media import MediaFormat
from callvault.protocols.spool.batch import Batch
from callvault.protocols.spool.journal import StreamAgreed
from callvault.protocols.spool.journal import write as written
from callvault.protocols.srtp_keys import SrtpKey

SECONDS = 60
SECOND_NS = 1_000_000_000
LISTENERS = 50
HOURS = 4


@dataclass(kw_only=True)
class Part:
    """A file, of which the end is not there yet."""

    path: Path
    there: int

    def size(self) -> int:
        """As told."""
        return self.there

    def read(self, offset: int, most: int) -> bytes:
        """Of what is there."""
        with self.path.open("rb") as file:
            file.seek(offset)
            return file.read(max(0, min(most, self.there - offset)))


def tables(wish: Wish) -> Iterator[Table]:
    """Going on, then beginning."""
    rounds = wish.rounds or 3
    yield _going_on(rounds)
    with tempfile.TemporaryDirectory(prefix="bench-listening-") as folder:
        yield _beginning(rounds, Path(folder))


def _going_on(rounds: int) -> Table:
    clear = call(secure=False)
    secure = call(secure=True)
    measures: dict[str, Callable[[], float]] = {
        "WAV, 2 channels": partial(listened, *clear, MediaFormat.WAV, 2),
        "WAV, 1 channel": partial(listened, *clear, MediaFormat.WAV, 1),
        "MP3, 2 channels": partial(listened, *clear, MediaFormat.MP3, 2),
        "MP3, 1 channel": partial(listened, *clear, MediaFormat.MP3, 1),
        "MP3, 2 channels, of an encrypted call": partial(listened, *secure, MediaFormat.MP3, 2),
    }
    found = {name: median(each) for name, each in alternate(rounds, measures).items()}
    each_mb = median(memory_apart() for _ in range(rounds))
    return Table(
        title="Listening to live calls",
        about=(
            f"A minute of two streams of G.711 with noise, heard every 200 ms, medians of {rounds} alternating rounds.",
            f"Memory is what {LISTENERS} listeners of one process take after half a minute, for each of them.",
        ),
        columns=("form", "% of a core", "listeners a core"),
        rows=[(name, 100 * share, 1 / share) for name, share in found.items()],
        budgets=(
            Budget(what="a listener's share of a core, %", measured=100 * max(found.values()), at_most=5),
            Budget(what="a listener's memory, MB", measured=each_mb, at_most=8),
        ),
    )


def _beginning(rounds: int, folder: Path) -> Table:
    measures: dict[str, Callable[[], float]] = {}
    for name, hours in (("a minute", 1 / 60), (f"{HOURS} hours", HOURS)):
        paths = SpoolPaths(journal=folder / f"{name}.journal", media=folder / f"{name}.media")
        spool_a_call(paths, hours * 60)
        measures[f"after {name}"] = partial(begun, paths, hours, secure=False)
        measures[f"after {name}, as if encrypted"] = partial(begun, paths, hours, secure=True)
    found = {name: median(each) for name, each in alternate(rounds, measures).items()}
    return Table(
        title="Beginning to listen",
        about=(
            "From asking to the first block, once; processor time.",
            "Where a call is encrypted its packets are looked through from the first on, for SRTP's rollover counters.",
            "That search is what is measured then: these packets are in clear, and no key opens them.",
        ),
        columns=("listening begins", "ms"),
        rows=[(name, 1000 * seconds) for name, seconds in found.items()],
        budgets=(Budget(what="beginning late, s", measured=max(found.values()), at_most=2),),
    )


def call(*, secure: bool) -> tuple[GrowingBytes, GrowingBytes]:
    """Journal and media of a call, growing."""
    journal = GrowingBytes()
    for leg in (0, 1):
        crypto = "sealed" if secure else None
        agreed = StreamAgreed(at_ns=EPOCH_NS, stream=leg, label=str(leg), payloads=(PCMU,), crypto=crypto)
        journal.append(EPOCH_NS - SECOND_NS, written(agreed))
    legs = [batches(leg, arrived(stream(50 * SECONDS, leg, ssrc=leg))) for leg in (0, 1)]
    return journal, growing_media(spooled(*(_locked(leg) if secure else leg for leg in legs)))


def _locked(media: list[Batch]) -> list[Batch]:
    profile = pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80
    policy = pylibsrtp.Policy(key=KEY, ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile)
    session = pylibsrtp.Session(policy)
    made = []
    for batch in media:
        packets = [session.protect(packet) for packet in batch.packets()]
        lengths = np.array([len(packet) for packet in packets], dtype=np.uint16)
        made.append(replace(batch, lengths=lengths, data=np.frombuffer(b"".join(packets), dtype=np.uint8)))
    return made


def listened(journal: GrowingBytes, media: GrowingBytes, form: MediaFormat, channels: int) -> float:
    """Processor seconds for each second of listening."""
    journal.now_ns = media.now_ns = EPOCH_NS
    began = time.process_time()
    sound = LiveSound(journal, media, _unsealed, now_ns=EPOCH_NS)
    made = endless(form, sound.sample_rate, channels)
    given = len(made.begin())
    for step in range(1, SECONDS * BLOCKS_A_SECOND):
        journal.now_ns = media.now_ns = now_ns = EPOCH_NS + step * SECOND_NS // BLOCKS_A_SECOND
        for block in sound.step(now_ns):
            given += len(made.encode(block if channels == 2 else sound.mono(block)))
    if not given:
        raise AssertionError("nothing was heard")
    return (time.process_time() - began) / SECONDS


def memory_apart() -> float:
    """The same in a process of its own, which nothing was freed in before."""
    line = [sys.executable, "-m", "bench.listening"]
    return float(subprocess.run(line, check=True, capture_output=True, text=True).stdout)


def memory_of_each(journal: GrowingBytes, media: GrowingBytes) -> float:
    """Megabytes."""
    gc.collect()
    before = _resident_mb()
    journal.now_ns = media.now_ns = EPOCH_NS
    listeners = []
    for _ in range(LISTENERS):
        sound = LiveSound(journal, media, _unsealed, now_ns=EPOCH_NS)
        listeners.append((sound, endless(MediaFormat.MP3, sound.sample_rate, 2)))
    for step in range(1, SECONDS * BLOCKS_A_SECOND // 2):
        journal.now_ns = media.now_ns = now_ns = EPOCH_NS + step * SECOND_NS // BLOCKS_A_SECOND
        for sound, form in listeners:
            for block in sound.step(now_ns):
                form.encode(block)
    return (_resident_mb() - before) / LISTENERS


def begun(paths: SpoolPaths, hours: float, *, secure: bool) -> float:
    """Processor seconds until the first block of a call that has lasted so long."""
    journal = GrowingBytes()
    if secure:
        for leg in (0, 1):
            agreed = StreamAgreed(at_ns=EPOCH_NS, stream=leg, label=str(leg), payloads=(PCMU,), crypto="sealed")
            journal.append(0, written(agreed))
    else:
        journal.append(0, paths.journal.read_bytes())
    now_ns = journal.now_ns = EPOCH_NS + int(hours * 3600) * SECOND_NS
    began = time.process_time()
    sound = LiveSound(journal, Part(path=paths.media, there=paths.media.stat().st_size), _unsealed, now_ns=now_ns)
    first = next(iter(sound.step(now_ns + SECOND_NS // BLOCKS_A_SECOND)))
    took = time.process_time() - began
    if not secure and not first.any():
        raise AssertionError("nothing was heard")
    return took


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def _unsealed(_: str) -> list[SrtpKey]:
    return [SrtpKey(suite=SUITE, secret=KEY)]


if __name__ == "__main__":
    print(memory_of_each(*call(secure=False)))
