"""A finished recording is what was sent, sample by sample, each stream in its channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pylibsrtp
import pytest
from numpy.typing import NDArray

from callvault.audio.g711 import alaw_values, ulaw_values
from callvault.audio.late_header import Coding
from callvault.errors import BadRequest, ProtocolError
from callvault.model.capture import GapKind
from callvault.protocols.spool.batch import Batch, Content, Damage
from callvault.protocols.spool.drops import write_drops
from callvault.protocols.spool.journal import (
    Attended,
    Journal,
    Odd,
    Participant,
    Payload,
    Reason,
)
from callvault.protocols.srtp_keys import SrtpKey
from tests.finished_calls import BEGUN, PCMA, PCMU, agreed, channels, finished, flat, journal
from tests.rtp_calls import EPOCH_NS, MS, PACKET_NS, SAMPLES, Sent, arrived, batches, spooled, stream

SUITE = "AES_CM_128_HMAC_SHA1_80"


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


def test_what_the_machine_was_too_busy_to_take_is_told(tmp_path: Path) -> None:
    sent = stream(100)
    drops = write_drops(b"a socket", 12)
    told = Batch(
        stream=0,
        content=Content.DROPS,
        arrivals_ns=np.array([BEGUN.at_ns + 10**12]),  # as late as this moves nothing of the audio
        lengths=np.array([len(drops)], dtype=np.uint16),
        data=np.frombuffer(drops, dtype=np.uint8),
    )
    (audio,) = finished(journal(agreed(0)), [*batches(0, arrived(sent)), told, told], tmp_path).files
    assert audio.partial
    assert audio.samples == len(flat(sent))
    assert audio.capture.streams[0].dropped == 12
    assert [oddity.sentence for oddity in audio.capture.oddities] == [
        "Of stream 1, 12 packets reached this machine and are lost: it was too busy to take them."
    ]


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
    (audio,) = finished(said, sealed, tmp_path, {"k": [SrtpKey(suite=SUITE, secret=key)]}).files
    assert (channels(audio)[:, 0] == flat(sent)).all()
    assert audio.capture.streams[0].duplicated == len(sealed[0].lengths)
    made = finished(said, sealed, tmp_path, {"k": [SrtpKey(suite=SUITE, secret=key[::-1])]})
    assert made.files == ()
    assert made.missed[0].capture.streams[0].unreadable == 200 + len(sealed[0].lengths)
    assert [oddity.code for oddity in made.missed[0].capture.oddities] == ["packets-unreadable"]
    with pytest.raises(ProtocolError, match="has 30 octets"):
        finished(said, sealed, tmp_path, {"k": [SrtpKey(suite=SUITE, secret=b"short")]})
    with pytest.raises(ProtocolError, match="not known here"):
        finished(said, sealed, tmp_path, {"k": [SrtpKey(suite="ROT_13", secret=b"short")]})


def test_packets_that_name_a_key_which_nobody_told_are_said_to(tmp_path: Path) -> None:
    sent = stream(300)
    first, second = (SrtpKey(suite=SUITE, secret=bytes(range(30)), mki=mki, lifetime=64) for mki in (b"\1", b"\2"))
    policy = pylibsrtp.Policy(key=first.secret, ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    session = pylibsrtp.Session(policy)
    sealed = []
    for batch in batches(0, arrived(sent)):
        named = first.mki if batch.arrivals_ns[0] < EPOCH_NS + 3000 * MS else second.mki
        octets = [session.protect(packet) for packet in batch.packets()]
        octets = [each[:-10] + named + each[-10:] for each in octets]
        data = np.frombuffer(b"".join(octets), dtype=np.uint8)
        sealed.append(replace(batch, lengths=np.array([len(each) for each in octets], dtype=np.uint16), data=data))
    (audio,) = finished(journal(agreed(0, crypto="k")), sealed, tmp_path, {"k": [first]}).files
    quality = audio.capture.streams[0]
    assert quality.received + quality.unreadable == 300
    assert [(oddity.code, oddity.sentence) for oddity in audio.capture.oddities] == [
        (
            "key-unknown",
            f"Of stream 1, {quality.unreadable} packets name a master key (MKI) that its session description has not.",
        ),
        ("key-worn", f"A key of stream 1 was told to be good for 64 packets, and {quality.received} came under it."),
    ]


def test_a_stream_whose_line_of_the_journal_is_spoilt_is_recorded_all_the_same(tmp_path: Path) -> None:
    legs = [stream(300, index, ssrc=index) for index in (1, 2)]
    said = journal(agreed(0))
    media = spooled(*(batches(index, arrived(leg)) for index, leg in enumerate(legs)))
    (audio,) = finished(Journal(records=said.records, spoilt=1), media, tmp_path).files
    assert audio.channels == 2
    assert audio.partial
    for index, leg in enumerate(legs):
        assert (channels(audio)[:, index] == flat(leg)).all()


def test_a_journal_without_a_beginning_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequest):
        finished(Journal(records=(agreed(0),), spoilt=1), [], tmp_path)
