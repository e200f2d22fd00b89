"""The gate of a process that has its streams itself: what steering asks of media, asked of the calls next door.

What does not live here: the gate to media workers (``capture.remote_gate``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from callvault.capture.aim import Aim
from callvault.capture.gate import OPEN_VEIL, Gate, Heard, KeyTypes, Opened, Opening, Veil
from callvault.errors import MediaError, TooMany

Draw = Callable[[Veil], int]


class StreamGate(Gate):
    """By take, who draws its veil.  Nobody asks it for sockets: connections bring the streams."""

    def __init__(self) -> None:
        self._draws: dict[UUID, Draw] = {}

    def know(self, take: UUID, draw: Draw) -> None:
        """There is a take."""
        self._draws[take] = draw

    def forget(self, take: UUID) -> None:
        """There is none any more."""
        self._draws.pop(take, None)

    async def veil(self, take: UUID, veil: Veil) -> int:
        """See ``Gate``."""
        draw = self._draws.get(take)
        if draw is None:
            raise MediaError(f"The take {take} is over, and has no veil.")
        return draw(veil)

    async def open(self, take: UUID, openings: Sequence[Opening], *, veil: Veil = OPEN_VEIL) -> Sequence[Opened]:  # noqa: ARG002
        """See ``Gate``."""
        raise TooMany("Media streams come over connections, and have no sockets.", after_s=0.0)

    async def aim(self, take: UUID, stream: int, aim: Aim | None) -> None:
        """See ``Gate``: there are no reports."""

    async def look_for_keys(self, take: UUID, stream: int, types: KeyTypes) -> None:
        """See ``Gate``: the calls next door know it themselves."""

    async def heard(self, take: UUID) -> Mapping[int, Heard]:  # noqa: ARG002 - the door knows what its calls hear
        """See ``Gate``."""
        return {}

    async def shut(self, take: UUID, streams: Sequence[int] | None = None) -> None:  # noqa: ARG002 - as it is over
        """See ``Gate``."""
        self.forget(take)
