"""Sound to test with, and files that hold it: written by FFmpeg's libraries, or octet by octet."""

from __future__ import annotations

import io
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

from callvault.audio.decode import open_samples
from callvault.audio.probe import probe
from callvault.audio.samples import Samples
from callvault.audio.wav_header import wav_header

GOLDEN = Path(__file__).parents[2] / "golden" / "audio"


def tone(samples: int, *, rate: int = 8_000, channels: int = 1, hz: float = 440.0) -> Samples:
    """A sine of amplitude 8,000; in a second channel, twice as high."""
    seconds = np.arange(samples) / rate
    waves = [8_000 * np.sin(2 * np.pi * hz * (1 + channel) * seconds) for channel in range(channels)]
    return np.stack([np.rint(wave).astype(np.int16) for wave in waves], axis=1)


def noise(samples: int, *, channels: int = 1, seed: int = 1) -> Samples:
    """Full-scale white noise: every 16-bit value occurs."""
    return np.random.default_rng(seed).integers(-32_768, 32_768, (samples, channels), dtype=np.int16)


def chunk(name: bytes, content: bytes, *, claimed: int | None = None) -> bytes:
    size = len(content) if claimed is None else claimed
    return struct.pack("<4sI", name, size) + content + bytes(len(content) & 1)


def riff(*chunks: bytes, claimed: int | None = None, form: bytes = b"RIFF") -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return struct.pack("<4sI", form, len(body) if claimed is None else claimed) + body


def fmt(
    tag: int = 1, *, channels: int = 1, rate: int = 8_000, bits: int = 16, block: int | None = None, extra: bytes = b""
) -> bytes:
    block = channels * bits // 8 if block is None else block
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, rate * block, block, bits) + extra)


def extensible(tag: int, *, channels: int, bits: int) -> bytes:
    guid = tag.to_bytes(2, "little") + bytes.fromhex("000000001000800000aa00389b71")
    extra = struct.pack("<HHI", 22, bits, 3) + guid
    return fmt(0xFFFE, channels=channels, bits=bits, extra=extra)


def pcm_wav(samples: Samples, *, rate: int = 8_000) -> bytes:
    header = wav_header(sample_rate=rate, channels=samples.shape[1], samples=len(samples))
    return header + samples.astype("<i2").tobytes()


def encoded(samples: Samples, container: str, codec: str, *, rate: int = 8_000) -> bytes:
    """What FFmpeg's own encoder and muxer make of the samples."""
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[samples.shape[1]]
    file = io.BytesIO()
    with av.open(file, "w", format=container, options={"fflags": "+bitexact"}) as target:
        made = target.add_stream(codec, rate=rate, layout=layout, options={"strict": "experimental"})
        stream = cast("AudioStream", made)
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples).reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        resampler = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=rate)
        for piece in resampler.resample(frame):
            target.mux(stream.encode(piece))
        target.mux(stream.encode(None))
    return file.getvalue()


def heard_by_libav(content: bytes, container: str) -> Samples:
    """What another player hears: FFmpeg, with its own demuxer and its own idea of delays."""
    with av.open(io.BytesIO(content), "r", format=container) as source:
        heard = np.concatenate([_shaped(frame) for frame in source.decode(audio=0)])
    return heard if heard.dtype == np.int16 else np.clip(np.rint(heard * 32_768), -32_768, 32_767).astype(np.int16)


def _shaped(frame: AudioFrame) -> npt.NDArray[Any]:
    values: npt.NDArray[Any] = frame.to_ndarray()
    return values.T if frame.format.is_planar else values.reshape(-1, frame.layout.nb_channels)


def decoded(path: Path) -> Samples:
    return np.concatenate(list(open_samples(path, probe(path))))


def signal_to_noise_db(original: Samples, copy: Samples) -> float:
    """How far the copy is from the original; 0 would be as much error as signal."""
    error = original.astype(float) - copy.astype(float)
    return float(10 * np.log10(np.sum(original.astype(float) ** 2) / max(np.sum(error**2), 1e-9)))
