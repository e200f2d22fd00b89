"""Completing the entry of a recording that was under way: what was heard joins what was known from its beginning.

What does not live here: the entry while it is under way (``live_entries``), a recording that has none yet (``intake``).
"""

from __future__ import annotations

from dataclasses import replace

from callvault.catalogue.store import Catalogue
from callvault.model.capture import Captured
from callvault.model.life import LIVE
from callvault.model.merging import merged
from callvault.model.recording import Recording, Status
from callvault.vault.changing import apply
from callvault.vault.commands import TakenIn

UNFINISHED = LIVE | {Status.PROCESSING}


async def complete(catalogue: Catalogue, standing: Recording, heard: Recording, captured: Captured | None) -> TakenIn:
    """The entry as it is when it is finished, and whether that was our doing.

    Raises:
        NotFound: it was deleted meanwhile.
        Conflict: others change it all the time.
    """
    if standing.status not in UNFINISHED:
        return TakenIn(recording=standing, fresh=False)
    if captured is not None:  # first, since nobody comes back for it once the entry is finished
        await catalogue.keep_capture(standing.account_id, standing.id, captured)
    ours = True

    def finished(current: Recording) -> Recording:
        nonlocal ours
        ours = current.status in UNFINISHED
        return joined(current, heard) if ours else current

    return TakenIn(recording=await apply(catalogue, standing, finished), fresh=ours)


def joined(standing: Recording, heard: Recording) -> Recording:
    """What was heard wins; what only the entry knows stays."""
    dialects = {*standing.foreign, *heard.foreign}
    foreign = {name: {**heard.foreign.get(name, {}), **standing.foreign.get(name, {})} for name in sorted(dialects)}
    return replace(
        heard,
        call_id=standing.call_id,
        call_session_id=standing.call_session_id,
        user_id=standing.user_id or heard.user_id,
        conference_id=standing.conference_id or heard.conference_id,
        conference_name=standing.conference_name or heard.conference_name,
        source=standing.source,
        origin=standing.origin,
        created_at=standing.created_at,
        label=standing.label or heard.label,
        transcription=standing.transcription,
        foreign=foreign,
        extras=merged(heard.extras, standing.extras),
        revision=standing.revision,
    )
