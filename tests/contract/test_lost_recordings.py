"""What has nothing to hear, and what was deleted long ago, can be asked for or left out, on both engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from uuid import UUID

import pytest

from callvault.catalogue.sqlite import SqliteCatalogue
from callvault.catalogue.store import Catalogue
from callvault.model.actor import Account
from callvault.model.card import Card
from callvault.model.ids import new_id
from callvault.model.party import Party
from callvault.model.query import Axis, RecordingQuery
from callvault.model.recording import MediaState, Recording, Status
from tests.world import NOW, complete

ACME = Account(id=UUID(int=1), serial=0, name="acme", created_at=NOW)
SILENT = {MediaState.ABSENT, MediaState.DELETED}
RUTH = Party(number="+12025550143")


@pytest.fixture(params=["sqlite", "postgres"])
async def catalogue(request: pytest.FixtureRequest) -> AsyncIterator[Catalogue]:
    made: Catalogue = SqliteCatalogue(None)
    if request.param == "postgres":
        from callvault.catalogue.postgres import PostgresCatalogue  # noqa: PLC0415 - its driver is loaded when used

        made = PostgresCatalogue(request.getfixturevalue("postgres_dsn"))
    await made.open()
    await made.add_account(ACME)
    yield made
    await made.close()


def recordings() -> list[Recording]:
    """One of each status and state of the audio, with and without a known caller."""
    made = []
    for number, (status, state, caller) in enumerate(product(Status, MediaState, (RUTH, Party()))):
        at = NOW + timedelta(seconds=number // 3)
        card = Card(
            id=new_id(at, number.to_bytes(10, "big")),
            call_id=UUID(int=7 << 76 | number),
            started_at=at,
            status=status,
            media_state=state,
            caller=caller,
        )
        made.append(complete(card, ACME.id, NOW))
    return made


@pytest.mark.parametrize("axis", Axis)
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("silent", [True, False, None])
@pytest.mark.parametrize("number", [None, RUTH.number])
@pytest.mark.parametrize("statuses", [frozenset({Status.AVAILABLE}), frozenset(Status) - {Status.DELETED}])
async def test_the_state_of_the_audio_is_a_filter(
    catalogue: Catalogue,
    axis: Axis,
    descending: bool,
    silent: bool | None,
    number: str | None,
    statuses: frozenset[Status],
) -> None:
    everything = recordings()
    await catalogue.add_all(everything)
    expected = [
        item.id
        for item in sorted(everything, key=lambda item: (item.started_at, item.id), reverse=descending)
        if item.status in statuses
        and (number is None or item.caller.number == number)
        and (silent is None or (item.media_state in SILENT) is silent)
    ]
    query = RecordingQuery(
        account_id=ACME.id,
        statuses=statuses,
        silent=silent,
        from_number=number,
        axis=axis,
        descending=descending,
        limit=3,
        with_total=True,
    )
    shown, page = [], await catalogue.find(query)
    while True:
        assert page.total == len(expected)
        shown += [item.id for item in page.items]
        if page.next is None:
            break
        page = await catalogue.find(replace(query, at=page.next))
    assert shown == expected


async def test_what_becomes_silent_is_found_as_that(catalogue: Catalogue) -> None:
    (loud, *_) = [item for item in recordings() if item.status is Status.AVAILABLE]
    await catalogue.add(loud)
    query = RecordingQuery(account_id=ACME.id, silent=True)
    assert (await catalogue.find(query)).items == ()
    hushed = await catalogue.change(replace(loud, media_state=MediaState.DELETED), expected=1)
    assert (await catalogue.find(query)).items == (hushed,)
    assert (await catalogue.find(replace(query, silent=False))).items == ()


@pytest.mark.parametrize("axis", Axis)
async def test_what_was_deleted_long_ago_can_be_left_out(catalogue: Catalogue, axis: Axis) -> None:
    everything = [
        replace(item, deleted_at=NOW - timedelta(days=number % 10)) if item.status is Status.DELETED else item
        for number, item in enumerate(recordings())
    ]
    await catalogue.add_all(everything)
    bound = NOW - timedelta(days=4)
    query = RecordingQuery(
        account_id=ACME.id,
        statuses=frozenset(Status),
        deleted_from=bound,
        axis=axis,
        limit=1000,
        with_total=True,
    )
    page = await catalogue.find(query)
    wanted = {item.id for item in everything if item.deleted_at is None or item.deleted_at >= bound}
    assert {item.id for item in page.items} == wanted
    assert page.total == len(wanted) < len(everything)
    later = await catalogue.find(replace(query, deleted_from=bound + timedelta(microseconds=1)))
    assert later.total == page.total - 1
    ruths = await catalogue.find(replace(query, from_number=RUTH.number))
    assert {item.id for item in ruths.items} == {item.id for item in page.items if item.caller == RUTH}
