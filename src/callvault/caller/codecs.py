"""Samples into payloads and back, by codec: what is sent, and what a listener with the same decoder hears.

What lives here: the table of codecs.  What does not: packets (``rtp``), and how a server decodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import av
import numpy as np
import numpy.typing as npt
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame

from callvault.audio import g711
from callvault.caller.sound import Samples
from callvault.caller.styles.scene import Format
from callvault.errors import BadRequest


@dataclass(frozen=True, kw_only=True, slots=True)
class Codec:
    """How a stream is coded."""

    name: str
    """As on the command line."""
    format: Format
    clock_rate: int
    """Of RTP timestamps: for G.722 half the sampling rate, by an old mistake (RFC 3551 section 4.5.2)."""
    sample_rate: int
    encoder: Callable[[int], Callable[[Samples], bytes]]
    """From samples in a packet to a function that encodes one packet's samples after the other."""
    decoder: Callable[[], Callable[[bytes], Samples]]
    frame_ms: int | None = None
    """The codec's own frame, where packets are whole multiples of one."""


def _each(encode: Callable[[Samples], bytes]) -> Callable[[int], Callable[[Samples], bytes]]:
    return lambda _: encode


def _l16(samples: Samples) -> bytes:
    return samples.astype(">i2").tobytes()


def _from_l16(payload: bytes) -> Samples:
    return np.frombuffer(payload, dtype=">i2").astype(np.int16)


_AMR_ANY_MODE = b"\xf0"
"""RFC 4867 section 4.3.1: we do not ask for a mode of what the other side sends."""
_AMR_MORE = 0x80


def _amr_payload(frames: Sequence[bytes]) -> bytes:
    """RFC 4867 section 4.4, octet-aligned: a mode request, a table of contents, then the speech of each frame."""
    contents = [frame[0] | _AMR_MORE for frame in frames[:-1]] + [frame[0] for frame in frames[-1:]]
    return _AMR_ANY_MODE + bytes(contents) + b"".join(frame[1:] for frame in frames)


def _from_amr_payload(payload: bytes) -> Iterator[bytes]:
    """Frames as files hold them: 31 octets of speech at 12.2 kbit/s, which is all that is encoded here."""
    count = next(at for at, entry in enumerate(payload[1:], 1) if not entry & _AMR_MORE)
    for number in range(count):
        start = 1 + count + 31 * number
        yield bytes([payload[1 + number] & ~_AMR_MORE]) + payload[start : start + 31]


def _encoder(
    name: str, rate: int, *, bit_rate: int | None = None, join: Callable[[Sequence[bytes]], bytes] = b"".join,
    **options: str,
) -> Callable[[int], Callable[[Samples], bytes]]:  # fmt: skip
    """By PyAV; a codec whose frame is shorter than the packet puts several into it."""

    def opened(samples_in_packet: int) -> Callable[[Samples], bytes]:
        context = cast("AudioCodecContext", av.CodecContext.create(name, "w"))
        context.sample_rate = rate
        context.layout = "mono"
        context.format = "s16"
        context.options = options
        if bit_rate is not None:
            context.bit_rate = bit_rate
        context.open()
        frame_samples = context.frame_size or samples_in_packet

        def encode(samples: Samples) -> bytes:
            pieces: list[bytes] = []
            for start in range(0, len(samples), frame_samples):
                frame = AudioFrame.from_ndarray(samples[start : start + frame_samples].reshape(1, -1), "s16", "mono")
                frame.sample_rate = rate
                frame.pts = None
                pieces += [bytes(packet) for packet in context.encode(frame)]
            return join(pieces)

        return encode

    return opened


def _decoder(
    name: str, rate: int, split: Callable[[bytes], Iterable[bytes]] = lambda payload: [payload]
) -> Callable[[], Callable[[bytes], Samples]]:
    def opened() -> Callable[[bytes], Samples]:
        context = cast("AudioCodecContext", av.CodecContext.create(name, "r"))
        context.sample_rate = rate
        context.layout = "mono"

        def decode(payload: bytes) -> Samples:
            pieces = [_integers(frame) for piece in split(payload) for frame in context.decode(av.Packet(piece))]
            return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int16)

        return decode

    return opened


def _integers(frame: AudioFrame) -> Samples:
    values: npt.NDArray[Any] = frame.to_ndarray().reshape(-1)
    if values.dtype == np.int16:
        return values
    scaled: npt.NDArray[np.float64] = np.clip(np.rint(values.astype(np.float64) * 32_768), -32_768, 32_767)
    return scaled.astype(np.int16)


def _direct(
    name: str, number: int, encode: Callable[[Samples], bytes], decode: Callable[[bytes], Samples], rate: int = 8_000
) -> Codec:
    encoding = f"{name.upper()}/{rate}"
    return Codec(
        name=name, format=Format(number=number, encoding=encoding), clock_rate=rate, sample_rate=rate,
        encoder=_each(encode), decoder=lambda: decode,
    )  # fmt: skip


CODECS: dict[str, Codec] = {
    codec.name: codec
    for codec in (
        _direct("pcmu", 0, g711.encode_ulaw, g711.decode_ulaw),
        _direct("pcma", 8, g711.encode_alaw, g711.decode_alaw),
        _direct("l16", 96, _l16, _from_l16, rate=16_000),
        Codec(
            name="g722", format=Format(number=9, encoding="G722/8000"), clock_rate=8_000, sample_rate=16_000,
            encoder=_encoder("g722", 16_000), decoder=_decoder("g722", 16_000),
        ),
        Codec(
            name="opus", format=Format(number=111, encoding="opus/48000/2", parameters="useinbandfec=1"),
            clock_rate=48_000, sample_rate=48_000, frame_ms=20,
            encoder=_encoder("libopus", 48_000, application="voip"), decoder=_decoder("libopus", 48_000),
        ),
        Codec(
            name="amr", format=Format(number=112, encoding="AMR/8000", parameters="octet-align=1"),
            clock_rate=8_000, sample_rate=8_000, frame_ms=20,
            encoder=_encoder("libopencore_amrnb", 8_000, bit_rate=12_200, join=_amr_payload),
            decoder=_decoder("libopencore_amrnb", 8_000, _from_amr_payload),
        ),
        Codec(
            name="g723", format=Format(number=4, encoding="G723/8000"), clock_rate=8_000, sample_rate=8_000,
            frame_ms=30, encoder=_encoder("g723_1", 8_000), decoder=_decoder("g723_1", 8_000),
        ),
    )
}  # fmt: skip
"""By name, each with the payload type that it is offered under."""


def codec_named(name: str) -> Codec:
    """One codec.

    Raises:
        BadRequest: there is none of that name.
    """
    if name not in CODECS:
        raise BadRequest(f"There is no codec {name!r} to encode with; there are {', '.join(CODECS)}.")
    return CODECS[name]


def payloads(codec: Codec, samples: Samples, *, ptime_ms: int) -> Iterator[bytes]:
    """The samples as packets' payloads; the last one is filled up with silence.

    Raises:
        BadRequest: the codec has frames that do not fit this packet time.
    """
    if codec.frame_ms is not None and ptime_ms % codec.frame_ms:
        raise BadRequest(f"{codec.name} has frames of {codec.frame_ms} ms; a packet cannot hold {ptime_ms} ms of it.")
    size = codec.sample_rate * ptime_ms // 1_000
    encode = codec.encoder(size)
    for start in range(0, len(samples), size):
        piece = samples[start : start + size]
        if len(piece) < size:
            piece = np.concatenate([piece, np.zeros(size - len(piece), dtype=np.int16)])
        yield encode(piece)
