"""A file's samples: exactly those that were recorded, where the codec keeps them, and near to them where it doesn't."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from callvault.audio import g711
from callvault.audio.decode import open_samples
from callvault.audio.probe import probe
from callvault.audio.samples import BLOCK_SAMPLES
from callvault.errors import AudioError
from tests.unit.audio.soundfiles import (
    GOLDEN,
    chunk,
    decoded,
    encoded,
    fmt,
    noise,
    pcm_wav,
    riff,
    signal_to_noise_db,
    tone,
)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
def test_pcm_that_another_program_wrote_is_read_sample_by_sample(tmp_path: Path, channels: int, rate: int) -> None:
    original = noise(30_011, channels=channels)
    with wave.open(str(tmp_path / "pcm.wav"), "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(original.astype("<i2").tobytes())
    assert np.array_equal(decoded(tmp_path / "pcm.wav"), original)


@pytest.mark.parametrize("codec", ["pcm_u8", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"])
@pytest.mark.parametrize("channels", [1, 2])
def test_other_widths_are_read_as_the_nearest_sample(tmp_path: Path, codec: str, channels: int) -> None:
    original = noise(10_000, channels=channels)
    (tmp_path / "pcm.wav").write_bytes(encoded(original, "wav", codec))
    expected = (original >> 8) << 8 if codec == "pcm_u8" else original
    assert np.abs(decoded(tmp_path / "pcm.wav").astype(int) - expected).max() <= (256 if codec == "pcm_u8" else 0)


@pytest.mark.parametrize(("tag", "encode", "decode"), [
    (7, g711.encode_ulaw, g711.decode_ulaw),
    (6, g711.encode_alaw, g711.decode_alaw),
])  # fmt: skip
def test_g711_in_two_channels_is_read_sample_by_sample(
    tmp_path: Path, tag: int, encode: object, decode: object
) -> None:
    assert callable(encode)
    assert callable(decode)
    octets = encode(noise(5_000, channels=2))
    (tmp_path / "law.wav").write_bytes(riff(fmt(tag, channels=2, bits=8), chunk(b"data", octets)))
    assert np.array_equal(decoded(tmp_path / "law.wav"), decode(octets).reshape(-1, 2))


@pytest.mark.parametrize(("container", "codec", "rate", "least_db"), [
    ("wav", "adpcm_ms", 8_000, 24),
    ("wav", "adpcm_ima_wav", 16_000, 30),
    ("mp3", "libmp3lame", 8_000, 25),
    ("mp3", "libmp3lame", 44_100, 25),
    ("ogg", "libopus", 48_000, 14),
    ("flac", "flac", 11_025, 200),
])  # fmt: skip
def test_lossy_codecs_keep_the_tone_in_its_place(
    tmp_path: Path, container: str, codec: str, rate: int, least_db: float
) -> None:
    original = tone(rate * 2, rate=rate, channels=2)
    (tmp_path / "tone").write_bytes(encoded(original, container, codec, rate=rate))
    copy = decoded(tmp_path / "tone")
    inside = slice(rate // 4, rate * 7 // 4)
    assert len(copy) == probe(tmp_path / "tone").samples
    assert signal_to_noise_db(original[inside], copy[inside]) > least_db


@pytest.mark.parametrize(("name", "least_db"), [
    ("gsm-440hz.wav", 25),
    ("lame-vbr-id3-440hz.mp3", 50),
    ("vorbis-mono-440hz.ogg", 30),
])  # fmt: skip
def test_files_of_other_programs_hold_the_tone_they_were_made_of(name: str, least_db: float) -> None:
    copy = decoded(GOLDEN / name)
    assert copy.shape == (8_000, 1)
    assert signal_to_noise_db(tone(8_000), copy) > least_db


def test_a_repaired_wav_gives_all_the_audio_that_is_there(tmp_path: Path) -> None:
    original = noise(4_000)
    cut = pcm_wav(original)[:-1_000]
    (tmp_path / "died.wav").write_bytes(cut)
    assert np.array_equal(decoded(tmp_path / "died.wav"), original[:-500])


def test_a_repaired_wav_of_a_block_codec_and_chunks_behind_another(tmp_path: Path) -> None:
    gsm = (GOLDEN / "gsm-440hz.wav").read_bytes()
    at = gsm.index(b"data")
    (tmp_path / "died.wav").write_bytes(gsm[: at + 4] + bytes(4) + gsm[at + 8 : at + 8 + 25 * 65])
    (tmp_path / "tail.wav").write_bytes(gsm + chunk(b"LIST", bytes(65 * 40)))
    expected = decoded(GOLDEN / "gsm-440hz.wav")
    assert np.array_equal(decoded(tmp_path / "died.wav"), expected)
    assert np.array_equal(decoded(tmp_path / "tail.wav"), expected)


@pytest.mark.parametrize(("container", "codec"), [("wav", "pcm_s16le"), ("wav", "adpcm_ms"), ("mp3", "libmp3lame")])
def test_no_block_is_larger_than_a_block(tmp_path: Path, container: str, codec: str) -> None:
    path = tmp_path / "recording"
    path.write_bytes(encoded(tone(200_000, channels=2), container, codec))
    blocks = list(open_samples(path, probe(path)))
    assert {block.dtype for block in blocks} == {np.dtype(np.int16)}
    assert max(len(block) for block in blocks) <= BLOCK_SAMPLES
    assert all(block.flags.c_contiguous and block.shape[1] == 2 for block in blocks)


def test_a_damaged_mp3_frame_is_silent_and_moves_nothing(tmp_path: Path) -> None:
    original = tone(80_000)
    content = bytearray(encoded(original, "mp3", "libmp3lame"))
    frame = content.rindex(b"\xff\xe3")
    size = len(content) - frame
    for start in range(frame - 100 * size, frame - 95 * size, size):
        assert content[start : start + 2] == b"\xff\xe3"
        content[start + 4 : start + size] = b"\xff" * (size - 4)
    (tmp_path / "damaged").write_bytes(content)
    assert len(decoded(tmp_path / "damaged")) == 80_000
    late = slice(60_000, 79_000)
    assert signal_to_noise_db(original[late], decoded(tmp_path / "damaged")[late]) > 25


def test_a_damaged_adpcm_block_is_silent_and_moves_nothing(tmp_path: Path) -> None:
    content = bytearray(encoded(tone(40_000), "wav", "adpcm_ima_wav"))
    block = content.index(b"data") + 8 + 10 * 1_024
    content[block + 2] = 0xFF  # the predictor's step, of which there are 89
    (tmp_path / "damaged").write_bytes(content)
    copy = decoded(tmp_path / "damaged")
    first = 10 * 2_041
    assert not copy[first : first + 2_041].any()
    assert signal_to_noise_db(tone(40_000)[first + 2_041 :], copy[first + 2_041 : 40_000]) > 24


def test_a_file_that_has_shrunk_since_it_was_probed_is_a_house_error(tmp_path: Path) -> None:
    path = tmp_path / "recording.wav"
    path.write_bytes(pcm_wav(tone(8_000)))
    facts = probe(path)
    path.write_bytes(pcm_wav(tone(7_999)))
    with pytest.raises(AudioError, match="no longer holds the 8,000 samples of pcm_s16le that were found in it"):
        list(open_samples(path, facts))


def test_a_file_that_has_become_something_else_is_a_house_error(tmp_path: Path) -> None:
    path = tmp_path / "recording"
    for content in (
        pcm_wav(tone(8_000)),
        encoded(tone(8_000), "mp3", "libmp3lame"),
        encoded(tone(8_000), "flac", "flac"),
    ):
        path.write_bytes(content)
        facts = probe(path)
        path.write_bytes(b"something else" * 100)
        with pytest.raises(AudioError):
            list(open_samples(path, facts))
