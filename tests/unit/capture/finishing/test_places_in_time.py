"""Each sample lies at its place in time, and what is not there is told of: lost, late, doubled, held, quiet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pylibsrtp
import pytest

from callvault.audio.g711 import ulaw_values
from callvault.audio.late_header import Coding
from callvault.model.capture import GapKind
from callvault.protocols.rtcp import SenderReport, SourceDescription
from callvault.protocols.rtcp import write as rtcp_write
from callvault.protocols.rtp import Packets
from callvault.protocols.spool.batch import Batch, Content
from callvault.protocols.spool.journal import (
    Flow,
    Flowed,
    Payload,
)
from callvault.protocols.srtp_keys import SrtpKey
from tests.finished_calls import PCMU, SECOND_NS, agreed, channels, finished, flat, journal
from tests.rtp_calls import EPOCH_NS, MS, PACKET_NS, SAMPLES, Sent, arrived, batches, ntp_of, spooled, stream


def test_lost_packets_are_silence_of_their_length(tmp_path: Path) -> None:
    sent = stream(500)
    keep = np.ones(500, dtype=np.bool_)
    keep[[100, 101, 250]] = False
    (audio,) = finished(journal(agreed(0)), batches(0, arrived(sent, keep=keep)), tmp_path).files
    expected = np.where(np.repeat(keep, SAMPLES), flat(sent), Coding.ULAW.silence)
    assert (channels(audio)[:, 0] == expected).all()
    (quality,) = audio.capture.streams
    assert [(gap.from_ms, gap.through_ms, gap.kind) for gap in quality.gaps] == [
        (2000, 2040, GapKind.LOST),
        (5000, 5020, GapKind.LOST),
    ]
    assert quality.lost == 3
    assert quality.mos == pytest.approx(4.2, abs=0.2)


def test_reordered_doubled_and_very_late_packets_are_where_they_belong(tmp_path: Path) -> None:
    sent = stream(9000)
    dice = np.random.default_rng(3)
    delays = dice.integers(0, 90, 9000) * MS
    delays[3000:3010] = 55 * SECOND_NS  # when their place has been written long ago
    came = arrived(sent, delays)
    came = came.some(np.sort(np.concatenate((np.arange(9000), dice.integers(0, 9000, 50)))))
    (audio,) = finished(journal(agreed(0)), batches(0, came), tmp_path).files
    found = channels(audio)[:, 0]
    assert (found[-9000 * SAMPLES :] == flat(sent)).all()
    (quality,) = audio.capture.streams
    assert (quality.received, quality.lost, quality.duplicated) == (9000, 0, 50)
    assert quality.gaps == ()


@pytest.mark.parametrize("silence", [Flow.HELD, Flow.CLOSED])
def test_a_hold_leaves_its_silence(tmp_path: Path, silence: Flow) -> None:
    sent = stream(1000)
    held = np.arange(1000) >= 500
    sent = Sent(**{**sent.__dict__, "sent_ns": sent.sent_ns + held * 7 * SECOND_NS})
    flows = [
        Flowed(at_ns=EPOCH_NS, stream=0, flow=Flow.FLOWING),
        Flowed(at_ns=EPOCH_NS + 10 * SECOND_NS, stream=0, flow=silence),
        Flowed(at_ns=EPOCH_NS + 17 * SECOND_NS, stream=0, flow=Flow.FLOWING),
    ]
    (audio,) = finished(journal(agreed(0), *flows), batches(0, arrived(sent)), tmp_path).files
    found = channels(audio)[:, 0]
    assert len(found) == 27 * 8000
    assert (found[: 500 * SAMPLES] == flat(sent)[: 500 * SAMPLES]).all()
    assert (found[500 * SAMPLES : 17 * 8000] == Coding.ULAW.silence).all()
    assert (found[17 * 8000 :] == flat(sent)[500 * SAMPLES :]).all()
    assert [(gap.from_ms, gap.through_ms, gap.kind) for gap in audio.capture.streams[0].gaps] == [
        (10_000, 17_000, GapKind.HELD)
    ]


def test_what_is_not_said_is_quiet_and_not_lost(tmp_path: Path) -> None:
    sent = stream(300)
    quiet = (np.arange(300) >= 100) * 50
    sent = Sent(
        **{**sent.__dict__, "timestamp": sent.timestamp + quiet * SAMPLES, "sent_ns": sent.sent_ns + quiet * PACKET_NS}
    )
    (audio,) = finished(journal(agreed(0)), batches(0, arrived(sent)), tmp_path).files
    (gap,) = audio.capture.streams[0].gaps
    assert (gap.from_ms, gap.through_ms, gap.kind) == (2000, 3000, GapKind.QUIET)


def test_comfort_noise_and_keys_take_numbers_and_are_no_loss(tmp_path: Path) -> None:
    sent = stream(300)
    packets = arrived(sent)
    kinds = np.zeros(300, dtype=np.uint8)
    kinds[100], kinds[200:206] = 13, 101
    data = packets.data.copy().reshape(300, SAMPLES)
    for number, row in enumerate(range(200, 206)):
        data[row, :4] = (7, 0x80 if number > 2 else 0, (400 + 160 * number) >> 8, (400 + 160 * number) & 0xFF)
    timestamp = packets.timestamp.copy()
    timestamp[200:206] = timestamp[200]
    sizes = packets.sizes.copy()
    sizes[100], sizes[200:206] = 1, 4
    packets = Packets(
        **{
            **{name: getattr(packets, name) for name in Packets.__dataclass_fields__},
            "payload_type": kinds,
            "data": data.reshape(-1),
            "timestamp": timestamp,
            "sizes": sizes,
        }
    )
    events = Payload(number=101, name="TELEPHONE-EVENT", clock_rate=8000, parameters="0-16")
    (audio,) = finished(journal(agreed(0, PCMU, events)), batches(0, packets), tmp_path).files
    (quality,) = audio.capture.streams
    assert [(gap.from_ms, gap.through_ms, gap.kind) for gap in quality.gaps] == [
        (2000, 2020, GapKind.QUIET),
        (4000, 4120, GapKind.QUIET),
    ]
    assert quality.lost == quality.unreadable == 0
    assert [(digit.at_ms, digit.key, digit.duration_ms) for digit in quality.digits] == [(4000, "7", 150)]


def test_two_channels_of_an_hour_stay_together_though_their_clocks_do_not(tmp_path: Path) -> None:
    packets = 180_000
    ticks = np.arange(packets)
    marks = np.zeros((packets, SAMPLES), dtype=np.uint8)
    marks[ticks % 500 == 0] = 0x80  # every ten seconds of each clock
    sent = [
        Sent(**{**stream(packets, drift_ppm=ppm, ssrc=index).__dict__, "payloads": marks})
        for index, ppm in enumerate((40.0, -40.0))
    ]
    (audio,) = finished(
        journal(agreed(0), agreed(1)),
        spooled(*(batches(index, arrived(each)) for index, each in enumerate(sent))),
        tmp_path,
    ).files
    found = channels(audio)
    for index, each in enumerate(sent):
        column = (found[:, index] == 0x80).astype(np.int8)
        begins = np.flatnonzero(np.diff(column, prepend=0) == 1)
        spoken = (each.sent_ns[ticks % 500 == 0] - audio.began_ns) * 8 // MS
        assert len(begins) == len(spoken)
        assert np.abs(begins - spoken).max() < 20 * 8


@pytest.mark.parametrize("mki", [None, b"", b"\0\1"], ids=["in clear", "encrypted", "encrypted, keys named"])
def test_a_leg_that_the_network_delayed_lies_where_its_sender_reports_say(tmp_path: Path, mki: bytes | None) -> None:
    legs = [stream(1000, index, ssrc=index) for index in (1, 2)]
    media = [batches(index, arrived(leg, (5 + 70 * index) * MS)) for index, leg in enumerate(legs)]
    for index, leg in enumerate(legs):
        at_ns = int(leg.sent_ns[250])
        report = SenderReport(
            ssrc=leg.ssrc, ntp=ntp_of(at_ns), timestamp=int(leg.timestamp[250]) & 0xFFFFFFFF, packets=250, octets=40_000
        )
        octets = rtcp_write([report, SourceDescription(ssrc=leg.ssrc, items=((1, b"sbc"),))])
        media[index].append(
            Batch(
                stream=index,
                content=Content.RTCP,
                arrivals_ns=np.array([at_ns + 5 * MS]),
                lengths=np.array([len(octets)], dtype=np.uint16),
                data=np.frombuffer(octets, dtype=np.uint8),
            )
        )
    crypto = None if mki is None else "k"
    key = SrtpKey(suite="AES_CM_128_HMAC_SHA1_80", secret=bytes(range(30)), mki=mki or b"")
    said = journal(agreed(0, crypto=crypto), agreed(1, crypto=crypto))
    came = spooled(*media) if mki is None else [encrypted(batch, key) for batch in spooled(*media)]
    (audio,) = finished(said, came, tmp_path, {"k": [key]}).files
    found = channels(audio)
    assert audio.samples == 1000 * SAMPLES
    assert (found[:, 0] == flat(legs[0])).all()
    assert (found[:, 1] == flat(legs[1])).all()
    assert audio.capture.streams[1].gaps == ()


def encrypted(batch: Batch, key: SrtpKey) -> Batch:
    session = pylibsrtp.Session(pylibsrtp.Policy(key=key.secret, ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND))
    protect = session.protect_rtcp if batch.content is Content.RTCP else session.protect
    packets = [protect(packet) for packet in batch.packets()]
    named = [packet[:-10] + key.mki + packet[-10:] for packet in packets]
    lengths = np.array([len(packet) for packet in named], dtype=np.uint16)
    return replace(batch, lengths=lengths, data=np.frombuffer(b"".join(named), dtype=np.uint8))


def test_a_packet_that_comes_twice_is_not_twice_as_loud_in_a_mix(tmp_path: Path) -> None:
    legs = [stream(5000, index, ssrc=index) for index in range(3)]
    came = [arrived(leg) for leg in legs]
    again = came[1].some(slice(100, 110))
    object.__setattr__(again, "arrivals_ns", again.arrivals_ns + 90 * SECOND_NS)
    media = spooled(*(batches(index, each) for index, each in enumerate(came)), batches(1, again))
    mix, *_ = finished(journal(*(agreed(index) for index in range(3))), media, tmp_path).files
    pcm = [ulaw_values()[flat(leg)].astype(np.int32) for leg in legs]
    assert (channels(mix)[:, 1] == np.clip(pcm[1] + pcm[2], -32_768, 32_767)).all()
    assert mix.capture.streams[1].duplicated == 10


def test_a_packet_that_is_a_minute_and_a_half_late_lies_at_its_place(tmp_path: Path) -> None:
    sent = stream(6000)
    delays = np.where((np.arange(6000) >= 700) & (np.arange(6000) < 720), 90 * SECOND_NS, 0)
    (audio,) = finished(journal(agreed(0)), batches(0, arrived(sent, delays)), tmp_path).files
    assert (channels(audio)[:, 0] == flat(sent)).all()
    quality = audio.capture.streams[0]
    assert (quality.lost, quality.late, quality.gaps) == (0, 20, ())


def test_an_outage_of_minutes_is_a_loss_and_no_new_beginning(tmp_path: Path) -> None:
    sent = stream(12_000)
    keep = (np.arange(12_000) < 1000) | (np.arange(12_000) >= 10_000)
    (audio,) = finished(journal(agreed(0)), batches(0, arrived(sent, keep=keep)), tmp_path).files
    quality = audio.capture.streams[0]
    assert (quality.expected, quality.lost) == (12_000, 9000)
    assert [(gap.kind, gap.from_ms, gap.through_ms) for gap in quality.gaps] == [(GapKind.LOST, 20_000, 200_000)]


def test_packets_that_only_keep_a_door_open_are_no_loss(tmp_path: Path) -> None:
    sent = stream(300)
    came = arrived(sent)
    empty = (np.arange(300) >= 100) & (np.arange(300) < 110)
    came = Packets(
        **{**{name: getattr(came, name) for name in Packets.__dataclass_fields__}, "sizes": came.sizes * ~empty}
    )
    (audio,) = finished(journal(agreed(0)), batches(0, came), tmp_path).files
    assert not audio.partial
    quality = audio.capture.streams[0]
    assert (quality.lost, quality.unreadable) == (0, 0)
    assert [(gap.kind, gap.from_ms, gap.through_ms) for gap in quality.gaps] == [(GapKind.QUIET, 2000, 2200)]
