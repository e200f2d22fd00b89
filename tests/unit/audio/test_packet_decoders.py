"""Payloads are decoded as the same packets are by anybody else, and what cannot be decoded stops nothing."""

from __future__ import annotations

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callvault.audio import amr
from callvault.audio.packet_decoders import DECODED, PacketDecoder, decoded_rate
from callvault.audio.samples import Samples


def tone(samples: int, rate: int) -> Samples:
    return (8000 * np.sin(np.arange(samples) * 2 * np.pi * 440 / rate)).astype(np.int16)


def encoded(codec: str, rate: int, frame: int, count: int) -> list[bytes]:
    context = av.CodecContext.create(codec, "w")
    context.sample_rate, context.layout, context.format = rate, "mono", "s16"  # type: ignore[attr-defined]
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


@pytest.mark.parametrize(("name", "payload", "samples"), [("G729", bytes(20), 160), ("GSM", b"\xd0" + bytes(32), 160)])
def test_frames_have_their_length(name: str, payload: bytes, samples: int) -> None:
    found = PacketDecoder(name).decode(payload)
    assert found is not None
    assert len(found) == samples
    assert found.dtype == np.int16


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
