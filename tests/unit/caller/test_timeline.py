"""A stream's packets count without gaps, keep the sound's time, and hold every sample that was not to be left out."""

from __future__ import annotations

import struct
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callvault.caller.codecs import CODECS, Codec, codec_named
from callvault.caller.network import Network, conveyed
from callvault.caller.report import heard
from callvault.caller.sound import Sound, noise, speechlike
from callvault.caller.timeline import COMFORT_NOISE, Conduct, Departure, Numbers, Press, departures
from callvault.errors import BadRequest

PCMU = codec_named("pcmu")
SOURCES = [Numbers(ssrc=1, sequence=65_530, timestamp=0xFFFFFF00), Numbers(ssrc=2, sequence=7, timestamp=9)]
SECONDS = st.floats(0.02, 2.0).map(lambda seconds: round(seconds, 2))


def made(sound: Sound, conduct: Conduct, *wished: Codec) -> list[Departure]:
    return list(departures(sound, wished or [PCMU], conduct, SOURCES))


def header(departure: Departure) -> tuple[int, int, int, int, int]:
    fields: tuple[int, int, int, int, int] = struct.unpack("!BBHII", departure.packet.octets()[:12])
    return fields


@given(SECONDS, st.sampled_from([10, 20, 30, 40, 60]), st.sampled_from(["pcmu", "pcma", "l16", "g722"]))
def test_numbers_run_on_and_wrap_round(seconds: float, ptime_ms: int, name: str) -> None:
    codec = codec_named(name)
    packets = made(noise(1, seconds=seconds), Conduct(ptime_ms=ptime_ms), codec)
    fields = [header(departure) for departure in packets]
    assert {first for first, *_ in fields} == {0x80}
    assert [kind >> 7 for _, kind, *_ in fields] == [1] + [0] * (len(fields) - 1)
    for before, after in pairwise(fields):
        assert (after[2] - before[2]) % (1 << 16) == 1
        assert (after[3] - before[3]) % (1 << 32) == codec.clock_rate * ptime_ms // 1_000
    assert [departure.at_s for departure in packets] == pytest.approx(
        [n * ptime_ms / 1_000 for n in range(len(packets))]
    )


@given(SECONDS, st.sampled_from([10, 20, 30]), st.integers(0, 99))
def test_every_sample_is_sent_and_the_last_packet_is_filled_up(seconds: float, ptime_ms: int, seed: int) -> None:
    sound = noise(seed, seconds=seconds)
    pieces = heard(made(sound, Conduct(ptime_ms=ptime_ms), codec_named("l16")), begins_at_s=0)
    sent = np.concatenate([piece.samples for piece in pieces])
    wanted = sound.at_rate(16_000).samples
    assert np.array_equal(sent[: len(wanted)], wanted)
    assert not sent[len(wanted) :].any()
    assert len(sent) % (16 * ptime_ms) == 0


@given(st.integers(0, 1_000), st.integers(0, 1_000))
def test_a_hold_leaves_its_silence_and_nothing_else(begin_ms: int, lasts_ms: int) -> None:
    sound = noise(3, seconds=2)
    held = Conduct(holds=((begin_ms / 1_000, (begin_ms + lasts_ms) / 1_000),))
    everything, rest = made(sound, Conduct()), made(sound, held)
    kept = [each for each in everything if not begin_ms <= round(each.from_s * 1_000) < begin_ms + lasts_ms]
    assert [each.packet.timestamp for each in rest] == [each.packet.timestamp for each in kept]
    assert [each.packet.payload for each in rest] == [each.packet.payload for each in kept]
    numbers = [each.packet.sequence for each in rest]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_a_second_source_begins_anew_where_the_first_broke_off() -> None:
    packets = made(noise(4, seconds=1), Conduct(restart_at_s=0.5))
    first, second = packets[:25], packets[25:]
    assert {each.packet.ssrc for each in first} == {1}
    assert {each.packet.ssrc for each in second} == {2}
    assert (second[0].packet.sequence, second[0].packet.timestamp, second[0].packet.marker) == (7, 9, True)
    assert second[0].at_s == 0.5


def test_a_second_codec_takes_over_without_a_break_in_time() -> None:
    packets = made(speechlike(1, seconds=1), Conduct(codec_from_s=0.4), codec_named("g722"), PCMU)
    assert [each.packet.payload_type for each in packets] == [9] * 20 + [0] * 30
    assert {after.packet.timestamp - before.packet.timestamp for before, after in pairwise(packets)} == {160}


def test_a_faster_clock_sends_earlier_and_says_the_same_times() -> None:
    even, fast = (made(noise(5, seconds=2), Conduct(drift_ppm=ppm)) for ppm in (0, 10_000))
    assert [each.packet for each in even] == [each.packet for each in fast]
    assert fast[-1].at_s == pytest.approx(even[-1].at_s / 1.01)


def test_a_key_is_pressed_as_rfc_4733_has_it() -> None:
    packets = made(noise(6, seconds=1), Conduct(presses=(Press(at_s=0.2, key="#"),)))
    events = [each.packet for each in packets if each.packet.payload_type == 101]
    assert len(events) == 4 + 3
    assert {each.timestamp for each in events} == {SOURCES[0].timestamp + 1_600}
    assert [each.payload[0] for each in events] == [11] * 7
    assert [each.payload[1] >> 7 for each in events] == [0, 0, 0, 0, 1, 1, 1]
    assert [int.from_bytes(each.payload[2:], "big") for each in events] == [160, 320, 480, 640, 800, 800, 800]
    assert [each.marker for each in events] == [True] + [False] * 6
    assert len([each for each in packets if each.packet.payload_type == 0]) == 45


def test_silence_is_said_once_and_not_sent() -> None:
    loud = noise(7, seconds=0.2).samples
    sound = Sound(samples=np.concatenate([loud, np.zeros(4_000, np.int16), loud]), rate=8_000)
    packets = [each.packet for each in made(sound, Conduct(suppresses_silence=True))]
    assert [each.payload_type for each in packets] == [0] * 10 + [COMFORT_NOISE] + [0] * 10
    assert [number for number, each in enumerate(packets) if each.marker] == [0, 11]
    assert packets[11].timestamp - packets[10].timestamp == 4_000


@pytest.mark.parametrize("name", CODECS)
def test_what_a_codec_says_can_be_heard(name: str) -> None:
    codec = codec_named(name)
    sound = speechlike(8, seconds=1.2)
    pieces = heard(made(sound, Conduct(ptime_ms=codec.frame_ms or 20), codec), begins_at_s=0)
    sent = np.concatenate([piece.samples for piece in pieces]).astype(np.float64)
    wanted = sound.at_rate(codec.sample_rate).samples.astype(np.float64)
    assert len(sent) == pytest.approx(len(wanted), abs=codec.sample_rate * 0.03)
    overlap = np.correlate(sent, wanted[: len(wanted) // 2], mode="valid")
    likeness = overlap.max() / (np.linalg.norm(sent) * np.linalg.norm(wanted[: len(wanted) // 2]))
    assert likeness > 0.35  # AMR, the least alike; other speech is at 0.06


def test_a_packet_time_that_does_not_suit_the_codec_is_refused() -> None:
    with pytest.raises(BadRequest, match=r"opus has frames of 20 ms; a packet cannot hold 30 ms of it\."):
        made(noise(9, seconds=0.3), Conduct(ptime_ms=30), codec_named("opus"))


@given(
    st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 200), st.integers(0, 1_000), st.integers(0, 200)
)  # fmt: skip
def test_the_network_loses_and_repeats_and_never_invents(
    loss: float, duplicates: float, reordered: float, jitter_ms: float, seed: int, count: int
) -> None:
    network = Network(loss=loss, duplicates=duplicates, reordered=reordered, jitter_ms=jitter_ms, seed=seed)
    sent = [(number * 0.02, number) for number in range(count)]
    leaving = conveyed(sent, network)
    assert conveyed(sent, network) == leaving
    assert [at for at, _ in leaving] == sorted(at for at, _ in leaving)
    for at_s, number in leaving:
        assert number * 0.02 - 1e-9 <= at_s <= number * 0.02 + jitter_ms / 1_000 + 0.04
    numbers = [number for _, number in leaving]
    assert all(numbers.count(number) <= 2 for number in set(numbers))


def test_a_perfect_network_changes_nothing() -> None:
    sent = [(number * 0.02, number) for number in range(50)]
    assert conveyed(sent, Network()) == sent
