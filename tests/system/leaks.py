"""Whether audio that was never to be written is anywhere in a data folder: as it came, decoded, or re-coded.

What does not live here: what was never to be written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from callvault.audio import g711
from callvault.audio.decode import open_samples
from callvault.audio.probe import probe
from callvault.errors import CallvaultError

Samples = npt.NDArray[np.int16]
FRAME = 160
NEEDLE = 40
"""Octets of µ-law, or samples: noise is nowhere else for so long."""
ALIKE = 0.3
"""Of two stretches of noise that have nothing to do with each other the correlation is far below, of a lossy copy far
above."""


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file as it is now."""
    found = {}
    for path in sorted(folder.rglob("*")):
        try:
            if path.is_file():
                found[str(path.relative_to(folder))] = path.read_bytes()
        except FileNotFoundError:
            continue  # a temporary file of somebody who is at work
    return found


def leaks(files: Mapping[str, bytes], secret: Samples) -> list[str]:
    """The files in which a piece of this audio lies, as µ-law or as samples, alone or as one of two channels."""
    needles = _needles(secret)
    return [
        name for name, content in files.items() if any(needle in view for view in _views(content) for needle in needles)
    ]


def alike(folder: Path, secret: Samples) -> list[str]:
    """The audio files whose decode has something in it that sounds like this, lossy or not."""
    return [str(path.relative_to(folder)) for path, channel in decoded(folder) if likeness(channel, secret) > ALIKE]


def likeness(channel: Samples, secret: Samples) -> float:
    """The greatest correlation of the stretch with any stretch of a channel, from 0 to 1."""
    if len(channel) < len(secret):
        return 0.0
    size = 1 << (len(channel) + len(secret)).bit_length()
    heard, wanted = channel.astype(np.float64), secret.astype(np.float64)
    products = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size)), size)
    places = len(channel) - len(secret) + 1
    energy = np.concatenate(([0.0], np.cumsum(heard**2)))
    loudness = np.sqrt(np.maximum(energy[len(secret) :] - energy[:places], 0.0) * np.sum(wanted**2))
    audible = loudness > 1e-3 * np.sum(wanted**2)
    return float(np.max(np.abs(products[:places][audible]) / loudness[audible], initial=0.0))


def decoded(folder: Path) -> Iterator[tuple[Path, Samples]]:
    """Each channel of each file that is audio."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        try:
            facts = probe(path)
            blocks = list(open_samples(path, facts))
        except (CallvaultError, FileNotFoundError):
            continue
        for channel in np.concatenate(blocks).T:
            yield path, np.ascontiguousarray(channel)


def _views(content: bytes) -> Iterator[bytes]:
    """The octets as they are, and every other one, or every other two, wherever a frame may begin."""
    yield content
    yield content[::2]
    yield content[1::2]
    for first in (0, 1):
        pairs = np.frombuffer(
            content, dtype="<i2", offset=min(first, len(content)), count=max(0, len(content) - first) // 2
        )
        yield pairs[::2].tobytes()
        yield pairs[1::2].tobytes()


def _needles(secret: Samples) -> Sequence[bytes]:
    needles = []
    for begin in range(0, len(secret) - NEEDLE, FRAME // 2):
        stretch = secret[begin : begin + NEEDLE]
        if not np.any(stretch == 0):  # µ-law has two zeros, and which it was cannot be told
            needles += [bytes(g711.encode_ulaw(stretch)), stretch.astype("<i2").tobytes()]
    return needles
