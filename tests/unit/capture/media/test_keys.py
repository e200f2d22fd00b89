"""While keys are pressed nothing of a take is spooled but headers, from before the first sign on; all else is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from callvault.audio.g711 import encode_alaw, encode_ulaw
from callvault.audio.samples import Samples
from callvault.capture.gate import Draw, KeyTypes, Veil, VeilState
from callvault.capture.media.curtain import MOST_WAITING_BYTES, Curtain
from callvault.capture.media.keys import AFTER_NS, BEFORE_NS, LAG_NS, Keys, key_types_of
from callvault.protocols.spool.batch import Content
from callvault.protocols.spool.journal import Payload, StreamAgreed
from tests.unit.audio.key_sounds import between, tones
from tests.unit.capture.media.test_curtain import MS, T0, spooled

HIDING = Veil(state=VeilState.OPEN, hide_keys=True)
EVENTS = KeyTypes(events=(101,), tones=())
TICK_MS = 200


def packet(payload_type: int, number: int, payload: bytes = b"\xff" * 160, ssrc: int = 1) -> bytes:
    head = bytes([0x80, payload_type]) + (number & 0xFFFF).to_bytes(2, "big") + (160 * number).to_bytes(4, "big")
    return head + ssrc.to_bytes(4, "big") + payload


def a_curtain(veil: Veil = HIDING, types: KeyTypes = EVENTS) -> Curtain:
    curtain = Curtain([Draw(at_ns=0, veil=veil)])
    for stream in (0, 1):
        curtain.keys.types[stream] = types
    return curtain


Came = tuple[int, int, int]
"""When in ms, the stream, the payload type."""


def drained(curtain: Curtain, came: Sequence[Came], *, ends: bool = True) -> list[tuple[Content, int]]:
    """Everything goes through as a worker drains it: a tick at a time, one stream after the other."""
    data = b""
    last = max(at for at, _, _ in came)
    for tick in range(0, last + 1, TICK_MS):
        for stream in (0, 1):
            mine = [(at, kind) for at, of, kind in came if of == stream and tick <= at < tick + TICK_MS]
            if mine:
                packets = [packet(kind, at) for at, kind in mine]
                data += curtain.through(stream, Content.RTP, [T0 + at * MS for at, _ in mine], packets)
        data += curtain.release(T0 + (tick + TICK_MS) * MS)
    if ends:
        data += curtain.release()
    return sorted((content, at) for content, at, _ in spooled(data))


arrivals = some.lists(
    some.tuples(some.integers(0, 9000), some.integers(0, 1), some.sampled_from([0, 0, 0, 0, 0, 0, 101])),
    min_size=1,
    max_size=40,
).map(sorted)


@settings(deadline=None)
@given(arrivals)
def test_what_came_around_a_key_is_hidden_in_all_streams_and_nothing_else_is(came: list[Came]) -> None:
    signs = [at for at, _, kind in came if kind == 101]
    hidden = {at for at, _, _ in came if any(-BEFORE_NS <= (at - sign) * MS <= AFTER_NS for sign in signs)}
    expected = sorted((Content.MASKED if at in hidden else Content.RTP, at) for at, _, _ in came)
    assert drained(a_curtain(), came) == expected


def test_packets_wait_for_no_longer_than_a_key_needs_to_be_found() -> None:
    curtain = a_curtain()
    steady: list[Came] = [(at, 0, 0) for at in range(0, 2000, 20)]
    found = drained(curtain, steady, ends=False)
    assert max(at for _, at in found) >= 2000 - LAG_NS // MS - 20
    assert curtain.lags
    assert not curtain.is_open


@pytest.mark.parametrize(
    ("number", "name", "encode"),
    [(0, "PCMU", encode_ulaw), (8, "PCMA", encode_alaw), (97, "L16", lambda samples: samples.astype(">i2").tobytes())],
)
def test_tones_within_the_audio_hide_it_from_before_they_begin(
    number: int, name: str, encode: Callable[[Samples], bytes]
) -> None:
    signal = np.concatenate((np.zeros(8000), tones("7", 60), np.zeros(800), tones("4", 60), np.zeros(24_000)))
    samples = np.clip(signal, -32_767, 32_767).astype(np.int16)
    curtain = a_curtain(types=KeyTypes(tones=((number, name, 8000),)))
    data = b""
    for tick in range(0, len(samples) - 1600, 1600):
        pieces = [samples[at : at + 160] for at in range(tick, tick + 1600, 160)]
        moments = [T0 + at // 8 * MS for at in range(tick, tick + 1600, 160)]
        packets = [packet(number, at, encode(piece)) for at, piece in enumerate(pieces)]
        data += curtain.through(0, Content.RTP, moments, packets)
        data += curtain.through(1, Content.RTP, moments, [packet(number, 0, encode(np.zeros(160, np.int16)))] * 10)
        data += curtain.release(T0 + (tick + 1600) // 8 * MS)
    hidden = sorted({at for content, at, _ in spooled(data) if content is Content.MASKED})
    assert 1000 - 200 - 40 <= hidden[0] <= 1000 - 200 + 20
    assert 1220 + 2000 - 40 <= hidden[-1] <= 1220 + 2000 + 20
    assert hidden == list(range(hidden[0], hidden[-1] + 20, 20))
    both = [at for content, at, _ in spooled(data) if content is Content.MASKED]
    assert len(both) == 2 * len(hidden)


def test_tones_are_heard_behind_extensions_and_across_packets_of_any_length() -> None:
    keys = Keys()
    octets = encode_ulaw(between(tones("9", 60)).astype(np.int16))
    for number, at in enumerate(range(0, len(octets), 33)):
        head = bytearray(packet(0, number, b""))
        head[0] = 0x91
        extended = bytes(head) + b"CSRC" + b"\xbe\xde\0\x01" + b"\0\0\0\0" + octets[at : at + 33]
        keys.look(0, [T0 + at // 8 * MS], [extended])
    assert keys.hides(T0 + 80 * MS)
    assert not keys.hides(T0 - 300 * MS)


@given(some.lists(some.binary(max_size=40), max_size=10))
def test_whatever_the_octets_are_they_are_looked_at(packets: list[bytes]) -> None:
    Keys().look(0, [T0] * len(packets), packets)


def test_of_an_encrypted_stream_events_alone_are_signs() -> None:
    payloads = (
        Payload(number=0, name="PCMU", clock_rate=8000),
        Payload(number=96, name="OPUS", clock_rate=48_000, channels=2),
        Payload(number=98, name="L16", clock_rate=16_000),
        Payload(number=101, name="TELEPHONE-EVENT", clock_rate=8000),
        Payload(number=102, name="TELEPHONE-EVENT", clock_rate=48_000),
    )
    clear = StreamAgreed(at_ns=0, stream=0, label=None, payloads=payloads)
    assert key_types_of(clear) == KeyTypes(events=(101, 102), tones=((0, "PCMU", 8000), (98, "L16", 16_000)))
    sealed = StreamAgreed(at_ns=0, stream=0, label=None, payloads=payloads, crypto="sealed")
    assert key_types_of(sealed) == KeyTypes(events=(101, 102), tones=())


def test_keys_pressed_just_before_somebody_records_are_hidden_too() -> None:
    curtain = a_curtain(Veil(state=VeilState.SHUT, prebuffer_ms=1000, hide_keys=True))
    through = [(0, 0), (20, 101), (700, 0)]
    assert (
        curtain.through(0, Content.RTP, [T0 + at * MS for at, _ in through], [packet(n, at) for at, n in through])
        == b""
    )
    data = curtain.draw(HIDING, T0 + 710 * MS)
    data += curtain.through(0, Content.RTP, [T0 + at * MS for at in (1800, 2500)], [packet(0, 1), packet(0, 2)])
    data += curtain.release()
    found = [(content, at) for content, at, _ in spooled(data)]
    assert sorted(found) == [(Content.RTP, 2500), (Content.MASKED, 0), (Content.MASKED, 20), (Content.MASKED, 700),
                             (Content.MASKED, 1800)]  # fmt: skip


def test_when_hiding_ends_what_waited_is_still_spooled() -> None:
    curtain = a_curtain()
    data = curtain.through(0, Content.RTP, [T0], [packet(0, 1)])
    data += curtain.draw(Veil(state=VeilState.OPEN), T0 + 10 * MS)
    data += curtain.through(0, Content.RTP, [T0 + 20 * MS], [packet(0, 2)])
    data += curtain.release(T0 + 1000 * MS)
    assert sorted(at for _, at, _ in spooled(data)) == [0, 20]
    assert not curtain.lags


def test_whoever_floods_a_take_that_waits_does_not_fill_the_memory() -> None:
    curtain = a_curtain()
    flood = [packet(0, 1, bytes(2000))] * 256
    rounds = 2 * MOST_WAITING_BYTES // (256 * 2012)
    data = [curtain.through(0, Content.RTP, [T0] * 256, flood) for _ in range(rounds)]
    held = curtain.release()
    assert len(held) < 1.1 * MOST_WAITING_BYTES
    contents = {content for content, _, _ in spooled(b"".join(data))}
    assert contents == {Content.MASKED}
