"""Legs of calls, with all that networks do to their packets."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from callvault.protocols.rtp import Packets, joined
from tests.rtp_calls import MS, PACKET_NS, Sent, arrived, stream


@dataclass(frozen=True, kw_only=True)
class Leg:
    """A stream and what becomes of it on its way: shuffled by delays, some of it lost, some twice, long after too."""

    packets: int
    seed: int
    starts: int
    ssrc: int
    first_sequence: int
    first_timestamp: int
    loss: float
    most_ms: int
    again: int
    later_ms: int

    def made(self) -> tuple[Sent, NDArray[np.bool_], Packets]:
        """The stream, which of its packets come, and what comes."""
        dice = np.random.default_rng(self.seed)
        sent = stream(
            self.packets,
            self.seed,
            start_ns=self.starts * PACKET_NS,
            ssrc=self.ssrc,
            first_sequence=self.first_sequence,
            first_timestamp=self.first_timestamp,
        )
        keep = dice.random(self.packets) >= self.loss
        keep[0] = keep[-1] = True
        delays = dice.integers(0, self.most_ms, self.packets) * MS
        delays[0] = 0  # somebody has to come as fast as can be, or nobody knows what that is
        came = arrived(sent, delays, keep=keep)
        again = came.some(dice.integers(0, len(came), self.again))
        both = joined(came, replace(again, arrivals_ns=again.arrivals_ns + self.later_ms * MS))
        return sent, keep, both.some(np.argsort(both.arrivals_ns, kind="stable"))


LEGS = st.builds(
    Leg,
    packets=st.integers(3, 700),
    seed=st.integers(0, 2**32 - 1),
    starts=st.integers(0, 300),
    ssrc=st.integers(0, 2**32 - 1),
    first_sequence=st.sampled_from([0, 1, 65_530]) | st.integers(0, 65_535),
    first_timestamp=st.sampled_from([0, 2**32 - 1]) | st.integers(0, 2**32 - 1),
    loss=st.sampled_from([0.0, 0.01, 0.3]),
    most_ms=st.sampled_from([1, 15, 60]),
    again=st.integers(0, 5),
    later_ms=st.sampled_from([0, 5, 90_000]),
)
