"""From what the signalling said of a take to the recording's card.  Pure.

What does not live here: what the audio says of itself (``vault.enrolment``), how the capture went (``finished``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from callvault.capture.conference import Conference
from callvault.capture.finished import FinishedAudio, Missed
from callvault.model.capture import Attendance, Capture, Captured, Message
from callvault.model.card import Card
from callvault.model.ids import new_id, time_of
from callvault.model.party import NOBODY, Party
from callvault.model.recording import CONFERENCE_ORIGINS, Direction, MediaState, Origin, Source
from callvault.model.wish import Wish
from callvault.protocols.spool.journal import Begun, Exchanged, Journal, Named

OWN = "callvault"
"""The dialect under whose name the core keeps what it has no word for."""
_EPOCH = datetime.fromtimestamp(0, UTC)
_NUMBER = re.compile(r"\+?[0-9*#().-]{2,32}")
_ADDRESS = re.compile(r"(?:(?P<scheme>sips?|tel):)?(?P<user>[^@;?]*)(?:@(?P<host>[^;?>]*))?", re.IGNORECASE)


def card_of(journal: Journal, begun: Begun, audio: FinishedAudio, conference: Conference | None = None) -> Card:
    """What the recording of one file of a take says of itself.  ``conference``: what the call is called as one."""
    started_at = moment(audio.began_ns)
    return _card(
        journal,
        begun,
        audio.capture,
        started_at=started_at,
        ended_at=(
            moment(audio.ended_ns)
            if audio.ended_ns is not None
            else started_at + timedelta(seconds=audio.samples / audio.sample_rate)
        ),
        partial=audio.partial,
        wish=audio.wish,
        conference=conference,
    )


def card_of_missed(journal: Journal, begun: Begun, missed: Missed, conference: Conference | None = None) -> Card:
    """The same where nothing is kept."""
    ended = journal.ended
    started_at = moment(missed.at_ns)
    ended_at = max(started_at, moment(ended.at_ns)) if ended else started_at
    card = _card(
        journal,
        begun,
        missed.capture,
        started_at=started_at,
        ended_at=ended_at,
        partial=False,
        wish=missed.wish,
        conference=conference,
    )
    return replace(card, error=missed.sentence)


def captured_of(journal: Journal, capture: Capture, began_ns: int) -> Captured:
    """What is kept beside the recording: the capture, and the messages exchanged about it."""
    return Captured(
        capture=capture,
        exchange=tuple(
            Message(
                at_ms=(record.at_ns - began_ns) // 1_000_000, sent=record.sent, peer=record.peer, text=record.message
            )
            for record in journal.records
            if isinstance(record, Exchanged)
        ),
    )


def recording_id(take: UUID, number: int) -> UUID:
    """The take's own id for its first recording; for the others one of the same moment."""
    if number == 0:
        return take
    return new_id(time_of(take), sha256(b"%b/%d" % (take.bytes, number)).digest())


def call_id_of(take: UUID) -> UUID:
    """What the call is to everybody else, unless an earlier recording of it says otherwise."""
    return new_id(time_of(take), sha256(b"%b/call" % take.bytes).digest())


def moment(at_ns: int) -> datetime:
    """A time of the capture as the core has it, to the millisecond."""
    return datetime.fromtimestamp(at_ns // 1_000_000_000, UTC) + timedelta(milliseconds=at_ns % 10**9 // 10**6)


def nanoseconds(at: datetime) -> int:
    """Turn ``moment`` back."""
    return (at - _EPOCH) // timedelta(milliseconds=1) * 1_000_000


def _card(
    journal: Journal,
    begun: Begun,
    capture: Capture,
    *,
    started_at: datetime,
    ended_at: datetime,
    partial: bool,
    wish: Wish | None,
    conference: Conference | None,
) -> Card:
    names = _names(journal)
    said = begun.settings
    caller, callee, transferred = _sides(capture.attendances)
    direction = names.direction or said.get("direction")
    session_id = names.session_id or names.sip_call_id
    user_id = said.get("user_id")
    origin = wish.origin if wish is not None else Origin.TRUNK
    if conference is not None and not conference.holds(nanoseconds(ended_at), wish):
        conference = None
    return Card(
        user_id=UUID(user_id) if user_id else None,
        call_session_id=uuid5(begun.account_id, session_id) if session_id else None,
        sip_call_id=names.sip_call_id,
        connection_id=said.get("connection_id") or begun.trunk,
        conference_id=conference.id if conference else None,
        conference_name=conference.name if conference else None,
        source=Source.CONFERENCE if origin in CONFERENCE_ORIGINS else Source.CALL,
        origin=origin,
        direction=Direction(direction) if direction else None,
        caller=caller,
        callee=callee,
        transfer_caller_id=transferred.number if transferred else None,
        transfer_to=callee.number if transferred else None,
        started_at=started_at,
        ended_at=ended_at,
        media_state=MediaState.PARTIAL if partial else None,
        notes=tuple(dict.fromkeys(oddity.sentence for oddity in capture.oddities)),
        label=wish.label if wish is not None else None,
        foreign=names.foreign,
        extras=_extras(names, wish),
    )


def _extras(names: Named, wish: Wish | None) -> Mapping[str, Mapping[str, Any]]:
    """What the core has no word for: as the client told it, and as the recording was asked for."""
    found: dict[str, dict[str, Any]] = {OWN: dict(names.extras)} if names.extras else {}
    for dialect, said in (wish.kept if wish is not None else {}).items():
        found[dialect] = {**found.get(dialect, {}), **said}
    return found


def _names(journal: Journal) -> Named:
    """All that became known, the first word for each: a later document may be about another leg."""
    named = [record for record in journal.records if isinstance(record, Named)]
    extras = {name: value for record in reversed(named) for name, value in record.extras.items()}
    foreign: dict[str, dict[str, str]] = {}
    for record in reversed(named):
        for dialect, ids in record.foreign.items():
            foreign.setdefault(dialect, {}).update(ids)
    return Named(
        at_ns=0,
        session_id=next((record.session_id for record in named if record.session_id), None),
        sip_call_id=next((record.sip_call_id for record in named if record.sip_call_id), None),
        direction=next((record.direction for record in named if record.direction), None),
        foreign=foreign,
        extras=extras,
    )


def _sides(attendances: Sequence[Attendance]) -> tuple[Party, Party, Party | None]:
    """Caller, callee, and who was there before the callee, where one was transferred."""
    first, second = (_apart(attendances, channel) for channel in (1, 2))
    if not second:  # one stream for both, or nobody said whose is whose: the order in which they came is all there is
        everybody = first + [each for each in _apart(attendances) if each not in first]
        return _party(everybody[:1]), _party(everybody[1:2]), None
    if len(second) > 1 and second[0].through_ms <= second[-1].from_ms:
        return _party(first[:1]), _party(second[-1:]), _party(second[:1])
    return _party(first[:1]), _party(second[:1]), None


def _apart(attendances: Sequence[Attendance], channel: int | None = None) -> list[Attendance]:
    """Each participant once, by first appearance; of one channel, or of all."""
    found: dict[str, Attendance] = {}
    for each in sorted(attendances, key=lambda each: each.from_ms):
        if channel in (None, each.channel):
            found.setdefault(each.id, each)
    return list(found.values())


def _party(attendances: Sequence[Attendance]) -> Party:
    if not attendances:
        return NOBODY
    return Party(number=number_of(attendances[0].address), name=attendances[0].name or None)


def number_of(address: str | None) -> str | None:
    """The number in a SIP or tel URI, or the URI without its parameters where it has none.

    ``sip:+12025550143@192.0.2.1;user=phone`` and ``tel:+1-202-555-0143`` are ``+12025550143``; ``sip:ruth@example.net``
    stays what it is; a bare ``7001`` too.
    """
    match = _matched(address)
    if match is None or not match["user"]:
        return None
    user = match["user"]
    if _NUMBER.fullmatch(user):
        return "".join(_kept(user))
    return f"{match['scheme'].lower()}:{user}@{match['host']}" if match["scheme"] and match["host"] else user


def address_of(address: str | None) -> tuple[str | None, str | None]:
    """User part and host of a SIP or tel URI, as they stand there."""
    match = _matched(address)
    return (match["user"] or None, match["host"] or None) if match else (None, None)


def _matched(address: str | None) -> re.Match[str] | None:
    return _ADDRESS.match(address.strip().strip("<>")) if address else None


def _kept(user: str) -> Iterator[str]:
    """A number without its visual separators (RFC 3966 section 5.1.1)."""
    return (letter for letter in user if letter not in "().-")
