"""What is known of a call while it lasts, from its journal: for the rules, and for whoever looks at it.  Pure.

Somebody has answered when the first participant's stream flows, and the call is bridged when the second's does.  It
was transferred when a participant's place was taken by somebody else.  What does not live here: its recordings
(``steering``), the card of what it becomes (``capture.cards``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from hashlib import sha256
from itertools import groupby
from typing import Any
from uuid import UUID, uuid5

from callvault.capture.cards import address_of, call_id_of, moment, number_of
from callvault.capture.conference import THREE, Conference, conference_id, told_in
from callvault.model.live import LiveCall, LiveRecording
from callvault.model.party import NOBODY, Party
from callvault.model.policy import CallFacts, Policy
from callvault.model.recording import Direction
from callvault.protocols.spool.journal import Attended, Begun, Flow, Flowed, Named, Participant, Record

Telling = Begun | Named | Flowed | Attended
"""The records from which anything is learnt here."""
PAIR = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownCall:
    """A call so far."""

    take: UUID
    account_id: UUID
    began_ns: int
    door: str
    trunk: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What the trunk says of its recordings."""
    session: str | None = None
    sip_call_id: str | None = None
    told_direction: str | None = None
    """By the client."""
    foreign: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    conference_name: str | None = None
    people: tuple[Participant, ...] = ()
    """Who is in it just now."""
    flows: Mapping[int, Flow] = field(default_factory=dict)
    """By stream."""
    answered_ns: int | None = None
    bridged_ns: int | None = None
    three_ns: int | None = None
    """Since when it has been one of three."""
    caller: Participant | None = None
    """Who was there first."""
    callee: Participant | None = None
    """Who is, or was last, on the other side."""
    vacant: tuple[Participant, ...] = ()
    """Who has left, as long as nobody has taken the place."""
    transfers: int = 0
    """How often somebody's place was taken by another."""

    # What the records make of it

    def after(self, records: Iterable[Record]) -> KnownCall:
        """As it is after these.  What came at one moment is looked at together."""
        known = self
        telling = (record for record in records if isinstance(record, Telling))
        for at_ns, together in groupby(telling, key=lambda record: record.at_ns):
            known = reduce(KnownCall.told, together, known).reckoned(at_ns)
        return known

    def told(self, record: Telling) -> KnownCall:
        """As it is after one of them, but for what is only to be seen when all of the moment are there."""
        match record:
            case Flowed():
                return replace(self, flows={**self.flows, record.stream: record.flow})
            case Named():
                return self._named(record)
            case Attended():
                return self._attended(record.participants)
            case Begun():
                return self

    def _named(self, record: Named) -> KnownCall:
        """The first word for each name counts: a later document may be about another leg."""
        foreign = {dialect: {**ids, **self.foreign.get(dialect, {})} for dialect, ids in record.foreign.items()}
        return replace(
            self,
            session=self.session or record.session_id,
            sip_call_id=self.sip_call_id or record.sip_call_id,
            told_direction=self.told_direction or record.direction,
            foreign={**self.foreign, **foreign},
            conference_name=self.conference_name or record.conference_name,
        )

    def _attended(self, people: Sequence[Participant]) -> KnownCall:
        """Whoever comes while a place is vacant takes it, but for those who left it and are back."""
        stayed = _paired(self.people, people)
        left = [each for each in self.people if each not in stayed]
        come = [each for each in people if each not in stayed.values()]
        vacant = (*self.vacant, *left) if left and (come or len(self.people) <= PAIR) else self.vacant
        back = _paired(vacant, come)
        taken = len(vacant) > len(back) and len(come) > len(back)
        ordered = sorted(come, key=lambda each: min(each.sends, default=len(people)))
        caller = _became(self.caller, stayed, back) or next(iter(ordered), None)
        others = [each for each in ordered if each is not caller]
        callee = _became(self.callee, stayed, back)
        if self.callee is None or (others and self.callee in (*left, *self.vacant) and self.callee not in back):
            callee = next(iter(others), self.callee)
        return replace(
            self,
            people=tuple(people),
            vacant=() if taken else tuple(each for each in vacant if each not in back),
            transfers=self.transfers + taken,
            caller=caller,
            callee=callee,
        )

    def reckoned(self, at_ns: int) -> KnownCall:
        """When all that came at one moment is known: whether it is answered, and bridged, and of three."""
        voices = self._voices()
        three = any(each.sends for each in self.people) and voices >= THREE  # nobody's streams may be one person's
        return replace(
            self,
            answered_ns=at_ns if self.answered_ns is None and voices else self.answered_ns,
            bridged_ns=at_ns if self.bridged_ns is None and voices >= PAIR else self.bridged_ns,
            three_ns=at_ns if self.three_ns is None and three else self.three_ns,
        )

    def _voices(self) -> int:
        """How many have a stream that flows; where nobody says whose streams they are, how many streams."""
        flowing = {stream for stream, flow in self.flows.items() if flow is Flow.FLOWING}
        if any(each.sends for each in self.people):
            return sum(bool(flowing.intersection(each.sends)) for each in self.people)
        return len(flowing)

    # What it is to others

    @property
    def direction(self) -> Direction:
        """As the client says, or else the trunk."""
        return Direction(self.told_direction or self.settings.get("direction") or Direction.INBOUND)

    @property
    def conference(self) -> Conference:
        """What it is called as a conference, and whether it is one."""
        told, session = told_in(self.foreign), self.session or self.sip_call_id
        said = told is not None or self.conference_name is not None
        return Conference(
            id=conference_id(self.account_id, self.take, told, session),
            name=self.conference_name,
            since_ns=self.began_ns if said else self.three_ns,
        )

    @property
    def held(self) -> bool:
        """Whether there are streams, and none of them flows."""
        there = [flow for flow in self.flows.values() if flow is not Flow.CLOSED]
        return bool(there) and Flow.FLOWING not in there

    @property
    def answered(self) -> bool:
        """Whether somebody has."""
        return self.answered_ns is not None

    @property
    def bridged(self) -> bool:
        """Whether it is."""
        return self.bridged_ns is not None

    def facts(self, policy: Policy) -> CallFacts:
        """What a rule may look at.  The other side of an inbound call is the caller, of an outbound one the callee."""
        other = self.caller if self.direction is Direction.INBOUND else self.callee
        user, host = address_of(other.address if other else None)
        users = (address_of(each.address)[0] for each in (self.caller, self.callee) if each)
        return CallFacts(
            direction=self.direction,
            network=policy.network_of(number_of(other.address if other else None) or user, host),
            caller=number_of(self.caller.address) if self.caller else None,
            callee=number_of(self.callee.address) if self.callee else None,
            user_id=self._user_id,
            devices=tuple(user for user in users if user),
            draw=draw_of(self.take),
        )

    @property
    def _user_id(self) -> UUID | None:
        said = self.settings.get("user_id")
        return UUID(said) if said else None

    def live(self, node: str, recordings: tuple[LiveRecording, ...] = (), *, masked: bool = False) -> LiveCall:
        """The call, for people.  ``node``: who has it."""
        call_id, conference = call_id_of(self.take), self.conference
        session = self.session or self.sip_call_id
        return LiveCall(
            take=self.take,
            account_id=self.account_id,
            call_id=call_id,
            session_id=uuid5(self.account_id, session) if session else call_id,
            node=node,
            door=self.door,
            trunk=self.trunk,
            user_id=self._user_id,
            connection_id=self.settings.get("connection_id") or self.trunk,
            sip_call_id=self.sip_call_id,
            foreign=self.foreign,
            conference_id=conference.id,
            conference_name=conference.name,
            is_conference=conference.since_ns is not None,
            direction=self.direction,
            caller=_party(self.caller),
            callee=_party(self.callee),
            participants=len(self.people) or self._voices(),
            began_at=moment(self.began_ns),
            answered_at=moment(self.answered_ns) if self.answered_ns is not None else None,
            bridged_at=moment(self.bridged_ns) if self.bridged_ns is not None else None,
            held=self.held,
            masked=masked,
            recordings=recordings,
        )


def known_from(begun: Begun, records: Iterable[Record] = ()) -> KnownCall:
    """A call that begins, or that a journal tells of."""
    return KnownCall(
        take=begun.take,
        account_id=begun.account_id,
        began_ns=begun.at_ns,
        door=begun.door,
        trunk=begun.trunk,
        settings=begun.settings,
    ).after(records)


def draw_of(take: UUID) -> float:
    """A number from 0 on, below 100, that is always the same for a take, and spread evenly over takes."""
    return int.from_bytes(sha256(take.bytes).digest()[:6], "big") * 100 / (1 << 48)


def _paired(before: Sequence[Participant], now: Sequence[Participant]) -> dict[Participant, Participant]:
    """Who is who: by id, or by address, since some clients give the same people new ids."""
    found: dict[Participant, Participant] = {}
    for name_of in (_id, _address):
        free = [each for each in now if each not in found.values()]
        for old in before:
            name = name_of(old)
            new = next((each for each in free if name and name_of(each) == name), None)
            if new is not None and old not in found:
                found[old] = new
                free.remove(new)
    return found


def _id(participant: Participant) -> str | None:
    return participant.id or None


def _address(participant: Participant) -> str | None:
    return participant.address


def _became(somebody: Participant | None, *pairs: Mapping[Participant, Participant]) -> Participant | None:
    """Somebody as they are told of now, or were last."""
    if somebody is None:
        return None
    return next((each[somebody] for each in pairs if somebody in each), somebody)


def _party(participant: Participant | None) -> Party:
    if participant is None:
        return NOBODY
    return Party(number=number_of(participant.address), name=participant.name or None)
