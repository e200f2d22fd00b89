"""What the calling side made is what the finishing side makes of it: packets in, the same samples out.

The two share no code of RTP, of codecs' payloads or of SRTP; neither sockets nor time are between them here, so ten
minutes take as long as they take to compute.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from callvault.audio.decode import open_samples
from callvault.audio.probe import probe
from callvault.caller.codecs import codec_named
from callvault.caller.network import Network, conveyed
from callvault.caller.report import StreamReport
from callvault.caller.sound import Sound, noise, speechlike
from callvault.caller.srtp import Protection
from callvault.caller.styles.scene import Key
from callvault.caller.timeline import Conduct, Departure, Numbers, Press, departures
from callvault.capture.finished import FinishedAudio
from callvault.capture.finishing.finish import finish
from callvault.protocols.spool.batch import Batch, Content
from callvault.protocols.spool.journal import Begun, Ended, Flow, Flowed, Journal, Payload, Reason, Record, StreamAgreed
from callvault.protocols.srtp_keys import SrtpKey
from tests.sameness import differences

BEGAN_NS = 1_772_355_600 * 10**9
TICK_NS = 200_000_000
SOURCES = [Numbers(ssrc=7, sequence=65_500, timestamp=0xFFFFF000), Numbers(ssrc=8, sequence=3, timestamp=77)]
EVENTS = Payload(number=101, name="TELEPHONE-EVENT", clock_rate=8_000)
NOISE = Payload(number=13, name="CN", clock_rate=8_000)


def payload(name: str) -> Payload:
    codec = codec_named(name)
    encoding, rate, *channels = codec.format.encoding.split("/")
    return Payload(
        number=codec.format.number, name=encoding.upper(), clock_rate=int(rate),
        channels=int(channels[0]) if channels else 1, parameters=codec.format.parameters or "",
    )  # fmt: skip


class Line:
    """A stream that was made, and how it is told to the finishing side."""

    def __init__(
        self, number: int, sound: Sound, *names: str, conduct: Conduct | None = None, network: Network | None = None,
        begins_at_s: float = 0.0, key: Key | None = None, changes_key_at_s: float = 1e9,
    ) -> None:  # fmt: skip
        self.number, self.names, self.key = number, names or ("pcmu",), key
        self.begins_at_s, self.changes_key_at_s = begins_at_s, changes_key_at_s
        conduct = conduct or Conduct()
        self.made = list(departures(sound, [codec_named(name) for name in self.names], conduct, SOURCES))
        due = [(begins_at_s + each.at_s, each) for each in self.made]
        self.left: list[tuple[float, Departure]] = conveyed(due, network or Network())
        sent = sorted(
            {id(each): each for _, each in self.left}.values(), key=lambda each: (each.at_s, each.packet.sequence)
        )
        self.report = StreamReport(
            number=number, label=str(number + 1), port=0, to_port=0,
            ssrcs=tuple(dict.fromkeys(each.packet.ssrc for each in sent)), codecs=self.names, packets=len(self.left),
            lost=len(self.made) - len(sent), first_timestamp=None, first_sent_at=None, begins_at_s=begins_at_s,
            sent=tuple(sent),
        )  # fmt: skip

    def agreed(self) -> StreamAgreed:
        return StreamAgreed(
            at_ns=BEGAN_NS - 10**7, stream=self.number, label=str(self.number + 1),
            payloads=(*map(payload, self.names), EVENTS, NOISE), crypto=f"sealed {self.number}" if self.key else None,
        )  # fmt: skip

    def batches(self) -> list[Batch]:
        protection = Protection(self.key) if self.key else None
        plain = {id(each): each.packet.octets() for each in self.made}
        changed = {id(each): self.changes_key_at_s <= each.at_s for each in self.made}
        octets = {
            name: protection.rtp(packet, changed=changed[name]) if protection else packet
            for name, packet in plain.items()
        }
        ticks: dict[int, list[tuple[int, bytes]]] = {}
        for at_s, each in self.left:
            at_ns = BEGAN_NS + round(at_s * 1e9)
            ticks.setdefault(at_ns // TICK_NS, []).append((at_ns, octets[id(each)]))
        return [
            Batch(
                stream=self.number,
                content=Content.RTP,
                arrivals_ns=np.array([at for at, _ in tick], dtype=np.int64),
                lengths=np.array([len(packet) for _, packet in tick], dtype=np.uint16),
                data=np.frombuffer(b"".join(packet for _, packet in tick), dtype=np.uint8),
            )
            for tick in ticks.values()
        ]


def made_of(lines: Sequence[Line], folder: Path, *more: Record, seconds: float = 60) -> FinishedAudio:
    begun = Begun(take=UUID(int=7 << 76), at_ns=BEGAN_NS - 5 * 10**7, account_id=UUID(int=1), door="siprec")
    ended = Ended(at_ns=BEGAN_NS + round(seconds * 1e9), reason=Reason.BYE)
    journal = Journal(records=(begun, *(line.agreed() for line in lines), *more, ended), spoilt=0)
    batches = sorted((batch for line in lines for batch in line.batches()), key=lambda batch: int(batch.arrivals_ns[0]))
    secrets = {f"sealed {line.number}": keys_of(line.key) for line in lines if line.key}
    (audio,) = finish(journal, lambda: batches, folder=folder, unseal=lambda text: secrets[text]).files
    return audio


def keys_of(key: Key) -> list[SrtpKey]:
    secrets = [key.secret, *([key.next_secret] if key.next_secret else [])]
    return [
        SrtpKey(suite=key.suite, secret=secret, mki=number.to_bytes(key.mki_bytes) if key.mki_bytes else b"")
        for number, secret in enumerate(secrets, 1)
    ]


def assert_same(lines: Sequence[Line], audio: FinishedAudio, **more: Any) -> None:
    facts = probe(audio.path)
    samples = np.concatenate(list(open_samples(audio.path, facts)))
    found = {
        line.number: differences(line.report, np.ascontiguousarray(samples[:, number]), audio.sample_rate, **more)
        for number, line in enumerate(lines)
    }
    assert found == {line.number: [] for line in lines}


@pytest.mark.parametrize("name", ["pcmu", "pcma", "l16", "g722", "opus", "amr", "g723"])
def test_a_codecs_packets_are_what_they_decode_to(name: str, tmp_path: Path) -> None:
    conduct = Conduct(ptime_ms=codec_named(name).frame_ms or 20)
    lines = [Line(number, speechlike(number, seconds=3, rate=16_000), name, conduct=conduct) for number in range(2)]
    audio = made_of(lines, tmp_path)
    assert audio.sample_rate == codec_named(name).sample_rate
    assert_same(lines, audio)


@pytest.mark.parametrize("ptime_ms", [10, 20, 30, 40, 60])
def test_every_packet_time_is_read(ptime_ms: int, tmp_path: Path) -> None:
    lines = [Line(0, noise(1, seconds=3), conduct=Conduct(ptime_ms=ptime_ms)), Line(1, noise(2, seconds=3))]
    assert_same(lines, made_of(lines, tmp_path))


@pytest.mark.parametrize("seed", range(5))
def test_a_bad_network_costs_what_it_loses(seed: int, tmp_path: Path) -> None:
    bad = Network(loss=0.1, duplicates=0.1, reordered=0.1, jitter_ms=60, seed=seed)
    lines = [Line(0, noise(1, seconds=8), network=bad), Line(1, noise(2, seconds=8))]
    audio = made_of(lines, tmp_path)
    assert_same(lines, audio)
    quality = audio.capture.streams[0]
    assert quality.received == len(lines[0].report.sent)
    assert quality.duplicated == lines[0].report.packets - quality.received


def test_a_hold_leaves_its_silence(tmp_path: Path) -> None:
    conduct = Conduct(holds=((1.0, 4.5),))
    lines = [Line(number, noise(number, seconds=6), conduct=conduct) for number in range(2)]
    flows = [
        Flowed(at_ns=BEGAN_NS + round(at_s * 1e9), stream=number, flow=flow)
        for at_s, flow in ((1.0, Flow.HELD), (4.5, Flow.FLOWING))
        for number in range(2)
    ]
    audio = made_of(lines, tmp_path, *flows)
    assert_same(lines, audio)
    assert [quality.lost for quality in audio.capture.streams] == [0, 0]


def test_a_source_that_counts_anew_goes_on_in_its_place(tmp_path: Path) -> None:
    lines = [Line(0, noise(1, seconds=4), conduct=Conduct(restart_at_s=2.0)), Line(1, noise(2, seconds=4))]
    audio = made_of(lines, tmp_path)
    assert_same(lines, audio)
    assert audio.capture.streams[0].ssrcs == (7, 8)


def test_a_late_stream_is_late(tmp_path: Path) -> None:
    lines = [Line(0, noise(1, seconds=4)), Line(1, noise(2, seconds=2), begins_at_s=1.5)]
    assert_same(lines, made_of(lines, tmp_path))


def test_keys_and_silences_are_neither_audio_nor_loss(tmp_path: Path) -> None:
    pressing = Conduct(presses=(Press(at_s=1.0, key="7"), Press(at_s=2.0, key="*", for_s=0.4)))
    lines = [
        Line(0, noise(1, seconds=4), conduct=pressing),
        Line(1, speechlike(2, seconds=4), conduct=Conduct(suppresses_silence=True)),
    ]
    audio = made_of(lines, tmp_path)
    assert_same(lines, audio)
    first, second = audio.capture.streams
    assert [(digit.key, digit.at_ms, digit.duration_ms) for digit in first.digits] == [
        ("7", 1_000, 100),
        ("*", 2_000, 400),
    ]
    assert (first.lost, second.lost) == (0, 0)


def test_a_fast_clock_stays_within_20_ms_of_the_truth(tmp_path: Path) -> None:
    seconds = 600.0
    lines = [Line(0, noise(1, seconds=seconds)), Line(1, noise(2, seconds=seconds), conduct=Conduct(drift_ppm=100))]
    audio = made_of(lines, tmp_path, seconds=seconds)
    facts = probe(audio.path)
    samples = np.concatenate(list(open_samples(audio.path, facts)))
    fast = lines[1].report.pieces[-50].samples
    at = np.ascontiguousarray(samples[:, 1]).tobytes().find(fast.tobytes()) // 2
    truth_s = lines[1].report.sent[-50].at_s
    assert at / audio.sample_rate == pytest.approx(truth_s, abs=0.02)


@pytest.mark.parametrize(
    ("suite", "length"),
    [
        ("AES_CM_128_HMAC_SHA1_80", 30),
        ("AES_CM_128_HMAC_SHA1_32", 30),
        ("AEAD_AES_128_GCM", 28),
        ("AEAD_AES_256_GCM", 44),
    ],
)
def test_protected_packets_are_opened(suite: str, length: int, tmp_path: Path) -> None:
    key = Key(tag=1, suite=suite, secret=bytes(range(length)))
    network = Network(duplicates=0.05, reordered=0.05, seed=1)
    lines = [Line(0, noise(1, seconds=3), key=key, network=network), Line(1, noise(2, seconds=3))]
    audio = made_of(lines, tmp_path)
    assert_same(lines, audio)
    assert audio.capture.streams[0].unreadable == 0


@pytest.mark.parametrize("suite", ["AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"])
@pytest.mark.parametrize("mki_bytes", [1, 4, 128])
def test_packets_name_their_key_and_go_on_under_another_one(suite: str, mki_bytes: int, tmp_path: Path) -> None:
    key = Key(tag=1, suite=suite, secret=bytes(range(30)), mki_bytes=mki_bytes, next_secret=bytes(range(30, 60)))
    network = Network(duplicates=0.05, reordered=0.2, jitter_ms=50, seed=1)
    line = Line(0, noise(1, seconds=3), key=key, network=network, changes_key_at_s=1.5)
    audio = made_of([line, Line(1, noise(2, seconds=3))], tmp_path)
    assert_same([line], audio)
    assert audio.capture.streams[0].unreadable == 0
    assert audio.capture.oddities == ()


def test_a_codec_that_changes_loses_no_packet(tmp_path: Path) -> None:
    turning = Line(1, speechlike(2, seconds=4, rate=16_000), "g722", "pcmu", conduct=Conduct(codec_from_s=2.0))
    audio = made_of([Line(0, noise(1, seconds=4)), turning], tmp_path)
    quality = audio.capture.streams[1]
    assert (quality.codecs, quality.received, quality.lost) == (("G722", "PCMU"), 200, 0)
    assert quality.gaps == ()
