"""Payloads are decoded as the same packets are by anybody else, and what cannot be decoded stops nothing."""

from __future__ import annotations

from typing import cast

import av
import numpy as np
import pytest
from av.audio.codeccontext import AudioCodecContext
from hypothesis import given, settings
from hypothesis import strategies as st

from callvault.audio import amr
from callvault.audio.packet_decoders import DECODED, PacketDecoder, decoded_rate
from callvault.audio.samples import Samples
from callvault.protocols.sdp.payloads import VOICES


def tone(samples: int, rate: int) -> Samples:
    return (8000 * np.sin(np.arange(samples) * 2 * np.pi * 440 / rate)).astype(np.int16)


def encoded(codec: str, rate: int, frame: int, count: int) -> list[bytes]:
    context = av.CodecContext.create(codec, "w")
    context.sample_rate, context.layout, context.format = rate, "mono", "s16"  # type: ignore[attr-defined]
    if codec in {"g723_1", "g726le"}:
        context.bit_rate = 6300 if codec == "g723_1" else 32_000
    audio = tone(frame * count, rate)
    packets = []
    for at in range(0, len(audio), frame):
        piece = av.AudioFrame.from_ndarray(audio[None, at : at + frame], "s16", "mono")
        piece.sample_rate = rate
        packets += [bytes(packet) for packet in context.encode(piece)]  # type: ignore[attr-defined]
    return packets


def likeness(found: Samples, rate: int) -> float:
    """How much of the signal is the tone."""
    values = found.astype(np.float64)
    phases = np.exp(-2j * np.pi * 440 / rate * np.arange(len(values)))
    return float(2 * abs((values * phases).sum()) ** 2 / len(values) / (values**2).sum())


@pytest.mark.parametrize(
    ("name", "codec", "rate", "frame"), [("G722", "g722", 16_000, 320), ("OPUS", "libopus", 48_000, 960)]
)
def test_a_tone_is_a_tone_again(name: str, codec: str, rate: int, frame: int) -> None:
    decoder = PacketDecoder(name)
    pieces = [decoder.decode(packet) for packet in encoded(codec, rate, frame, 50)]
    assert all(piece is not None and len(piece) == frame for piece in pieces)
    assert likeness(np.concatenate([piece for piece in pieces if piece is not None]), rate) > 0.98
    assert decoder.sample_rate == rate == decoded_rate(name, 8000)


def test_amr_is_unpacked_from_either_form() -> None:
    for storage in encoded("libopencore_amrnb", 8000, 160, 20):
        kind, speech = storage[0] >> 3 & 15, storage[1:]
        bits = amr.NARROW_BITS[kind]
        aligned = bytes([0xF0, kind << 3 | 4]) + speech
        packed = (15 << 6 | kind << 1 | 1) << bits | int.from_bytes(speech) >> 8 * len(speech) - bits
        efficient = (packed << -(10 + bits) % 8).to_bytes((10 + bits + 7) // 8)
        assert list(amr.frames(aligned, wide=False, aligned=True)) == [storage]
        assert list(amr.frames(efficient, wide=False, aligned=False)) == [storage]


def test_amr_is_decoded() -> None:
    decoder = PacketDecoder("AMR", "mode-set=7; octet-align=1")
    frames = encoded("libopencore_amrnb", 8000, 160, 50)
    pieces = [decoder.decode(bytes([0xF0]) + frame) for frame in frames]
    found = np.concatenate([piece for piece in pieces if piece is not None])
    assert len(found) == 50 * 160
    assert likeness(found[1600:], 8000) > 0.9


@pytest.mark.parametrize(
    ("name", "payload", "samples"),
    [
        ("G729", bytes(20), 160),
        ("GSM", b"\xd0" + bytes(32), 160),
        ("G723", bytes(24) + b"\x01" + bytes(19), 480),
        ("ILBC", bytes(range(38)), 160),
        ("ILBC", bytes(range(50)) * 2, 480),
        ("G726-24", bytes(range(60)), 160),
    ],
)
def test_frames_have_their_length(name: str, payload: bytes, samples: int) -> None:
    found = PacketDecoder(name).decode(payload)
    assert found is not None
    assert len(found) == samples
    assert found.dtype == np.int16


def patterned(octets: int) -> list[bytes]:
    """Payloads for the decoders that have no encoder here: not speech, but something all the same."""
    return [bytes((17 * place + octet) % 256 for octet in range(octets)) for place in range(30)]


@pytest.mark.parametrize(
    ("name", "decoder", "options", "payloads"),
    [
        ("G722", "g722", {}, encoded("g722", 16_000, 320, 30)),
        ("OPUS", "libopus", {}, encoded("libopus", 48_000, 960, 30)),
        ("G723", "g723_1", {}, encoded("g723_1", 8000, 240, 30)),
        ("GSM", "gsm", {}, [b"\xd0" + payload for payload in patterned(32)]),
        ("G729", "g729", {}, patterned(10)),
        ("ILBC", "ilbc", {"block_align": "38"}, patterned(38)),
        ("ILBC", "ilbc", {"block_align": "50"}, patterned(50)),
        ("G726-32", "g726le", {"bits_per_coded_sample": "4"}, encoded("g726le", 8000, 160, 30)),
        ("AAL2-G726-40", "g726", {"bits_per_coded_sample": "5"}, patterned(100)),
    ],
)
def test_packets_become_what_the_codec_by_itself_makes_of_them(
    name: str, decoder: str, options: dict[str, str], payloads: list[bytes]
) -> None:
    context = cast("AudioCodecContext", av.CodecContext.create(decoder, "r"))
    context.sample_rate, context.layout, context.options = decoded_rate(name, 8000), "mono", options
    frames = [frame for payload in payloads for frame in context.decode(av.Packet(payload))]
    resampler = av.AudioResampler(format="s16", layout="mono")
    expected = np.concatenate([piece.to_ndarray()[0] for frame in frames for piece in resampler.resample(frame)])
    ours = PacketDecoder(name)
    found = np.concatenate([piece for payload in payloads if (piece := ours.decode(payload)) is not None])
    assert np.abs(found.astype(np.int32) - expected).max() <= 1
    assert len(found) == len(payloads) * len(expected) // len(payloads)
    assert len(np.unique(found)) > 10


def test_g726_is_the_tone_that_went_in() -> None:
    decoder = PacketDecoder("G726-32")
    pieces = [decoder.decode(packet) for packet in encoded("g726le", 8000, 160, 50)]
    assert likeness(np.concatenate([piece for piece in pieces if piece is not None]), 8000) > 0.95


@pytest.mark.parametrize(
    ("name", "payload", "samples"),
    [
        ("G729", bytes(2), 80),
        ("G729", bytes(12), 160),
        ("G723", b"\x02" + bytes(3), 240),
        ("AMR", bytes([0xF0, 8 << 3 | 4]) + bytes(5), 160),
        ("AMR", bytes([0xF0, 15 << 3 | 4]), 160),
        ("AMR-WB", bytes([0xF0, 9 << 3 | 4]) + bytes(5), 320),
        ("AMR-WB", bytes([0xF0, 15 << 3 | 4]), 320),
    ],
)
def test_what_is_sent_in_silence_lasts_as_long_as_a_frame(name: str, payload: bytes, samples: int) -> None:
    found = PacketDecoder(name, "octet-align=1").decode(payload)
    assert found is not None
    assert len(found) == samples


def test_everything_that_is_agreed_upon_can_be_decoded() -> None:
    assert DECODED | {"PCMU", "PCMA", "L16"} == VOICES


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(DECODED)), st.lists(st.binary(max_size=80), max_size=5))
def test_whatever_comes_is_decoded_or_not(name: str, payloads: list[bytes]) -> None:
    decoder = PacketDecoder(name)
    for payload in payloads:
        found = decoder.decode(payload)
        assert found is None or found.dtype == np.int16


@given(st.binary(max_size=200), st.booleans(), st.booleans())
def test_whatever_comes_as_amr_is_frames_or_none(payload: bytes, wide: bool, aligned: bool) -> None:
    assert sum(len(frame) for frame in amr.frames(payload, wide=wide, aligned=aligned)) <= 2 * len(payload) + 2
