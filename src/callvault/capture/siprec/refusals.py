"""Why calls were refused lately, for whoever asks: a short list in memory and in a file beside the spools.

What does not live here: deciding to refuse.
"""

from __future__ import annotations

import contextlib
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

KEPT = 200
QUIET_NS = 1_000_000_000
"""A flood is written down once a second."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Turned:
    """One call that was not taken."""

    at_ns: int
    """Nanoseconds since 1970, UTC."""
    peer: str
    """``udp:192.0.2.7:5060``."""
    status: int
    """What it was answered with."""
    sentence: str
    """Why, for the operator."""
    call_id: str | None = None
    from_: str | None = None


class Refusals:
    """The last ones, newest at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: deque[Turned] = deque(read_refusals(path), maxlen=KEPT)
        self._written_ns = 0
        self._unwritten = False

    def note(self, turned: Turned) -> None:
        """Remember it; the file is written at most once a second, and may fail to be."""
        self._kept.append(turned)
        self._unwritten = True
        if turned.at_ns - self._written_ns >= QUIET_NS:
            self._written_ns = turned.at_ns
            self.write()

    def write(self) -> None:
        """Bring the file up to date, if it is not."""
        if not self._unwritten:
            return
        self._unwritten = False
        part = self._path.with_suffix(".part")
        with contextlib.suppress(OSError):  # a full disk has other troubles
            part.write_bytes(b"".join(orjson.dumps(asdict(each)) + b"\n" for each in self._kept))
            part.replace(self._path)


def read_refusals(path: Path) -> list[Turned]:
    """What the file has; lines that cannot be read are passed over."""
    found = []
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return []
    for line in lines[-KEPT:]:
        with contextlib.suppress(orjson.JSONDecodeError, TypeError):
            found.append(Turned(**orjson.loads(line)))
    return found
