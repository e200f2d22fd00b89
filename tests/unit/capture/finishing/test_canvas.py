"""A canvas holds what was painted on it, wherever and whenever, and silence everywhere else."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from callvault.audio.late_header import Coding, late_header_bytes
from callvault.audio.probe import probe
from callvault.capture.finishing import canvas as module
from callvault.capture.finishing.canvas import Canvas
from callvault.errors import MediaError

STROKES = st.lists(
    st.tuples(st.integers(0, 1), st.integers(-50, 5000), st.integers(0, 300), st.integers(-100, 5000)), max_size=12
)


def stored(path: Path, coding: Coding, channels: int) -> NDArray[Any]:
    dtype = np.dtype("<i2") if coding is Coding.PCM else np.dtype(np.uint8)
    return np.frombuffer(path.read_bytes()[late_header_bytes(coding) :], dtype=dtype).reshape(-1, channels)


@settings(max_examples=80, deadline=None)
@given(STROKES, st.sampled_from(Coding), st.integers(0, 2**32 - 1), st.booleans())
def test_what_was_painted_is_there(
    strokes: list[tuple[int, int, int, int]], coding: Coding, seed: int, mixing: bool
) -> None:
    mixing = mixing and coding is Coding.PCM
    dice = np.random.default_rng(seed)
    expected = np.full((6000, 2), coding.silence, dtype=np.int64)
    with (
        TemporaryDirectory() as folder,
        Canvas(Path(folder) / "a.wav", coding, sample_rate=8000, channels=2, mixing=mixing) as canvas,
    ):
        longest = 0
        for channel, at, count, until in strokes:
            low, high = (-2000, 2001) if coding is Coding.PCM else (0, 256)  # nothing is clipped when it is added up
            samples = dice.integers(low, high, count).astype(np.int16 if coding is Coding.PCM else np.uint8)
            canvas.paint(channel, at, samples)
            canvas.write_out(until)
            begin = max(at, 0)
            kept = samples[max(-at, 0) :]
            below = expected[begin : begin + len(kept), channel] * mixing
            expected[begin : begin + len(kept), channel] = kept.astype(np.int64) + below
            longest = max(longest, begin + len(kept)) if len(kept) else longest
        canvas.finish()
        assert canvas.samples == longest
        found = stored(canvas.path, coding, 2)
        assert len(found) == longest
        assert (found == expected[:longest]).all()
        if longest:
            facts = probe(canvas.path)
            assert (facts.samples, facts.channels, facts.sample_rate) == (longest, 2, 8000)


def test_voices_that_are_mixed_are_added_and_clipped(tmp_path: Path) -> None:
    with Canvas(tmp_path / "a.wav", Coding.PCM, sample_rate=8000, channels=1, mixing=True) as canvas:
        canvas.paint(0, 0, np.array([100, 20_000, -20_000], dtype=np.int16))
        canvas.paint(0, 1, np.array([20_000, -20_000, 7], dtype=np.int16))
        canvas.write_out(2)
        canvas.paint(0, 0, np.array([1], dtype=np.int16))
        canvas.finish()
        assert stored(canvas.path, Coding.PCM, 1)[:, 0].tolist() == [101, 32_767, -32_768, 7]


def test_a_silence_of_hours_takes_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ROOM", 1000)
    with Canvas(tmp_path / "a.wav", Coding.ULAW, sample_rate=8000, channels=1) as canvas:
        canvas.paint(0, 0, np.array([1], dtype=np.uint8))
        canvas.paint(0, 50_000, np.array([2], dtype=np.uint8))
        assert len(canvas._window) <= 6000
        canvas.finish()
        found = stored(canvas.path, Coding.ULAW, 1)[:, 0]
    assert (found[0], found[-1], len(found)) == (1, 2, 50_001)
    assert (found[1:-1] == 0xFF).all()


def test_a_disk_that_is_full_is_said(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="cannot be made"):
        Canvas(tmp_path / "missing" / "a.wav", Coding.PCM, sample_rate=8000, channels=1)
