"""Made audio is of the length, form and kind that was asked for, and always the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from callvault.audio.probe import probe
from callvault.model.media import MediaFormat
from callvault.server.emulator.seed import MadeAudio
from callvault.server.emulator.sounds import write_audio

Heard = np.ndarray[Any, np.dtype[np.float64]]


def heard(audio: MadeAudio, folder: Path, name: str = "acme/one") -> Heard:
    """Decoded by another library than ours: a row for each channel, from -1 to 1."""
    path = folder / f"made.{audio.format}"
    write_audio(audio, name, path)
    with av.open(str(path)) as container:
        planes = av.AudioResampler(format="dblp")
        frames = [plane.to_ndarray() for frame in container.decode(audio=0) for plane in planes.resample(frame)]
    return np.concatenate(frames, axis=1).astype(np.float64)


@pytest.mark.parametrize("form", list(MediaFormat))
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("sample_rate", [8000, 16000, 44100])
def test_length_channels_and_form_are_what_was_asked_for(
    form: MediaFormat, channels: int, sample_rate: int, tmp_path: Path
) -> None:
    audio = MadeAudio(kind="speech", duration_ms=1250, channels=channels, format=form, sample_rate=sample_rate)
    path = tmp_path / "made"
    write_audio(audio, "acme/one", path)
    facts = probe(path)
    assert (facts.format, facts.channels) == (form, channels)
    assert facts.duration_ms == pytest.approx(1250, abs=1)
    assert [left.name for left in tmp_path.iterdir()] == ["made"]


def test_a_tone_has_its_pitch_and_the_second_channel_a_fifth_above(tmp_path: Path) -> None:
    sound = heard(MadeAudio(kind="tone", duration_ms=2000, channels=2, hz=400), tmp_path)
    loudest = np.abs(np.fft.rfft(sound, axis=1)).argmax(axis=1) / 2
    assert loudest.tolist() == [400, 600]


def test_silence_is_silent(tmp_path: Path) -> None:
    assert not heard(MadeAudio(kind="silence", duration_ms=300), tmp_path).any()


def test_speech_has_pauses_and_is_not_clipped(tmp_path: Path) -> None:
    (sound,) = heard(MadeAudio(kind="speech", duration_ms=10_000), tmp_path)
    loudness = np.sqrt((sound.reshape(-1, 400) ** 2).mean(axis=1))
    assert 0.1 < np.abs(sound).max() < 0.5
    assert (loudness < 0.005).mean() > 0.02
    assert (loudness > 0.02).mean() > 0.3


def test_two_voices_take_turns(tmp_path: Path) -> None:
    first, second = np.abs(heard(MadeAudio(kind="speech", duration_ms=10_000, channels=2), tmp_path))
    assert first.any()
    assert second.any()
    assert not (first * second).any()


def test_the_same_name_has_the_same_voice_and_another_name_another(tmp_path: Path) -> None:
    audio = MadeAudio(kind="speech", duration_ms=500)
    for name in ("one", "again", "two"):
        write_audio(audio, f"acme/{name.replace('again', 'one')}", tmp_path / name)
    one, again, two = ((tmp_path / name).read_bytes() for name in ("one", "again", "two"))
    assert one == again != two


def test_pieces_join_without_a_seam(tmp_path: Path) -> None:
    """Longer than one block: a tone's samples go on as if it were one."""
    (sound,) = heard(MadeAudio(kind="tone", duration_ms=20_000, hz=1000), tmp_path)
    assert np.abs(sound[8:] - sound[:-8]).max() < 0.001
