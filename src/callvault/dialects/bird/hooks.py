"""Bird documents no webhook about recordings (NOTES.md), so nothing is told."""

from __future__ import annotations

from callvault.dialects.notices import Hooks, Telling
from callvault.errors import Conflict
from callvault.model.hook import Hook
from callvault.model.notice import Notice, Rules


def rules(hook: Hook) -> Rules:  # noqa: ARG001 - one shape for all
    """Of what is never sent."""
    return Rules(timeout_s=15.0, pauses_s=())


def phrase(telling: Telling) -> Notice:
    """There is nothing that could be said.

    Raises:
        Conflict: always.
    """
    raise Conflict(f"Bird has no notice for {telling.event.kind}.")


HOOKS = Hooks(events={}, usual=frozenset(), rules=rules, phrase=phrase)
