"""Laws of renditions: the announced size, the announced length, and what mixing may do."""

from __future__ import annotations

import io
from pathlib import Path

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from callvault.audio.mix import down_mix
from callvault.audio.mp3 import encode_mp3, mp3_size
from callvault.audio.mpeg import find_first_frame, frames, sample_rates
from callvault.audio.probe import probe
from callvault.audio.render import render, rendition_size
from callvault.audio.resample import resampled_length
from callvault.audio.samples import BLOCK_SAMPLES, Samples
from callvault.model.media import MediaFormat, RenditionSpec
from tests.unit.audio.soundfiles import decoded, noise, pcm_wav

BLOCK = noise(BLOCK_SAMPLES, channels=2) // 4

lengths = st.one_of(st.integers(0, 3_000), st.builds(lambda n, d: 576 * n + d, st.integers(0, 60), st.integers(-2, 2)))


@given(
    samples=lengths.filter(lambda length: length >= 0),
    rate=st.sampled_from(sample_rates()),
    channels=st.sampled_from([1, 2]),
)
@example(samples=0, rate=8_000, channels=1)
@example(samples=0, rate=44_100, channels=2)
@settings(deadline=None, max_examples=200)
def test_an_mp3_is_as_large_as_announced_and_whole_frames_from_end_to_end(
    samples: int, rate: int, channels: int
) -> None:
    block = BLOCK[:samples, :channels]
    made = b"".join(encode_mp3([block], samples=samples, sample_rate=rate, channels=channels))
    assert len(made) == mp3_size(samples=samples, sample_rate=rate, channels=channels)
    file = io.BytesIO(made)
    found = find_first_frame(file)
    assert found is not None
    assert b"".join(frames(file, *found)) == made


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("audio") / "recording"


@given(
    samples=lengths.filter(lambda length: length > 0),
    rate=st.one_of(st.sampled_from([8_000, 16_000, 44_100, 48_000]), st.integers(4_000, 192_000)),
    channels=st.sampled_from([1, 2]),
    mono=st.booleans(),
    media_format=st.sampled_from(MediaFormat),
)
@example(samples=4, rate=8_000, channels=1, mono=False, media_format=MediaFormat.OGG)  # all of one packet is cut off
@settings(deadline=None, max_examples=150)
def test_a_rendition_of_any_recording_is_as_large_and_as_long_as_announced(
    path: Path, samples: int, rate: int, channels: int, mono: bool, media_format: MediaFormat
) -> None:
    path.write_bytes(pcm_wav(BLOCK[:samples, :channels], rate=rate))
    facts = probe(path)
    spec = RenditionSpec(format=media_format, channels=1 if mono else None)
    made = b"".join(render(path, facts, spec))
    size = rendition_size(facts, spec)
    assert size is None or len(made) == size
    path.write_bytes(made)
    again = probe(path)
    assert (again.format, again.channels) == (media_format, 1 if mono else channels)
    if media_format is not MediaFormat.OGG:
        assert again.samples == resampled_length(samples, from_rate=rate, to_rate=again.sample_rate)
    assert abs(again.duration_ms - facts.duration_ms) <= 1
    assert len(decoded(path)) == again.samples


@given(arrays.arrays(np.int16, st.tuples(st.integers(0, 50), st.just(2))))
def test_the_mix_lies_between_its_channels_and_follows_them_upside_down(both: Samples) -> None:
    mixed = down_mix(both)[:, 0].astype(int)
    assert mixed.shape == (len(both),)
    assert np.all(mixed >= both.min(axis=1, initial=32_767))
    assert np.all(mixed <= both.max(axis=1, initial=-32_768))
    upright = np.maximum(both, -32_767)
    assert np.array_equal(down_mix(-upright), -down_mix(upright))
