"""What a listener hears of odd calls: torn files, streams that come later, encryption, and spools that stand still."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pylibsrtp
import pytest
from numpy.typing import NDArray

from callvault.audio.g711 import alaw_values, ulaw_values
from callvault.capture.listening import growing
from callvault.capture.listening.live_sound import BEHIND_NS, LiveSound
from callvault.capture.listening.pilots import pilots
from callvault.protocols.spool.batch import Batch, Content
from callvault.protocols.spool.journal import Payload, Record
from callvault.protocols.spool.journal import write as written
from callvault.protocols.srtp_keys import SrtpKey
from tests.finished_calls import BEGUN, PCMA, PCMU, agreed
from tests.growing_spools import GrowingBytes, Heard, growing_media, listen
from tests.rtp_calls import EPOCH_NS, MS, SAMPLES, Sent, arrived, batches, spooled, stream

SECOND_NS = 1000 * MS
SUITE, KEY = "AES_CM_128_HMAC_SHA1_80", bytes(range(30))


def said(*records: Record, later: tuple[tuple[int, Record], ...] = ()) -> GrowingBytes:
    made = GrowingBytes()
    for record in (BEGUN, *records):
        made.append(BEGUN.at_ns, written(record))
    for at_ns, record in later:
        made.append(at_ns, written(record))
    return made


def steps(from_s: float, through_s: float) -> range:
    return range(EPOCH_NS + int(from_s * SECOND_NS), EPOCH_NS + int(through_s * SECOND_NS) + 1, 200 * MS)


def heard_of(
    journal: GrowingBytes, media: GrowingBytes, moments: range, *, ends: bool = False, mki: bytes = b""
) -> Heard:
    return listen(journal, media, moments, lambda _: [SrtpKey(suite=SUITE, secret=KEY, mki=mki)], ends=ends)


def at(heard: Heard, sent: Sent, packet: int, packets: int, channel: int) -> NDArray[np.int16]:
    """What is heard where these packets belong."""
    begin = round((int(sent.sent_ns[packet]) - heard.began_ns) * heard.sample_rate / 1e9)
    per_packet = SAMPLES * heard.sample_rate // 8000
    return heard.samples[begin : begin + packets * per_packet, channel]


def pcm(sent: Sent, packet: int, packets: int) -> NDArray[np.int16]:
    return ulaw_values()[sent.payloads[packet : packet + packets].reshape(-1)]


def locked(media: list[Batch], mki: bytes) -> list[Batch]:
    """The same, as SRTP's sender sends it who names its key so."""
    session = pylibsrtp.Session(
        pylibsrtp.Policy(
            key=KEY,
            ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND,
            srtp_profile=pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
        )
    )
    made = []
    for batch in media:
        packets = [session.protect(packet) for packet in batch.packets()]
        packets = [packet[:-10] + mki + packet[-10:] for packet in packets]
        lengths = np.array([len(packet) for packet in packets], dtype=np.uint16)
        made.append(replace(batch, lengths=lengths, data=np.frombuffer(b"".join(packets), dtype=np.uint8)))
    return made


def test_what_is_heard_is_a_second_behind() -> None:
    sent = stream(250)
    heard = heard_of(said(agreed(0)), growing_media(batches(0, arrived(sent))), steps(2, 5))
    for moment, samples in heard.given:
        behind_ns = moment - (heard.began_ns + samples * SECOND_NS // heard.sample_rate)
        assert BEHIND_NS <= behind_ns <= BEHIND_NS + 200 * MS
    assert (at(heard, sent, 60, 100, 0) == pcm(sent, 60, 100)).all()
    assert not heard.samples[:, 1].any()


def test_a_spool_that_stands_still_is_silence_and_goes_on_when_it_does() -> None:
    first, second = stream(100), stream(100, 2, start_ns=20 * SECOND_NS, first_sequence=5, ssrc=8)
    media = [*batches(0, arrived(first)), *batches(0, arrived(second))]
    heard = heard_of(said(agreed(0)), growing_media(media), steps(0, 24))
    assert (at(heard, first, 0, 100, 0) == pcm(first, 0, 100)).all()
    assert (at(heard, second, 0, 100, 0) == pcm(second, 0, 100)).all()
    between = round((EPOCH_NS + 10 * SECOND_NS - heard.began_ns) * 8 / MS)
    assert not heard.samples[between - 30_000 : between + 70_000].any()


def test_what_a_killed_worker_left_torn_is_passed_over() -> None:
    sent = stream(200)
    made = batches(0, arrived(sent))
    whole = growing_media(made[:5])
    cut = growing_media(made[5:6]).data[:700]
    whole.append(int(made[5].arrivals_ns[-1]), cut)
    for mark, piece in ((int(each.arrivals_ns[-1]), growing_media([each]).data) for each in made[6:]):
        whole.append(mark, piece)
    heard = heard_of(said(agreed(0)), whole, steps(0, 5))
    assert (at(heard, sent, 0, 50, 0) == pcm(sent, 0, 50)).all()
    assert not at(heard, sent, 50, 10, 0).any()
    assert (at(heard, sent, 60, 140, 0) == pcm(sent, 60, 140)).all()


def test_a_stream_that_is_agreed_upon_later_is_heard_from_then_on() -> None:
    first, second = stream(300), stream(150, 2, start_ns=3 * SECOND_NS, ssrc=9)
    media = spooled(batches(0, arrived(first)), batches(1, arrived(second)))
    journal = said(agreed(0), later=((EPOCH_NS + 2900 * MS, agreed(1)),))
    heard = heard_of(journal, growing_media(media), steps(0, 8))
    assert (at(heard, first, 0, 300, 0) == pcm(first, 0, 300)).all()
    assert (at(heard, second, 0, 150, 1) == pcm(second, 0, 150)).all()


def test_a_stream_whose_line_in_the_journal_is_spoilt_is_heard() -> None:
    first, second = stream(100), stream(100, 2, ssrc=9)
    media = spooled(batches(0, arrived(first)), batches(1, arrived(second)))
    heard = heard_of(said(agreed(0)), growing_media(media), steps(0, 4))
    assert (at(heard, second, 0, 100, 1) == pcm(second, 0, 100)).all()


def test_a_codec_that_is_agreed_upon_in_the_middle_is_heard() -> None:
    first = stream(150)
    second = stream(
        150, 2, start_ns=3 * SECOND_NS, payload_type=96, first_sequence=65_150, first_timestamp=2**32 - 8000 + 24_000
    )
    dynamic = Payload(number=96, name="PCMA", clock_rate=8000)
    media = [*batches(0, arrived(first)), *batches(0, arrived(second))]
    journal = said(agreed(0), later=((EPOCH_NS + 2990 * MS, agreed(0, PCMU, dynamic)),))
    heard = heard_of(journal, growing_media(media), steps(0, 8))
    assert (at(heard, first, 0, 150, 0) == pcm(first, 0, 150)).all()
    assert (at(heard, second, 0, 150, 0) == alaw_values()[second.payloads.reshape(-1)]).all()


@pytest.mark.parametrize("begins_s", [0.0, 6.0])
def test_a_stream_of_another_rate_is_heard_at_the_listeners(begins_s: float) -> None:
    seconds = np.arange(8 * 16_000) / 16_000
    tone = (8000 * np.sin(2 * np.pi * 440 * seconds)).astype(np.int16)
    wide = replace(stream(400, payload_type=97), payloads=tone.astype(">i2").view(np.uint8).reshape(400, -1))
    wide = replace(wide, timestamp=wide.timestamp[0] + np.arange(400) * 320)
    narrow = stream(400, 2, ssrc=9)
    media = spooled(batches(0, arrived(wide)), batches(1, arrived(narrow)))
    journal = said(agreed(0, Payload(number=97, name="L16", clock_rate=16_000)), agreed(1))
    heard = heard_of(journal, growing_media(media), steps(begins_s, 9))
    assert heard.sample_rate == 16_000
    found = at(heard, wide, 300, 50, 0)
    assert (found == tone[300 * 320 : 350 * 320]).all()
    there = at(heard, narrow, 300, 50, 1).astype(np.float64)
    # every other sample of what was made twice as fine is what was sent, but for what the filter takes off the noise
    assert np.corrcoef(there[::2], pcm(narrow, 300, 50))[0, 1] > 0.97


def test_resampled_blocks_fit_together() -> None:
    tone = (8000 * np.sin(2 * np.pi * 300 * np.arange(8 * 8000) / 8000)).astype(">i2")
    sent = replace(stream(400, payload_type=97), payloads=tone.view(np.uint8).reshape(400, -1))
    media = spooled(batches(0, arrived(sent)), batches(1, arrived(stream(1, 2, ssrc=9))))
    journal = said(
        agreed(0, Payload(number=97, name="L16", clock_rate=8000)),
        agreed(1, Payload(number=98, name="L16", clock_rate=44_100)),
    )
    heard = heard_of(journal, growing_media(media), steps(1, 8))
    assert heard.sample_rate == 44_100
    found = heard.samples[5 * 8820 : 25 * 8820, 0].astype(np.float64)
    moments = heard.began_ns / 1e9 - EPOCH_NS / 1e9 + np.arange(5 * 8820, 25 * 8820) / 44_100
    expected = 8000 * np.sin(2 * np.pi * 300 * moments)
    assert np.abs(found - expected).max() < 12


@pytest.mark.parametrize("first_sequence", [65_000, 100])
@pytest.mark.parametrize("begins_s", [0.0, 30.0])
@pytest.mark.parametrize("mki", [b"", b"\0\0\0\1"], ids=["", "keys named"])
def test_an_encrypted_call_is_heard_from_anywhere(
    first_sequence: int, begins_s: float, mki: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing, "TAIL_BYTES", 40_000)
    sent = stream(2000, first_sequence=first_sequence)
    journal = said(agreed(0, crypto="sealed"))
    heard = heard_of(journal, growing_media(locked(batches(0, arrived(sent)), mki)), steps(begins_s, 41), mki=mki)
    first = int(begins_s * 50)
    assert (at(heard, sent, first, 2000 - first, 0) == pcm(sent, first, 2000 - first)).all()


def test_pilots_pass_every_rollover() -> None:
    sent = stream(150_000, first_sequence=60_000)
    sent = replace(sent, payloads=sent.payloads[:, :1])
    file = growing_media(batches(3, arrived(sent)))
    file.now_ns = int(sent.sent_ns[-1])
    found = list(pilots(file, {3}, file.size()))
    numbers = [int.from_bytes(each.data[2:4].tobytes()) for each in found]
    assert numbers[0] == 60_000
    gone = [(after - before) & 0xFFFF for before, after in pairwise(numbers)]
    assert all(1024 <= step < 1100 for step in gone)
    assert sum(gone) > 148_000
    assert list(pilots(file, {2}, file.size())) == []


def test_pilots_are_found_behind_a_damage() -> None:
    sent = stream(5000, first_sequence=0)
    made = growing_media(batches(0, arrived(sent)))
    data = bytearray(made.data)
    data[100_000:100_400] = bytes(400)
    file = GrowingBytes(data=bytes(data), marks=[(0, len(data))])
    numbers = [int.from_bytes(each.data[2:4].tobytes()) for each in pilots(file, {0}, file.size())]
    assert [number // 1024 for number in numbers] == [0, 1, 2, 3, 4]


def test_whoever_did_not_listen_for_long_goes_on_with_what_is_said_now() -> None:
    sent = stream(3000)
    journal, media = said(agreed(0)), growing_media(batches(0, arrived(sent)))
    moments = [EPOCH_NS + 2 * SECOND_NS, EPOCH_NS + 50 * SECOND_NS, EPOCH_NS + 52 * SECOND_NS]
    heard = listen(journal, media, moments, lambda _: (), ends=False)
    assert len(heard.samples) == (5 + 2) * 8000
    last = pcm(sent, 2300, 250)
    assert (heard.samples[-40_000:, 0] == last).all()


def test_a_spool_that_has_run_away_is_read_from_near_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "MOST_AT_ONCE", 100_000)
    monkeypatch.setattr(growing, "TAIL_BYTES", 80_000)
    sent = stream(3000)
    journal, media = said(agreed(0)), growing_media(batches(0, arrived(sent)))
    moments = [EPOCH_NS + 2 * SECOND_NS, EPOCH_NS + 50 * SECOND_NS]
    heard = listen(journal, media, moments, lambda _: (), ends=False)
    assert (heard.samples[-40_000:, 0] == pcm(sent, 2200, 250)).all()


def test_more_than_two_streams_are_added_up_in_two_channels() -> None:
    sent = [stream(100, seed, ssrc=seed) for seed in (1, 2, 3)]
    media = spooled(*(batches(index, arrived(each)) for index, each in enumerate(sent)))
    heard = heard_of(said(*(agreed(index) for index in range(3))), growing_media(media), steps(0, 4))
    assert (at(heard, sent[0], 0, 100, 0) == pcm(sent[0], 0, 100)).all()
    both = pcm(sent[1], 0, 100).astype(np.int32) + pcm(sent[2], 0, 100)
    assert (at(heard, sent[1], 0, 100, 1) == np.clip(both, -32_768, 32_767)).all()


def test_one_channel_is_the_average_of_two_or_the_only_one() -> None:
    block = np.array([[100, 50], [-3, 0]], dtype=np.int16)
    for streams, expected in ((1, [[100], [-3]]), (2, [[75], [-1]])):
        journal = said(*(agreed(index) for index in range(streams)))
        journal.now_ns = EPOCH_NS
        sound = LiveSound(journal, GrowingBytes(), lambda _: (), now_ns=EPOCH_NS)
        assert sound.channels == streams
        assert sound.mono(block).tolist() == expected


def test_the_rest_of_an_ended_call_is_given_at_once() -> None:
    sent = stream(100)
    heard = heard_of(said(agreed(0)), growing_media(batches(0, arrived(sent))), steps(0, 2), ends=True)
    assert (at(heard, sent, 0, 100, 0) == pcm(sent, 0, 100)).all()
    end_ns = heard.began_ns + len(heard.samples) * SECOND_NS // heard.sample_rate
    assert end_ns == int(sent.sent_ns[-1]) + 20 * MS


def test_the_law_of_silence_of_a_law_is_heard_as_none() -> None:
    heard = heard_of(said(agreed(0, PCMA)), GrowingBytes(), steps(0, 3))
    assert len(heard.samples) > 8000
    assert not heard.samples.any()


def test_what_is_masked_is_silent_and_what_follows_is_heard() -> None:
    sent = stream(300)
    media = []
    for batch in batches(0, arrived(sent)):
        masked = EPOCH_NS + 2 * SECOND_NS <= batch.arrivals_ns[0] < EPOCH_NS + 4 * SECOND_NS
        if masked:
            heads = np.concatenate([np.frombuffer(packet[:12], dtype=np.uint8) for packet in batch.packets()])
            lengths = np.full(len(batch.lengths), 12, dtype=np.uint16)
            batch = replace(batch, content=Content.MASKED, lengths=lengths, data=heads)  # noqa: PLW2901 - of that span
        media.append(batch)
    heard = heard_of(said(agreed(0)), growing_media(media), steps(0, 8))
    assert (at(heard, sent, 0, 100, 0) == pcm(sent, 0, 100)).all()
    assert not at(heard, sent, 100, 100, 0).any()
    assert (at(heard, sent, 200, 100, 0) == pcm(sent, 200, 100)).all()
