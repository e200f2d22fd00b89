"""Signs of life: which nodes still have the live calls that they told of.

One row a node, with the time by the database's own clock, so that no node's is asked.  Calls of a node that has been
silent for too long are left out; they are back with its next sign.  What does not live here: the calls (``live_rows``),
how often a node gives a sign (``vault.live_calls``).
"""

from __future__ import annotations

from collections.abc import Iterable

from callvault.catalogue.entries import Written
from callvault.catalogue.steps import Rows, Steps, ask_all, ask_each

SILENT_MS = 20_000
"""How long a node that has calls may be silent.

It gives a sign every three seconds; SQLite may keep it waiting for ten while another process writes, and after a write
that failed it rests for two.  One that was killed is followed by another within a second or two, under its name.
"""
GONE_MS = 24 * 60 * 60 * 1000
"""A node that has been silent for so long is forgotten, and its calls; should it come back it is told (``sign``)."""

NODE_LIVES = f"JOIN live_nodes AS s ON s.node = l.node AND abs(clock_ms() - s.seen) < {SILENT_MS}"
"""Of ``live_calls AS l``, those that somebody has.  What lies ahead counts like what lies behind: a database's clock
that was set back must not keep the dead alive."""

_SEEN = (
    "INSERT INTO live_nodes (node, seen) VALUES ($1, clock_ms())"
    " ON CONFLICT (node) DO UPDATE SET seen = excluded.seen RETURNING 1"
)
_SIGN = "UPDATE live_nodes SET seen = clock_ms() WHERE node = $1 RETURNING 1"
_LOST = "SELECT l.take FROM live_calls AS l WHERE NOT EXISTS (SELECT 1 FROM live_nodes AS s WHERE s.node = l.node)"


def note_seen(nodes: Iterable[str]) -> Steps[None]:
    """They have told of something just now."""
    yield from ask_each(_SEEN, [(node,) for node in sorted(nodes)])


def sign(node: str) -> Steps[Written[bool]]:
    """See ``Lives.sign_of_life``."""
    return Written(bool((yield from ask_all(_SIGN, node))))


def forget_gone() -> Steps[Rows]:
    """Forget nodes that will not come back; the takes of the calls that nobody has any more."""
    yield from ask_all(f"DELETE FROM live_nodes WHERE seen < clock_ms() - {GONE_MS} RETURNING 1")
    return (yield from ask_all(_LOST))
