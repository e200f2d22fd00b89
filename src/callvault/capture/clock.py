"""The clock of takes: nanoseconds since 1970, UTC, as the kernel stamps packets.

What does not live here: the agent's clock, which never goes back and says nothing about the day.
"""

from __future__ import annotations

import time
from collections.abc import Callable

NowNs = Callable[[], int]


def now_ns() -> int:
    """Now."""
    return time.time_ns()
