"""Whether there is more to do than gets done: told by how long messages have waited for us.

What does not live here: what is done about it (``protocols.sip.overload``).
"""

from __future__ import annotations

TOO_OLD_S = 0.5
"""T1 of RFC 3261: after it a client sends its INVITE again, and what is done late is done twice."""
FRESH_S = 0.1


class Congestion:
    """Begins where a message waited too long, and ends where messages come fresh again."""

    def __init__(self, *, too_old_s: float = TOO_OLD_S, fresh_s: float = FRESH_S) -> None:
        self._too_old_s = too_old_s
        self._fresh_s = fresh_s
        self.overloaded = False
        self.worst_s = 0.0
        """The longest wait that was seen."""

    def observe(self, age_s: float) -> bool:
        """A message has waited so long, or a timer went off so late.  Whether there is too much to do."""
        self.worst_s = max(self.worst_s, age_s)
        if age_s > self._too_old_s:
            self.overloaded = True
        elif age_s < self._fresh_s:
            self.overloaded = False
        return self.overloaded
