"""Our own API from end to end: audio goes in, is found, heard, linked and deleted; and nobody sees another's."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from callvault.model.actor import Account, Scope
from callvault.model.card import Card
from callvault.model.ids import new_id
from callvault.vault.secrets import hash_secret
from tests.world import NOW, TOKEN, World, body_of, json_of, open_world, tone_of_silence

RECORDINGS = "/callvault/v1/recordings"
ALICE = {"Authorization": f"Bearer {TOKEN}"}
CHARLIE = {"Authorization": "Bearer " + "c" * 64}
LISTENER = {"Authorization": "Bearer " + "b" * 64}
READER = {"Authorization": "Bearer " + "d" * 64}
CALL = tone_of_silence(2, 800)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        alice = Account(id=UUID("019cbb40-1111-7111-8111-00000000a11c"), serial=0, name="alice", created_at=NOW)
        await opened.account(alice)
        await opened.account(
            replace(alice, id=UUID("019cbb40-1111-7111-8111-000000000c4a"), name="charlie"), token="c" * 64
        )
        for token, scopes in (("b" * 64, {Scope.READ, Scope.MEDIA}), ("d" * 64, {Scope.READ})):
            await another_key(opened, alice.id, token, frozenset(scopes))
        yield opened


async def another_key(world: World, account_id: UUID, token: str, scopes: frozenset[Scope]) -> None:
    found = await world.vault.catalogue.key(TOKEN[:16])
    assert found is not None
    await world.vault.catalogue.add_key(
        replace(found[0], id=token[:16], scopes=scopes, secret_hash=hash_secret(token[16:]))
    )


async def uploaded(world: World, query: str = "", body: bytes = CALL, **headers: str) -> tuple[int, Any]:
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    reply = await world.ask("POST", f"{RECORDINGS}?{query}", {**ALICE, **said}, body)
    return reply.status, await json_of(reply)


async def test_an_upload_is_found_and_heard(world: World) -> None:
    status, told = await uploaded(
        world,
        "from=%2B12025550143&to=204&direction=outbound&started_at=2026-03-01T09:00:00Z",
        Callvault_Card='{"label": "Tea", "foreign": {"telnyx": {"recording": "abc"}}, "caller": {"name": "Ruth"}}',
    )
    assert status == 201
    assert (told["label"], told["channels"], told["duration_ms"], told["direction"]) == ("Tea", 2, 800, "outbound")
    assert told["caller"] == {"number": "+12025550143", "name": "Ruth", "country": "US"}
    assert told["started_at"] == "2026-03-01T09:00:00.000Z"
    assert told["foreign"] == {"telnyx": {"recording": "abc"}}
    listed = await json_of(await world.ask("GET", f"{RECORDINGS}?number=204&total=true", ALICE))
    assert (listed["recordings"], listed["total"]) == ([told], 1)
    path = urlsplit(told["links"]["media"]).path
    assert await body_of(await world.ask("GET", path + "?format=original", ALICE)) == CALL
    assert (await body_of(await world.ask("GET", path + "?format=flac", ALICE))).startswith(b"fLaC")
    assert (await body_of(await world.ask("GET", path + "?format=ogg&channels=1", ALICE))).startswith(b"OggS")


async def test_the_place_of_an_upload_is_said(world: World) -> None:
    reply = await world.ask("POST", RECORDINGS, ALICE, CALL)
    location = dict(reply.headers)["location"]
    there = await world.ask("GET", urlsplit(location).path, ALICE)
    assert (there.status, await json_of(there)) == (200, await json_of(reply))


async def test_the_same_key_twice_is_one_recording(world: World) -> None:
    first, told = await uploaded(world, Idempotency_Key="export-7")
    second, again = await uploaded(world, body=tone_of_silence(1, 300), Idempotency_Key='"export-7"')
    assert (first, second) == (201, 200)
    assert again == told


async def test_the_same_audio_twice_is_one_recording(world: World) -> None:
    assert [(await uploaded(world))[0] for _ in range(2)] == [201, 200]


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (b"", {}, "not-audio"),
        (b"this is not audio, whatever its sender calls it", {"Content_Type": "audio/wav"}, "not-audio"),
        (CALL[:4000], {"Content_Length": str(len(CALL))}, "not-audio"),
        (CALL, {"Callvault_Card": '{"id": "019cbb40-1111-7111-8111-00000000a11c"}'}, "bad-request"),
        (CALL, {"Content_Type": "multipart/form-data; boundary=x"}, "bad-request"),
        (CALL, {"Callvault_Card": '{"started_at": "9999-12-31T23:59:59.999Z"}'}, "bad-request"),
        (CALL, {"Callvault_Card": '{"ended_at": "0001-01-01"}'}, "bad-request"),
    ],
    ids=["empty", "no audio", "broken off", "an id of its own", "a form", "too late", "too early"],
)
async def test_what_cannot_be_taken_in_leaves_nothing(
    world: World, body: bytes, headers: dict[str, str], code: str
) -> None:
    status, problem = await uploaded(world, body=body, **headers)
    assert (status, problem["code"]) == (400, code)
    assert (await json_of(await world.ask("GET", RECORDINGS + "?total=true", ALICE)))["total"] == 0


async def test_a_link_opens_the_audio_for_whoever_has_it_until_it_runs_out(world: World) -> None:
    _, told = await uploaded(world)
    handed = await world.ask("GET", urlsplit(told["links"]["self"]).path + "/link?format=mp3&lifetime_s=60", LISTENER)
    url = urlsplit((await json_of(handed))["url"])
    target = f"{url.path}?{url.query}"
    for headers in ({}, {"Authorization": "Bearer of bad news"}, CHARLIE):
        reply = await world.ask("GET", target, headers)
        assert (reply.status, dict(reply.headers)["content-type"]) == (200, "audio/mpeg")
        assert len(await body_of(reply)) > 100
    part = await world.ask("GET", target, {"Range": "bytes=0-9"})
    assert (part.status, len(await body_of(part))) == (206, 10)
    world.now = NOW + timedelta(seconds=60)
    assert (await world.ask("GET", target)).status == 403
    world.now = NOW
    assert (await world.ask("GET", target.replace(".mp3", ".wav"))).status == 403


async def test_a_link_to_what_was_deleted_finds_nothing(world: World) -> None:
    _, told = await uploaded(world)
    path = urlsplit(told["links"]["self"]).path
    url = urlsplit((await json_of(await world.ask("GET", path + "/link", ALICE)))["url"])
    assert (await world.ask("DELETE", path, ALICE)).status == 204
    assert (await world.ask("GET", f"{url.path}?{url.query}")).status == 404


async def test_charlie_sees_nothing_of_alices(world: World) -> None:
    _, told = await uploaded(world)
    path = urlsplit(told["links"]["self"]).path
    for method, target in (("GET", path), ("DELETE", path), ("GET", path + "/media"), ("GET", path + "/link")):
        assert (await world.ask(method, target, CHARLIE)).status == 404
    assert (await json_of(await world.ask("GET", RECORDINGS, CHARLIE)))["recordings"] == []
    assert (await world.ask("GET", path, ALICE)).status == 200


async def test_a_key_does_what_its_scopes_allow(world: World) -> None:
    _, told = await uploaded(world)
    path = urlsplit(told["links"]["self"]).path
    asked = [("GET", RECORDINGS), ("GET", path), ("GET", path + "/media"), ("GET", path + "/link"), ("DELETE", path)]
    allowed = {name: [(await world.ask(*each, who)).status for each in asked] for name, who in SCOPED.items()}
    assert allowed == {"listener": [200, 200, 200, 200, 403], "reader": [200, 200, 403, 403, 403]}
    assert (await world.ask("POST", RECORDINGS, LISTENER, CALL)).status == 403
    assert (await json_of(await world.ask("GET", "/callvault/v1/account", READER)))["scopes"] == ["read"]


SCOPED = {"listener": LISTENER, "reader": READER}


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", ["started", "created"])
async def test_paging_sees_each_recording_once_though_all_began_together(world: World, sort: str, order: str) -> None:
    account_id = UUID("019cbb40-1111-7111-8111-00000000a11c")
    ids = [new_id(NOW, bytes([13 * number % 256] * 10)) for number in range(23)]
    for number, core_id in enumerate(ids):
        at = NOW + timedelta(seconds=number % 2)
        await world.record(
            account_id, Card(id=core_id, call_id=core_id, started_at=at, created_at=at, ended_at=at, duration_ms=100)
        )
    seen: list[str] = []
    target: str | None = f"{RECORDINGS}?sort={sort}&order={order}&limit=5"
    while target is not None:
        page = await json_of(await world.ask("GET", target, ALICE))
        seen += [item["id"] for item in page["recordings"]]
        if len(seen) == 10:  # the last one of a page goes, and one more comes
            await world.ask("DELETE", f"{RECORDINGS}/{seen[-1]}", ALICE)
            late = new_id(NOW, bytes([7] * 10))
            at = NOW - timedelta(days=1) if order == "asc" else NOW + timedelta(days=1)
            await world.record(account_id, Card(id=late, call_id=late, started_at=at, created_at=at, duration_ms=100))
        url = page["links"].get("next")
        target = url.removeprefix(world.base_url) if url else None
    assert len(seen) == len(ids)
    assert set(seen) == {str(core_id) for core_id in ids}
    numbered = [
        item["id"]
        for number in (1, 2, 3)
        for item in (await json_of(await world.ask("GET", f"{RECORDINGS}?limit=10&page={number}", ALICE)))["recordings"]
    ]
    assert len(set(numbered)) == 23


async def test_the_description_is_open_to_anybody(world: World) -> None:
    reply = await world.ask("GET", "/callvault/v1/openapi.json", {"Authorization": "Basic !"})
    assert reply.status == 200
    assert json.loads(await body_of(reply))["servers"] == [{"url": world.base_url}]
