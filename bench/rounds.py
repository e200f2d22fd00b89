"""Alternating rounds: everything is measured once, then everything once more.

On a machine that others use too the speed wanders by the minute; what is measured in turn wanders together, so ratios
stay right where absolute figures do not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import TypeVar

Answer = TypeVar("Answer")


def alternate(rounds: int, measures: Mapping[str, Callable[[], Answer]]) -> dict[str, list[Answer]]:
    """Every measure's answers, one a round.  Each round begins with another, so that none is always the first."""
    names = list(measures)
    answers: dict[str, list[Answer]] = {name: [] for name in names}
    for turn in range(rounds):
        start = turn % len(names)
        for name in names[start:] + names[:start]:
            answers[name].append(measures[name]())
    return answers


def ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """The median of the rounds' ratios: each round is compared with itself."""
    return median(over / under for over, under in zip(above, below, strict=True))
