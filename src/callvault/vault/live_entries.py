"""The entries of recordings that are being made: written when somebody asks for one, or steers it.

The finisher completes them, and makes those that could not be written.  What does not live here: the verbs (``live``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from callvault.catalogue.store import Catalogue
from callvault.errors import CallvaultError, Conflict
from callvault.model.events import events_between
from callvault.model.life import MOVES
from callvault.model.live import LiveCall, LiveRecording, Phase
from callvault.model.merging import merged
from callvault.model.order import Done
from callvault.model.recording import CONFERENCE_ORIGINS, MediaState, Recording, Source, Status
from callvault.model.wish import Track
from callvault.vault.changing import TRIES
from callvault.vault.enrolment import with_country

log = logging.getLogger("callvault.live")

Said = Mapping[str, Mapping[str, Any]]
NOTHING: Said = MappingProxyType({})

STATUS = {
    Phase.WAITING: Status.CAPTURING,
    Phase.RUNNING: Status.CAPTURING,
    Phase.PAUSED: Status.PAUSED,
    Phase.STOPPED: Status.PROCESSING,
}
"""No entry says that its recording waits for a cue: to whoever asked, it has begun."""


class LiveEntries:
    """Writes entries of what is under way."""

    def __init__(self, catalogue: Catalogue, clock: Callable[[], datetime]) -> None:
        self._catalogue = catalogue
        self._clock = clock

    async def write(self, done: Done, *, foreign: Said = NOTHING, extras: Said = NOTHING) -> tuple[Recording, ...]:
        """The entries of the recordings that a verb was about, as they are now.

        The verb has been carried out: what cannot be written is logged, and answered all the same.
        """
        found = []
        for name in done.recordings:
            made = done.call.recording(name)
            if made is None:
                continue
            try:
                found.append(await self._put(done.call, made, foreign, extras))
            except CallvaultError as error:
                log.warning("the recording %s is under way, and its entry cannot be written yet: %s", name, error)
                found.append(entry_of(done.call, made, self._clock(), foreign=foreign, extras=extras))
        return tuple(found)

    async def _put(self, call: LiveCall, made: LiveRecording, foreign: Said, extras: Said) -> Recording:
        """Whoever is late with an earlier verb must not say what a later one has changed: the entry is read, and then
        what the call is by now, which is written before any verb is answered."""
        for _ in range(TRIES):
            known = await self._catalogue.get(made.id, account_id=call.account_id)
            call, made = await self._newest(call, made)
            now = self._clock()
            try:
                if known is None:
                    entry = entry_of(call, made, now, foreign=foreign, extras=extras)
                    return (await self._catalogue.add(entry, events=events_between(None, entry))).recording
                after = _moved(known, call, made, extras, now)
                if after == replace(known, updated_at=now):
                    return known
                return await self._catalogue.change(after, expected=known.revision, events=events_between(known, after))
            except Conflict:  # another verb about the same recording was faster, or it is finished already
                continue
        raise Conflict("The recording is being changed by others at the same time; try again.")

    async def _newest(self, call: LiveCall, made: LiveRecording) -> tuple[LiveCall, LiveRecording]:
        found = await self._catalogue.live_call(call.account_id, str(made.id))
        newest = found.recording(made.id) if found is not None and found.take == call.take else None
        return (call, made) if found is None or newest is None else (found, newest)


def _moved(current: Recording, call: LiveCall, made: LiveRecording, extras: Said, now: datetime) -> Recording:
    status = STATUS[made.phase]
    return replace(
        current,
        status=status if status in MOVES[current.status] else current.status,
        ended_at=made.ended_at or current.ended_at,
        conference_id=current.conference_id or (call.conference_id if _in_conference(call, made) else None),
        conference_name=current.conference_name or (call.conference_name if _in_conference(call, made) else None),
        extras=merged(current.extras, extras),
        updated_at=now,
    )


def _in_conference(call: LiveCall, made: LiveRecording) -> bool:
    """Whether its entry tells of the conference: where the call is one, or the conference's recording was asked for."""
    return call.is_conference or made.wish.origin in CONFERENCE_ORIGINS


def entry_of(call: LiveCall, made: LiveRecording, now: datetime, *, foreign: Said, extras: Said) -> Recording:
    """A recording under way as the catalogue has it; what it lasts is known when it is finished."""
    wish = made.wish
    dialects = {*call.foreign, *foreign}
    return Recording(
        id=made.id,
        account_id=call.account_id,
        user_id=call.user_id,
        call_id=call.call_id,
        call_session_id=call.session_id,
        conference_id=call.conference_id if _in_conference(call, made) else None,
        conference_name=call.conference_name if _in_conference(call, made) else None,
        sip_call_id=call.sip_call_id,
        connection_id=call.connection_id,
        source=Source.CONFERENCE if wish.origin in CONFERENCE_ORIGINS else Source.CALL,
        origin=wish.origin,
        direction=call.direction,
        status=STATUS[made.phase],
        media_state=MediaState.AWAITED,
        caller=with_country(call.caller),
        callee=with_country(call.callee),
        channels=wish.channels or (2 if wish.track is Track.BOTH else 1),
        format=wish.format,
        duration_ms=0,
        started_at=made.began_at or made.asked_at,
        ended_at=made.ended_at,
        created_at=made.asked_at,
        updated_at=now,
        taken_in_at=now,
        label=wish.label,
        foreign={name: {**call.foreign.get(name, {}), **foreign.get(name, {})} for name in sorted(dialects)},
        extras=merged(wish.kept, extras),
    )
