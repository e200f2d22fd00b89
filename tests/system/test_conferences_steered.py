"""A conference of three is recorded under the vendors' paths for conferences, by ids of its own or by the client's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from callvault.caller.plan import Voice
from callvault.caller.sound import noise
from tests.system.authority import Certificates
from tests.system.steered_calls import (
    LONGEST_S,
    PATIENCE_S,
    LiveCall,
    SteeredHouse,
    channels_of,
    steered_house,
)

pytestmark = pytest.mark.slow

LENA = Voice(sound=noise(13, seconds=LONGEST_S), user="2003", name="Lena")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[SteeredHouse]:
    with steered_house(tmp_path_factory.mktemp("conferences"), certificates) as server:
        yield server


@dataclass(frozen=True, kw_only=True)
class Wire:
    """Requests about conferences as they are on the wire, without any client."""

    house: SteeredHouse

    async def telnyx(self, room: str, verb: str, **body: Any) -> httpx.Response:
        token = self.house.credentials("telnyx")["api_key"]
        path = f"/v2/conferences/{room}/actions/record_{verb}"
        return await self._ask("POST", path, headers={"Authorization": f"Bearer {token}"}, json=body)

    async def bandwidth(self, method: str, room: str, rest: str, content: str | None = None) -> httpx.Response:
        given = self.house.credentials("bandwidth")
        path = f"/api/v2/accounts/{given['account_id']}/conferences/{room}/{rest}"
        return await self._ask(method, path, auth=(given["username"], given["password"]), content=content)

    async def twilio(self, method: str, room: str, rest: str = "", **form: str) -> httpx.Response:
        given = self.house.credentials("signalwire")
        path = f"/2010-04-01/Accounts/{given['account_sid']}/Conferences/{room}/Recordings{rest}.json"
        return await self._ask(method, path, auth=(given["account_sid"], given["auth_token"]), data=form or None)

    async def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.house.server.url, timeout=30) as client:
            return await client.request(method, path, **more)


async def become_a_conference(house: SteeredHouse, call: LiveCall) -> Mapping[str, Any]:
    """The call as our own API tells of it once it is one."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        told: Mapping[str, Any] = await asyncio.to_thread(house.live, call.card)
        if told["is_conference"]:
            return told
        await asyncio.sleep(0.05)
    raise AssertionError(f"three did not speak within {PATIENCE_S} s")


async def test_a_conference_of_three_is_recorded_by_each_vendors_name_for_it(house: SteeredHouse) -> None:
    wire = Wire(house=house)
    async with house.call(joiner=LENA, joins_at_s=0.5) as call:
        told = await become_a_conference(house, call)
        rooms = told["conference_names"]
        assert (await wire.telnyx(rooms["telnyx"], "start", format="wav", channels="dual")).status_code == 200
        began = await wire.bandwidth("PUT", rooms["bandwidth"], "bxml", "<Bxml><StartRecording/></Bxml>")
        assert began.status_code == 204
        listed = (await wire.twilio("GET", rooms["twilio"])).json()["recordings"]
        assert [each["conference_sid"] for each in listed] == [rooms["twilio"]] * 2
        first = listed[-1]["sid"]
        paused = await wire.twilio("POST", rooms["twilio"], f"/{first}", Status="paused", PauseBehavior="skip")
        assert (paused.status_code, paused.json()["status"]) == (200, "paused")
        assert (await wire.telnyx(rooms["telnyx"], "resume")).status_code == 200
        live = await asyncio.to_thread(house.live, call.card)
        call.asked = [each["id"] for each in live["recordings"]]
        assert (await wire.telnyx(rooms["telnyx"], "stop")).status_code == 200
        assert (await wire.telnyx(call.name("telnyx"), "start", format="wav")).status_code == 422
    cards = {card["id"]: card for card in await house.finished(call, 2)}
    of_telnyx, of_bandwidth = (cards[name] for name in call.asked)
    for card in (of_telnyx, of_bandwidth):
        assert (card["source"], card["conference_id"]) == ("conference", told["conference_id"])
    shown = (await wire.bandwidth("GET", rooms["bandwidth"], "recordings")).json()
    assert [each["conferenceId"] for each in shown] == [rooms["bandwidth"]] * 2
    whole, mixed = (channels_of(house.media(card["id"])) for card in (of_telnyx, of_bandwidth))
    assert (len(whole), len(mixed)) == (2, 1)
    kept = [piece for piece in call.kept(whole[0], 0) if piece.sent is not None]
    assert kept, "the first channel is Ruth's alone, sample by sample"


async def test_a_conference_is_found_by_what_its_client_calls_it(house: SteeredHouse) -> None:
    wire = Wire(house=house)
    async with house.call(
        style="telnyx", parameters=(("Conference-ID", "4711"), ("Conference-Name", "monday"))
    ) as call:
        assert (call.card["is_conference"], call.card["conference_name"]) == (True, "monday")
        for room in ("4711", "monday", call.card["conference_id"]):
            assert (await wire.telnyx(room, "start", format="wav")).status_code == 200
        assert (await wire.telnyx("4712", "start", format="wav")).status_code == 422
        listed = (await wire.bandwidth("GET", call.card["conference_names"]["bandwidth"], "recordings")).json()
        assert [each["name"] for each in listed] == ["monday"] * 3
    for card in await house.finished(call, 3):
        assert (card["conference_id"], card["conference_name"]) == (call.card["conference_id"], "monday")
    over = await wire.telnyx("4711", "start", format="wav")
    assert over.status_code == 422
