"""Listening in: a live call is heard while it lasts.

What does not live here: the sound, which whoever captures calls on this node hands in (``Ear``); steering (``live``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from callvault.errors import Conflict
from callvault.model.live import LiveCall
from callvault.model.media import MediaFormat
from callvault.vault.live_commands import GetLiveCall, ListenIn
from callvault.wire import ByteSource


@dataclass(frozen=True, kw_only=True, slots=True)
class Sounding:
    """A live call's sound, from the moment at which it is read until the call ends."""

    form: MediaFormat
    channels: int
    source: ByteSource
    """Read once, from 0 on; leaving is closing it."""


class Ear(Protocol):
    """What hears the calls that are captured on this node."""

    async def open(self, take: UUID, form: MediaFormat, channels: int | None) -> Sounding | None:
        """A take's sound; ``channels`` None: as many as its recording would have.  None: it is not under way here.

        Raises:
            TooMany: as many listen as may.
            HouseError, ProtocolError: nothing can be heard of it.
        """
        ...

    def close(self) -> None:
        """Nobody is given anything any more."""
        ...


class Listening:
    """Finds the call, and lets it be heard."""

    def __init__(self, find: Callable[[GetLiveCall], Awaitable[LiveCall]], ear: Ear | None) -> None:
        """``find``: see ``Live.get``.  ``ear``: None where this process hears nothing."""
        self._find = find
        self._ear = ear

    def close(self) -> None:
        """Nobody is given anything any more."""
        if self._ear is not None:
            self._ear.close()

    async def listen(self, command: ListenIn) -> Sounding:
        """The sound of a live call.

        Raises:
            NotFound: no such call is live.
            Conflict: another node has it.
            TooMany: as many listen as may.
        """
        call = await self._find(GetLiveCall(account_id=command.account_id, call=command.call))
        heard = await self._ear.open(call.take, command.form, command.channels) if self._ear is not None else None
        if heard is None:
            raise Conflict(f"The call has ended just now, or can be heard at its own node alone, which is {call.node}.")
        return heard
