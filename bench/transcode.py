"""WAV to MP3: our renderer against the ``lame`` and ``ffmpeg`` commands, one thread each, in the same rounds."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from tests.services.guarded import private_folder
from tests.services.need import provide

from bench.rounds import alternate, ratio
from bench.tables import Budget, Table, Wish
from callvault.audio.probe import probe
from callvault.audio.render import render
from callvault.audio.wav_header import wav_header
from callvault.model.media import MediaFormat, RenditionSpec

RATE = 8000
MINUTES = 10
KBITS = {1: 32, 2: 64}
MP3 = RenditionSpec(format=MediaFormat.MP3)


def tables(wish: Wish) -> Iterator[Table]:
    """One table: times faster than real time."""
    lame = provide("lame", lambda: shutil.which("lame"), "apt-get install lame")
    ffmpeg = provide("ffmpeg", lambda: shutil.which("ffmpeg"), "apt-get install ffmpeg")
    rounds = wish.rounds or 5
    rows, budgets = [], []
    with private_folder("bench-transcode") as folder:
        for channels, name in ((1, "mono"), (2, "two channels")):
            wav, mp3 = folder / f"{channels}.wav", folder / f"{channels}.mp3"
            write_speech(wav, channels)
            quiet = ["-loglevel", "error", "-y", "-threads", "1"]
            bits = str(KBITS[channels])
            commands = {
                "lame": [lame, "--quiet", "-q", "7", "--cbr", "-b", bits, str(wav), str(mp3)],
                "ffmpeg": [ffmpeg, *quiet, "-i", str(wav), "-compression_level", "7", "-b:a", f"{bits}k", str(mp3)],
            }
            measures: dict[str, Callable[[], float]] = {"callvault": partial(ours, wav)}
            measures |= {key: partial(theirs, line) for key, line in commands.items()}
            found = alternate(rounds, measures)
            faster = ratio(found["callvault"], found["lame"])
            rows.append((name, *(median(found[key]) for key in ("callvault", "lame", "ffmpeg")), faster))
            budgets.append(Budget(what=f"{name}: over the lame command", measured=faster, at_least=1.0))
    yield Table(
        title="WAV to MP3",
        about=(
            (
                f"{MINUTES} minutes of speech-like noise at 8 kHz, {rounds} alternating rounds, 32 kbit/s a channel,"
                " LAME's quality 7 everywhere."
            ),
            "Figures are times faster than real time; the commands' start is in theirs, as it is when they are used.",
        ),
        columns=("what", "callvault ×", "lame ×", "ffmpeg ×", "over lame"),
        rows=rows,
        budgets=tuple(budgets),
    )


def write_speech(path: Path, channels: int) -> None:
    """Noise in syllables: loud and silent by turns, low frequencies strongest."""
    dice = np.random.default_rng(7)
    count = RATE * 60 * MINUTES
    noise = dice.standard_normal((count, channels))
    coloured = np.cumsum(noise, axis=0) * 0.02
    coloured -= np.repeat(coloured[:: RATE // 20], RATE // 20, axis=0)[:count]
    syllables = np.clip(np.sin(np.arange(count) * (2 * np.pi * 3 / RATE)), 0, 1)[:, None]
    samples = np.clip((coloured + noise * 0.1) * syllables * 9000, -32768, 32767).astype("<i2")
    path.write_bytes(wav_header(sample_rate=RATE, channels=channels, samples=count) + samples.tobytes())


def ours(wav: Path) -> float:
    """Times real time, the rendition read to its end and thrown away."""
    began = time.perf_counter()
    facts = probe(wav)
    for _ in render(wav, facts, MP3):
        pass
    return 60 * MINUTES / (time.perf_counter() - began)


def theirs(line: list[str]) -> float:
    """Times real time of a command."""
    began = time.perf_counter()
    subprocess.run(line, check=True, capture_output=True)
    return 60 * MINUTES / (time.perf_counter() - began)


def median(found: list[float]) -> float:
    """The middle one."""
    return sorted(found)[len(found) // 2]
