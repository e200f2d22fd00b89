"""Whose voice is on which media line: labels, streams and associations followed, and crooked ones made straight.

Three things have to agree: the label of a media line, a stream of the metadata with that label, and a participant who
is said to send that stream.  Where one is missing or wrong, the order decides if the numbers on both sides are the
same; else nothing is said of that voice.  Whatever was wrong is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from callvault.protocols.siprec.history import History
from callvault.protocols.siprec.metadata import Link, Person, Stream
from callvault.protocols.siprec.oddities import Oddity, listed, odd
from callvault.protocols.spool.journal import Participant


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What is known of one media line."""

    label: str | None
    cname: str | None = None
    taken: bool = True
    """Whether it is recorded."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Voices:
    """Who is in the call."""

    participants: tuple[Participant, ...]
    oddities: tuple[Oddity, ...] = ()


def voices_of(history: History, lines: Sequence[Line]) -> Voices:
    """Everybody who is in the call, with their media lines by index."""
    oddities: list[Oddity] = []
    places = _places(history.streams, lines, oddities)
    lines_of = _lines_of(history, places, oddities)
    links = _links(history, oddities)
    people = history.present
    if history.nameless:
        oddities.append(odd("participant-without-id"))
    if history.people and not any(link.sends for link in links.values()):
        oddities.append(odd("voices-untold"))
    participants = tuple(_participant(person, links.get(person.id), lines_of) for person in people)
    oddities += _crossed(participants, lines)
    return Voices(participants=participants, oddities=tuple(dict.fromkeys(oddities)))


def _places(streams: Sequence[Stream], lines: Sequence[Line], oddities: list[Oddity]) -> list[int | None]:
    """For each stream, the index of its media line."""
    by_label: dict[str, int] = {}
    for number, line in enumerate(lines):
        if line.label in by_label:
            oddities.append(odd("label-twice", label=line.label))
        elif line.label:
            by_label[line.label] = number
        elif line.taken:
            oddities.append(odd("label-missing", line=number + 1))
    places = [by_label.get(stream.label) if stream.label else None for stream in streams]
    lost = [stream for stream, place in zip(streams, places, strict=True) if place is None]
    left = [number for number, line in enumerate(lines) if line.taken and number not in places]
    for stream in lost:
        if stream.label is None:
            oddities.append(odd("stream-without-label"))
        elif by_label:  # where the SDP has no labels at all, that was told
            oddities.append(odd("label-unknown", label=stream.label, labels=listed(by_label)))
    if len(lost) == len(left):
        rest = iter(left)
        return [next(rest) if place is None else place for place in places]
    if streams:
        oddities += [odd("label-undescribed", label=lines[each].label) for each in left if lines[each].label]
    return places


def _lines_of(history: History, places: Sequence[int | None], oddities: list[Oddity]) -> dict[str, int]:
    """The media line of each id that a stream is called by."""
    found = {
        stream.id: place
        for stream, place in zip(history.streams, places, strict=True)
        if stream.id and place is not None
    }
    nameless = [
        place for stream, place in zip(history.streams, places, strict=True) if not stream.id and place is not None
    ]
    if nameless:
        oddities.append(odd("stream-without-id"))
        known = {stream.id for stream in history.streams}
        sent = dict.fromkeys(each for link in history.links for each in link.sends if each not in known)
        if len(sent) == len(nameless):
            found.update(zip(sent, nameless, strict=True))
    return found


def _links(history: History, oddities: list[Oddity]) -> Mapping[str, Link]:
    """By participant.  An association of nobody belongs to the only participant who has none (CUBE)."""
    links = {link.person: link for link in history.links if link.person in history.people}
    strays = [link for link in history.links if link.person not in history.people]
    oddities += [odd("association-unknown", person=link.person) for link in strays]
    unlinked = [person for person in history.people if person not in links]
    if len(strays) == len(unlinked) == 1:
        links[unlinked[0]] = strays[0]
    return links


def _participant(person: Person, link: Link | None, lines_of: Mapping[str, int]) -> Participant:
    def lines(streams: Sequence[str]) -> tuple[int, ...]:
        return tuple(sorted({lines_of[each] for each in streams if each in lines_of}))

    return Participant(
        id=person.id,
        address=person.addresses[0] if person.addresses else None,
        name=person.name,
        sends=lines(link.sends) if link else (),
        receives=lines(link.receives) if link else (),
    )


def _crossed(participants: Sequence[Participant], lines: Sequence[Line]) -> list[Oddity]:
    """Lines whose cname names a participant, and another one than the metadata does."""
    found = []
    for number, line in enumerate(lines):
        if not line.cname:
            continue
        named = [each for each in participants if _names(line.cname, each)]
        said = [each for each in participants if number in each.sends]
        if len(named) == 1 and said and named[0] not in said:
            who = listed(each.address or each.id for each in said)
            found.append(odd("voices-crossed", line=number + 1, said=who, cname=line.cname))
    return found


def _names(cname: str, participant: Participant) -> bool:
    address = (participant.address or "").rpartition("sip:")[2].partition(";")[0].strip("<>")
    return bool(address) and cname.lower() in {address.lower(), f"sip:{address}".lower()}
