"""The shipment: a finished recording's file on its way to the URL that it was asked to be pushed to.

What does not live here: that it is wanted (``wish.Push``), what the request looks like (a dialect), and the sending
(``webhooks``).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from callvault.model.destination import without_credentials
from callvault.model.media import MediaFormat
from callvault.model.recording import Recording
from callvault.model.wish import Push

OWN = "callvault"
FIELD = "push"
"""Where a recording's ``extras`` tell of it: ``extras["callvault"]["push"]``."""


class ShipmentState(enum.StrEnum):
    """How far it is."""

    WAITING = "waiting"
    """It was not taken yet; it is tried again while this lasts."""
    DONE = "done"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shipment:
    """One file, one URL; a recording has one at most."""

    recording_id: UUID
    account_id: UUID
    push: Push
    state: ShipmentState = ShipmentState.WAITING
    tries: int = 0
    """How often it has been tried."""
    due_at: datetime
    """When it is tried next."""
    made_at: datetime
    moved_at: datetime
    """When it was tried last; before that, when it was made."""
    status: int | None = None
    """What the last try was answered; None: nothing came back, or there was none yet."""
    error: str | None = None
    """What was wrong with the last try, in a sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Where exactly a file goes, and as what."""

    url: str
    content_type: str
    form: MediaFormat


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long a receiver that does not take a file is tried: some tries in a row, and such rows again and again."""

    tries: int = 5
    """In a row."""
    pause_s: float = 5.0
    """Between two of them."""
    rounds: int = 6
    longest_rest_s: float = 600.0
    """Between two rows; a random part of it, from a tenth on."""

    def rest_s(self, tries: int, dice: float) -> float | None:
        """How long to wait after so many tries; None: it is given up.  ``dice``: 0 to 1."""
        if tries >= self.tries * self.rounds:
            return None
        if tries % self.tries:
            return self.pause_s
        return self.longest_rest_s * (0.1 + 0.9 * dice)


def after_try(
    shipment: Shipment, *, status: int | None, error: str | None, now: datetime, patience: Patience, dice: float
) -> Shipment:
    """The shipment after a try; any 2xx is success.  ``error``: what was wrong, None where nothing was."""
    tried = replace(shipment, tries=shipment.tries + 1, moved_at=now, status=status, error=error)
    if error is None:
        return replace(tried, state=ShipmentState.DONE, due_at=now)
    rest_s = patience.rest_s(tried.tries, dice)
    if rest_s is None:
        return replace(tried, state=ShipmentState.GIVEN_UP, due_at=now)
    return replace(tried, due_at=now + timedelta(seconds=rest_s))


def told(shipment: Shipment) -> dict[str, Any]:
    """What a recording's document says of it; what is unknown is left out, and so are the URL's credentials."""
    said = {
        "state": shipment.state.value,
        "url": without_credentials(shipment.push.url),
        "method": shipment.push.method,
        "tries": shipment.tries,
        "at": shipment.moved_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "status": shipment.status,
        "error": shipment.error,
    }
    return {name: value for name, value in said.items() if value is not None}


def with_shipment(recording: Recording, shipment: Shipment) -> Recording:
    """The recording with what is to be told of its shipment."""
    own = {**recording.extras.get(OWN, {}), FIELD: told(shipment)}
    return replace(recording, extras={**recording.extras, OWN: own}, updated_at=shipment.moved_at)


def shipment_told(recording: Recording) -> Mapping[str, Any] | None:
    """What the recording tells of its shipment; None where it has none."""
    said = recording.extras.get(OWN, {}).get(FIELD)
    return said if isinstance(said, Mapping) else None
