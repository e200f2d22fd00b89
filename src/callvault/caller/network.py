"""What happens to packets on their way: some are lost, some come twice, late, or after the next one.

What lives here: one function from what is sent to what arrives, with dice that can be thrown again.  What does not:
anything that the sender does itself (``timeline``).
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

_BEHIND_S = 0.03
"""How much later a packet is that lets the next one pass; more than one packet time."""
_AGAIN_S = 0.001

Sent = TypeVar("Sent")


@dataclass(frozen=True, kw_only=True, slots=True)
class Network:
    """How bad the way is; the shares are of all packets, from 0 to 1."""

    loss: float = 0.0
    duplicates: float = 0.0
    reordered: float = 0.0
    jitter_ms: float = 0.0
    """The most that a packet is late."""
    seed: int = 0


def conveyed(packets: Iterable[tuple[float, Sent]], network: Network) -> list[tuple[float, Sent]]:
    """Due times and packets as they really leave, in the order in which they do."""
    dice = random.Random(network.seed)  # noqa: S311 - not a secret
    leaving: list[tuple[float, Sent]] = []
    for due_s, packet in packets:
        lost, behind, twice = dice.random(), dice.random(), dice.random()
        late_s = dice.random() * network.jitter_ms / 1_000
        if lost < network.loss:
            continue
        at_s = due_s + late_s + (_BEHIND_S if behind < network.reordered else 0.0)
        leaving.append((at_s, packet))
        if twice < network.duplicates:
            leaving.append((at_s + _AGAIN_S, packet))
    return sorted(leaving, key=lambda entry: entry[0])
