"""The law of damage: whatever the bytes, they are audio of some length that can be read to its end, or ``NotAudio``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callvault.audio.decode import open_samples
from callvault.audio.probe import probe
from callvault.errors import NotAudio
from tests.unit.audio.soundfiles import GOLDEN, encoded, noise, pcm_wav, tone

WHOLE: tuple[bytes, ...] = (
    pcm_wav(tone(2_000, channels=2)),
    encoded(tone(2_000), "wav", "pcm_mulaw"),
    encoded(noise(2_000), "wav", "pcm_f32le"),
    encoded(tone(4_000), "wav", "adpcm_ms"),
    encoded(tone(4_000, channels=2), "wav", "adpcm_ima_wav"),
    encoded(tone(4_000), "mp3", "libmp3lame"),
    encoded(noise(4_000, channels=2), "mp3", "libmp3lame", rate=44_100),
    encoded(tone(20_000), "ogg", "libopus"),
    encoded(noise(4_000, channels=2), "flac", "flac"),
    *(path.read_bytes() for path in sorted(GOLDEN.iterdir()) if path.suffix != ".md"),
)

TELLING = (
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"RIFF",
    b"data",
    b"OggS",
    b"fLaC",
    b"ID3\4\0\0\0\0\0\1",
)

Damage = Callable[[bytearray, int], None]


def overwrite(piece: bytes) -> Damage:
    def apply(content: bytearray, at: int) -> None:
        content[at : at + len(piece)] = piece

    return apply


def insert(piece: bytes) -> Damage:
    def apply(content: bytearray, at: int) -> None:
        content[at:at] = piece

    return apply


def remove(size: int) -> Damage:
    def apply(content: bytearray, at: int) -> None:
        del content[at : at + size]

    return apply


damages = st.one_of(
    st.binary(min_size=1, max_size=8).map(overwrite),
    st.sampled_from(TELLING).map(overwrite),
    st.binary(min_size=1, max_size=40).map(insert),
    st.integers(1, 400).map(remove),
)
places = st.one_of(st.integers(0, 120), st.integers(0, 40_000))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("audio") / "recording"


def read_to_its_end(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    try:
        facts = probe(path)
    except NotAudio:
        return
    assert 0 < facts.samples < 3_000_000, "a small file is no hour long"
    read = 0
    for block in open_samples(path, facts):
        assert block.dtype == np.int16
        assert block.shape[1] == facts.channels
        read += len(block)
    assert read == facts.samples


@given(content=st.sampled_from(WHOLE), changes=st.lists(st.tuples(damages, places), min_size=1, max_size=12))
@settings(deadline=None, max_examples=400)
def test_damaged_audio_is_audio_or_refused(path: Path, content: bytes, changes: list[tuple[Damage, int]]) -> None:
    damaged = bytearray(content)
    for damage, place in changes:
        damage(damaged, place % max(len(damaged), 1))
    read_to_its_end(path, bytes(damaged))


@given(content=st.sampled_from(WHOLE), length=st.integers(0, 40_000))
@settings(deadline=None, max_examples=200)
def test_broken_off_audio_is_audio_or_refused(path: Path, content: bytes, length: int) -> None:
    read_to_its_end(path, content[: length % (len(content) + 1)])


BEGINNINGS = (b"", b"RIFF\0\0\0\0WAVEfmt ", b"OggS\0\2", b"fLaC\0\0\0\x22", b"ID3\4\0\0", b"\xff\xfb\x90\x64")


@given(head=st.sampled_from(BEGINNINGS), rest=st.binary(max_size=600))
@settings(deadline=None, max_examples=300)
def test_nonsense_is_refused(path: Path, head: bytes, rest: bytes) -> None:
    read_to_its_end(path, head + rest)
