"""Whatever is added, changed, refused or counted again: the counters say what counting the recordings would."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test

from callvault.catalogue import codes, counters
from callvault.catalogue.counters import ALWAYS, AXIS, COUNTED, FINEST, SHIFTS
from callvault.catalogue.steps import Steps, ask_all
from callvault.errors import Conflict
from callvault.model.query import Axis, RecordingQuery, Span
from callvault.model.recording import Recording, Status
from tests.catalogues import MILLISECOND, T0, answer, recording
from tests.property.conftest import House

NEAR = st.integers(0, 9).map(lambda n: T0 + n * MILLISECOND)
SOON = st.integers(0, 300_000).map(lambda n: T0 + n * MILLISECOND)
FAR = st.sampled_from([T0 - timedelta(days=20_000), T0 + timedelta(days=1), T0 + timedelta(days=9_000)])
MOMENTS = st.one_of(NEAR, SOON, FAR)


class Counting(RuleBasedStateMachine):
    """A catalogue, and the same recordings in a dictionary."""

    entries: Bundle[Recording] = Bundle("entries")

    def __init__(self, house: House) -> None:
        super().__init__()
        self.house = house
        self.catalogue = house.catalogue
        self.account = house.account()
        self.kept: dict[Any, Recording] = {}

    def _new(self, started: datetime, created: datetime, status: Status) -> Recording:
        return recording(self.account, started_at=started, created_at=created, status=status)

    @rule(target=entries, started=MOMENTS, created=MOMENTS, status=st.sampled_from(Status))
    def add(self, started: datetime, created: datetime, status: Status) -> Recording:
        entry = self._new(started, created, status)
        self.kept[entry.id] = self.house.do(self.catalogue.add(entry)).recording
        return entry

    @rule(target=entries, moments=st.lists(MOMENTS, max_size=12), status=st.sampled_from(Status))
    def add_all(self, moments: list[datetime], status: Status) -> Any:
        entries = [self._new(at, at, status) for at in moments]
        self.house.do(self.catalogue.add_all(entries))
        self.kept.update({entry.id: entry for entry in entries})
        return multiple(*entries)

    @rule(target=entries, moments=st.lists(MOMENTS, min_size=2, max_size=6), again=entries)
    def add_at_once_and_one_in_vain(self, moments: list[datetime], again: Recording) -> Any:
        entries = [self._new(at, at, Status.AVAILABLE) for at in moments]

        async def everybody() -> list[Any]:
            adding = [self.catalogue.add(entry) for entry in (*entries[:1], again, *entries[1:])]
            return await asyncio.gather(*adding, return_exceptions=True)

        first, vain, *others = self.house.do(everybody())
        assert isinstance(vain, Conflict)
        assert [done.recording.id for done in (first, *others)] == [entry.id for entry in entries]
        self.kept.update({entry.id: entry for entry in entries})
        return multiple(*entries)

    @rule(entry=entries, started=MOMENTS, created=MOMENTS, status=st.sampled_from(Status))
    def change(self, entry: Recording, started: datetime, created: datetime, status: Status) -> None:
        known = self.kept[entry.id]
        wanted = replace(known, started_at=started, created_at=created, status=status)
        self.kept[entry.id] = self.house.do(self.catalogue.change(wanted, expected=known.revision))

    @rule(entry=entries)
    def change_in_vain(self, entry: Recording) -> None:
        known = self.kept[entry.id]
        late = replace(known, status=Status.FAILED, created_at=T0 + timedelta(days=3))
        with pytest.raises(Conflict):
            self.house.do(self.catalogue.change(late, expected=known.revision + 1))

    @rule(entry=entries)
    def add_all_in_vain(self, entry: Recording) -> None:
        with pytest.raises(Conflict):
            self.house.do(self.catalogue.add_all([self._new(T0, T0, Status.AVAILABLE), entry]))

    @rule()
    def count_again(self) -> None:
        self.house.do(self.catalogue.recount(self.account.id))

    @invariant()
    def every_node_counts_what_lies_in_its_stretch(self) -> None:
        nodes = self.house.do(self.catalogue._read(self._nodes))
        assert {place: counts for place, counts in nodes.items() if any(counts)} == self._expected(nodes)

    @rule(
        axis=st.sampled_from(Axis),
        bounds=st.tuples(st.none() | MOMENTS, st.none() | MOMENTS),
        statuses=st.frozensets(st.sampled_from(Status), min_size=1),
    )
    def ask_for_a_total(self, axis: Axis, bounds: tuple[Any, Any], statuses: frozenset[Status]) -> None:
        span: dict[str, Any] = {axis.value: Span(from_=bounds[0], through=bounds[1])}
        query = RecordingQuery(
            account_id=self.account.id, axis=axis, statuses=statuses, with_total=True, limit=1, **span
        )
        assert self.house.do(self.catalogue.find(query)).total == len(answer(query, self.kept.values()))

    def _nodes(self) -> Steps[dict[tuple[int, int, int], tuple[int, ...]]]:
        """All nodes of the account: axis, shift and bucket, and what they count; and which are split."""
        found = yield from ask_all(
            f"SELECT axis, shift, bucket, split, {', '.join(COUNTED.values())} FROM counters WHERE account = $1",
            self.account.serial,
        )
        self.split = {tuple(row[:3]) for row in found if row[3]}
        return {(row[0], row[1], row[2]): tuple(row[4:]) for row in found}

    def _expected(self, nodes: Mapping[tuple[int, int, int], Any]) -> dict[tuple[int, int, int], tuple[int, ...]]:
        """What each node should count: those that are always there, and those below one that is split."""
        counts: dict[tuple[int, int, int], Counter[int]] = {}
        for entry in self.kept.values():
            for axis, at in ((Axis.CREATED, entry.created_at), (Axis.STARTED, entry.started_at)):
                time = codes.milliseconds(at)
                for shift in SHIFTS:
                    node = (AXIS[axis], shift, time >> shift)
                    counts.setdefault(node, Counter())[codes.STATUS[entry.status]] += 1
                    if shift not in ALWAYS[:-1] and node not in self.split:
                        total = sum(nodes[node])
                        assert total <= counters.CROWDED or shift == FINEST, "a crowded leaf is split"
                        break
        return {node: tuple(found[status] for status in COUNTED) for node, found in counts.items()}


def test_counters_say_what_counting_would(small_house: House) -> None:
    class Here(Counting):
        def __init__(self) -> None:
            super().__init__(small_house)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
