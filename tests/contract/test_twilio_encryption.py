"""Voice recording encryption as Twilio has it: a key comes in, ciphertext goes out, and its owner alone hears."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest

from callvault.audio.probe import probe
from callvault.dialects.signalwire.words import Vendor, write_sid
from callvault.model.actor import Account
from callvault.model.card import Card
from callvault.vault.commands import TakeIn
from callvault.wire import WireReply
from tests.unsealing import new_key, pem_of, unsealed
from tests.world import NOW, TOKEN, World, body_of, json_of, open_world, tone_of_silence

ACME = Account(id=UUID("019cad00-0000-7000-8000-00000000ac3e"), serial=1, name="acme", created_at=NOW)
SID = write_sid(ACME.id, "account", Vendor.TWILIO)
BASIC = {"Authorization": "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()}
KEYS = "/v1/Credentials/PublicKeys"
PRIVATE = new_key()
WAV = tone_of_silence(2, 1415)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        await opened.account(ACME)
        yield opened


async def ask(world: World, method: str, path: str, form: Mapping[str, str] | None = None) -> WireReply:
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
    return await world.ask(method, path, BASIC | kind, urlencode(form or {}).encode())


async def add_key(world: World, name: str = "ours") -> dict[str, Any]:
    reply = await ask(world, "POST", KEYS, {"PublicKey": pem_of(PRIVATE), "FriendlyName": name})
    assert reply.status == 201
    made: dict[str, Any] = await json_of(reply)
    return made


async def take_in(world: World) -> None:
    async def content() -> AsyncIterator[bytes]:
        yield WAV

    await world.vault.intake.take_in(TakeIn(account_id=ACME.id, card=Card(started_at=NOW), content=content()), NOW)


async def test_keys_are_added_listed_renamed_and_removed(world: World) -> None:
    made = await add_key(world)
    assert set(made) == {"account_sid", "date_created", "date_updated", "friendly_name", "sid", "url"}
    assert made["account_sid"] == SID
    assert made["sid"].startswith("CR")
    assert made["url"] == f"{world.base_url}{KEYS}/{made['sid']}"
    assert await json_of(await ask(world, "GET", f"{KEYS}/{made['sid']}")) == made
    renamed = await ask(world, "POST", f"{KEYS}/{made['sid']}", {"FriendlyName": "theirs"})
    assert (await json_of(renamed))["friendly_name"] == "theirs"
    assert (await ask(world, "DELETE", f"{KEYS}/{made['sid']}")).status == 204
    assert (await ask(world, "GET", f"{KEYS}/{made['sid']}")).status == 404


async def test_keys_are_listed_by_pages(world: World) -> None:
    sids = [(await add_key(world, name))["sid"] for name in "abc"]
    found: list[str] = []
    target: str | None = f"{KEYS}?PageSize=2"
    while target:
        page = await json_of(await ask(world, "GET", target.removeprefix(world.base_url)))
        found += [key["sid"] for key in page["credentials"]]
        target = page["meta"]["next_page_url"]
    assert sorted(found) == sorted(sids)


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({}, 400, 20001),
        ({"PublicKey": "no key"}, 400, 20001),
        ({"PublicKey": pem_of(PRIVATE), "FriendlyName": "x" * 65}, 400, 20001),
        ({"PublicKey": pem_of(PRIVATE), "AccountSid": "AC" + "0" * 32}, 404, 20404),
    ],
)
async def test_a_wrong_key_is_refused_as_twilio_does(
    world: World, form: dict[str, str], status: int, code: int
) -> None:
    reply = await ask(world, "POST", KEYS, form)
    assert reply.status == status
    assert (await json_of(reply))["code"] == code
    assert (await json_of(await ask(world, "GET", KEYS)))["credentials"] == []


async def test_media_is_ciphertext_that_the_private_key_opens(world: World, tmp_path: Path) -> None:
    sid = (await add_key(world))["sid"]
    await world.vault.keyring.choose(ACME, UUID(sid[2:]))
    await take_in(world)
    (item,) = (await json_of(await ask(world, "GET", f"/2010-04-01/Accounts/{SID}/Recordings.json")))["recordings"]
    details = item["encryption_details"]
    assert details["type"] == "rsa-aes"
    assert details["public_key_sid"] == details["encryption_public_key_sid"] == sid
    vectors = {(made["format"], made["channels"]): made["iv"] for made in details["renditions"]}
    for ending, form, channels in (("", "wav", 2), (".wav", "wav", 2), (".mp3", "mp3", 2)):
        content = await body_of(await ask(world, "GET", item["uri"].removesuffix(".json") + ending))
        assert WAV[:4] not in content[:64]
        heard = tmp_path / f"heard{ending}"
        cek = details["encrypted_cek"]
        heard.write_bytes(unsealed(PRIVATE, content, cek=cek, iv=vectors[form, channels]))
        assert probe(heard).duration_ms == pytest.approx(1415, abs=60)
    assert details["iv"] == vectors["wav", 2]
    assert (await ask(world, "DELETE", f"{KEYS}/{sid}")).status == 409


async def test_nobody_sees_keys_without_a_credential(world: World) -> None:
    assert (await world.ask("GET", KEYS, {})).status == 401
