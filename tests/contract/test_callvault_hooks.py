"""Hooks and deliveries through our own API: added, told, looked at, replayed, removed; and nobody sees another's."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from callvault.model.actor import Account, Scope
from callvault.model.hook import Attempt, DeliveryState
from callvault.vault.secrets import hash_secret
from tests.world import NOW, TOKEN, World, body_of, json_of, open_world, tone_of_silence

HOOKS, DELIVERIES = "/callvault/v1/hooks", "/callvault/v1/deliveries"
ALICE = {"Authorization": f"Bearer {TOKEN}"}
CHARLIE = {"Authorization": "Bearer " + "c" * 64}
URL = "https://hooks.example.org/calls"
NOBODY = "019ca8a0-46c2-7a3b-8c4d-5e6f708192a3"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        alice = Account(id=UUID("019cbb40-1111-7111-8111-00000000a11c"), serial=0, name="alice", created_at=NOW)
        await opened.account(alice)
        await opened.account(
            replace(alice, id=UUID("019cbb40-1111-7111-8111-000000000c4a"), name="charlie"), token="c" * 64
        )
        yield opened


async def added(world: World, **said: Any) -> tuple[int, Any]:
    document = {"dialect": "callvault", "url": URL, **said}
    reply = await world.ask("POST", HOOKS, ALICE, json.dumps(document).encode())
    return reply.status, await json_of(reply)


async def got(world: World, target: str, headers: dict[str, str] = ALICE) -> tuple[int, Any]:
    reply = await world.ask("GET", target, headers)
    return reply.status, await json_of(reply)


async def recorded(world: World) -> str:
    reply = await world.ask("POST", "/callvault/v1/recordings", ALICE, tone_of_silence(1, 100))
    assert reply.status in {200, 201}
    return str((await json_of(reply))["id"])


async def test_a_hook_is_added_shown_and_removed(world: World) -> None:
    status, hook = await added(
        world,
        dialect="telnyx",
        failover_url="https://b.example.org/",
        events=["recording.available"],
        username="ruth",
        password="tea",
        options={"client_state": "dGVh"},
    )
    assert status == 201
    assert hook == {
        "id": hook["id"],
        "dialect": "telnyx",
        "url": URL,
        "method": "POST",
        "events": ["recording.available"],
        "options": {"client_state": "dGVh"},
        "created_at": hook["created_at"],
        "failover_url": "https://b.example.org/",
        "username": "ruth",
        "links": {
            "self": f"https://vault.example.net{HOOKS}/{hook['id']}",
            "deliveries": f"https://vault.example.net{DELIVERIES}?hook_id={hook['id']}",
        },
    }
    assert await got(world, HOOKS) == (200, {"hooks": [hook]})
    assert await got(world, f"{HOOKS}/{hook['id']}") == (200, hook)
    assert (await world.ask("DELETE", f"{HOOKS}/{hook['id']}", ALICE)).status == 204
    assert (await world.ask("DELETE", f"{HOOKS}/{hook['id']}", ALICE)).status == 404
    assert (await got(world, f"{HOOKS}/{hook['id']}"))[0] == 404
    assert await got(world, HOOKS) == (200, {"hooks": []})


async def test_what_nobody_says_is_the_vendors_usual(world: World) -> None:
    _, ours = await added(world)
    assert "recording.paused" in ours["events"]
    _, twilio = await added(world, dialect="signalwire")
    assert (twilio["events"], twilio["method"]) == (["recording.available"], "POST")
    _, kazoo = await added(world, dialect="kazoo", method="GET", options={"retries": "4"})
    assert kazoo["method"] == "GET"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"dialect": "acme"}, "dialect"),
        ({"dialect": "bird"}, "dialect"),
        ({"dialect": 7}, "dialect"),
        ({"url": "ftp://hooks.example.org/"}, "url"),
        ({"url": "http://127.0.0.1/"}, "url"),
        ({"url": "https://a:b@hooks.example.org/"}, "url"),
        ({"failover_url": "https://b.example.org/"}, "failover_url"),
        ({"dialect": "telnyx", "failover_url": "http://[::1]/"}, "failover_url"),
        ({"method": "GET"}, "method"),
        ({"events": []}, "events"),
        ({"events": ["recording.sung"]}, "events"),
        ({"events": "recording.available"}, "events"),
        ({"dialect": "bandwidth", "events": ["recording.paused"]}, "events"),
        ({"recording_id": "r-1"}, "recording_id"),
        ({"password": "tea"}, "username"),
        ({"username": "a:b"}, "username"),
        ({"username": "a\nb"}, "username"),
        ({"options": {"tag": "a"}}, "options.tag"),
        ({"options": {"tag": 1}}, "options"),
        ({"dialect": "bandwidth", "options": {"tag": "a\r\nb"}}, "options.tag"),
        ({"dialect": "bandwidth", "options": {"timeout": "26"}}, "options.timeout"),
        ({"dialect": "bandwidth", "options": {"timeout": "soon"}}, "options.timeout"),
        ({"dialect": "kazoo", "options": {"retries": "1.5"}}, "options.retries"),
        ({"dialect": "kazoo", "options": {"format": "xml"}}, "options.format"),
        ({"dialect": "telnyx", "options": {"retries_ms": "1,,2"}}, "options.retries_ms"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_what_cannot_be_a_hook_is_refused_by_name(world: World, said: dict[str, Any], field: str) -> None:
    status, problem = await added(world, **said)
    assert (status, problem["field"]) == (400, field), problem
    assert (await got(world, HOOKS))[1] == {"hooks": []}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"dialect": "callvault"}'])
async def test_a_body_that_is_no_hook_is_refused(world: World, body: bytes) -> None:
    assert (await world.ask("POST", HOOKS, ALICE, body)).status == 400


async def test_a_hook_may_be_for_one_recording(world: World) -> None:
    recording = await recorded(world)
    status, hook = await added(world, recording_id=recording)
    assert (status, hook["recording_id"]) == (201, recording)
    assert (await added(world, recording_id=NOBODY))[0] == 404
    assert (await got(world, HOOKS))[1] == {"hooks": []}
    assert (await got(world, f"{HOOKS}?recording_id={recording}"))[1] == {"hooks": [hook]}
    assert (await got(world, f"{HOOKS}?recording_id={recording}", CHARLIE))[1] == {"hooks": []}


async def test_an_account_has_so_many_hooks_and_no_more(world: World) -> None:
    for _ in range(100):
        assert (await added(world))[0] == 201
    assert (await added(world))[0] == 400
    recording = await recorded(world)
    for _ in range(100):
        assert (await added(world, recording_id=recording))[0] == 201
    assert (await added(world, recording_id=recording))[0] == 400


async def test_deliveries_are_listed_page_by_page_with_their_log(world: World) -> None:
    _, hook = await added(world)
    recording = await recorded(world)
    status, page = await got(world, f"{DELIVERIES}?limit=1")
    assert (status, len(page["deliveries"])) == (200, 1)
    path = page["links"]["next"].removeprefix("https://vault.example.net")
    _, second = await got(world, path)
    assert second["next"] is None
    told = {each["type"]: each for each in (*page["deliveries"], *second["deliveries"])}
    assert set(told) == {"recording.ended", "recording.available"}
    delivery = told["recording.available"]
    assert (delivery["hook_id"], delivery["recording_id"], delivery["state"]) == (hook["id"], recording, "waiting")
    assert delivery["due_at"]

    claims = await world.vault.catalogue.claim(UUID(hook["id"]), now=world.now, until=world.now, most=1)
    assert claims is not None
    (claim,) = claims.items
    attempt = Attempt(
        at=world.now,
        method="POST",
        url=URL,
        headers=(("webhook-id", "a"), ("webhook-id", "b")),
        body=b'{"tea":"\xc3\xa9"}',
        status=500,
        answer=b"\xff\x00",
        failure=None,
        error=None,
        took_ms=7,
    )
    done = replace(claim.delivery, state=DeliveryState.GIVEN_UP, attempts=1)
    assert await world.vault.catalogue.settle(claim, done, attempt)
    _, logged = await got(world, f"{DELIVERIES}/{claim.delivery.id}")
    assert logged["log"] == [
        {
            "at": "2026-03-05T07:08:09.123Z",
            "took_ms": 7,
            "method": "POST",
            "url": URL,
            "headers": [{"name": "webhook-id", "value": "a"}, {"name": "webhook-id", "value": "b"}],
            "body": '{"tea":"é"}',
            "status": 500,
            "answer_base64": "/wA=",
        }
    ]
    assert (await got(world, f"{DELIVERIES}?state=given-up&hook_id={hook['id']}"))[1]["deliveries"][0]["attempts"] == 1
    replayed = await world.ask("POST", f"{DELIVERIES}/{claim.delivery.id}/replay", ALICE)
    assert replayed.status == 202
    assert (await json_of(replayed))["state"] == "waiting"


async def test_another_accounts_hooks_and_deliveries_do_not_exist(world: World) -> None:
    _, hook = await added(world)
    recording = await recorded(world)
    _, page = await got(world, DELIVERIES)
    delivery = page["deliveries"][0]["id"]
    for target in (f"{HOOKS}/{hook['id']}", f"{DELIVERIES}/{delivery}", f"{HOOKS}/{NOBODY}", f"{HOOKS}/x"):
        assert (await got(world, target, CHARLIE))[0] == 404
    assert (await world.ask("DELETE", f"{HOOKS}/{hook['id']}", CHARLIE)).status == 404
    assert (await world.ask("POST", f"{DELIVERIES}/{delivery}/replay", CHARLIE)).status == 404
    assert (await got(world, HOOKS, CHARLIE))[1] == {"hooks": []}
    for query in ("", f"?hook_id={hook['id']}", f"?recording_id={recording}"):
        assert (await got(world, DELIVERIES + query, CHARLIE))[1]["deliveries"] == []
    his = json.dumps({"dialect": "callvault", "url": URL, "recording_id": recording}).encode()
    assert (await world.ask("POST", HOOKS, CHARLIE, his)).status == 404


@pytest.mark.parametrize(
    ("scopes", "may_add", "may_list", "may_look"),
    [
        ({Scope.READ}, False, True, False),
        ({Scope.READ, Scope.MEDIA}, False, True, True),
        ({Scope.WRITE}, False, False, False),
        ({Scope.READ, Scope.WRITE}, False, True, False),
        ({Scope.READ, Scope.MEDIA, Scope.WRITE}, True, True, True),
        ({Scope.ADMIN}, True, True, True),
    ],
)
async def test_who_may_have_others_told(
    world: World, scopes: set[Scope], may_add: bool, may_list: bool, may_look: bool
) -> None:
    """A notice tells of every recording and may hold a link to its audio: no key gets there what it may not have."""
    await added(world)
    await recorded(world)
    _, page = await got(world, DELIVERIES)
    token = "d" * 64
    found = await world.vault.catalogue.key(TOKEN[:16])
    assert found is not None
    await world.vault.catalogue.add_key(
        replace(found[0], id=token[:16], scopes=frozenset(scopes), secret_hash=hash_secret(token[16:]))
    )
    shown = {"Authorization": f"Bearer {token}"}
    body = json.dumps({"dialect": "callvault", "url": URL}).encode()
    assert ((await world.ask("POST", HOOKS, shown, body)).status == 201) is may_add
    assert ((await got(world, HOOKS, shown))[0] == 200) is may_list
    assert ((await got(world, f"{DELIVERIES}/{page['deliveries'][0]['id']}", shown))[0] == 200) is may_look


async def test_a_password_is_kept_sealed_and_never_shown(world: World) -> None:
    _, hook = await added(world, username="ruth", password="two teas")
    kept = await world.vault.catalogue.hook(UUID("019cbb40-1111-7111-8111-00000000a11c"), UUID(hook["id"]))
    assert kept is not None
    assert kept.sealed_password is not None
    assert b"two teas" not in kept.sealed_password
    assert world.vault.notifying.password(kept) == "two teas"
    assert b"two teas" not in await body_of(await world.ask("GET", HOOKS, ALICE))
