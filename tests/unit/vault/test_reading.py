"""Finding what no index knows, a call by its Call-ID, and users whom a path names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from callvault.catalogue.sqlite import SqliteCatalogue
from callvault.errors import NotFound
from callvault.model.actor import Actor, User
from callvault.model.query import Axis, RecordingQuery, RecordingSlice
from callvault.model.recording import Recording, Source
from callvault.vault import reading
from callvault.vault.commands import (
    ChangeRecording,
    Command,
    DeleteRecording,
    FindRecordings,
    GetRecording,
    OpenMedia,
    Ref,
)
from tests.catalogues import T0, an_account, an_id, recording, seconds
from tests.world import NOW, World, open_world

ALICE = an_account("alice")
ADA, NOBODY = an_id(), an_id()


class Watched(SqliteCatalogue):
    """A catalogue that knows how many recordings it has handed out at once, and how often."""

    longest = 0
    pages = 0

    async def find(self, query: RecordingQuery) -> RecordingSlice:
        page = await super().find(query)
        self.longest = max(self.longest, len(page.items))
        self.pages += 1
        return page


@pytest.fixture
def catalogue() -> Watched:
    return Watched(None)


@pytest.fixture
async def world(tmp_path: Path, catalogue: Watched) -> AsyncIterator[World]:
    async with open_world(tmp_path, catalogue) as opened:
        await opened.account(ALICE)
        yield opened


async def perform(world: World, command: Command) -> Any:
    return await world.vault.perform(command, Actor(account=ALICE, key_id=None), NOW)


async def found(world: World, command: FindRecordings) -> RecordingSlice:
    page: RecordingSlice = await perform(world, command)
    return page


def ref(text: str, kind: str = "recording", computed: UUID | None = None) -> Ref:
    return Ref(dialect="kazoo", kind=kind, text=text, computed=computed)


def labelled(entry: Recording) -> bool:
    return entry.label is not None


async def fill(world: World, count: int, every: int) -> list[Recording]:
    """So many recordings a second apart, each so-many-th with a label; answers those."""
    entries = [
        recording(ALICE, started_at=at, label=f"number {place}" if place % every == 0 else None)
        for place, at in enumerate(seconds(count))
    ]
    await world.vault.catalogue.add_all(entries)
    return [entry for entry in entries if entry.label]


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("axis", list(Axis))
@pytest.mark.parametrize("piece", [1, 3, 7, 200])
async def test_pages_stay_full_and_show_each_match_once(
    world: World, monkeypatch: pytest.MonkeyPatch, piece: int, axis: Axis, descending: bool
) -> None:
    monkeypatch.setattr(reading, "PIECE", piece)
    wanted = await fill(world, 40, every=4)
    query = RecordingQuery(account_id=ALICE.id, axis=axis, descending=descending, limit=3)
    seen: list[list[str | None]] = []
    while True:
        page = await found(world, FindRecordings(query=query, keep=labelled))
        seen.append([entry.label for entry in page.items])
        assert page.more is (page.next is not None)
        if page.next is None:
            break
        query = RecordingQuery(account_id=ALICE.id, axis=axis, descending=descending, limit=3, at=page.next)
    labels = [entry.label for entry in wanted]
    labels = labels[::-1] if descending else labels
    assert seen == [labels[:3], labels[3:6], labels[6:9], labels[9:]]


async def test_the_next_page_begins_with_a_match(world: World) -> None:
    wanted = await fill(world, 30, every=10)
    query = RecordingQuery(account_id=ALICE.id, axis=Axis.STARTED, descending=False, limit=1)
    page = await found(world, FindRecordings(query=query, keep=labelled))
    assert page.next is not None
    assert (page.next.at, page.next.id) == (wanted[1].started_at, wanted[1].id)


async def test_a_last_page_that_is_full_has_no_next(world: World) -> None:
    wanted = await fill(world, 9, every=3)
    query = RecordingQuery(account_id=ALICE.id, limit=len(wanted))
    page = await found(world, FindRecordings(query=query, keep=labelled))
    assert (len(page.items), page.more, page.next) == (len(wanted), False, None)


async def test_what_is_kept_is_within_what_the_query_asks(world: World) -> None:
    wanted = await fill(world, 12, every=2)
    query = RecordingQuery(account_id=ALICE.id, call_id=wanted[3].call_id)
    page = await found(world, FindRecordings(query=query, keep=labelled))
    assert [entry.label for entry in page.items] == [wanted[3].label]


async def test_only_a_piece_is_held_at_a_time(
    world: World, catalogue: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PIECE", 10)
    await fill(world, 95, every=200)
    query = RecordingQuery(account_id=ALICE.id, limit=1000)
    page = await found(world, FindRecordings(query=query, keep=labelled))
    assert len(page.items) == 1
    assert (catalogue.longest, catalogue.pages) == (10, 10)


async def test_others_have_their_turn_between_two_pieces(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PIECE", 5)
    await fill(world, 50, every=100)
    turns: list[int] = []
    judged = 0

    def keep(_: Recording) -> bool:
        nonlocal judged
        judged += 1
        return False

    async def other() -> None:
        while True:
            turns.append(judged)
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await found(world, FindRecordings(query=RecordingQuery(account_id=ALICE.id), keep=keep))
    task.cancel()
    assert judged == 50
    assert {5, 10, 25, 45} <= set(turns)


@pytest.mark.parametrize("more", [{"page": 2}, {"with_total": True}])
async def test_what_no_index_knows_is_neither_numbered_nor_counted(world: World, more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="neither numbered nor counted"):
        await found(world, FindRecordings(query=RecordingQuery(account_id=ALICE.id, **more), keep=labelled))


async def test_a_subject_is_judged_too(world: World) -> None:
    conference = an_id()
    entries = [
        recording(ALICE, conference_id=conference, source=Source.CONFERENCE, label=label) for label in ("Monday", None)
    ]
    await world.vault.catalogue.add_all(entries)
    subject = ref("conf", kind="conference", computed=conference)
    page = await found(world, FindRecordings(query=RecordingQuery(account_id=ALICE.id), subject=subject, keep=labelled))
    assert [entry.label for entry in page.items] == ["Monday"]


async def test_a_call_may_be_named_by_its_call_id_header(world: World) -> None:
    sip_call_id = "0b1e2d3c-1111-4222-8333-444455556666"
    entries = [recording(ALICE, sip_call_id=sip_call_id), recording(ALICE)]
    await world.vault.catalogue.add_all(entries)
    query = RecordingQuery(account_id=ALICE.id)
    by_header = ref(sip_call_id, kind="call", computed=UUID(sip_call_id))
    by_id = ref(str(entries[1].call_id), kind="call", computed=entries[1].call_id)

    async def ids(**command: Any) -> list[UUID]:
        return [entry.id for entry in (await found(world, FindRecordings(query=query, **command))).items]

    assert await ids(call=by_header, call_by_sip=True) == [entries[0].id]
    assert await ids(call=by_header) == []
    assert await ids(call=by_id, call_by_sip=True) == [entries[1].id]
    assert await ids(call=by_header, call_by_sip=True, keep=labelled) == []


def naming(user: UUID, entry: Recording) -> list[Command]:
    """Every command whose path may name a user."""
    given: dict[str, Any] = {
        "account_id": ALICE.id,
        "recording": ref(str(entry.id), computed=entry.id),
        "known_user": user,
    }
    return [
        FindRecordings(query=RecordingQuery(account_id=ALICE.id, user_id=user), known_user=user),
        GetRecording(**given),
        OpenMedia(**given),
        ChangeRecording(**given),
        DeleteRecording(**given),
    ]


async def test_a_user_whom_the_path_names_has_to_be_there(world: World) -> None:
    await world.vault.catalogue.add(entry := recording(ALICE))
    for command in naming(NOBODY, entry):
        with pytest.raises(NotFound) as caught:
            await perform(world, command)
        assert (caught.value.kind, caught.value.name) == ("user", str(NOBODY))
    assert await world.vault.catalogue.get(entry.id) == entry


@pytest.mark.parametrize("known_by", ["an entry", "a recording"])
async def test_a_user_is_known_by_an_entry_or_by_what_they_own(world: World, known_by: str) -> None:
    await world.vault.catalogue.add(entry := recording(ALICE, started_at=T0 + timedelta(hours=1)))
    if known_by == "an entry":
        await world.vault.catalogue.add_user(User(id=ADA, account_id=ALICE.id, name="ada", created_at=NOW))
    else:
        await world.vault.catalogue.add(recording(ALICE, user_id=ADA))
    for command in naming(ADA, entry):
        if not isinstance(command, OpenMedia):  # there is no audio in this house
            await perform(world, command)
