"""The life of a recording as a table: which status may follow which."""

from __future__ import annotations

from callvault.errors import Conflict
from callvault.model.recording import Status

MOVES: dict[Status, frozenset[Status]] = {
    Status.CAPTURING: frozenset({Status.PAUSED, Status.PROCESSING, Status.FAILED}),
    Status.PAUSED: frozenset({Status.CAPTURING, Status.PROCESSING, Status.FAILED}),
    Status.PROCESSING: frozenset({Status.AVAILABLE, Status.FAILED}),
    Status.AVAILABLE: frozenset({Status.DELETED}),
    Status.FAILED: frozenset({Status.DELETED}),
    Status.DELETED: frozenset(),
}

LIVE = frozenset({Status.CAPTURING, Status.PAUSED})
FINISHED = frozenset({Status.AVAILABLE, Status.FAILED})
LISTED = frozenset(Status) - {Status.DELETED}


def move(before: Status, after: Status) -> Status:
    """Return ``after`` where the table allows it.

    Raises:
        Conflict: the table does not.
    """
    if after not in MOVES[before]:
        raise Conflict(f"A recording that is {before} cannot become {after}.")
    return after
