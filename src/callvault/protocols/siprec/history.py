"""What a call's documents say together, one applied after the other: who is in it now, and whose stream is whose.

A complete document replaces all that was known; a partial one changes what it names (RFC 7865 section 6.1).  Whoever
has left stays known, and is in the call no more.
What does not live here: media lines; the labels lead there (``voices``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from callvault.protocols.siprec.metadata import Document, Link, Mode, Person, Session, Stream


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """The state after the documents so far."""

    sessions: tuple[Session, ...] = ()
    people: Mapping[str, Person] = field(default_factory=dict)
    """By id, in the order in which they were first named."""
    nameless: bool = False
    """Whether a participant came without an id."""
    gone: frozenset[str] = frozenset()
    """The ids of those who have left."""
    streams: tuple[Stream, ...] = ()
    links: tuple[Link, ...] = ()
    """One for each participant of which it was said, those of unknown participants too."""
    extensions: Mapping[str, str] = field(default_factory=dict)

    @property
    def present(self) -> tuple[Person, ...]:
        """Who is in the call."""
        return tuple(person for person in self.people.values() if person.id not in self.gone)

    def apply(self, document: Document) -> History:
        """The state after one more document."""
        before = self if document.mode is Mode.PARTIAL else History()
        people = dict(before.people)
        for person in document.people:
            people[person.id] = _joined(people.get(person.id), person)
        return History(
            sessions=_sessions(before.sessions, document.sessions),
            people=people,
            nameless=before.nameless or document.nameless,
            gone=_gone(before.gone, document),
            streams=_streams(before.streams, document.streams),
            links=_links(before.links, document.links),
            extensions={**before.extensions, **document.extensions},
        )


def _joined(before: Person | None, now: Person) -> Person:
    """A participant named again; what a partial document leaves out stays."""
    if before is None:
        return now
    return Person(
        id=now.id,
        addresses=now.addresses or before.addresses,
        name=now.name or before.name,
        extensions={**before.extensions, **now.extensions},
    )


def _gone(before: frozenset[str], document: Document) -> frozenset[str]:
    """Who has left.  The last word on each counts: somebody may come back."""
    gone = set(before)
    for presence in document.presences:
        if presence.left_at is None:
            gone.discard(presence.person)
        else:
            gone.add(presence.person)
    return frozenset(gone)


def _sessions(before: tuple[Session, ...], now: tuple[Session, ...]) -> tuple[Session, ...]:
    found = {each.id: each for each in before}
    for each in now:
        old = found.get(each.id)
        found[each.id] = (
            each
            if old is None
            else replace(
                each,
                sip_session_ids=each.sip_session_ids or old.sip_session_ids,
                group=each.group or old.group,
                began_at=each.began_at or old.began_at,
                extensions={**old.extensions, **each.extensions},
            )
        )
    return tuple(found.values())


def _streams(before: tuple[Stream, ...], now: tuple[Stream, ...]) -> tuple[Stream, ...]:
    """By id; those without one by their label."""
    found = {each.id or f"label {each.label}": each for each in before}
    found.update({each.id or f"label {each.label}": each for each in now})
    return tuple(found.values())


def _links(before: tuple[Link, ...], now: tuple[Link, ...]) -> tuple[Link, ...]:
    """What is said of a participant anew replaces what was said; twice in one document is said together."""
    said: dict[str, Link] = {}
    over: set[str] = set()
    for link in now:
        if link.ended:
            over.add(link.person)
            continue
        old = said.get(link.person)
        said[link.person] = (
            link
            if old is None
            else Link(
                person=link.person,
                sends=tuple(dict.fromkeys((*old.sends, *link.sends))),
                receives=tuple(dict.fromkeys((*old.receives, *link.receives))),
            )
        )
    found = {each.person: each for each in before if each.person not in over}
    return tuple({**found, **said}.values())
