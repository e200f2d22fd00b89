"""The vigil over a media worker: whether one that still lives has stopped working.

A worker shows progress once a tick.  One that is merely slow on a busy machine does so between two shelves, tens of
milliseconds apart; one that was stopped, waits for what never comes, or goes round in circles shows none.
What does not live here: the clock, and what is done about it (``supervisor``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

EVERY_S = 0.5
"""How often it is looked."""
LONGEST_HUNG_S = 5.0
"""Whoever calls meanwhile waits for a socket: no INVITE is left for the 8 s after which it is answered 503."""
STARTING_S = 30.0
"""How long a new process may take to load its modules."""
_PACKET_BYTES = 832
"""What the kernel takes of a socket's buffer for 20 ms of G.711."""
_PACKET_S = 0.02


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long a worker may show no progress."""

    hung_s: float
    on_disk_s: float
    """While it waits for the disk, which is what a successor would do too."""

    def is_over(self, silent_s: float, *, on_disk: bool) -> bool:
        """Whether a worker that has shown nothing for so long is to be followed by another."""
        return silent_s >= (self.on_disk_s if on_disk else self.hung_s)


def patience_with(buffer_bytes: int) -> Patience:
    """As the kernel's buffer of one socket allows: what comes meanwhile has to find room there.

    A third of what it keeps of a G.711 stream: packets of 10 ms, and network cards that take more memory for each, fill
    it sooner, and the successor needs its time.  For the disk, two thirds: then nothing is won by waiting any longer.
    """
    kept_s = buffer_bytes / _PACKET_BYTES * _PACKET_S
    return Patience(hung_s=min(LONGEST_HUNG_S, kept_s / 3), on_disk_s=kept_s * 2 / 3)


class Vigil:
    """Over one worker: for how long it has shown nothing."""

    def __init__(self, now_s: float) -> None:
        self._looked_s = now_s
        self._silent_s = 0.0
        self._progress = True

    def note_progress(self) -> None:
        """The worker has shown that it works."""
        self._progress = True

    def look(self, now_s: float) -> float:
        """Seconds without progress, as far as somebody was awake to see them.

        A look counts for ``EVERY_S`` at most, however late it comes: when the machine was suspended, or so busy that
        the looks themselves were late, the worker had no chance either.
        """
        passed_s = min(now_s - self._looked_s, EVERY_S)
        self._silent_s = 0.0 if self._progress else self._silent_s + passed_s
        self._looked_s, self._progress = now_s, False
        return self._silent_s


def waits_for_disk(pid: int) -> bool:
    """Whether a process is in the kernel's uninterruptible sleep (proc(5), state D), out of which nothing wakes it."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] == b"D"
    except OSError:
        return False
