"""Paging through a real catalogue, as clients do: by the links alone."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from callvault.dialects.signalwire import words
from callvault.dialects.signalwire.words import Vendor
from callvault.model.recording import Recording
from tests.unit.dialects.signalwire.asking import BOTH, PROJECT, TWILIO
from tests.unit.dialects.visits import ALICE, TEA_ORDER, TOKEN
from tests.world import World, json_of, open_world

ACCOUNTS = pytest.mark.parametrize("account", BOTH)
MANY = [
    replace(TEA_ORDER, id=UUID(int=TEA_ORDER.id.int + number), media=None, call_id=UUID(int=number % 2))
    for number in range(23)
]
"""All created in the same moment, in two calls: only the ids tell them apart."""
SHOWN = {"authorization": "Basic " + base64.b64encode(f"{ALICE.id}:{TOKEN}".encode()).decode()}


async def filled(world: World) -> None:
    await world.account(ALICE, token=TOKEN)
    for item in MANY:
        await world.vault.catalogue.add(item)


async def fetched(world: World, uri: str) -> Any:
    return await json_of(await world.ask("GET", uri, SHOWN))


async def walked(world: World, uri: str, link: str, between: list[Recording] | None = None) -> list[list[str]]:
    """The ids of every page from here on; before each next page one of ``between`` is added."""
    pages: list[list[str]] = []
    waiting = list(between or [])
    following: str | None = uri
    while following is not None:
        page = await fetched(world, following)
        pages.append([item["sid"] for item in page["recordings"]])
        following = page[link]
        if waiting:
            await world.vault.catalogue.add(waiting.pop())
    return pages


def joined(pages: list[list[str]]) -> list[str]:
    return list(chain.from_iterable(pages))


def sids(world: World, account: str, items: list[Recording]) -> list[str]:
    vendor = Vendor.TWILIO if account == TWILIO else Vendor.SIGNALWIRE
    return [words.recording_sid(item, vendor, world.vault.secrets.cloak_key) for item in items]


@ACCOUNTS
async def test_following_next_shows_each_once_newest_first(account: str, tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await filled(world)
        pages = await walked(world, f"{account}/Recordings.json?PageSize=5", "next_page_uri")
        assert [len(page) for page in pages] == [5, 5, 5, 5, 3]
        assert joined(pages) == sids(world, account, MANY[::-1])


@ACCOUNTS
async def test_following_previous_leads_back_over_the_same_pages(account: str, tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await filled(world)
        there = await walked(world, f"{account}/Recordings.json?PageSize=5", "next_page_uri")
        last = f"{account}/Recordings.json?PageSize=5"
        while (following := (await fetched(world, last))["next_page_uri"]) is not None:
            last = following
        assert await walked(world, last, "previous_page_uri") == there[::-1]


@ACCOUNTS
async def test_what_is_added_meanwhile_neither_repeats_nor_hides_one(account: str, tmp_path: Path) -> None:
    added = [
        replace(item, id=UUID(int=item.id.int + 1000), created_at=item.created_at + timedelta(seconds=number - 2))
        for number, item in enumerate(MANY[:4])
    ]
    async with open_world(tmp_path) as world:
        await filled(world)
        pages = await walked(world, f"{account}/Recordings.json?PageSize=5", "next_page_uri", added)
        seen = joined(pages)
        assert len(seen) == len(set(seen))
        assert set(sids(world, account, MANY)) <= set(seen)


@ACCOUNTS
async def test_the_filters_hold_on_every_page(account: str, tmp_path: Path) -> None:
    call = words.write_sid(UUID(int=1), "call", Vendor.TWILIO if account == TWILIO else Vendor.SIGNALWIRE)
    async with open_world(tmp_path) as world:
        await filled(world)
        expected = sids(world, account, MANY[1::2][::-1])
        for path in (f"Recordings.json?CallSid={call}&PageSize=4", f"Calls/{call}/Recordings.json?PageSize=4"):
            assert joined(await walked(world, f"{account}/{path}", "next_page_uri")) == expected
        nothing = f"{account}/Recordings.json?PageSize=4&DateCreated%3C=2026-02-01"
        assert await walked(world, nothing, "next_page_uri") == [[]]


async def test_twilios_clients_may_count_pages_themselves(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await filled(world)
        newest_first = sids(world, TWILIO, MANY[::-1])
        for number in range(6):
            page = await fetched(world, f"{TWILIO}/Recordings.json?PageSize=5&Page={number}")
            assert [item["sid"] for item in page["recordings"]] == newest_first[5 * number : 5 * number + 5]
            assert (page["next_page_uri"] is not None) == (number < 4)


async def test_a_page_number_beyond_all_pages_is_empty(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await filled(world)
        page = await fetched(world, f"{TWILIO}/Recordings.json?PageSize=1000&Page=1000000000")
        assert (page["recordings"], page["next_page_uri"], page["previous_page_uri"]) == ([], None, None)


async def test_a_token_of_one_base_is_good_under_the_other(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await filled(world)
        following = (await fetched(world, f"{PROJECT}/Recordings?PageSize=5"))["next_page_uri"]
        here = await fetched(world, following)
        there = await fetched(world, following.removeprefix("/api/laml"))
        assert [item["sid"] for item in here["recordings"]] == [item["sid"] for item in there["recordings"]]
        assert there["next_page_uri"].startswith("/2010-04-01/")
