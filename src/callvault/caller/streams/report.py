"""What became of a media stream: to be read by people, by programs and by tests.

What does not live here: how a server keeps it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from callvault.caller.sound import Samples


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class TrackReport:
    """One track, as it was sent."""

    track: str
    codec: str
    rate: int
    """Samples a second, decoded."""
    frames: int
    """That left."""
    lost: int
    """That were left out on purpose, or fell into a gap between connections."""
    pieces: tuple[tuple[float, Samples], ...]
    """When each that left is heard, from the first frame of all on, and its samples; in the order of the call."""

    @property
    def sha256(self) -> str:
        """Of the decoded samples, little-endian, without the silence between them."""
        return hashlib.sha256(b"".join(samples.astype("<i2").tobytes() for _, samples in self.pieces)).hexdigest()

    @property
    def seconds(self) -> float:
        """Of audio."""
        return sum(len(samples) for _, samples in self.pieces) / self.rate

    def placed(self) -> Samples:
        """The samples in their places, silence between them."""
        ends = [round(at_s * self.rate) + len(samples) for at_s, samples in self.pieces]
        placed = np.zeros(max(ends, default=0), dtype=np.int16)
        for (_, samples), end in zip(self.pieces, ends, strict=True):
            placed[end - len(samples) : end] = samples
        return placed


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class StreamingReport:
    """One call's stream."""

    vendor: str
    call_id: str
    status: int
    """Of HTTP: 101 where the WebSocket was opened."""
    reason: str
    """Why it was not, as the server said; or how it was closed."""
    connections: int
    opened_ms: float
    """How long the opening took."""
    seconds: float
    """From the first frame to the last."""
    tracks: tuple[TrackReport, ...]

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "vendor": self.vendor,
            "call_id": self.call_id,
            "status": self.status,
            "reason": self.reason,
            "connections": self.connections,
            "opened_ms": round(self.opened_ms, 3),
            "seconds": round(self.seconds, 3),
            "tracks": [
                {
                    "track": track.track,
                    "codec": track.codec,
                    "rate": track.rate,
                    "frames": track.frames,
                    "lost": track.lost,
                    "seconds": round(track.seconds, 3),
                    "sha256": track.sha256,
                }
                for track in self.tracks
            ],
        }
