"""From what was said and what was heard to an entry: works out every field that nobody gave.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import phonenumbers

from callvault.errors import BadRequest
from callvault.model.card import Card
from callvault.model.ids import new_id
from callvault.model.media import AudioFacts, MediaFormat
from callvault.model.party import Party
from callvault.model.recording import Direction, MediaState, Origin, Recording, Source, Status, StoredMedia
from callvault.model.storage import Trouble
from callvault.vault.sealing import Sealed

OURS_TO_SAY = ("id", "media", "duration_ms", "status", "taken_in_at", "updated_at", "deleted_at", "revision")
"""What no intake may claim: the vault and the audio say it."""
FIRST_YEAR, LAST_YEAR = 1970, 9998
"""An id cannot carry an earlier start; a later one has no room for the length."""
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """The bytes, measured."""

    facts: AudioFacts
    size_bytes: int
    sha256: str


def check_card(card: Card) -> None:
    """Refuse a card that claims what only the vault can know.

    Raises:
        BadRequest: names the field.
    """
    for name in OURS_TO_SAY:
        if getattr(card, name) is not None:
            hint = " A vendor's id goes into foreign." if name == "id" else ""
            raise BadRequest(f"{name} is worked out here and cannot be given.{hint}", field=name)
    if card.media_state not in {None, MediaState.WHOLE, MediaState.PARTIAL}:
        raise BadRequest("media_state of new audio is whole or partial.", field="media_state")
    for name in ("started_at", "ended_at", "created_at"):
        moment = getattr(card, name)
        if moment is not None and not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise BadRequest(f"{name} must lie in the years {FIRST_YEAR} to {LAST_YEAR}.", field=name)
    if card.started_at and card.ended_at and card.ended_at < card.started_at:
        raise BadRequest("ended_at lies before started_at.", field="ended_at")


def enrol(
    card: Card,
    heard: Heard,
    *,
    account_id: UUID,
    call_id: UUID | None,
    now: datetime,
    entropy: bytes,
    recording_id: UUID | None = None,
    form: MediaFormat | None = None,
) -> Recording:
    """The entry, but for where its bytes lie.  ``call_id``: of the call it belongs to, where that is here already.

    ``entropy``: 20 random bytes.  ``recording_id``: what it is called, where that was fixed before.  ``form``: what it
    was asked to be made as, whatever its bytes are.
    """
    facts = heard.facts
    length = facts.duration_ms * MILLISECOND
    started_at = card.started_at or (card.ended_at or now) - length
    ended_at = card.ended_at or started_at + length
    call_id = card.call_id or call_id or new_id(started_at, entropy[10:])
    return Recording(
        id=recording_id or new_id(started_at, entropy),
        account_id=account_id,
        user_id=card.user_id,
        call_id=call_id,
        parent_call_id=card.parent_call_id,
        call_session_id=card.call_session_id or call_id,
        conference_id=card.conference_id,
        conference_name=card.conference_name,
        sip_call_id=card.sip_call_id,
        connection_id=card.connection_id,
        application_id=card.application_id,
        source=card.source or (Source.CONFERENCE if card.conference_id else Source.CALL),
        origin=card.origin or (Origin.CONFERENCE if card.conference_id else Origin.TRUNK),
        direction=card.direction or Direction.INBOUND,
        status=Status.AVAILABLE,
        media_state=card.media_state or MediaState.WHOLE,
        caller=with_country(card.caller),
        callee=with_country(card.callee),
        transfer_caller_id=card.transfer_caller_id,
        transfer_to=card.transfer_to,
        channels=facts.channels,
        format=form or facts.format,
        duration_ms=facts.duration_ms,
        started_at=started_at,
        ended_at=ended_at,
        created_at=card.created_at or ended_at,
        updated_at=now,
        taken_in_at=now,
        label=card.label,
        price=card.price,
        price_unit=card.price_unit,
        error=card.error,
        notes=(*card.notes, facts.repaired) if facts.repaired else card.notes,
        transcription=card.transcription,
        foreign=card.foreign,
        extras=card.extras,
    )


TROUBLES: Mapping[Trouble, str] = {
    Trouble.REFUSED: "the keys that were given for it were not taken",
    Trouble.UNREACHABLE: "it did not answer as a store does",
}


def stored(
    recording: Recording,
    heard: Heard,
    *,
    store: str,
    key: str,
    url: str | None = None,
    trouble: Trouble | None = None,
    sealed: Sealed | None = None,
) -> Recording:
    """The entry with its bytes, and a note where they are not in the store that was chosen for them (``trouble``).

    ``sealed``: what was kept in their place.
    """
    media = StoredMedia(
        store=store,
        key=key,
        url=url,
        trouble=trouble,
        sealed=sealed.media if sealed is not None else None,
        size_bytes=sealed.size_bytes if sealed is not None else heard.size_bytes,
        sha256=sealed.sha256 if sealed is not None else heard.sha256,
        format=heard.facts.format,
        codec=heard.facts.codec,
        sample_rate=heard.facts.sample_rate,
        samples=heard.facts.samples,
        repaired=heard.facts.repaired,
    )
    if trouble is None:
        return replace(recording, media=media)
    note = (
        f"The audio is kept by this server, and not in the store that was chosen for connection"
        f" {recording.connection_id}: {TROUBLES[trouble]}."
    )
    return replace(recording, media=media, notes=(*recording.notes, note))


def with_country(party: Party) -> Party:
    """Derive the country of an E.164 number where nobody told it."""
    if party.country is not None or party.number is None or not party.number.startswith("+"):
        return party
    try:
        country = phonenumbers.region_code_for_number(phonenumbers.parse(party.number))
    except phonenumbers.NumberParseException:
        return party
    return replace(party, country=country) if country and country.isalpha() else party
