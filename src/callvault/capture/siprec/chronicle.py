"""What was told of a recorded call so far, so that only what is new is journalled: names, who is in it, oddities.

What lives here: the metadata's history, and what was said last.  What does not: media lines (``lines``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from callvault.capture.siprec.lines import LineState
from callvault.capture.siprec.request_body import RequestBody
from callvault.errors import ProtocolError
from callvault.protocols.siprec.headers import participants_of
from callvault.protocols.siprec.history import History
from callvault.protocols.siprec.names import CallNames, names_of
from callvault.protocols.siprec.oddities import Oddity
from callvault.protocols.siprec.reading import read_document
from callvault.protocols.siprec.voices import Line, voices_of
from callvault.protocols.spool.journal import Attended, Journal, Named, Odd, Participant, Record, Told

OWN = "callvault"
MOST_ODDITIES = 200
"""Of one take."""


class Chronicle:
    """Of one take."""

    def __init__(self) -> None:
        self._history = History()
        self._has_metadata = False
        self._names = CallNames()
        self._participants: tuple[Participant, ...] = ()
        self._odd: set[tuple[str, str]] = set()

    def resume(self, journal: Journal) -> None:
        """Go on where a predecessor was."""
        for record in journal.records:
            match record:
                case Told():
                    self._reread(record.document)
                case Named():
                    self._remember(record)
                case Attended():
                    self._participants = record.participants
                case Odd():
                    self._odd.add((record.code, record.sentence))
                case _:
                    pass

    def learn(
        self, body: RequestBody, lines: Sequence[LineState], extras: dict[str, Any], at_ns: int
    ) -> Iterator[Record]:
        """What a request tells that is new."""
        if body.told is not None:
            yield Told(at_ns=at_ns, document=body.told)
        if body.document is not None:
            self._history = self._history.apply(body.document)
            self._has_metadata = True
        yield from self._named(body, extras, at_ns)
        participants, oddities = self._attending(body, lines)
        if participants != self._participants and (participants or self._has_metadata):
            self._participants = participants
            yield Attended(at_ns=at_ns, participants=participants)
        yield from self.complain((*body.oddities, *oddities), at_ns)

    def complain(self, oddities: Iterable[Oddity], at_ns: int) -> Iterator[Odd]:
        """Each oddity once."""
        for each in oddities:
            told = (each.code, each.sentence)
            if told not in self._odd and len(self._odd) < MOST_ODDITIES:
                self._odd.add(told)
                yield Odd(at_ns=at_ns, code=each.code, sentence=each.sentence)

    def _attending(
        self, body: RequestBody, lines: Sequence[LineState]
    ) -> tuple[tuple[Participant, ...], tuple[Oddity, ...]]:
        if self._has_metadata:
            voices = voices_of(
                self._history, [Line(label=line.label, cname=line.cname, taken=line.taken) for line in lines]
            )
            return voices.participants, voices.oddities
        within = (
            Participant(
                id=each.id,
                address=each.address,
                name=each.name,
                sends=tuple(line for line in each.sends if line < len(lines) and lines[line].taken),
                receives=tuple(line for line in each.receives if line < len(lines) and lines[line].taken),
            )
            for each in participants_of(body.fields)
        )
        return tuple(within), ()

    def _named(self, body: RequestBody, extras: dict[str, Any], at_ns: int) -> Iterator[Named]:
        now = names_of(self._history, body.fields)
        told = {
            name: value
            for name, value in {**now.extras, **extras}.items()
            if name not in self._names.extras or self._names.extras[name] != value
        }
        known = self._names
        new = Named(
            at_ns=at_ns,
            session_id=_news(known.session_id, now.session_id),
            sip_call_id=_news(known.sip_call_id, now.sip_call_id),
            direction=_news(known.direction, now.direction),
            foreign=_named_by_us(_news(known.conference, now.conference)),
            conference_name=_news(known.conference_name, now.conference_name),
            extras=told,
        )
        if new != Named(at_ns=at_ns):
            self._remember(new)
            yield new

    def _remember(self, new: Named) -> None:
        known = self._names
        self._names = CallNames(
            session_id=new.session_id or known.session_id,
            sip_call_id=new.sip_call_id or known.sip_call_id,
            direction=new.direction or known.direction,
            conference=new.foreign.get(OWN, {}).get("conference") or known.conference,
            conference_name=new.conference_name or known.conference_name,
            extras={**known.extras, **new.extras},
        )

    def _reread(self, document: str) -> None:
        try:
            self._history = self._history.apply(read_document(document.encode()))
        except ProtocolError:  # it could not be read then either
            return
        self._has_metadata = True


def _news(known: str | None, now: str | None) -> str | None:
    return now if now != known else None


def _named_by_us(conference: str | None) -> dict[str, dict[str, str]]:
    """Whose name it is nobody says."""
    return {OWN: {"conference": conference}} if conference else {}
