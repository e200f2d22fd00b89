"""Faults that a test asks for: what goes wrong, where, and how often.

A fault is of one of three families: a refusal (the dialect says it in its vendor's words), audio that comes late,
slowly or not to its end, or notices that come late or more than once.  What does not live here: making things go
wrong (``spoiling``), and reading a fault off a request (``fault_documents``).
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field
from functools import lru_cache


class Family(enum.StrEnum):
    """Which part of the server a fault concerns."""

    REFUSAL = "refusal"
    BODY = "body"
    NOTICE = "notice"


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """The request is refused."""

    status: int
    """What kind of refusal; the dialect may have another status for it."""
    retry_after_s: float = 1.0
    """With 429."""
    limit: int = 100
    """With 429, for the vendors that tell how many requests are allowed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SlowBody:
    """What is answered comes slowly, or breaks off."""

    first_byte_after_s: float = 0.0
    bytes_per_s: float | None = None
    break_after_bytes: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OddNotice:
    """A notice comes late, or more often than it should."""

    late_s: float = 0.0
    """On the emulator's clock."""
    copies: int = 1


Deed = Refusal | SlowBody | OddNotice
FAMILY: dict[type[Deed], Family] = {Refusal: Family.REFUSAL, SlowBody: Family.BODY, OddNotice: Family.NOTICE}


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing that goes wrong."""

    dialect: str | None = None
    """None: in all of them."""
    method: str | None = None
    path: str = "**"
    """``*`` stands for anything within one segment, ``**`` for anything at all.  A notice's path is its URL's."""
    times: int | None = 1
    """None: until it is taken back."""
    deed: Deed

    @property
    def family(self) -> Family:
        """What it concerns."""
        return FAMILY[type(self.deed)]

    def concerns(self, dialect: str, method: str, path: str) -> bool:
        """Whether this is the place."""
        return (
            self.dialect in {None, dialect}
            and self.method in {None, method}
            and _pattern(self.path).fullmatch(path) is not None
        )


@dataclass(slots=True)
class _Standing:
    fault: Fault
    left: int | None = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.fault.times


class Faults:
    """Those that stand, first come, first served."""

    def __init__(self) -> None:
        self._standing: list[_Standing] = []

    def plant(self, *faults: Fault) -> None:
        """Let them happen from now on."""
        self._standing += [_Standing(fault) for fault in faults]

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._standing.clear()

    def standing(self) -> tuple[tuple[Fault, int | None], ...]:
        """Each with the times that are left."""
        return tuple((entry.fault, entry.left) for entry in self._standing)

    def take(self, family: Family, dialect: str, method: str, path: str) -> Deed | None:
        """What goes wrong here and now; it has happened once more when this returns."""
        for entry in self._standing:
            if entry.fault.family is family and entry.fault.concerns(dialect, method, path):
                if entry.left is not None:
                    entry.left -= 1
                    if entry.left == 0:
                        self._standing.remove(entry)
                return entry.fault.deed
        return None


@lru_cache(maxsize=256)
def _pattern(path: str) -> re.Pattern[str]:
    pieces = re.split(r"(\*\*|\*)", path)
    words = {"**": ".*", "*": "[^/]*"}
    return re.compile("".join(words.get(piece, re.escape(piece)) for piece in pieces), re.DOTALL)
