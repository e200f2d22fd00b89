"""The cast's audio, made ready once: each original in a file, measured, so that a reset only has to copy it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from callvault.audio.probe import probe
from callvault.server.emulator.seed import Audio, AudioFile, MadeAudio, Seed
from callvault.server.emulator.sounds import write_audio
from callvault.vault.enrolment import Heard

_PIECE = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Original:
    """A file and what is in it."""

    path: Path
    heard: Heard


def make_ready(seed: Seed, folder: Path) -> Mapping[tuple[str, str], Original]:
    """Every recording's original, by the names of account and recording.  Made audio goes into ``folder``.

    Raises:
        NotAudio: a file has changed since the seed file was read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ready: dict[tuple[str, str], Original] = {}
    for account in seed.accounts:
        for recording in account.recordings:
            name = f"{account.name}/{recording.name}"
            ready[account.name, recording.name] = _original(recording.audio, name, folder)
    return ready


def _original(audio: Audio, name: str, folder: Path) -> Original:
    if isinstance(audio, AudioFile):
        return _measured(audio.path)
    path = folder / f"{_digest(audio, name)}.{audio.format}"
    write_audio(audio, name, path)
    return _measured(path)


def _measured(path: Path) -> Original:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    heard = Heard(facts=probe(path), size_bytes=path.stat().st_size, sha256=digest.hexdigest())
    return Original(path=path, heard=heard)


def _digest(audio: MadeAudio, name: str) -> str:
    return hashlib.sha256(f"{name}{audio!r}".encode()).hexdigest()[:32]
