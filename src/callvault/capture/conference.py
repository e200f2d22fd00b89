"""What the conference is called that a call is, or could be.  Pure.

Every live call has such an id, so that it can be asked for under the vendors' conference paths.  Recordings tell it
where the call is a conference (its client says so, or three speak in it), or where they were asked for of one.
What does not live here: who speaks in a call (``steering.facts``), how a client says it (``protocols.conference``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID, uuid5

from callvault.model.ids import new_id, time_of
from callvault.model.recording import CONFERENCE_ORIGINS
from callvault.model.wish import Wish

THREE = 3
"""So many speak in a conference."""
_HEX = r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"
_BITS = re.compile(rf"(?:CF|conf-[0-9a-f]{{8}}-)?({_HEX})", re.IGNORECASE | re.ASCII)
"""A vendor's id for a conference is a UUID, whatever stands before it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Conference:
    """Of one call."""

    id: UUID
    name: str | None = None
    since_ns: int | None = None
    """When it became one; None where it is none."""

    def holds(self, ended_ns: int, wish: Wish | None) -> bool:
        """Whether a recording that ended then tells of it."""
        asked = wish is not None and wish.origin in CONFERENCE_ORIGINS
        return asked or (self.since_ns is not None and self.since_ns <= ended_ns)


def told_in(foreign: Mapping[str, Mapping[str, str]]) -> str | None:
    """What the client calls the conference, where it does."""
    return next((ids["conference"] for ids in foreign.values() if "conference" in ids), None)


def conference_id(account_id: UUID, take: UUID, told: str | None, session: str | None) -> UUID:
    """The bits of the client's own id, or such as follow from it; else from the session, which takes may share."""
    if told is not None:
        bits = _BITS.fullmatch(told)
        return UUID(bits[1]) if bits else uuid5(account_id, f"conference {told}")
    if session is not None:
        return uuid5(account_id, f"conference of {session}")
    return new_id(time_of(take), sha256(b"%b/conference" % take.bytes).digest())
