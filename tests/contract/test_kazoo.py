"""Kazoo through the whole house: log-ins whose tokens open it, pushes that are kept, pages that miss nobody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest

from callvault.model.actor import Account, Scope, User
from callvault.model.card import Card
from callvault.model.ids import new_id
from tests.world import NOW, TOKEN, World, body_of, json_of, open_world, tone_of_silence

ALICE = Account(id=UUID("019cad00-0000-7000-8000-00000000a11c"), serial=1, name="alice", created_at=NOW)
CHARLIE = Account(id=UUID("019cad00-0000-7000-8000-00000000c4a7"), serial=2, name="charlie", created_at=NOW)
CHARLIES_TOKEN = "c" * 64
ADA = UUID("019cad00-0000-7000-8000-00000000ada0")
LIST = f"/v2/accounts/{ALICE.id.hex}/recordings"
PUSH = f"/v2/push/{TOKEN}"
KEY = {"X-Auth-Token": TOKEN}
KAZOO_ID = "202603-0123456789abcdef0123456789abcdef"
FILE = "call_recording_leg-a@10.0.0.7.wav"
SAID = {
    "from": "+12025550143@carrier.example.net",
    "to": "2001@acme.example.net",
    "caller_id_name": "",
    "caller_id_number": "+12025550143",
    "call_id": "leg-a@10.0.0.7",
    "cdr_id": "202603-leg-a@10.0.0.7",
    "interaction_id": "63939574802-0a1b2c3d",
    "owner_id": ADA.hex,
    "account_id": "c0ffee00c0ffee00c0ffee00c0ffee00",
    "start": "63939574802",
    "duration_ms": "1500",
    "recording_id": KAZOO_ID,
}
WAV = tone_of_silence(2, 1500)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        await opened.account(ALICE)
        await opened.account(CHARLIE, token=CHARLIES_TOKEN)
        digests = opened.vault.desk.user_digests("Ada", "tea time")
        ada = User(id=ADA, account_id=ALICE.id, name="ada", created_at=NOW, credential_digests=digests)
        await opened.vault.catalogue.add_user(ada)
        yield opened


def url(place: str = f"{PUSH}/{FILE}?", **changes: str) -> str:
    return place + urlencode(SAID | changes)


async def listed(world: World, query: str = "") -> list[dict[str, Any]]:
    reply = await world.ask("GET", f"{LIST}?{query}", KEY)
    assert reply.status == 200
    data: list[dict[str, Any]] = (await json_of(reply))["data"]
    return data


def credentials(method: str, name: str = "ada", password: str = "tea time") -> str:
    return hashlib.new({"md5": "md5", "sha": "sha1"}[method], f"{name}:{password}".encode()).hexdigest()


@pytest.mark.parametrize("method", ["md5", "sha"])
async def test_a_users_session_opens_the_account(world: World, method: str) -> None:
    body = {"data": {"credentials": credentials(method), "method": method, "account_name": "alice"}}
    reply = await world.ask("PUT", "/v2/user_auth", body=json.dumps(body).encode())
    envelope = await json_of(reply)
    assert reply.status == 201
    assert envelope["data"]["owner_id"] == ADA.hex
    for shown in ({"X-Auth-Token": envelope["auth_token"]}, {"Authorization": f"Bearer {envelope['auth_token']}"}):
        assert (await world.ask("GET", LIST, shown)).status == 200
    whose = await json_of(await world.ask("GET", "/v2/token_auth", {"X-Auth-Token": envelope["auth_token"]}))
    assert (whose["data"]["account_id"], whose["data"]["owner_id"]) == (ALICE.id.hex, ADA.hex)


async def test_a_wrong_password_opens_nothing(world: World) -> None:
    body = {"data": {"credentials": credentials("md5", password="coffee"), "account_name": "alice"}}
    reply = await world.ask("PUT", "/v2/user_auth", body=json.dumps(body).encode())
    assert reply.status == 401
    assert (await json_of(reply))["message"] == "invalid_credentials"


async def test_a_keys_session_opens_its_account_until_it_is_over(world: World) -> None:
    reply = await world.ask("PUT", "/v2/api_auth", body=json.dumps({"data": {"api_key": TOKEN}}).encode())
    token = (await json_of(reply))["auth_token"]
    assert reply.status == 201
    assert (await world.ask("GET", f"{LIST}?auth_token={token}")).status == 200
    world.now += timedelta(hours=1)
    late = await world.ask("GET", LIST, {"X-Auth-Token": token})
    assert late.status == 401
    assert (await json_of(late))["message"] == "invalid credentials"


async def test_charlie_sees_nothing_of_alices(world: World) -> None:
    assert (await world.ask("PUT", url(), body=WAV)).status == 201
    shown = {"X-Auth-Token": CHARLIES_TOKEN}
    own = LIST.replace(ALICE.id.hex, CHARLIE.id.hex)
    assert (await json_of(await world.ask("GET", own, shown)))["data"] == []
    for target in (LIST, f"{LIST}/{KAZOO_ID}"):
        assert (await world.ask("GET", target, shown)).status == 403
    for method, target in (
        ("GET", f"{own}/{KAZOO_ID}"),
        ("DELETE", f"{own}/{KAZOO_ID}"),
        ("GET", url().replace(TOKEN, CHARLIES_TOKEN)),
    ):
        assert (await world.ask(method, target, shown)).status == 404
    assert len(await listed(world)) == 1


@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize("place", [f"{PUSH}/{FILE}?", f"{PUSH}?recording={FILE}&", f"{PUSH}?x={FILE}&"])
async def test_a_push_is_kept_and_read_back_byte_by_byte(world: World, method: str, place: str) -> None:
    reply = await world.ask(method, url(place), {"Content-Length": str(len(WAV))}, WAV)
    assert reply.status == 201
    assert (await json_of(reply))["data"]["id"] == KAZOO_ID
    back = await world.ask("GET", url(place))
    assert back.status == 200
    assert await body_of(back) == WAV
    as_document = f"{place}{urlencode({'id': KAZOO_ID, 'direction': 'inbound', 'duration': 1})}"
    assert await body_of(await world.ask("GET", as_document)) == WAV


async def test_a_pushed_recording_is_what_kazoo_would_show(world: World) -> None:
    await world.ask("PUT", url(), body=WAV)
    shown = (await json_of(await world.ask("GET", f"{LIST}/{KAZOO_ID}", KEY)))["data"]
    told = {key: value for key, value in SAID.items() if value and key not in {"recording_id", "account_id"}}
    told_as_numbers = {"start": 63939574802, "duration_ms": 1500}
    assert (told | told_as_numbers).items() <= shown.items()
    assert shown["id"] == KAZOO_ID
    assert "caller_id_name" not in shown
    assert [item["id"] for item in await listed(world)] == [KAZOO_ID]
    owned = await json_of(await world.ask("GET", f"/v2/accounts/{ALICE.id.hex}/users/{ADA.hex}/recordings", KEY))
    assert [item["id"] for item in owned["data"]] == [KAZOO_ID]
    for query in ("filter_call_id=leg-a%4010.0.0.7", "filter_interaction_id=63939574802-0a1b2c3d"):
        assert len(await listed(world, query)) == 1
    assert await listed(world, "filter_call_id=leg-b") == []


async def test_kazoo_tries_again_and_nothing_is_kept_twice(world: World) -> None:
    assert [(await world.ask("PUT", url(), body=WAV)).status for _ in range(3)] == [201, 200, 200]
    assert len(await listed(world)) == 1


async def test_two_recordings_of_one_call_and_two_legs_of_one_conversation(world: World) -> None:
    second, other_leg = KAZOO_ID[:-1] + "0", KAZOO_ID[:-1] + "1"
    assert (await world.ask("PUT", url(), body=WAV)).status == 201
    assert (await world.ask("PUT", url(recording_id=second), body=WAV)).status == 201
    place = f"{PUSH}/call_recording_leg-b@10.0.0.7.wav?"
    assert (
        await world.ask("PUT", url(place, recording_id=other_leg, call_id="leg-b@10.0.0.7"), body=WAV)
    ).status == 201
    assert {item["id"] for item in await listed(world, "filter_call_id=leg-a@10.0.0.7")} == {KAZOO_ID, second}
    assert len(await listed(world, "filter_interaction_id=63939574802-0a1b2c3d")) == 3


async def test_a_push_without_an_id_is_known_by_call_and_file(world: World) -> None:
    target = f"{PUSH}/call_recording_leg-c..wav?from=1@x&to=2@x"
    assert [(await world.ask("PUT", target, body=WAV)).status for _ in range(2)] == [201, 200]
    assert await body_of(await world.ask("GET", target)) == WAV
    (item,) = await listed(world)
    assert item["id"].startswith("202603-")
    assert item["call_id"] == "leg-c"
    assert (await world.ask("GET", f"{LIST}/{item['id']}?accept=audio/mpeg", KEY)).status == 200


@pytest.mark.parametrize(
    ("body", "headers"),
    [(b"", {}), (b"no audio at all", {}), (WAV[:1000], {"Content-Length": str(len(WAV))})],
)
async def test_what_is_not_whole_audio_is_refused_and_leaves_nothing(
    world: World, body: bytes, headers: dict[str, str]
) -> None:
    reply = await world.ask("PUT", url(), headers, body)
    assert reply.status == 400
    assert (await json_of(reply))["message"] == "validation error"
    assert await listed(world) == []
    assert (await world.ask("PUT", url(), body=WAV)).status == 201


async def test_a_key_that_may_only_write_pushes_and_reads_nothing(world: World) -> None:
    account = Account(id=UUID(int=ALICE.id.int + 1), serial=3, name="recorder", created_at=NOW)
    token = "d" * 64
    await world.account(account, token=token, scopes=frozenset({Scope.WRITE}))
    assert (await world.ask("PUT", url().replace(TOKEN, token), body=WAV)).status == 201
    assert (await world.ask("GET", url().replace(TOKEN, token))).status == 403
    own = LIST.replace(ALICE.id.hex, account.id.hex)
    assert (await world.ask("GET", own, {"X-Auth-Token": token})).status == 403


@pytest.mark.parametrize("order", ["", "&ascending=true"])
async def test_paging_sees_every_recording_once_though_they_ended_together(world: World, order: str) -> None:
    together = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    entropy = iter(range(1_000))
    made = set()
    for at in (together, together + timedelta(milliseconds=1), together + timedelta(seconds=1)):
        for _ in range(9):
            card = Card(
                id=new_id(together - timedelta(minutes=1), next(entropy).to_bytes(10)),
                call_id=new_id(together, next(entropy).to_bytes(10)),
                started_at=together - timedelta(minutes=1),
                ended_at=at,
                created_at=at,
                duration_ms=1,
            )
            made.add(f"202603-{(await world.record(ALICE.id, card)).id.hex}")
    seen: list[str] = []
    key: str | None = ""
    pages = 0
    while key is not None:
        envelope = await json_of(await world.ask("GET", f"{LIST}?page_size=4{order}&start_key={key}", KEY))
        assert envelope["page_size"] == len(envelope["data"])
        seen += [item["id"] for item in envelope["data"]]
        key, pages = envelope.get("next_start_key"), pages + 1
    assert pages == 7
    assert len(seen) == 27
    assert set(seen) == made
    starts = [item["start"] for item in await listed(world, "paginate=false")]
    assert len(starts) == 27


async def patched(
    world: World, recording_id: str, data: object, method: str = "PATCH", query: str = ""
) -> tuple[int, Any]:
    body = json.dumps({"data": data}).encode()
    reply = await world.ask(method, f"{LIST}/{recording_id}{query}", {**KEY, "Content-Type": "application/json"}, body)
    return reply.status, await json_of(reply)


async def test_user_metadata_is_written_merged_and_taken_away(world: World) -> None:
    await world.ask("PUT", url(), {}, WAV)
    status, answer = await patched(world, KAZOO_ID, {"user_metadata": {"order": 7, "tags": {"a": 1, "b": 2}}})
    assert status == 200
    assert answer["data"]["user_metadata"] == {"order": 7, "tags": {"a": 1, "b": 2}}
    _, answer = await patched(
        world, KAZOO_ID, {"user_metadata": {"order": None, "tags": {"b": None}}}, "POST", "?verb=patch"
    )
    assert answer["data"]["user_metadata"] == {"tags": {"a": 1}}
    one = await json_of(await world.ask("GET", f"{LIST}/{KAZOO_ID}?accept=application/json", KEY))
    assert one["data"]["user_metadata"] == {"tags": {"a": 1}}
    assert one["data"]["caller_id_number"] == SAID["caller_id_number"]


@pytest.mark.parametrize("data", [{"name": "mine"}, {"user_metadata": {"a": 1}, "duration": 1}])
async def test_nothing_else_can_be_written(world: World, data: dict[str, object]) -> None:
    await world.ask("PUT", url(), {}, WAV)
    status, answer = await patched(world, KAZOO_ID, data)
    assert status == 400
    (key,) = set(data) - {"user_metadata"}
    assert answer["data"] == {key: {"forbidden": {"message": "Read-only property"}}}
    one = await json_of(await world.ask("GET", f"{LIST}/{KAZOO_ID}?accept=application/json", KEY))
    assert "user_metadata" not in one["data"]
    assert (await patched(world, KAZOO_ID, {"user_metadata": "text"}))[0] == 400
    assert (await patched(world, KAZOO_ID.replace("0123", "9999"), {"user_metadata": {}}))[0] == 404


async def test_a_token_is_done_with(world: World) -> None:
    reply = await world.ask("DELETE", "/v2/token_auth", KEY)
    assert reply.status == 200
    assert (await json_of(reply))["status"] == "success"
    assert (await world.ask("DELETE", "/v2/token_auth", {})).status == 401


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("filter_user_metadata.order=7", True),
        ("filter_user_metadata.order=8", False),
        ("filter_not_user_metadata.order=8", True),
        ("has_key=user_metadata.order", True),
        ("key_missing=user_metadata.order", False),
        ("has_value=user_metadata.order", True),
        ("value_missing=user_metadata.note", True),
        ("filter_media_type=wav&filter_user_metadata.order=7", True),
        ("filter_media_type=mp3", False),
        (f"filter_call_id={SAID['call_id']}", True),
        ("filter_call_id=another@10.0.0.7", False),
    ],
)
async def test_a_list_is_narrowed_by_any_key_of_a_document(world: World, filters: str, found: bool) -> None:
    await world.ask("PUT", url(), {}, WAV)
    await patched(world, KAZOO_ID, {"user_metadata": {"order": 7}})
    reply = await json_of(await world.ask("GET", f"{LIST}?{filters}", KEY))
    assert [item["id"] for item in reply["data"]] == ([KAZOO_ID] if found else [])


async def test_a_user_whom_nobody_knows_has_no_recordings(world: World) -> None:
    await world.ask("PUT", url(), {}, WAV)
    nobody = f"/v2/accounts/{ALICE.id.hex}/users/{UUID(int=4 << 76).hex}/recordings"
    for path in (nobody, f"{nobody}/{KAZOO_ID}"):
        assert (await world.ask("GET", path, KEY)).status == 404
    ada = f"/v2/accounts/{ALICE.id.hex}/users/{ADA.hex}/recordings"
    assert len((await json_of(await world.ask("GET", ada, KEY)))["data"]) == 1
