"""Decoders of RTP payloads, one packet after the other, for the codecs whose packets build on those before them.

Sources: RFC 3551 (G.722, G.729, GSM, L16), RFC 7587 (Opus), RFC 4867 (AMR).  What does not live here: G.711, which is
decoded by table (``g711``), and where the samples belong (``protocols.timeline``).  What FFmpeg's libraries object to
makes a packet unreadable, and the next one is tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext

from callvault.audio import amr
from callvault.audio.libav import wrapping
from callvault.audio.samples import Samples, from_floats
from callvault.errors import NotAudio

Split = Callable[[bytes], Iterator[bytes]]
"""From a payload to what the decoder takes at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Codec:
    decoder: str
    sample_rate: int
    split: Split


def _whole(payload: bytes) -> Iterator[bytes]:
    yield payload


def _frames_of(size: int) -> Split:
    """Frames of one size; a shorter rest is one too (G.729's comfort noise), which decoders may object to."""

    def split(payload: bytes) -> Iterator[bytes]:
        return (payload[at : at + size] for at in range(0, len(payload), size))

    return split


def _amr(*, wide: bool, parameters: str) -> Split:
    aligned = "octet-align=1" in parameters.replace(" ", "").lower()
    return lambda payload: amr.frames(payload, wide=wide, aligned=aligned)


_CODECS: Mapping[str, Callable[[str], _Codec]] = {
    "G722": lambda _: _Codec(decoder="g722", sample_rate=16_000, split=_whole),
    "OPUS": lambda _: _Codec(decoder="libopus", sample_rate=48_000, split=_whole),
    "G729": lambda _: _Codec(decoder="g729", sample_rate=8000, split=_frames_of(10)),
    "GSM": lambda _: _Codec(decoder="gsm", sample_rate=8000, split=_frames_of(33)),
    "AMR": lambda said: _Codec(decoder="amrnb", sample_rate=8000, split=_amr(wide=False, parameters=said)),
    "AMR-WB": lambda said: _Codec(decoder="amrwb", sample_rate=16_000, split=_amr(wide=True, parameters=said)),
}
DECODED = frozenset(_CODECS)
"""Encoding names that have a decoder here."""


def decoded_rate(name: str, clock_rate: int) -> int:
    """Samples a second of decoded audio; for G.722 twice the RTP clock's (RFC 3551 section 4.5.2)."""
    codec = _CODECS.get(name)
    return codec("").sample_rate if codec else clock_rate


class PacketDecoder:
    """One stream's decoder."""

    def __init__(self, name: str, parameters: str = "") -> None:
        """``name``: one of ``DECODED``.  ``parameters``: of ``a=fmtp``."""
        codec = _CODECS[name](parameters)
        self.sample_rate = codec.sample_rate
        self._split = codec.split
        self._context = cast("AudioCodecContext", av.CodecContext.create(codec.decoder, "r"))
        self._context.sample_rate = codec.sample_rate
        self._context.layout = "mono"

    def decode(self, payload: bytes) -> Samples | None:
        """The payload's samples, one channel; None where it cannot be decoded."""
        pieces: list[Samples] = []
        try:
            with wrapping(NotAudio("The payload cannot be decoded.")):
                for piece in self._split(payload):
                    for frame in self._context.decode(av.Packet(piece)):
                        values: Any = frame.to_ndarray().reshape(-1)
                        pieces.append(from_floats(values) if values.dtype.kind == "f" else values.astype(np.int16))
        except NotAudio:
            return None
        return np.concatenate(pieces) if pieces else None
