"""Changing what is known of a recording, when somebody else may be changing it too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from callvault.catalogue.store import Catalogue
from callvault.errors import BadRequest, Conflict, NotFound
from callvault.model.card import Card
from callvault.model.events import events_between
from callvault.model.merging import merged
from callvault.model.party import NOBODY
from callvault.model.recording import Recording, Status
from callvault.vault.commands import ChangeRecording
from callvault.vault.reading import Reading

CHANGEABLE = (
    "user_id",
    "conference_name",
    "connection_id",
    "application_id",
    "caller",
    "callee",
    "transfer_caller_id",
    "transfer_to",
    "label",
    "price",
    "price_unit",
)
"""What may be said anew; the audio, the clock and the vendor's ids say the rest for good."""
TRIES = 5


class Changing:
    """Applies changes, again where another was faster."""

    def __init__(self, catalogue: Catalogue, reading: Reading) -> None:
        self._catalogue = catalogue
        self._reading = reading

    async def change(self, command: ChangeRecording, now: datetime) -> Recording:
        """Say something anew of a recording.

        Raises:
            NotFound: there is none.
            BadRequest: the card speaks of what cannot be changed.
            Conflict: others changed it at the same time, and were faster every time.
        """
        said = _said(command.card)
        recording = await self._reading.locate(command.account_id, command.recording, known_user=command.known_user)

        def anew(current: Recording) -> Recording:
            patch = command.extras_patch
            extras = merged(current.extras, patch) if patch is not None else current.extras
            return replace(current, **said, extras=extras, updated_at=now)

        return await apply(self._catalogue, recording, anew)


async def apply(catalogue: Catalogue, recording: Recording, anew: Callable[[Recording], Recording]) -> Recording:
    """Change a recording and tell its hooks, starting over from its newest state where somebody else changed it.

    ``anew`` may raise: then nothing is changed.

    Raises:
        NotFound: it was deleted meanwhile.
        Conflict: others were faster every time.
    """
    for _ in range(TRIES):
        try:
            after = anew(recording)
            events = events_between(recording, after)
            return await catalogue.change(after, expected=recording.revision, events=events)
        except Conflict:
            newest = await catalogue.get(recording.id, account_id=recording.account_id)
            if newest is None or newest.status is Status.DELETED:
                raise NotFound("recording", str(recording.id)) from None
            if newest.revision == recording.revision:
                raise
            recording = newest
    raise Conflict("The recording is being changed by others at the same time; try again.")


def _said(card: Card) -> dict[str, Any]:
    said: dict[str, Any] = {}
    untouched = Card()
    for name in Card.__dataclass_fields__:
        value = getattr(card, name)
        if value == getattr(untouched, name):
            continue
        if name not in CHANGEABLE:
            raise BadRequest(f"{name} cannot be changed; {', '.join(CHANGEABLE)} can.", field=name)
        if value is not NOBODY:
            said[name] = value
    return said
