"""Renditions: their sizes before they exist, and what is heard in them."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from callvault.audio import g711
from callvault.audio import render as render_module
from callvault.audio.decode import open_samples
from callvault.audio.mix import down_mix
from callvault.audio.probe import probe
from callvault.audio.render import is_identity, render, rendition_size
from callvault.audio.samples import Samples
from callvault.audio.wav_header import wav_header
from callvault.errors import AudioError, BadRequest
from callvault.model.media import AudioFacts, MediaFormat, RenditionSpec
from tests.unit.audio.soundfiles import (
    GOLDEN,
    chunk,
    decoded,
    encoded,
    fmt,
    heard_by_libav,
    noise,
    pcm_wav,
    riff,
    signal_to_noise_db,
    tone,
)

WAV, MP3 = RenditionSpec(format=MediaFormat.WAV), RenditionSpec(format=MediaFormat.MP3)
OGG, FLAC = RenditionSpec(format=MediaFormat.OGG), RenditionSpec(format=MediaFormat.FLAC)
WAV_MONO = RenditionSpec(format=MediaFormat.WAV, channels=1)
MP3_MONO = RenditionSpec(format=MediaFormat.MP3, channels=1)


def facts_of(samples: int, *, rate: int = 8_000, channels: int = 1, codec: str = "pcm_mulaw") -> AudioFacts:
    return AudioFacts(
        format=MediaFormat.WAV,
        codec=codec,
        sample_rate=rate,
        channels=channels,
        samples=samples,
        duration_ms=samples * 1_000 // rate,
    )


def rendered(tmp_path: Path, content: bytes, spec: RenditionSpec) -> bytes:
    path = tmp_path / "original"
    path.write_bytes(content)
    facts = probe(path)
    made = b"".join(render(path, facts, spec))
    size = rendition_size(facts, spec)
    assert size is None or len(made) == size
    return made


def samples_of(tmp_path: Path, content: bytes) -> Samples:
    path = tmp_path / "rendition"
    path.write_bytes(content)
    return decoded(path)


def test_wav_is_a_header_of_44_bytes_and_the_samples(tmp_path: Path) -> None:
    original = noise(10_000, channels=2)
    octets = g711.encode_ulaw(original)
    made = rendered(tmp_path, riff(fmt(7, channels=2, bits=8), chunk(b"data", octets)), WAV)
    assert made == pcm_wav(g711.decode_ulaw(octets).reshape(-1, 2))


def test_a_repaired_wav_becomes_a_sound_one(tmp_path: Path) -> None:
    original = noise(5_000)
    assert rendered(tmp_path, pcm_wav(original)[:40] + bytes(4) + original.tobytes(), WAV) == pcm_wav(original)


def test_down_mixed_wav_is_the_average_of_both_channels(tmp_path: Path) -> None:
    original = noise(10_000, channels=2)
    assert rendered(tmp_path, pcm_wav(original, rate=16_000), WAV_MONO) == pcm_wav(down_mix(original), rate=16_000)


def test_the_sampling_frequency_is_kept_up_to_48_khz(tmp_path: Path) -> None:
    for rate, kept in [(8_000, 8_000), (48_000, 48_000), (88_200, 44_100), (96_000, 48_000)]:
        made = rendered(tmp_path, pcm_wav(tone(rate, rate=rate), rate=rate), WAV)
        assert int.from_bytes(made[24:28], "little") == kept
        assert len(made) == 44 + kept * 2


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000])
@pytest.mark.parametrize("samples", [1_153, 20_000])
def test_another_player_hears_exactly_as_many_samples_in_an_mp3(
    tmp_path: Path, rate: int, channels: int, samples: int
) -> None:
    original = tone(samples, rate=rate, channels=channels)
    made = rendered(tmp_path, pcm_wav(original, rate=rate), MP3)
    assert heard_by_libav(made, "mp3").shape == (samples, channels)
    assert samples_of(tmp_path, made).shape == (samples, channels)


@pytest.mark.parametrize("samples", [1, 575, 576, 577])
def test_the_shortest_mp3s_are_exact_to_us_and_within_a_frame_to_others(tmp_path: Path, samples: int) -> None:
    made = rendered(tmp_path, pcm_wav(tone(samples)), MP3)
    assert len(samples_of(tmp_path, made)) == samples
    # libavformat does not cut the end off the frame whose beginning it has cut off
    assert samples <= len(heard_by_libav(made, "mp3")) < samples + 576


@pytest.mark.parametrize(("rate", "channels", "kbits"), [
    (8_000, 1, 32), (8_000, 2, 64), (16_000, 1, 48), (16_000, 2, 96), (48_000, 1, 64), (44_100, 2, 128),
])  # fmt: skip
def test_the_tone_is_where_it_was_in_an_mp3_of_constant_bit_rate(
    tmp_path: Path, rate: int, channels: int, kbits: int
) -> None:
    original = tone(rate * 4, rate=rate, channels=channels)
    made = rendered(tmp_path, pcm_wav(original, rate=rate), MP3)
    assert signal_to_noise_db(original[rate:-rate], samples_of(tmp_path, made)[rate:-rate]) > 25
    assert signal_to_noise_db(original[rate:-rate], heard_by_libav(made, "mp3")[rate:-rate]) > 25
    assert abs(len(made) * 8 / 4_000 - kbits) < kbits / 10


def test_a_rate_that_mp3_does_not_know_goes_to_the_next_that_it_does(tmp_path: Path) -> None:
    made = rendered(tmp_path, pcm_wav(tone(12_000, rate=6_000), rate=6_000), MP3)
    heard = samples_of(tmp_path, made)
    assert len(heard) == 16_000
    assert signal_to_noise_db(tone(16_000)[2_000:14_000], heard[2_000:14_000]) > 25


def test_each_channel_stays_on_its_side_of_an_mp3(tmp_path: Path) -> None:
    left = tone(40_000, channels=2)
    left[:, 1] = 0
    heard = samples_of(tmp_path, rendered(tmp_path, pcm_wav(left), MP3))
    assert np.abs(heard[4_000:-4_000, 0]).max() > 7_000
    assert np.abs(heard[4_000:-4_000, 1]).max() < 100


def test_flac_holds_every_sample_and_says_how_many(tmp_path: Path) -> None:
    original = noise(30_000, channels=2)
    made = rendered(tmp_path, pcm_wav(original), FLAC)
    assert np.array_equal(heard_by_libav(made, "flac"), original)
    assert int.from_bytes(made[21:26], "big") & 0xFFFFFFFFF == 30_000


@pytest.mark.parametrize(("rate", "made_rate"), [(8_000, 8_000), (11_025, 12_000), (44_100, 48_000)])
def test_opus_keeps_the_tone_in_its_place(tmp_path: Path, rate: int, made_rate: int) -> None:
    made = rendered(tmp_path, pcm_wav(tone(rate * 2, rate=rate), rate=rate), OGG)
    heard = samples_of(tmp_path, made)
    assert len(heard) == 96_000
    assert int.from_bytes(made[made.index(b"OpusHead") + 12 :][:4], "little") == made_rate
    assert signal_to_noise_db(tone(96_000, rate=48_000)[12_000:84_000], heard[12_000:84_000]) > 10


@pytest.mark.parametrize("spec", [WAV, MP3, OGG, FLAC])
def test_the_same_again_is_the_same_again(tmp_path: Path, spec: RenditionSpec) -> None:
    content = pcm_wav(noise(20_000, channels=2))
    assert rendered(tmp_path, content, spec) == rendered(tmp_path, content, spec)


def test_sizes_are_known_without_a_file() -> None:
    assert rendition_size(facts_of(8_000), WAV) == 16_044
    assert rendition_size(facts_of(8_000, channels=2), WAV) == 32_044
    assert rendition_size(facts_of(8_000, channels=2), WAV_MONO) == 16_044
    assert rendition_size(facts_of(8_000), MP3) == 288 * (1 + 16)
    assert rendition_size(facts_of(8_000, channels=2), MP3) == 576 * (1 + 16)
    assert rendition_size(facts_of(0), MP3) == 288 * (1 + 2)
    assert rendition_size(facts_of(8_000), OGG) is None
    assert rendition_size(facts_of(8_000), FLAC) is None


def test_wav_beyond_4_gib_is_rf64() -> None:
    most = (0xFFFFFFFF - 36) // 4
    assert rendition_size(facts_of(most, channels=2), WAV) == 44 + most * 4
    assert rendition_size(facts_of(most + 1, channels=2), WAV) == 80 + (most + 1) * 4
    assert wav_header(sample_rate=8_000, channels=2, samples=most).startswith(b"RIFF")
    header = wav_header(sample_rate=8_000, channels=2, samples=most + 1)
    assert header[:8] == b"RF64\xff\xff\xff\xff"
    assert int.from_bytes(header[20:28], "little") == 72 + (most + 1) * 4
    assert int.from_bytes(header[28:36], "little") == (most + 1) * 4
    assert int.from_bytes(header[36:44], "little") == most + 1
    assert header[-8:] == b"data\xff\xff\xff\xff"


@pytest.mark.parametrize(("content", "spec", "identical"), [
    (pcm_wav(tone(100)), WAV, True),
    (pcm_wav(tone(100)), WAV_MONO, True),
    (pcm_wav(tone(100, channels=2)), WAV, True),
    (pcm_wav(tone(100, channels=2)), RenditionSpec(format=MediaFormat.WAV, channels=2), True),
    (pcm_wav(tone(100, channels=2)), WAV_MONO, False),
    (pcm_wav(tone(100)), MP3, False),
    (pcm_wav(tone(100), rate=96_000), WAV, False),
    (pcm_wav(tone(100))[:-2], WAV, False),
    (riff(fmt(7, bits=8), chunk(b"data", bytes(100))), WAV, False),
    (riff(chunk(b"LIST", b"INFO"), fmt(), chunk(b"data", bytes(100))), WAV, True),
    ((GOLDEN / "gsm-440hz.wav").read_bytes(), WAV, False),
    ((GOLDEN / "lame-vbr-id3-440hz.mp3").read_bytes(), MP3, True),
    (encoded(tone(8_000, channels=2), "mp3", "libmp3lame"), MP3_MONO, False),
    ((GOLDEN / "vorbis-mono-440hz.ogg").read_bytes(), OGG, True),
    (encoded(tone(100), "flac", "flac"), FLAC, True),
])  # fmt: skip
def test_whether_the_original_is_the_rendition(
    tmp_path: Path, content: bytes, spec: RenditionSpec, *, identical: bool
) -> None:
    path = tmp_path / "original"
    path.write_bytes(content)
    assert is_identity(probe(path), spec) is identical


def test_one_channel_does_not_become_two(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="A recording of 1 channel has no rendition of 2"):
        rendition_size(facts_of(100), RenditionSpec(format=MediaFormat.WAV, channels=2))


def test_an_original_that_is_not_what_was_probed_is_a_house_error(tmp_path: Path) -> None:
    path = tmp_path / "original"
    path.write_bytes(b"something else")
    for spec in (WAV, MP3, OGG, FLAC):
        with pytest.raises(AudioError):
            list(render(path, facts_of(1_000), spec))


def hour_of_silence(path: Path, *, hours: int = 1, channels: int = 1) -> AudioFacts:
    samples = hours * 3_600 * 8_000
    with path.open("wb") as file:
        file.write(fmt(7, bits=8, channels=channels).join([b"RIFF\0\0\0\0WAVE", b"data\0\0\0\0"]))
        file.truncate(file.tell() + samples * channels)
    return probe(path)


@pytest.mark.parametrize("spec", [WAV, WAV_MONO, MP3, MP3_MONO, OGG, FLAC])
def test_a_long_call_begins_before_it_is_made(
    tmp_path: Path, spec: RenditionSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, not timed: how much of two hours in two channels is read before there is something to send."""
    path = tmp_path / "two hours.wav"
    facts = hour_of_silence(path, hours=2, channels=2)
    assert (facts.duration_ms, facts.channels) == (7_200_000, 2)
    read = 0

    def counted(*given: Any, **named: Any) -> Iterator[Samples]:
        nonlocal read
        for block in open_samples(*given, **named):
            read += len(block)
            yield block

    monkeypatch.setattr(render_module, "open_samples", counted)
    pieces = render(path, facts, spec)
    received = 0
    while received < 1_000:  # a player needs a header, and some audio
        received += len(next(pieces))
    assert read < 120 * 8_000, f"{read / 8_000} s were read first"
    assert read < facts.samples / 60


@pytest.mark.parametrize("spec", [WAV, MP3, FLAC])
def test_memory_does_not_grow_with_the_recording(tmp_path: Path, spec: RenditionSpec) -> None:
    path = tmp_path / "hour.wav"
    facts = hour_of_silence(path)
    assert facts.duration_ms == 3_600_000
    tracemalloc.start()
    try:
        made = sum(len(piece) for piece in render(path, facts, spec))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert made > 1_000_000 or spec == FLAC
    assert most < 3_000_000
