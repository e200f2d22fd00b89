"""Which takes are of one communication session: a new recording session of a call that is known is a transfer.

Some clients end the recording session and begin another when somebody is replaced, in this order or the other; both
are told by one session id.  What does not live here: participants who are replaced within a session (``facts``), what
is done about it (``helm``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from callvault.model.live import LiveRecording, Phase
from callvault.model.wish import Wish

MOST_NS = 10 * 1_000_000_000
"""How long after the end of one recording session another one may take its place."""
Key = tuple[UUID, str | None, str]
"""Account, trunk, and the session's id."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Heritage:
    """What a take leaves to the one that takes its place."""

    wishes: tuple[Wish, ...] = ()
    """Of recordings that somebody asked for, and that follow a transfer."""
    rules: frozenset[str] = frozenset()
    """Those that want nothing any more: their recordings do not follow, or have been stopped."""
    masked: bool = False
    """Whether the call is masked: what is not to be heard in one session is not in the next."""


NOTHING = Heritage()


def heritage_of(recordings: Sequence[LiveRecording], *, masked: bool) -> Heritage:
    """Of a take with these recordings."""
    return Heritage(
        wishes=tuple(
            each.wish
            for each in recordings
            if each.rule is None and each.phase in {Phase.RUNNING, Phase.WAITING} and each.wish.follows_transfer
        ),
        rules=frozenset(
            each.rule
            for each in recordings
            if each.rule is not None and (each.phase is Phase.STOPPED or not each.wish.follows_transfer)
        ),
        masked=masked,
    )


Heir = TypeVar("Heir")


class Succession(Generic[Heir]):
    """Of all takes of a process; ``Heir`` is whatever stands for one."""

    def __init__(self) -> None:
        self._last: dict[Key, Heir] = {}
        self._ended: deque[tuple[int, Key, Heir]] = deque()

    def take_place(self, key: Key, heir: Heir, now_ns: int) -> Heir | None:
        """Somebody is a session's last take from now on; whose place that was."""
        while self._ended and now_ns - self._ended[0][0] > MOST_NS:
            _, gone, whose = self._ended.popleft()
            if self._last.get(gone) is whose:
                del self._last[gone]
        before = self._last.get(key)
        self._last[key] = heir
        return before if before is not heir else None

    def end(self, key: Key, heir: Heir, now_ns: int) -> None:
        """A take is over; for a while another one may take its place."""
        self._ended.append((now_ns, key, heir))
