"""The plan of a take: its streams, who is in which channel, when it was on hold; read off the journal before any audio.

What does not live here: the audio.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from callvault.model.capture import Attendance, Oddity
from callvault.model.live import Phase
from callvault.model.trunk import PARTS, Parts
from callvault.protocols.spool.journal import (
    Attended,
    Flow,
    Flowed,
    Journal,
    Odd,
    Participant,
    Payload,
    RecordingMoved,
    StreamAgreed,
    Unasked,
)

STATIC: Mapping[int, Payload] = {
    payload.number: payload
    for payload in (
        Payload(number=0, name="PCMU", clock_rate=8000),
        Payload(number=3, name="GSM", clock_rate=8000),
        Payload(number=4, name="G723", clock_rate=8000),
        Payload(number=8, name="PCMA", clock_rate=8000),
        Payload(number=9, name="G722", clock_rate=8000),
        Payload(number=11, name="L16", clock_rate=44_100),
        Payload(number=13, name="CN", clock_rate=8000),
        Payload(number=18, name="G729", clock_rate=8000),
        Payload(number=19, name="CN", clock_rate=8000),
    )
}
"""What needs no ``a=rtpmap`` (RFC 3551 table 4); 19 is comfort noise as it was before, and as CUBE still sends it."""

UNDER_WAY_NS = 2_000_000_000
FOREVER_NS = (1 << 63) - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedStream:
    """One media line that was taken."""

    index: int
    label: str | None
    payloads: Mapping[int, Payload]
    keys: tuple[str, ...]
    """The keys that were told, sealed line by line, in their order; none where nothing came encrypted."""
    clear: tuple[tuple[int, int], ...]
    """Spans of arrivals (ns) in which packets may be without encryption."""
    shut_until: tuple[int, ...] = ()
    """Moments (ns) until which nobody recorded: what came then was thrown away."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What is known before the first packet is looked at."""

    streams: tuple[PlannedStream, ...]
    parts: Parts
    """What is kept where there are more than two streams."""
    caller: frozenset[int]
    """The streams with the voice of who was named first: channel 1."""
    participants: tuple[tuple[int, tuple[Participant, ...]], ...]
    """Who was in the call, from which moment on."""
    flows: tuple[Flowed, ...]
    odd: tuple[Odd, ...]

    @classmethod
    def of(cls, journal: Journal) -> Plan:
        """Read a journal."""
        agreed: dict[int, list[StreamAgreed]] = {}
        for record in journal.records:
            if isinstance(record, StreamAgreed):
                agreed.setdefault(record.stream, []).append(record)
        shut_until = tuple(_shut_until(journal))
        streams = tuple(_stream(index, records, shut_until) for index, records in sorted(agreed.items()))
        attended = [record for record in journal.records if isinstance(record, Attended)]
        begun = journal.begun
        return cls(
            streams=streams,
            parts=_parts(begun.settings if begun else {}),
            caller=_caller(streams, attended),
            participants=tuple((record.at_ns, record.participants) for record in attended),
            flows=tuple(record for record in journal.records if isinstance(record, Flowed)),
            odd=tuple(record for record in journal.records if isinstance(record, Odd)),
        )

    def with_streams(self, indices: Iterable[int]) -> Plan:
        """With streams of which the journal says nothing any more: their packets' static types have to do."""
        more = (PlannedStream(index=index, label=None, payloads=STATIC, keys=(), clear=()) for index in indices)
        streams = tuple(sorted((*self.streams, *more), key=lambda stream: stream.index))
        return replace(self, streams=streams, caller=self.caller or frozenset({streams[0].index}))

    def channel_of(self, stream: int) -> int | None:
        """Its channel, from 1, in the recording of the whole call."""
        if stream not in {each.index for each in self.streams}:
            return None
        if len(self.streams) == 1:
            return 1
        return 1 if stream in self.caller else 2

    def held(self, stream: int, began_ns: int, ended_ns: int) -> Sequence[tuple[int, int]]:
        """When nothing was meant to come of it: spans of milliseconds from the beginning."""
        spans: list[tuple[int, int]] = []
        since: int | None = None
        for flow in self.flows:
            if flow.stream != stream:
                continue
            at_ms = (flow.at_ns - began_ns) // 1_000_000
            if flow.flow is Flow.FLOWING and since is not None:
                spans.append((since, at_ms))
                since = None
            elif flow.flow is not Flow.FLOWING and since is None:
                since = at_ms
        if since is not None:
            spans.append((since, max(since, (ended_ns - began_ns) // 1_000_000 + 1)))
        return spans

    def attendances(self, began_ns: int, ended_ns: int) -> tuple[Attendance, ...]:
        """Who was there, from when to when."""
        found: list[Attendance] = []
        last_ms = max(0, (ended_ns - began_ns) // 1_000_000)
        for number, (at_ns, people) in enumerate(self.participants):
            from_ms = max(0, (at_ns - began_ns) // 1_000_000) if number else 0
            ends = [since for since, _ in self.participants[number + 1 :]]
            through_ms = min(last_ms, max(from_ms, (ends[0] - began_ns) // 1_000_000)) if ends else last_ms
            found += [self._attendance(person, from_ms, max(from_ms, through_ms)) for person in people]
        return tuple(_joined(found))

    def _attendance(self, person: Participant, from_ms: int, through_ms: int) -> Attendance:
        channels = [channel for stream in person.sends if (channel := self.channel_of(stream)) is not None]
        return Attendance(
            id=person.id,
            address=person.address,
            name=person.name,
            channel=channels[0] if channels else None,
            from_ms=from_ms,
            through_ms=through_ms,
        )

    def oddities(self, began_ns: int) -> tuple[Oddity, ...]:
        """What was odd about the signalling."""
        return tuple(
            Oddity(at_ms=(odd.at_ns - began_ns) // 1_000_000, code=odd.code, sentence=odd.sentence) for odd in self.odd
        )


def _stream(index: int, records: Sequence[StreamAgreed], shut_until: tuple[int, ...]) -> PlannedStream:
    payloads = dict(STATIC)
    for record in records:
        payloads |= {payload.number: payload for payload in record.payloads}
    return PlannedStream(
        index=index,
        label=records[-1].label,
        payloads=payloads,
        keys=tuple(record.crypto for record in records if record.crypto),
        clear=tuple(_clear(records)),
        shut_until=shut_until,
    )


def _shut_until(journal: Journal) -> Iterator[int]:
    """When somebody began to record where nobody did before."""
    recording: set[UUID] = set()
    was_shut = False
    for record in journal.records:
        if isinstance(record, Unasked):
            was_shut = True
        elif isinstance(record, RecordingMoved):
            if record.phase == Phase.STOPPED:
                recording.discard(record.recording)
                was_shut = was_shut or not recording
            else:
                recording.add(record.recording)
                if was_shut:
                    yield record.at_ns
                was_shut = False


def _clear(records: Sequence[StreamAgreed]) -> Iterator[tuple[int, int]]:
    """When a stream was agreed upon without a key; packets are still on their way when a new agreement is written."""
    for number, record in enumerate(records):
        if record.crypto is None:
            since_ns = record.at_ns if number else 0
            until_ns = records[number + 1].at_ns + UNDER_WAY_NS if number + 1 < len(records) else FOREVER_NS
            yield since_ns, until_ns


def _parts(settings: Mapping[str, Any]) -> Parts:
    said = settings.get(PARTS)
    return Parts(said) if said in set(Parts) else Parts.BOTH


def _caller(streams: Sequence[PlannedStream], attended: Sequence[Attended]) -> frozenset[int]:
    """The streams of who is named first, where that is told and leaves something for the others."""
    every = {stream.index for stream in streams}
    for record in attended:
        for person in record.participants:
            sends = every & set(person.sends)
            if sends and sends != every:
                return frozenset(sends)
    return frozenset(sorted(every)[:1])


def _joined(found: Sequence[Attendance]) -> list[Attendance]:
    """One entry for each stay: documents repeat who has been there all the time."""
    stays: list[Attendance] = []
    for each in found:
        for place, known in enumerate(stays):
            same = (known.id, known.channel) == (each.id, each.channel) and known.through_ms == each.from_ms
            if same:
                stays[place] = Attendance(
                    id=each.id,
                    address=each.address or known.address,
                    name=each.name or known.name,
                    channel=each.channel,
                    from_ms=known.from_ms,
                    through_ms=each.through_ms,
                )
                break
        else:
            stays.append(each)
    return stays
