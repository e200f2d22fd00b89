"""Live calls over our own API: found by whatever anybody calls them, and steered."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from callvault.dialects import registry
from callvault.model.live import LiveCall, Phase
from callvault.model.policy import RECORD_ALL
from tests.contract.neighbours import Answer, Neighbours, neighbourhood
from tests.contract.tongues import Ask
from tests.wheel import Recorder, recorder
from tests.world import NOW

CALLS = "/callvault/v1/calls"


@dataclass
class House:
    street: Neighbours
    recorder: Recorder

    async def say(self, method: str, target: str, body: Any = None, token: str | None = None) -> Answer:
        shown = {"Authorization": f"Bearer {token or self.street.alice.token}"}
        content = b"" if body is None else json.dumps(body).encode()
        return await self.street.ask(Ask(target=target, method=method, body=content), shown)

    async def listed(self) -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = (await self.say("GET", CALLS)).json()["calls"]
        return calls

    def phases(self, call: LiveCall) -> list[Phase]:
        return self.recorder.phases(call)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with neighbourhood(tmp_path) as street, recorder(street.world.vault, street.alice.account_id, now) as node:
        yield House(street=street, recorder=node)


def now() -> Any:
    return NOW


def path_of(call: LiveCall, *rest: str) -> str:
    return "/".join((CALLS, str(call.take), *rest))


async def test_a_live_call_is_listed_with_what_everybody_calls_it(house: House) -> None:
    call = await house.recorder.call(foreign={"bandwidth": {"call": "c-given"}})
    [told] = await house.listed()
    assert told["take"] == str(call.take)
    assert told["recordings"] == []
    assert told["names"]["bandwidth"] == "c-given"
    assert set(told["names"]) == {*registry.NAMES, "twilio"}


async def test_it_is_found_by_whatever_anybody_calls_it(house: House) -> None:
    call = await house.recorder.call(foreign={"telnyx": {"call": "leg-7", "call_control": "v3:control-7"}})
    await house.recorder.call()
    [told] = [each for each in await house.listed() if each["take"] == str(call.take)]
    names = [str(call.take), str(call.call_id), str(call.sip_call_id), "leg-7", *told["names"].values()]
    for name in names:
        answer = await house.say("GET", f"{CALLS}/{quote(name, safe='')}")
        assert answer.status == 200, name
        assert answer.json()["take"] == str(call.take), name


async def test_a_recording_begins_pauses_goes_on_and_stops(house: House) -> None:
    call = await house.recorder.call()
    begun = await house.say("POST", path_of(call, "recordings"), {"format": "mp3", "label": "Tea order"})
    assert begun.status == 201
    card = begun.json()
    assert (card["status"], card["format"], card["label"]) == ("capturing", "mp3", "Tea order")
    for method, which, to, status in (
        ("PATCH", "current", "paused", "paused"),
        ("POST", card["id"], "running", "capturing"),
        ("PATCH", "all", "stopped", "processing"),
    ):
        done = await house.say(method, path_of(call, "recordings", which), {"to": to})
        assert done.status == 200
        assert [(each["id"], each["status"]) for each in done.json()["recordings"]] == [(card["id"], status)]
        assert [each["phase"] for each in done.json()["call"]["recordings"]] == [to]
    link = begun.headers["location"].removeprefix(house.street.world.base_url)
    assert (await house.say("GET", link)).json()["status"] == "processing"


async def test_all_at_once_or_one_of_several(house: House) -> None:
    call = await house.recorder.call(RECORD_ALL)
    second = (await house.say("POST", path_of(call, "recordings"))).json()
    await house.say("PATCH", path_of(call, "recordings", "all"), {"to": "paused", "silent": True})
    assert house.phases(call) == [Phase.PAUSED, Phase.PAUSED]
    await house.say("PATCH", path_of(call, "recordings", second["id"]), {"to": "running"})
    assert house.phases(call) == [Phase.PAUSED, Phase.RUNNING]
    refused = await house.say("PATCH", path_of(call, "recordings", "current"), {"to": "stopped", "only": True})
    assert (refused.status, refused.json()["code"]) == (409, "conflict")


async def test_the_same_key_is_the_same_recording(house: House) -> None:
    call = await house.recorder.call()
    ask = Ask(target=path_of(call, "recordings"), method="POST", headers={"Idempotency-Key": "agent-7"})
    shown = {"Authorization": f"Bearer {house.street.alice.token}"}
    ids = [(await house.street.ask(ask, shown)).json()["id"] for _ in range(2)]
    assert ids[0] == ids[1]
    assert len(house.phases(call)) == 1


@pytest.mark.parametrize("on", [True, False])
async def test_a_call_is_masked_and_unmasked(house: House, on: bool) -> None:
    call = await house.recorder.call(RECORD_ALL)
    await house.say("PUT", path_of(call, "mask"), {"on": not on})
    done = await house.say("PUT", path_of(call, "mask"), {"on": on})
    assert (done.status, done.json()["masked"]) == (200, on)


NOTHING: list[tuple[str, str, Mapping[str, Any], int]] = [
    ("PATCH", "recordings/current", {"to": "paused"}, 404),
    ("PATCH", "recordings/019ca8a0-46c2-7a3b-8c4d-5e6f708192a3", {"to": "paused"}, 404),
    ("PATCH", "recordings/current", {"to": "waiting"}, 400),
    ("POST", "recordings", {"formt": "mp3"}, 400),
    ("PUT", "mask", {}, 400),
]


@pytest.mark.parametrize(("method", "rest", "body", "status"), NOTHING)
async def test_what_cannot_be_done_is_refused(
    house: House, method: str, rest: str, body: Mapping[str, Any], status: int
) -> None:
    call = await house.recorder.call()
    assert (await house.say(method, path_of(call, rest), body)).status == status
    gone = await house.say(method, f"{CALLS}/019ca8a0-46c2-7a3b-8c4d-5e6f708192a3/{rest}", body)
    assert gone.status == (400 if status == 400 else 404)


async def test_another_accounts_call_is_not_there(house: House) -> None:
    call = await house.recorder.call(RECORD_ALL)
    stranger = house.street.charlie.token
    assert (await house.say("GET", CALLS, token=stranger)).json() == {"calls": []}
    assert (await house.say("GET", path_of(call), token=stranger)).status == 404
    assert (await house.say("PUT", path_of(call, "mask"), {"on": True}, token=stranger)).status == 404
    assert not house.recorder.wheel.calls[call.take].masked


async def test_a_policy_is_kept(house: House) -> None:
    wanted = {"rules": [{"name": "sales", "callee": "+4420*"}], "record": False, "prebuffer_ms": 2000}
    kept = await house.say("PUT", "/callvault/v1/policy", wanted)
    assert kept.status == 200
    assert (await house.say("GET", "/callvault/v1/policy")).json() == kept.json()
    assert kept.json()["rules"][0]["callee"] == "+4420*"
