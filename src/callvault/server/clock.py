"""What time it is: the one seam through which the server asks.

The wall's clock, unless whoever builds the server has another.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Answers with an aware time, UTC."""


def wall_clock() -> datetime:
    """The machine's own time."""
    return datetime.now(UTC)
