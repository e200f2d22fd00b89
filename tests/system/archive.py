"""An archive with known recordings in it, as the tests of the vendors' clients want one."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from click.testing import CliRunner

from callvault.audio.wav_header import wav_header
from callvault.cli.main import main
from tests.system.running import Running

RATE = 8000
SESSION = "0a4f1c9e-2222-41ef-8a10-02420a0d7e70"
LEG = "0a4f1c9e-1111-41ef-8a10-02420a0d7e70"
CONFERENCE = "0a4f1c9e-3333-41ef-8a10-02420a0d7e70"
CONNECTION = "2100000000000000001"
SIP_CALL = "tea-0005@pbx.example"

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
        "transcription": {
            "id": "0a4f1c9e-4444-41ef-8a10-02420a0d7e70",
            "status": "available",
            "created_at": "2026-01-02T09:01:00.000Z",
            "updated_at": "2026-01-02T09:02:00.000Z",
            "completed_at": "2026-01-02T09:02:00.000Z",
            "transcripts": [{"text": "Two teas, please.", "confidence": 0.875}],
        },
    },
    {"started_at": "2026-01-03T09:00:00.000Z", "direction": "outbound", "callee": {"number": "+12025550103"}},
    {"started_at": "2026-01-04T09:00:00.000Z", "conference_id": CONFERENCE, "source": "call"},
    {
        "started_at": "2026-01-05T09:00:00.250Z",
        "call_id": LEG,
        "call_session_id": SESSION,
        "sip_call_id": SIP_CALL,
        "connection_id": CONNECTION,
        "caller": {"number": "+12025550105"},
        "callee": {"number": "+12025550198"},
    },
)
"""Five recordings, a day apart; the last is the one that the clients look at closely."""
LAST = len(CARDS) - 1
MONO = 0
"""The only one with a single channel."""
TRANSCRIBED = 1
OUTBOUND = 2
IN_CONFERENCE = 3

Samples = np.ndarray[Any, np.dtype[np.int16]]


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What was put in, and what each dialect calls it."""

    account: dict[str, Any]
    user_id: str
    """Owns the last."""
    shown: tuple[dict[str, Any], ...]
    """For each card, what ``callvault show --json`` says."""
    samples: tuple[Samples, ...]
    folder: Path
    """For audio that is looked at."""

    def credentials(self, dialect: str) -> dict[str, str]:
        """The account's credentials in a dialect."""
        words: dict[str, str] = self.account["dialects"][dialect]
        return words

    def names(self, dialect: str, kind: str) -> list[str]:
        """What a dialect calls each recording, in the order of the cards."""
        return [shown["dialects"][dialect].get(kind, "") for shown in self.shown]

    def created(self, index: int) -> str:
        """When the entry came to be, ISO 8601."""
        text: str = self.shown[index]["recording"]["created_at"]
        return text

    def exactly(self, index: int) -> Callable[[str], None]:
        """A check of audio in hexadecimal: sample by sample what was put in."""

        def check(content: str) -> None:
            heard, put_in = decoded(bytes.fromhex(content), self.folder), self.samples[index]
            assert heard.shape == put_in.shape, f"{heard.shape} instead of {put_in.shape}"
            assert np.array_equal(heard, put_in), "other samples"

        return check

    def about(self, index: int, channels: int | None = None) -> Callable[[str], None]:
        """A check of audio in hexadecimal: as long and in as many channels, to within a frame of a lossy format."""

        def check(content: str) -> None:
            heard, put_in = decoded(bytes.fromhex(content), self.folder), self.samples[index]
            wanted = channels or put_in.shape[1]
            assert heard.shape[1] == wanted, f"{heard.shape[1]} channels instead of {wanted}"
            assert abs(len(heard) - len(put_in)) <= 2 * 1152, f"{len(heard)} samples instead of {len(put_in)}"
            assert np.abs(heard).max() > 1000, "silence"

        return check


def fill(server: Running, folder: Path, name: str, password: str = "two teas") -> Filled:
    """A new account with a user, and a recording for each card, all of noise that no other has."""
    account = command(server, "account", "add", name)
    user = command(server, "user", "add", f"user-of-{name}", "--account", name, "--password", password)
    files, samples = [], []
    for index, card in enumerate(CARDS):
        seed = [zlib.crc32(name.encode()), index]
        channels = 1 if index == MONO else 2
        noise = np.random.default_rng(seed).integers(-9000, 9000, (RATE + index * 800, channels), np.int16)
        file = folder / f"{name}-{index}.wav"
        file.write_bytes(wav_header(samples=len(noise), channels=channels, sample_rate=RATE) + noise.tobytes())
        owner = {"user_id": user["id"]} if index == LAST else {}
        file.with_name(file.name + ".json").write_text(json.dumps({**card, **owner}))
        files.append(str(file))
        samples.append(noise)
    taken = command(server, "add", *files, "--account", name)
    assert all(entry["fresh"] for entry in taken), taken
    shown = tuple(command(server, "show", entry["id"]) for entry in taken)
    return Filled(account=account, user_id=user["id"], shown=shown, samples=tuple(samples), folder=folder)


def command(server: Running, *arguments: str) -> Any:
    """A command against the same data, in this process, since starting another takes longer than most commands."""
    ours: Mapping[str, str | None] = {name: None for name in os.environ if name.startswith("CALLVAULT_")}
    told = {**ours, **server.environment, "CALLVAULT_DATA": str(server.data)}
    done = CliRunner().invoke(main, [*arguments, "--json"], env=told, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def decoded(content: bytes, folder: Path) -> Samples:
    """Audio as a client received it, decoded by another library than ours: shape (samples, channels)."""
    file = folder / "received.audio"
    file.write_bytes(content)
    with av.open(str(file)) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="s16", layout=stream.layout, rate=stream.rate)
        frames = [out.to_ndarray() for frame in container.decode(stream) for out in resampler.resample(frame)]
        return np.concatenate(frames, axis=1).reshape(-1, stream.channels).astype(np.int16)
