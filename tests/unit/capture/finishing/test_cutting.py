"""A recording that was asked for has what came while it ran: kept, cut out or silent, sample by sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from numpy.typing import NDArray

from callvault.audio.g711 import ulaw_values
from callvault.audio.late_header import Coding
from callvault.audio.resample import resampled_length
from callvault.capture.finished import Finished, FinishedAudio
from callvault.capture.finishing.finish import finish
from callvault.model.capture import GapKind
from callvault.model.policy import WHOLE
from callvault.model.recording import Direction
from callvault.model.wish import Cue, Track, Wish, write_wish
from callvault.protocols.spool.batch import Batch, Damage
from callvault.protocols.spool.journal import (
    Begun,
    Ended,
    Journal,
    Named,
    Reason,
    Record,
    RecordingAsked,
    RecordingMoved,
    StreamAgreed,
    Unasked,
)
from tests.finished_calls import BEGUN, SECOND_NS, agreed, channels, flat
from tests.rtp_calls import EPOCH_NS, arrived, batches, spooled, stream

SECONDS = 10
RATE = 8000
RUTH, OMAR = stream(50 * SECONDS, 1), stream(50 * SECONDS, 2, ssrc=8)
CALL = np.stack((flat(RUTH), flat(OMAR)), axis=1)
MEDIA = spooled(batches(0, arrived(RUTH)), batches(1, arrived(OMAR)))
FIRST, SECOND = UUID(int=BEGUN.take.int + 1), UUID(int=BEGUN.take.int + 2)
STREAMS = (agreed(0), agreed(1))


def at(seconds: float) -> int:
    return EPOCH_NS + round(seconds * SECOND_NS)


def asked(recording: UUID = FIRST, rule: str | None = None, **wish: Any) -> RecordingAsked:
    return RecordingAsked(at_ns=at(0), recording=recording, wish=write_wish(Wish(**wish)), rule=rule)


def moved(seconds: float, phase: str, recording: UUID = FIRST, *, silent: bool = False) -> RecordingMoved:
    return RecordingMoved(at_ns=at(seconds), recording=recording, phase=phase, silent=silent)


def made(
    folder: Path,
    *records: Record,
    begun: Begun = BEGUN,
    media: Sequence[Batch | Damage] = MEDIA,
    only: UUID | None = None,
    ended: bool = True,
    streams: Sequence[StreamAgreed] = STREAMS,
) -> Finished:
    end = [Ended(at_ns=at(SECONDS), reason=Reason.BYE)] if ended else []
    said = Journal(records=(begun, *streams, *records, *end), spoilt=0)
    return finish(said, lambda: media, folder=folder, unseal=lambda _: (), only=only)


def part(begin_s: float, end_s: float) -> NDArray[np.uint8]:
    return CALL[round(begin_s * RATE) : round(end_s * RATE)]


def same(audio: FinishedAudio, *parts: NDArray[np.uint8]) -> bool:
    return np.array_equal(channels(audio), np.concatenate(parts))


def test_a_recording_has_what_came_from_its_start_to_its_stop(tmp_path: Path) -> None:
    (audio,) = made(tmp_path, asked(), moved(2, "running"), moved(5.5, "stopped")).files
    assert same(audio, part(2, 5.5))
    assert (audio.recording, audio.began_ns, audio.ended_ns) == (FIRST, at(2), at(5.5))
    assert (audio.capture.reason, audio.partial) == ("stopped", False)


def test_a_recording_that_nobody_stops_ends_with_the_call(tmp_path: Path) -> None:
    (audio,) = made(tmp_path, asked(), moved(7, "running")).files
    assert same(audio, part(7, 10))
    assert audio.capture.reason == "bye"


def test_paused_time_is_cut_out(tmp_path: Path) -> None:
    moves = (moved(1, "running"), moved(3, "paused"), moved(4, "running"), moved(6, "paused"), moved(7, "stopped"))
    (audio,) = made(tmp_path, asked(), *moves).files
    assert same(audio, part(1, 3), part(4, 6))
    assert audio.ended_ns == at(6)


def test_or_silent_where_that_was_asked(tmp_path: Path) -> None:
    moves = (moved(1, "running"), moved(3, "paused", silent=True), moved(4, "running"), moved(6, "stopped"))
    (audio,) = made(tmp_path, asked(), *moves).files
    silence = np.full((RATE, 2), Coding.ULAW.silence, dtype=np.uint8)
    assert same(audio, part(1, 3), silence, part(4, 6))
    for quality in audio.capture.streams:
        assert [(gap.from_ms, gap.through_ms, gap.kind) for gap in quality.gaps] == [(2000, 3000, GapKind.PAUSED)]


def test_several_recordings_of_a_call_know_nothing_of_each_other(tmp_path: Path) -> None:
    files = made(
        tmp_path,
        asked(),
        moved(1, "running"),
        asked(SECOND),
        moved(2, "running", SECOND),
        moved(3, "paused"),
        moved(4, "stopped", SECOND),
        moved(5, "running"),
    ).files
    assert [audio.recording for audio in files] == [FIRST, SECOND]
    assert same(files[0], part(1, 3), part(5, 10))
    assert same(files[1], part(2, 4))


def test_what_a_rule_records_whole_is_the_take_as_it_came(tmp_path: Path) -> None:
    whole = asked(BEGUN.take, WHOLE.name)
    files = made(tmp_path, whole, moved(-0.05, "running", BEGUN.take), asked(), moved(2, "running")).files
    assert [audio.recording for audio in files] == [None, FIRST]
    assert same(files[0], CALL)
    assert same(files[1], part(2, 10))


def test_of_what_nobody_asked_for_there_is_nothing(tmp_path: Path) -> None:
    assert made(tmp_path, Unasked(at_ns=at(0))) == Finished(files=())
    assert made(tmp_path, asked(rule="calls that are answered", cue=Cue.ANSWERED)) == Finished(files=())


def test_what_never_began_is_told_to_whoever_asked(tmp_path: Path) -> None:
    found = made(tmp_path, asked(cue=Cue.BRIDGED))
    assert [(each.recording, each.sentence) for each in found.missed] == [
        (FIRST, "It never began, since nobody was bridged.")
    ]


def test_what_is_too_short_is_not_kept_and_says_so(tmp_path: Path) -> None:
    moves = (moved(2, "running"), moved(5, "stopped"))
    assert len(made(tmp_path, asked(least_s=3.0), *moves).files) == 1
    found = made(tmp_path, asked(least_s=3.5), *moves)
    assert found.files == ()
    assert [each.sentence for each in found.missed] == ["It was 3.0 s long, and at least 3.5 s were asked for."]


def test_a_limit_holds_to_the_sample_and_paused_time_does_not_count(tmp_path: Path) -> None:
    moves = (moved(1, "running"), moved(2, "paused"), moved(3, "running"))
    (audio,) = made(tmp_path, asked(most_s=2.5), *moves).files
    assert same(audio, part(1, 2), part(3, 4.5))


@pytest.mark.parametrize(
    ("direction", "track", "column"),
    [
        (Direction.INBOUND, Track.INBOUND, 0),
        (Direction.INBOUND, Track.OUTBOUND, 1),
        (Direction.OUTBOUND, Track.INBOUND, 1),
        (Direction.OUTBOUND, Track.OUTBOUND, 0),
    ],
)
def test_a_track_is_one_side(tmp_path: Path, direction: Direction, track: Track, column: int) -> None:
    told = Named(at_ns=at(0), direction=direction)
    (audio,) = made(tmp_path, told, asked(track=track), moved(2, "running")).files
    assert np.array_equal(channels(audio)[:, 0], part(2, 10)[:, column])
    assert [quality.channel for quality in audio.capture.streams] == [1 if each == column else None for each in (0, 1)]


def test_one_channel_is_the_mean_of_both(tmp_path: Path) -> None:
    (audio,) = made(tmp_path, asked(channels=1), moved(2, "running")).files
    both = ulaw_values()[part(2, 10)].astype(np.int32)
    assert np.array_equal(channels(audio)[:, 0], np.fix(both.sum(axis=1) / 2).astype(np.int16))


def test_another_sampling_rate(tmp_path: Path) -> None:
    (audio,) = made(tmp_path, asked(sample_rate=16_000), moved(2, "running")).files
    assert (audio.sample_rate, audio.channels) == (16_000, 2)
    assert audio.samples == resampled_length(8 * RATE, from_rate=RATE, to_rate=16_000)


def quiet(begin_s: float, end_s: float) -> list[Batch]:
    """The call, with silence for a while."""
    streams = []
    for index, sent in enumerate((RUTH, OMAR)):
        payloads = sent.payloads.copy()
        payloads[round(begin_s * 50) : round(end_s * 50)] = Coding.ULAW.silence
        streams.append(batches(index, arrived(replace(sent, payloads=payloads))))
    return spooled(*streams)


def test_silence_at_the_ends_is_left_out_where_that_is_asked(tmp_path: Path) -> None:
    (audio,) = made(tmp_path, asked(trim=True), moved(2, "running"), media=quiet(0, 4)).files
    assert same(audio, part(4, 10))
    assert audio.began_ns == at(4)
    (untouched,) = made(tmp_path, asked(), moved(2, "running"), media=quiet(0, 4)).files
    assert untouched.samples == 8 * RATE


def test_a_recording_ends_when_nobody_has_spoken_for_so_long(tmp_path: Path) -> None:
    (audio,) = made(tmp_path, asked(silence_s=2.0), moved(1, "running"), media=quiet(4, 7)).files
    assert audio.samples == 5 * RATE
    (late,) = made(tmp_path, asked(silence_s=1.0), moved(0, "running"), media=quiet(0, 3)).files
    assert late.samples == 10 * RATE
    (long,) = made(tmp_path, asked(silence_s=4.0), moved(1, "running"), media=quiet(4, 7)).files
    assert long.samples == 9 * RATE


def test_a_stopped_recording_can_be_had_while_the_call_goes_on(tmp_path: Path) -> None:
    torn = Damage(offset=9, size_bytes=3, sentence="It ends in the middle of a chunk.")
    records = (asked(), moved(1, "running"), moved(3, "stopped"), asked(SECOND), moved(4, "running", SECOND))
    found = made(tmp_path, *records, only=FIRST, ended=False, media=[*MEDIA, torn])
    (audio,) = found.files
    assert same(audio, part(1, 3))
    assert (audio.recording, audio.partial, audio.capture.reason) == (FIRST, False, "stopped")


def test_a_recording_of_many_streams_is_cut_out_of_the_mix(tmp_path: Path) -> None:
    third = stream(50 * SECONDS, 3, ssrc=9)
    media = spooled(MEDIA, batches(2, arrived(third)))
    (audio,) = made(tmp_path, asked(), moved(2, "running"), media=media, streams=(*STREAMS, agreed(2))).files
    found = channels(audio)
    assert np.array_equal(found[:, 0], ulaw_values()[part(2, 10)[:, 0]])
    others = ulaw_values()[np.stack((part(2, 10)[:, 1], flat(third)[2 * RATE :]))].astype(np.int32).sum(axis=0)
    assert np.array_equal(found[:, 1], np.clip(others, -32_768, 32_767))


steps = some.lists(
    some.tuples(some.integers(1, 2000), some.sampled_from(["running", "paused", "silent"])), min_size=1, max_size=12
)


@settings(max_examples=40, deadline=None)
@given(steps, some.integers(0, 2000))
def test_whatever_is_done_to_it_a_recording_has_what_it_must(pauses: list[tuple[int, str]], start_ms: int) -> None:
    """Each step lasts some milliseconds; the next one begins where it ends."""
    moves: list[Record] = [moved(start_ms / 1000, "running")]
    wanted: list[NDArray[np.uint8]] = []
    now_ms, phase = start_ms, "running"
    for length_ms, then in [*pauses, (1000 * SECONDS, "running")]:
        until_ms = min(now_ms + length_ms, 1000 * SECONDS)
        if phase == "running":
            wanted.append(part(now_ms / 1000, until_ms / 1000))
        elif phase == "silent":
            wanted.append(np.full(((until_ms - now_ms) * RATE // 1000, 2), Coding.ULAW.silence, dtype=np.uint8))
        now_ms = until_ms
        if now_ms < 1000 * SECONDS and (phase == "running") != (then == "running"):
            phase = then
            moves.append(moved(now_ms / 1000, "running" if then == "running" else "paused", silent=then == "silent"))
    with TemporaryDirectory() as folder:
        (audio,) = made(Path(folder), asked(), *moves).files
        assert same(audio, *wanted)
