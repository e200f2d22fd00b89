"""An aim: where receiver reports of a stream go, and under which keys reports go and come.

What does not live here: who sends them (``media.reporter``).  An aim is told from process to process, and its keys stay
in their memory: none is written anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from callvault.protocols.srtp_keys import SrtpKey, read_keys, write_keys

MOST_KEY_CHARACTERS: Final = 200
"""Of the sender's keys, as they are told: a media worker is told of two hundred streams in one message, and how long
that can be is up to the kernel."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Aim:
    """One stream's."""

    host: str
    port: int
    key: SrtpKey | None = None
    """What protects ours; None where they go in clear."""
    theirs: tuple[SrtpKey, ...] = ()
    """What protects the sender's own; none are known where these are too many."""

    @classmethod
    def secure(cls, place: tuple[str, int], key: SrtpKey, theirs: Sequence[SrtpKey]) -> Aim:
        """For SRTP."""
        told = tuple(theirs) if len(write_keys(theirs)) <= MOST_KEY_CHARACTERS else ()
        return cls(host=place[0], port=place[1], key=key, theirs=told)


def write_aim(aim: Aim | None) -> list[Any] | None:
    """As JSON."""
    if aim is None:
        return None
    keys = [write_keys([aim.key]), write_keys(aim.theirs)] if aim.key is not None else []
    return [aim.host, aim.port, *keys]


def read_aim(document: Sequence[Any] | None) -> Aim | None:
    """Turn ``write_aim`` back.

    Raises:
        TypeError, ValueError: it is no such document.
    """
    if document is None:
        return None
    host, port, *keys = document
    if not keys:
        return Aim(host=host, port=port)
    ours, theirs = keys
    (key,) = read_keys(ours)
    return Aim(host=host, port=port, key=key, theirs=read_keys(theirs))
