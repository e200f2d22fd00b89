"""What was masked is silence in its true length, and what nobody recorded is not lost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pylibsrtp
import pytest

from callvault.audio.late_header import Coding
from callvault.capture.finishing.finish import finish
from callvault.model.capture import GapKind
from callvault.model.wish import Wish, write_wish
from callvault.protocols.spool import bulk
from callvault.protocols.spool.batch import Batch, Content
from callvault.protocols.spool.journal import Ended, Journal, Reason, Record, RecordingAsked, RecordingMoved, Unasked
from callvault.protocols.srtp_keys import SrtpKey
from tests.finished_calls import BEGUN, SECOND_NS, agreed, channels, flat
from tests.rtp_calls import EPOCH_NS, MS, SAMPLES, arrived, batches, spooled, stream
from tests.spool_chunks import write_batch

RUTH, OMAR = stream(500, 1), stream(500, 2, ssrc=8)
HEAD = 12


def masked(batch: Batch) -> Batch:
    """Its headers alone."""
    heads = [packet[:HEAD] for packet in batch.packets()]
    return Batch(
        stream=batch.stream,
        content=Content.MASKED,
        arrivals_ns=batch.arrivals_ns,
        lengths=np.full(len(heads), HEAD, dtype=np.uint16),
        data=np.frombuffer(b"".join(heads), dtype=np.uint8),
    )


def behind_a_mask(media: Sequence[Batch], begin_s: float, end_s: float) -> list[Batch]:
    """The batches that came between two moments, which have to be whole ticks."""
    begin_ns, end_ns = (EPOCH_NS + round(at * SECOND_NS) for at in (begin_s, end_s))
    return [masked(each) if begin_ns <= int(each.arrivals_ns[0]) < end_ns else each for each in media]


def said(*records: Record, crypto: str | None = None) -> Journal:
    ended = Ended(at_ns=EPOCH_NS + 10 * SECOND_NS, reason=Reason.BYE)
    return Journal(records=(BEGUN, agreed(0, crypto=crypto), agreed(1), *records, ended), spoilt=0)


def test_a_masked_stretch_is_silence_of_its_length_and_nothing_is_lost(tmp_path: Path) -> None:
    media = behind_a_mask(spooled(batches(0, arrived(RUTH)), batches(1, arrived(OMAR))), 2, 4)
    media.sort(key=lambda batch: batch.content)  # as a spool is read in bulk
    (audio,) = finish(said(), lambda: media, folder=tmp_path, unseal=lambda _: ()).files
    found = channels(audio)
    for channel, sent in enumerate((RUTH, OMAR)):
        expected = flat(sent).copy()
        expected[2 * 8000 : 4 * 8000] = Coding.ULAW.silence
        assert np.array_equal(found[:, channel], expected)
    assert not audio.partial
    for quality in audio.capture.streams:
        assert [(gap.from_ms, gap.through_ms, gap.kind) for gap in quality.gaps] == [(2000, 4000, GapKind.MASKED)]
        assert (quality.expected, quality.received, quality.lost, quality.unreadable) == (500, 500, 0, 0)
        assert (quality.late, quality.mos) == (0, 4.41)


def test_masked_stretches_are_told_from_lost_ones_between_them_however_the_spool_is_read(tmp_path: Path) -> None:
    """In bulk, the chunks of half a minute come by kind: first what is there, then the headers."""
    there = np.ones(500, dtype=np.bool_)
    there[300:310] = False
    media = spooled(batches(0, arrived(RUTH, keep=there)), batches(1, arrived(OMAR)))
    for begin_s in (1, 4, 7):
        media = behind_a_mask(media, begin_s, begin_s + 1)
    whole = memoryview(b"".join(map(write_batch, media)))
    (audio,) = finish(said(), lambda: bulk.read(whole), folder=tmp_path, unseal=lambda _: ()).files
    expected = flat(RUTH).copy()
    for begin, end in ((8000, 16_000), (32_000, 40_000), (56_000, 64_000), (48_000, 49_600)):
        expected[begin:end] = Coding.ULAW.silence
    assert np.array_equal(channels(audio)[:, 0], expected)
    masked = [(at, GapKind.MASKED) for at in (1000, 4000, 7000)]
    lossy, whole_one = audio.capture.streams
    assert [(gap.from_ms, gap.kind) for gap in lossy.gaps] == sorted([*masked, (6000, GapKind.LOST)])
    assert [(gap.from_ms, gap.kind) for gap in whole_one.gaps] == masked
    assert (lossy.expected, lossy.received, lossy.lost, lossy.late) == (500, 490, 10, 0)
    assert (whole_one.expected, whole_one.received, whole_one.lost, whole_one.late) == (500, 500, 0, 0)


@pytest.mark.parametrize("mki", [b"", b"\0\0\0\1"])
def test_a_masked_stretch_of_an_encrypted_stream(tmp_path: Path, mki: bytes) -> None:
    key = bytes(range(30))
    policy = pylibsrtp.Policy(key=key, ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    session = pylibsrtp.Session(policy=policy)
    sealed = []
    for batch in batches(0, arrived(RUTH)):
        packets = [session.protect(packet) for packet in batch.packets()]
        packets = [packet[:-10] + mki + packet[-10:] for packet in packets]
        sealed.append(
            Batch(
                stream=0,
                content=Content.RTP,
                arrivals_ns=batch.arrivals_ns,
                lengths=np.array([len(packet) for packet in packets], dtype=np.uint16),
                data=np.frombuffer(b"".join(packets), dtype=np.uint8),
            )
        )
    media = behind_a_mask(spooled(sealed, batches(1, arrived(OMAR))), 2, 4)
    suite = "AES_CM_128_HMAC_SHA1_80"
    (audio,) = finish(
        said(crypto="k"), lambda: media, folder=tmp_path, unseal=lambda _: [SrtpKey(suite=suite, secret=key, mki=mki)]
    ).files
    expected = flat(RUTH).copy()
    expected[2 * 8000 : 4 * 8000] = Coding.ULAW.silence
    assert np.array_equal(channels(audio)[:, 0], expected)
    assert (audio.capture.streams[0].lost, audio.capture.streams[0].unreadable) == (0, 0)


def test_what_was_thrown_away_while_nobody_recorded_is_not_lost(tmp_path: Path) -> None:
    start_ns = EPOCH_NS + 4 * SECOND_NS
    asked = RecordingAsked(at_ns=start_ns, recording=BEGUN.take, wish=write_wish(Wish()))
    moves = [
        RecordingMoved(at_ns=start_ns, recording=BEGUN.take, phase="running"),
        RecordingMoved(at_ns=EPOCH_NS + 6 * SECOND_NS, recording=BEGUN.take, phase="stopped"),
    ]
    media = [each for each in batches(0, arrived(RUTH)) if start_ns <= each.arrivals_ns[0] < moves[1].at_ns]
    journal = said(Unasked(at_ns=EPOCH_NS - 10 * MS), asked, *moves)
    (audio,) = finish(journal, lambda: media, folder=tmp_path, unseal=lambda _: ()).files
    assert np.array_equal(channels(audio)[:, 0], flat(RUTH)[4 * 8000 : 6 * 8000])
    quality = audio.capture.streams[0]
    assert (quality.expected, quality.received, quality.lost) == (100, 100, 0)


def test_between_two_recordings_nothing_is_lost_either(tmp_path: Path) -> None:
    records: list[Record] = [Unasked(at_ns=EPOCH_NS - 10 * MS)]
    spans = ((1, 2), (5, 6))
    for number, (begin, end) in enumerate(spans):
        name = type(BEGUN.take)(int=BEGUN.take.int + number + 1)
        at_ns = EPOCH_NS + begin * SECOND_NS
        records += [
            RecordingAsked(at_ns=at_ns, recording=name, wish={}),
            RecordingMoved(at_ns=at_ns, recording=name, phase="running"),
            RecordingMoved(at_ns=EPOCH_NS + end * SECOND_NS, recording=name, phase="stopped"),
        ]
    media = [
        each
        for each in batches(0, arrived(RUTH))
        if any(begin <= (int(each.arrivals_ns[0]) - EPOCH_NS) / SECOND_NS < end for begin, end in spans)
    ]
    files = finish(said(*records), lambda: media, folder=tmp_path, unseal=lambda _: ()).files
    for audio, (begin, end) in zip(files, spans, strict=True):
        assert np.array_equal(channels(audio)[:, 0], flat(RUTH)[begin * 8000 : end * 8000])
        assert audio.capture.streams[0].lost == 0
        assert audio.samples == (end - begin) * 50 * SAMPLES


def test_a_call_that_begins_and_ends_behind_a_mask_has_its_true_length(tmp_path: Path) -> None:
    media = behind_a_mask(spooled(batches(0, arrived(RUTH)), batches(1, arrived(OMAR))), 0, 2)
    media = behind_a_mask(media, 7, 10)
    (audio,) = finish(said(), lambda: media, folder=tmp_path, unseal=lambda _: ()).files
    assert (audio.began_ns, audio.samples) == (EPOCH_NS, 10 * 8000)
    found = channels(audio)
    for channel, sent in enumerate((RUTH, OMAR)):
        expected = flat(sent).copy()
        expected[: 2 * 8000] = expected[7 * 8000 :] = Coding.ULAW.silence
        assert np.array_equal(found[:, channel], expected)
    for quality in audio.capture.streams:
        masked_ms = [(gap.from_ms, gap.through_ms, gap.kind) for gap in quality.gaps]
        assert masked_ms == [(0, 2000, GapKind.MASKED), (7000, 10_000, GapKind.MASKED)]


def test_a_call_that_was_masked_from_end_to_end_is_silence(tmp_path: Path) -> None:
    media = behind_a_mask(spooled(batches(0, arrived(RUTH)), batches(1, arrived(OMAR))), 0, 10)
    (audio,) = finish(said(), lambda: media, folder=tmp_path, unseal=lambda _: ()).files
    assert (audio.began_ns, audio.samples, audio.channels) == (EPOCH_NS, 10 * 8000, 2)
    assert (channels(audio) == Coding.ULAW.silence).all()
    for quality in audio.capture.streams:
        assert [(gap.from_ms, gap.through_ms, gap.kind) for gap in quality.gaps] == [(0, 10_000, GapKind.MASKED)]


def test_a_pause_at_the_end_is_cut_out_all_the_same(tmp_path: Path) -> None:
    asked = RecordingAsked(at_ns=BEGUN.at_ns, recording=BEGUN.take, wish=write_wish(Wish()), rule="every call")
    moves = [
        RecordingMoved(at_ns=BEGUN.at_ns, recording=BEGUN.take, phase="running"),
        RecordingMoved(at_ns=EPOCH_NS + 7 * SECOND_NS, recording=BEGUN.take, phase="paused"),
    ]
    media = behind_a_mask(spooled(batches(0, arrived(RUTH)), batches(1, arrived(OMAR))), 7, 10)
    (audio,) = finish(said(asked, *moves), lambda: media, folder=tmp_path, unseal=lambda _: ()).files
    assert np.array_equal(channels(audio)[:, 0], flat(RUTH)[: 7 * 8000])
