"""Decoders of RTP payloads, one packet after the other, for the codecs whose packets build on those before them.

Sources: RFC 3551 (G.722, G.723, G.726, G.729, GSM), RFC 3952 (iLBC), RFC 4867 (AMR), RFC 7587 (Opus).  What does not
live here: G.711 and L16, whose octets are samples (``g711``), and where the samples belong (``protocols.timeline``).
What FFmpeg's libraries object to makes a packet unreadable, and the next one is tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext

from callvault.audio import amr
from callvault.audio.libav import wrapping
from callvault.audio.samples import Samples, from_floats
from callvault.errors import NotAudio

Split = Callable[[bytes], Iterator[bytes | int]]
"""From a payload to what the decoder takes at once; a number is so many samples of silence, where the sender says that
there is nothing but background noise (DTX)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Codec:
    decoder: str
    sample_rate: int
    split: Split
    options: Mapping[str, str] = field(default_factory=dict)


def _whole(payload: bytes) -> Iterator[bytes | int]:
    yield payload


def _frames_of(size: int) -> Split:
    return lambda payload: (payload[at : at + size] for at in range(0, len(payload), size))


def _g729(payload: bytes) -> Iterator[bytes | int]:
    """Frames of 10 ms; a last one of two octets describes silence (RFC 3551 section 4.5.6, annex B)."""
    for at in range(0, len(payload), 10):
        frame = payload[at : at + 10]
        yield 80 if len(frame) == 2 else frame


def _g723(payload: bytes) -> Iterator[bytes | int]:
    """Frames of 30 ms, whose first two bits say how long they are (RFC 3551 section 4.5.3)."""
    at = 0
    while at < len(payload):
        size = (24, 20, 4, 1)[payload[at] & 3]
        yield payload[at : at + size] if size > 4 else 240
        at += size


def _amr(*, wide: bool, parameters: str) -> Split:
    aligned = "octet-align=1" in parameters.replace(" ", "").lower()
    return lambda payload: amr.frames(payload, wide=wide, aligned=aligned)


def _ilbc(_: str, payload: bytes) -> _Codec:
    """Frames of 20 or of 30 ms; what comes says which, whatever was agreed upon (RFC 3952 section 3.2)."""
    size = 38 if len(payload) % 38 == 0 and len(payload) % 50 else 50
    return _Codec(decoder="ilbc", sample_rate=8000, split=_frames_of(size), options={"block_align": str(size)})


def _g726(decoder: str, bits: int) -> Callable[[str, bytes], _Codec]:
    """Whole octets; RTP begins with the lowest bits (RFC 3551 section 4.5.4), AAL2's packing with the highest."""
    options = {"bits_per_coded_sample": str(bits)}
    return lambda *_: _Codec(decoder=decoder, sample_rate=8000, split=_whole, options=options)


_Make = Callable[[str, bytes], _Codec]
"""From the parameters of ``a=fmtp``, and the first payload."""

_CODECS: Mapping[str, _Make] = {
    "G722": lambda *_: _Codec(decoder="g722", sample_rate=16_000, split=_whole),
    "OPUS": lambda *_: _Codec(decoder="libopus", sample_rate=48_000, split=_whole),
    "G729": lambda *_: _Codec(decoder="g729", sample_rate=8000, split=_g729),
    "G723": lambda *_: _Codec(decoder="g723_1", sample_rate=8000, split=_g723),
    "GSM": lambda *_: _Codec(decoder="gsm", sample_rate=8000, split=_frames_of(33)),
    "ILBC": _ilbc,
    # of FFmpeg's two decoders, OpenCORE's also takes what is sent in silence
    "AMR": lambda said, _: _Codec(
        decoder="libopencore_amrnb", sample_rate=8000, split=_amr(wide=False, parameters=said)
    ),
    "AMR-WB": lambda said, _: _Codec(
        decoder="libopencore_amrwb", sample_rate=16_000, split=_amr(wide=True, parameters=said)
    ),
    **{f"G726-{8 * bits}": _g726("g726le", bits) for bits in (2, 3, 4, 5)},
    **{f"AAL2-G726-{8 * bits}": _g726("g726", bits) for bits in (2, 3, 4, 5)},
}
DECODED = frozenset(_CODECS)
"""Encoding names that have a decoder here."""
_RATES = {"G722": 16_000, "OPUS": 48_000, "AMR-WB": 16_000}


def decoded_rate(name: str, clock_rate: int) -> int:
    """Samples a second of decoded audio; for G.722 twice the RTP clock's (RFC 3551 section 4.5.2)."""
    return _RATES.get(name, 8000) if name in DECODED else clock_rate


class PacketDecoder:
    """One stream's decoder."""

    def __init__(self, name: str, parameters: str = "") -> None:
        """``name``: one of ``DECODED``.  ``parameters``: of ``a=fmtp``."""
        self.sample_rate = decoded_rate(name, 0)
        self._make = _CODECS[name]
        self._parameters = parameters
        self._open: tuple[Split, AudioCodecContext] | None = None

    def decode(self, payload: bytes) -> Samples | None:
        """The payload's samples, one channel; None where it cannot be decoded."""
        if self._open is None:
            self._open = self._opened(payload)
        split, context = self._open
        pieces: list[Samples] = []
        try:
            with wrapping(NotAudio("The payload cannot be decoded.")):
                for piece in split(payload):
                    if isinstance(piece, int):
                        pieces.append(np.zeros(piece, dtype=np.int16))
                        continue
                    for frame in context.decode(av.Packet(piece)):
                        values: Any = frame.to_ndarray().reshape(-1)
                        pieces.append(from_floats(values) if values.dtype.kind == "f" else values.astype(np.int16))
        except NotAudio:
            return None
        return np.concatenate(pieces) if pieces else None

    def _opened(self, payload: bytes) -> tuple[Split, AudioCodecContext]:
        codec = self._make(self._parameters, payload)
        context = cast("AudioCodecContext", av.CodecContext.create(codec.decoder, "r"))
        context.sample_rate = codec.sample_rate
        context.layout = "mono"
        context.options = dict(codec.options)
        return codec.split, context
