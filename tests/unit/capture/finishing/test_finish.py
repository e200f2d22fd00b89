"""A finished recording is what was sent, sample by sample, each stream in its channel and at its place in time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import numpy as np
import pylibsrtp
import pytest
from numpy.typing import NDArray

from callvault.audio.g711 import alaw_values, ulaw_values
from callvault.audio.late_header import Coding, late_header_bytes
from callvault.audio.probe import probe
from callvault.capture.finished import Finished, FinishedAudio
from callvault.capture.finishing.finish import finish
from callvault.errors import BadRequest, ProtocolError
from callvault.model.capture import GapKind
from callvault.protocols.rtcp import SenderReport, SourceDescription, ntp_of
from callvault.protocols.rtcp import write as rtcp_write
from callvault.protocols.rtp import Packets
from callvault.protocols.spool.batch import Batch, Content, Damage
from callvault.protocols.spool.journal import (
    Attended,
    Begun,
    Ended,
    Flow,
    Flowed,
    Journal,
    Odd,
    Participant,
    Payload,
    Reason,
    Record,
    StreamAgreed,
)
from tests.rtp_calls import EPOCH_NS, MS, PACKET_NS, SAMPLES, Sent, arrived, batches, spooled, stream

PCMU = Payload(number=0, name="PCMU", clock_rate=8000)
PCMA = Payload(number=8, name="PCMA", clock_rate=8000)
BEGUN = Begun(take=UUID(int=7 << 76), at_ns=EPOCH_NS - 50 * MS, account_id=UUID(int=1), door="siprec", trunk="sbc")
SECOND_NS = 1000 * MS


def agreed(index: int, *payloads: Payload, label: str | None = None, crypto: str | None = None) -> StreamAgreed:
    return StreamAgreed(
        at_ns=BEGUN.at_ns, stream=index, label=label or str(index + 1), payloads=payloads or (PCMU,), crypto=crypto
    )


def journal(*records: Record, reason: Reason | None = Reason.BYE, seconds: float = 60) -> Journal:
    ended = [Ended(at_ns=EPOCH_NS + int(seconds * SECOND_NS), reason=reason)] if reason else []
    return Journal(records=(BEGUN, *records, *ended), spoilt=0)


def finished(
    said: Journal, media: Iterable[Batch | Damage], folder: Path, keys: dict[str, tuple[str, bytes]] | None = None
) -> Finished:
    held = list(media)
    return finish(said, lambda: held, folder=folder, unseal=lambda text: (keys or {})[text])


def channels(audio: FinishedAudio) -> NDArray[Any]:
    """The file's samples: one column a channel."""
    facts = probe(audio.path)
    assert (facts.sample_rate, facts.channels, facts.samples) == (audio.sample_rate, audio.channels, audio.samples)
    coding = {"pcm_s16le": Coding.PCM, "pcm_mulaw": Coding.ULAW, "pcm_alaw": Coding.ALAW}[facts.codec]
    dtype = np.dtype("<i2") if coding is Coding.PCM else np.dtype(np.uint8)
    raw = audio.path.read_bytes()[late_header_bytes(coding) :]
    return np.frombuffer(raw, dtype=dtype).reshape(-1, audio.channels)


def flat(sent: Sent) -> NDArray[np.uint8]:
    return sent.payloads.reshape(-1)


def test_two_streams_are_two_channels_sample_by_sample(tmp_path: Path) -> None:
    first, second = stream(500, 1), stream(450, 2, start_ns=400 * MS, ssrc=8)
    made = finished(
        journal(agreed(0), agreed(1)),
        spooled(batches(0, arrived(first, 5 * MS)), batches(1, arrived(second, 5 * MS))),
        tmp_path,
    )
    (audio,) = made.files
    assert (audio.began_ns, audio.sample_rate, audio.channels) == (EPOCH_NS + 5 * MS, 8000, 2)
    found = channels(audio)
    assert (found[:, 0] == flat(first)[: len(found)]).all()
    assert (found[:3200, 1] == Coding.ULAW.silence).all()
    assert (found[3200 : 3200 + 450 * SAMPLES, 1] == flat(second)).all()
    assert not audio.partial
    assert [each.channel for each in audio.capture.streams] == [1, 2]
    assert [(each.expected, each.received, each.lost) for each in audio.capture.streams] == [
        (500, 500, 0),
        (450, 450, 0),
    ]
    assert audio.capture.streams[0].gaps == ()
    assert [(gap.from_ms, gap.through_ms, gap.kind) for gap in audio.capture.streams[1].gaps] == [
        (0, 400, GapKind.LATE),
        (9400, 10_000, GapKind.LATE),
    ]


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


def test_a_law_of_each_becomes_samples_of_both(tmp_path: Path) -> None:
    first, second = stream(100, 1), stream(100, 2, payload_type=8)
    (audio,) = finished(
        journal(agreed(0), agreed(1, PCMA)), spooled(batches(0, arrived(first)), batches(1, arrived(second))), tmp_path
    ).files
    found = channels(audio)
    assert (found[:, 0] == ulaw_values()[flat(first)]).all()
    assert (found[:, 1] == alaw_values()[flat(second)]).all()


def test_a_codec_that_changes_late_in_the_call_loses_nothing(tmp_path: Path) -> None:
    first = stream(5000, 1)
    second = stream(500, 2, start_ns=5000 * PACKET_NS, payload_type=8, first_sequence=65_000 + 5000)
    second = Sent(**{**second.__dict__, "timestamp": first.timestamp[-1] + SAMPLES + np.arange(500) * SAMPLES})
    (audio,) = finished(
        journal(agreed(0, PCMU, PCMA)), spooled(batches(0, arrived(first)), batches(0, arrived(second))), tmp_path
    ).files
    found = channels(audio)[:, 0]
    assert (found[: 5000 * SAMPLES] == ulaw_values()[flat(first)]).all()
    assert (found[5000 * SAMPLES :] == alaw_values()[flat(second)]).all()
    assert audio.capture.streams[0].codecs == ("PCMU", "PCMA")


def g722(packets: int) -> Sent:
    context = av.CodecContext.create("g722", "w")
    context.sample_rate, context.layout, context.format = 16_000, "mono", "s16"
    audio = (9000 * np.sin(np.arange(packets * 320) / 9)).astype(np.int16)
    made = []
    for at in range(0, len(audio), 320):
        frame = av.AudioFrame.from_ndarray(audio[None, at : at + 320], "s16", "mono")
        frame.sample_rate = 16_000
        made += [np.frombuffer(bytes(packet), dtype=np.uint8) for packet in context.encode(frame)]
    return Sent(**{**stream(packets, payload_type=9).__dict__, "payloads": np.array(made)})


def decoded(payloads: NDArray[np.uint8]) -> NDArray[np.int16]:
    context = av.CodecContext.create("g722", "r")
    context.sample_rate, context.layout = 16_000, "mono"
    pieces = [frame.to_ndarray()[0] for each in payloads for frame in context.decode(av.Packet(each.tobytes()))]
    return np.concatenate(pieces)


def test_what_is_decoded_is_what_the_same_packets_are_elsewhere(tmp_path: Path) -> None:
    wide, narrow = g722(300), stream(300, 2)
    (audio,) = finished(
        journal(agreed(0, Payload(number=9, name="G722", clock_rate=8000)), agreed(1)),
        spooled(batches(0, arrived(wide, np.arange(300) % 3 * 25 * MS)), batches(1, arrived(narrow))),
        tmp_path,
    ).files
    assert audio.sample_rate == 16_000
    found = channels(audio)
    assert (found[: 300 * 320, 0] == decoded(wide.payloads)).all()
    assert np.corrcoef(found[: 300 * 320 : 2, 1], ulaw_values()[flat(narrow)])[0, 1] > 0.9


def test_the_caller_is_in_the_first_channel_wherever_the_media_lines_are(tmp_path: Path) -> None:
    first, second = stream(100, 1), stream(100, 2)
    people = (
        Participant(id="a", address="sip:7001@pbx", name="Ruth", sends=(1,)),
        Participant(id="b", address="sip:7002@pbx", name="Bo", sends=(0,)),
    )
    (audio,) = finished(
        journal(agreed(0), agreed(1), Attended(at_ns=BEGUN.at_ns, participants=people), seconds=2),
        spooled(batches(0, arrived(first)), batches(1, arrived(second))),
        tmp_path,
    ).files
    assert (channels(audio)[:, 0] == flat(second)).all()
    assert [(each.name, each.channel, each.from_ms, each.through_ms) for each in audio.capture.attendances] == [
        ("Ruth", 1, 0, 2000),
        ("Bo", 2, 0, 2000),
    ]


def test_more_than_two_streams_are_a_mix_and_a_file_each(tmp_path: Path) -> None:
    sent = [stream(100, seed, ssrc=seed) for seed in (1, 2, 3)]
    made = finished(
        journal(*(agreed(index) for index in range(4))),
        spooled(*(batches(index, arrived(each)) for index, each in enumerate(sent))),
        tmp_path,
    )
    mix, *apart = made.files
    assert [(file.streams, file.channels) for file in made.files] == [
        ((0, 1, 2, 3), 2),
        ((0,), 1),
        ((1,), 1),
        ((2,), 1),
    ]
    for file, each in zip(apart, sent, strict=True):
        assert (channels(file)[:, 0] == flat(each)).all()
        assert [quality.stream for quality in file.capture.streams] == list(file.streams)
    pcm = [ulaw_values()[flat(each)].astype(np.int32) for each in sent]
    found = channels(mix)
    assert (found[:, 0] == pcm[0]).all()
    assert (found[:, 1] == np.clip(pcm[1] + pcm[2], -32_768, 32_767)).all()
    assert "Stream 4 was announced, but no packet came." in [oddity.sentence for oddity in mix.capture.oddities]


@pytest.mark.parametrize(
    ("parts", "files"),
    [("both", [(0, 1, 2), (0,), (1,), (2,)]), ("mix", [(0, 1, 2)]), ("each", [(0,), (1,), (2,)]), ("no word", 4)],
)
def test_a_trunk_says_what_a_call_of_three_becomes(tmp_path: Path, parts: str, files: Any) -> None:
    sent = [stream(100, seed, ssrc=seed) for seed in (1, 2, 3)]
    said = journal(*(agreed(index) for index in range(3)))
    begun = replace(BEGUN, settings={"parts": parts})
    made = finished(
        replace(said, records=(begun, *said.records[1:])),
        spooled(*(batches(index, arrived(each)) for index, each in enumerate(sent))),
        tmp_path,
    )
    if files == 4:
        assert len(made.files) == 4
        return
    assert [file.streams for file in made.files] == files
    pcm = [ulaw_values()[flat(each)].astype(np.int32) for each in sent]
    for file in made.files:
        found = channels(file)
        if len(file.streams) == 1:
            assert (found[:, 0] == flat(sent[file.streams[0]])).all()
        else:
            assert (found[:, 0] == pcm[0]).all()
            assert (found[:, 1] == np.clip(pcm[1] + pcm[2], -32_768, 32_767)).all()


def test_a_stream_that_never_comes_leaves_its_channel_silent(tmp_path: Path) -> None:
    sent = stream(100)
    (audio,) = finished(journal(agreed(0), agreed(1)), batches(1, arrived(sent)), tmp_path).files
    found = channels(audio)
    assert (found[:, 0] == Coding.ULAW.silence).all()
    assert (found[:, 1] == flat(sent)).all()
    assert [oddity.code for oddity in audio.capture.oddities] == ["stream-silent"]
    assert [gap.kind for gap in audio.capture.streams[0].gaps] == [GapKind.LATE]


def test_a_call_of_which_nothing_came_has_no_file(tmp_path: Path) -> None:
    odd = Odd(at_ns=BEGUN.at_ns, code="label-unknown", sentence="A label is unknown.")
    made = finished(journal(agreed(0), odd), [], tmp_path)
    assert made.files == ()
    assert [oddity.code for oddity in made.missed[0].capture.oddities] == ["label-unknown", "stream-silent"]
    assert list(tmp_path.iterdir()) == []


def test_damage_and_interruption_are_told(tmp_path: Path) -> None:
    sent = stream(100)
    media: Sequence[Batch | Damage] = [
        *batches(0, arrived(sent)),
        Damage(offset=9, size_bytes=12, sentence="The chunk was cut off."),
    ]
    (audio,) = finished(journal(agreed(0), reason=Reason.INTERRUPTED), media, tmp_path).files
    assert audio.partial
    assert [oddity.code for oddity in audio.capture.oddities] == ["spool-damaged", "interrupted"]
    assert audio.capture.reason == "interrupted"


def test_what_comes_encrypted_is_kept_in_clear(tmp_path: Path) -> None:
    sent = stream(200)
    key = bytes(range(30))
    policy = pylibsrtp.Policy(key=key, ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    session = pylibsrtp.Session(policy)
    sealed = []
    for batch in batches(0, arrived(sent)):
        octets = [session.protect(packet) for packet in batch.packets()]
        sealed.append(
            Batch(
                stream=0,
                content=Content.RTP,
                arrivals_ns=batch.arrivals_ns,
                lengths=np.array([len(each) for each in octets], dtype=np.uint16),
                data=np.frombuffer(b"".join(octets), dtype=np.uint8),
            )
        )
    sealed.append(sealed[0])
    said = journal(agreed(0, crypto="k"))
    (audio,) = finished(said, sealed, tmp_path, {"k": ("AES_CM_128_HMAC_SHA1_80", key)}).files
    assert (channels(audio)[:, 0] == flat(sent)).all()
    assert audio.capture.streams[0].duplicated == len(sealed[0].lengths)
    made = finished(said, sealed, tmp_path, {"k": ("AES_CM_128_HMAC_SHA1_80", key[::-1])})
    assert made.files == ()
    assert made.missed[0].capture.streams[0].unreadable == 200 + len(sealed[0].lengths)
    with pytest.raises(ProtocolError, match="has 30 octets"):
        finished(said, sealed, tmp_path, {"k": ("AES_CM_128_HMAC_SHA1_80", b"short")})
    with pytest.raises(ProtocolError, match="not known here"):
        finished(said, sealed, tmp_path, {"k": ("ROT_13", b"short")})


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


def test_a_leg_that_the_network_delayed_lies_where_its_sender_reports_say(tmp_path: Path) -> None:
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
    said = journal(agreed(0), agreed(1))
    (audio,) = finished(said, spooled(*media), tmp_path).files
    found = channels(audio)
    assert audio.samples == 1000 * SAMPLES
    assert (found[:, 0] == flat(legs[0])).all()
    assert (found[:, 1] == flat(legs[1])).all()
    assert audio.capture.streams[1].gaps == ()


def test_a_stream_whose_line_of_the_journal_is_spoilt_is_recorded_all_the_same(tmp_path: Path) -> None:
    legs = [stream(300, index, ssrc=index) for index in (1, 2)]
    said = journal(agreed(0))
    media = spooled(*(batches(index, arrived(leg)) for index, leg in enumerate(legs)))
    (audio,) = finished(Journal(records=said.records, spoilt=1), media, tmp_path).files
    assert audio.channels == 2
    assert audio.partial
    for index, leg in enumerate(legs):
        assert (channels(audio)[:, index] == flat(leg)).all()


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


def test_a_journal_without_a_beginning_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequest):
        finished(Journal(records=(agreed(0),), spoilt=1), [], tmp_path)
