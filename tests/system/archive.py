"""An archive with known recordings in it, as the tests of the vendors' clients want one."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

from callvault.audio.wav_header import wav_header
from tests.system.running import Running

RATE = 8000
SESSION = "0a4f1c9e-2222-41ef-8a10-02420a0d7e70"
LEG = "0a4f1c9e-1111-41ef-8a10-02420a0d7e70"
CONFERENCE = "0a4f1c9e-3333-41ef-8a10-02420a0d7e70"
CONNECTION = "2100000000000000001"

CARDS: tuple[dict[str, Any], ...] = (
    {
        "started_at": "2026-01-01T09:00:00.000Z",
        "caller": {"number": "+12025550101"},
        "callee": {"number": "+12025550199"},
    },
    {
        "started_at": "2026-01-02T09:00:00.000Z",
        "caller": {"number": "+12025550102"},
        "callee": {"number": "+12025550199"},
    },
    {"started_at": "2026-01-03T09:00:00.000Z", "direction": "outbound", "callee": {"number": "+12025550103"}},
    {"started_at": "2026-01-04T09:00:00.000Z", "conference_id": CONFERENCE, "source": "call"},
    {
        "started_at": "2026-01-05T09:00:00.250Z",
        "call_id": LEG,
        "call_session_id": SESSION,
        "connection_id": CONNECTION,
        "caller": {"number": "+12025550105"},
        "callee": {"number": "+12025550198"},
    },
)
"""Five recordings, a day apart; the last is the one that the clients look at closely."""


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What was put in, and what each dialect calls it."""

    account: dict[str, Any]
    shown: tuple[dict[str, Any], ...]
    """For each card, what ``callvault show --json`` says."""
    samples: tuple[np.ndarray[Any, np.dtype[np.int16]], ...]

    def credentials(self, dialect: str) -> dict[str, str]:
        """The account's credentials in a dialect."""
        words: dict[str, str] = self.account["dialects"][dialect]
        return words

    def names(self, dialect: str, kind: str) -> list[str]:
        """What a dialect calls each recording, in the order of the cards."""
        return [shown["dialects"][dialect][kind] for shown in self.shown]


def fill(server: Running, folder: Path, name: str) -> Filled:
    """A new account with one two-channel recording for each card, all of noise that no other has."""
    account = server.callvault("account", "add", name)
    files, samples = [], []
    for index, card in enumerate(CARDS):
        seed = [zlib.crc32(name.encode()), index]
        noise = np.random.default_rng(seed).integers(-9000, 9000, (RATE + index * 800, 2), np.int16)
        file = folder / f"{name}-{index}.wav"
        file.write_bytes(wav_header(samples=len(noise), channels=2, sample_rate=RATE) + noise.tobytes())
        file.with_name(file.name + ".json").write_text(json.dumps(card))
        files.append(str(file))
        samples.append(noise)
    taken = server.callvault("add", *files, "--account", name)
    assert all(entry["fresh"] for entry in taken), taken
    shown = tuple(server.callvault("show", entry["id"]) for entry in taken)
    return Filled(account=account, shown=shown, samples=tuple(samples))


def decoded(content: bytes, folder: Path) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Audio as a client received it, decoded by another library than ours: shape (samples, channels)."""
    file = folder / "received.audio"
    file.write_bytes(content)
    with av.open(str(file)) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="s16", layout=stream.layout, rate=stream.rate)
        frames = [out.to_ndarray() for frame in container.decode(stream) for out in resampler.resample(frame)]
        return np.concatenate(frames, axis=1).reshape(-1, stream.channels).astype(np.int16)
