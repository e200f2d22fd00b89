"""Which packets a stream is made of, and when each is due: everything that a sender does to its own stream.

What lives here: sequence numbers, timestamps, holds, digits, silence that is not sent, changes of codec and of source.
All times are seconds from the stream's beginning.  What does not live here: what happens to packets on their way
(``network``), and the sending.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from callvault.caller import codecs, rtp
from callvault.caller.codecs import Codec
from callvault.caller.rtp import Packet
from callvault.caller.sound import Sound

COMFORT_NOISE = 13
_QUIET = 64
"""The greatest sample of what counts as silence."""
_END_PACKETS = 3
"""RFC 4733 section 2.5.1.4: the end of an event is said three times."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Press:
    """A key that is pressed."""

    at_s: float
    key: str
    for_s: float = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Conduct:
    """How a sender behaves."""

    ptime_ms: int = 20
    holds: tuple[tuple[float, float], ...] = ()
    """From and through; nothing is sent, and the clock runs on."""
    presses: tuple[Press, ...] = ()
    event_type: int = 101
    suppresses_silence: bool = False
    restart_at_s: float | None = None
    """A new SSRC, with new numbers."""
    codec_from_s: float | None = None
    """When the second codec takes over."""
    drift_ppm: float = 0.0
    """By how much the sender's clock is faster than ours."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Numbers:
    """Where a source begins to count."""

    ssrc: int
    sequence: int
    timestamp: int


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Departure:
    """A packet that is due."""

    at_s: float
    packet: Packet
    from_s: float = 0.0
    """Where this audio is in the sound: by the sender's own clock."""
    codec: Codec | None = None
    """None for what is no audio."""


def departures(
    sound: Sound, wished: Sequence[Codec], conduct: Conduct, sources: Sequence[Numbers]
) -> Iterator[Departure]:
    """All packets of a stream, in order.  ``wished``: the codec, and a second one; ``sources``: likewise.

    Raises:
        BadRequest: the packet time does not suit the codec.
    """
    step_s = conduct.ptime_ms / 1_000
    frames = int(np.ceil(round(sound.seconds / step_s, 6)))
    change = frames if conduct.codec_from_s is None else min(frames, round(conduct.codec_from_s / step_s))
    coded = [*_coded(sound, wished[0], conduct, 0, change), *_coded(sound, wished[-1], conduct, change, frames)]
    silent = _silent(sound, frames, step_s) if conduct.suppresses_silence else np.zeros(frames, dtype=bool)
    sender = _Sender(conduct, sources)
    for number, (codec, payload) in enumerate(coded):
        yield from sender.frame(number, codec, payload, silent=bool(silent[number]))


class _Sender:
    """Counts packets and time."""

    def __init__(self, conduct: Conduct, sources: Sequence[Numbers]) -> None:
        self._conduct, self._sources = conduct, sources
        self._source = sources[0]
        self._first_frame = 0
        """Of this source."""
        self._sequence = 0
        self._resumes, self._quiet = True, False

    def frame(self, number: int, codec: Codec, payload: bytes, *, silent: bool) -> Iterator[Departure]:
        """The packets of one moment: none, one, or three that end an event."""
        conduct, from_s = self._conduct, number * self._conduct.ptime_ms / 1_000
        restart = conduct.restart_at_s
        if restart is not None and self._source is self._sources[0] and number >= self._frame(restart):
            self._source, self._sequence, self._first_frame, self._resumes = self._sources[-1], 0, number, True
        at_s = from_s / (1 + conduct.drift_ppm / 1e6)
        press = next(
            (each for each in conduct.presses if self._within(number, each.at_s, each.at_s + each.for_s)), None
        )
        if any(self._within(number, begin, end) for begin, end in conduct.holds):
            self._resumes = True
        elif press is not None:
            for packet in self._press(press, number, codec):
                yield Departure(at_s=at_s, packet=packet)
            self._resumes = True
        elif silent:
            if not self._quiet:
                packet = self._packet(COMFORT_NOISE, self._time(number, codec), rtp.comfort_noise())
                yield Departure(at_s=at_s, packet=packet)
            self._quiet = self._resumes = True
        else:
            packet = self._packet(codec.format.number, self._time(number, codec), payload, marker=self._resumes)
            yield Departure(at_s=at_s, packet=packet, from_s=from_s, codec=codec)
            self._resumes = self._quiet = False

    def _frame(self, at_s: float) -> int:
        """The first frame that does not begin before this moment."""
        return int(np.ceil(round(at_s * 1_000 / self._conduct.ptime_ms, 6)))

    def _within(self, number: int, begin_s: float, end_s: float) -> bool:
        return self._frame(begin_s) <= number < self._frame(end_s)

    def _time(self, number: int, codec: Codec) -> int:
        passed = (number - self._first_frame) * codec.clock_rate * self._conduct.ptime_ms // 1_000
        return self._source.timestamp + passed

    def _packet(self, payload_type: int, timestamp: int, payload: bytes, *, marker: bool = False) -> Packet:
        sequence = self._source.sequence + self._sequence
        self._sequence += 1
        return Packet(
            payload_type=payload_type, sequence=sequence, timestamp=timestamp, ssrc=self._source.ssrc, payload=payload,
            marker=marker,
        )  # fmt: skip

    def _press(self, press: Press, number: int, codec: Codec) -> Iterator[Packet]:
        """An event's packets of one moment: all bear the time at which the key went down (RFC 4733 section 2.5.1.2)."""
        first, before = self._frame(press.at_s), self._frame(press.at_s + press.for_s)
        duration = (number + 1 - first) * codec.clock_rate * self._conduct.ptime_ms // 1_000
        ended = number + 1 >= before
        for again in range(_END_PACKETS if ended else 1):
            payload = rtp.event(press.key, duration=duration, ended=ended)
            marker = number == first and again == 0
            yield self._packet(self._conduct.event_type, self._time(first, codec), payload, marker=marker)


def _coded(sound: Sound, codec: Codec, conduct: Conduct, first: int, before: int) -> Iterator[tuple[Codec, bytes]]:
    """Payloads of the frames ``first`` to ``before``."""
    if before <= first:
        return
    own = sound.at_rate(codec.sample_rate)
    size = codec.sample_rate * conduct.ptime_ms // 1_000
    for payload in codecs.payloads(codec, own.samples[first * size : before * size], ptime_ms=conduct.ptime_ms):
        yield codec, payload


def _silent(sound: Sound, frames: int, step_s: float) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    size = round(sound.rate * step_s)
    padded = sound.lasting(frames * step_s).samples[: frames * size].reshape(frames, size)
    quiet: np.ndarray[tuple[int], np.dtype[np.bool_]] = np.abs(padded.astype(np.int32)).max(axis=1) < _QUIET
    return quiet
