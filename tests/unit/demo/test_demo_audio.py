"""The demo's recordings are there, can be heard, are small, and are what their manifest says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from callvault.demo.recordings import DemoRecording, demo_recordings
from callvault.model.recording import Source

NOW = datetime(2026, 3, 1, 9, 0, 2, 114_999, tzinfo=UTC)
DEMO = demo_recordings(NOW)
AUDIO = DEMO[0].file.parent

FORMS = {
    "tea-order.wav": ("wav", "pcm_s16le", 8_000, 1),
    "appointment.wav": ("wav", "pcm_s16le", 16_000, 2),
    "bicycle-shop.wav": ("wav", "pcm_mulaw", 8_000, 2),
    "bicycle-workshop.mp3": ("mp3", "mp3float", 8_000, 1),
    "opening-hours.wav": ("wav", "pcm_alaw", 8_000, 1),
    "voicemail.wav": ("wav", "gsm_ms", 8_000, 1),
    "conference.ogg": ("ogg", "opus", 48_000, 1),
    "door-telephone.flac": ("flac", "flac", 8_000, 1),
    "broken-line.wav": ("wav", "pcm_s16le", 8_000, 1),
}


def frames(path: Path) -> Iterator[npt.NDArray[np.float64]]:
    """Samples from -1 to 1, a row for each channel."""
    with av.open(str(path)) as container:
        planes = av.AudioResampler(format="dblp")
        for frame in container.decode(audio=0):
            for plane in planes.resample(frame):
                yield plane.to_ndarray().astype(np.float64)


def heard(path: Path) -> tuple[npt.NDArray[np.float64], int]:
    with av.open(str(path)) as container:
        rate = container.streams.audio[0].rate
    return np.concatenate(list(frames(path)), axis=1), rate


def test_the_manifest_names_every_file_and_only_those() -> None:
    assert sorted(entry.file.name for entry in DEMO) == sorted(path.name for path in AUDIO.iterdir())
    assert sorted(FORMS) == sorted(entry.file.name for entry in DEMO)


def test_together_they_are_small() -> None:
    assert sum(path.stat().st_size for path in AUDIO.iterdir()) < 600_000


@pytest.mark.parametrize("entry", DEMO, ids=lambda entry: entry.file.name)
def test_each_is_what_telephone_systems_write(entry: DemoRecording) -> None:
    with av.open(str(entry.file)) as container:
        stream = container.streams.audio[0]
        form = (container.format.name, stream.codec_context.name, stream.rate, stream.channels)
    assert form == FORMS[entry.file.name]


@pytest.mark.parametrize("entry", DEMO, ids=lambda entry: entry.file.name)
def test_each_can_be_heard_on_every_channel(entry: DemoRecording) -> None:
    samples, rate = heard(entry.file)
    assert 3.0 <= samples.shape[1] / rate <= 12.0
    loudness = np.sqrt(np.mean(samples**2, axis=1))
    assert (loudness > 0.02).all(), "a channel is silent, or nearly"
    assert np.abs(samples).max() <= 1.0


@pytest.mark.parametrize("name", ["appointment.wav", "bicycle-shop.wav"])
def test_those_on_two_channels_never_talk_at_once(name: str) -> None:
    samples, rate = heard(AUDIO / name)
    window = rate // 20
    whole = samples[:, : samples.shape[1] // window * window].reshape(2, -1, window)
    talking = np.sqrt(np.mean(whole**2, axis=2)) > 0.01
    assert talking.any(axis=1).all()
    assert not talking.all(axis=0).any()


def test_one_was_left_behind_by_a_recorder_that_died() -> None:
    header = (AUDIO / "broken-line.wav").read_bytes()[:44]
    assert header[4:8] == header[40:44] == bytes(4)
    assert header[36:40] == b"data"


def test_their_dates_count_back_from_now_to_the_millisecond() -> None:
    ages = [NOW - entry.card.started_at for entry in DEMO if entry.card.started_at is not None]
    assert len(ages) == len(DEMO)
    assert ages == sorted(ages, reverse=True)
    assert timedelta(days=90) < ages[0] < timedelta(days=100)
    assert timedelta(0) < ages[-1] < timedelta(days=1)
    assert all(entry.card.started_at and entry.card.started_at.microsecond % 1000 == 0 for entry in DEMO)


def test_they_show_what_dialects_can_say() -> None:
    cards = [entry.card for entry in DEMO]
    calls = {card.call_id for card in cards}
    assert len(calls) == len(cards)
    transferred = [card for card in cards if card.parent_call_id]
    assert len(transferred) == 1
    assert transferred[0].parent_call_id in calls
    assert transferred[0].transfer_to == transferred[0].callee.number
    assert [card.conference_name for card in cards if card.source is Source.CONFERENCE] == ["Summer fair"]
    assert len({card.direction for card in cards}) == 2
    assert any((card.caller.number or "").startswith("sip:") for card in cards)
    assert all(card.label for card in cards)


def test_a_transcription_has_one_text_for_each_channel_and_it_is_what_the_voices_say() -> None:
    script = (Path(__file__).parents[3] / "tools" / "make_demo_audio.sh").read_text(encoding="utf-8")
    transcribed = [entry for entry in DEMO if entry.card.transcription]
    assert {entry.file.name for entry in transcribed} == {"tea-order.wav", "appointment.wav"}
    for entry in transcribed:
        assert entry.card.transcription is not None
        texts = [transcript.text for transcript in entry.card.transcription.transcripts]
        assert len(texts) == FORMS[entry.file.name][3]
        scene = script[: script.index(f'"$out/{entry.file.name}"')].rpartition("\nbegin ")[2]
        spoken = [line.split("'")[1] for line in scene.splitlines() if line.startswith("turn ")]
        assert " ".join(spoken) == " ".join(texts)
