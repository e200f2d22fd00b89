"""Kazoo steers live calls: each row of its table of parameters, in the documents and in the audio of placed calls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from callvault.caller.plan import CallPlan
from tests.receiver import Answer, Receiver, receiving
from tests.system.authority import Certificates
from tests.system.conversation import Client, Statement, hold, says
from tests.system.departures import PACKET, RATE, Given, edge, more_said, said_s
from tests.system.kazoo_calls import PATIENCE_S, Document, Kazoo, Samples, omar, ruth, sent, until
from tests.system.pieces import Piece, pieces
from tests.system.recording_server import recording_server

pytestmark = pytest.mark.slow
TRANSFER_S = 4.0
"""When something happens by itself in a call; until then somebody has said what is to be recorded."""
NEAR_MS = 60
"""Two packets, and one for the machine."""
TOLD = {
    "CALLVAULT_HOOK_NETWORKS": "127.0.0.0/8",
    "CALLVAULT_PUSH_PAUSE_S": "0",
    "CALLVAULT_PUSH_TRIES": "3",
    "CALLVAULT_PUSH_ROUNDS": "1",
}


def stretches(channel: Samples, whole: Samples) -> list[Piece]:
    """What of what was sent a channel is made of; there is nothing besides but silence."""
    return [piece for piece in pieces(channel, whole) if piece.sent is not None]


@pytest.fixture(scope="module")
def kazoo(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Kazoo]:
    folder = tmp_path_factory.mktemp("steered")
    with recording_server(folder, certificates, environment=TOLD) as server:
        shown = {"X-Auth-Token": server.token}
        identity = httpx.get(f"{server.server.url}/v2/token_auth", headers=shown, timeout=30).raise_for_status()
        client = Kazoo(recorder=server, account=identity.json()["data"]["account_id"])
        client.settle({"account": {}})
        asyncio.run(in_force(client, 0))
        yield client


async def in_force(kazoo: Kazoo, count: int, plan: CallPlan | None = None) -> None:
    """Until calls are recorded as often as that by themselves."""
    give_up = time.monotonic() + PATIENCE_S
    while True:
        async with kazoo.call(plan or kazoo.plan()) as channel:
            found = len(await channel.recordings())
        if found == count:
            return
        assert time.monotonic() < give_up, f"calls are recorded {found} times"


async def test_a_channel_is_told_of_while_it_lasts(kazoo: Kazoo) -> None:
    async with kazoo.call(kazoo.plan()) as channel:
        (line,) = [line for line in await asyncio.to_thread(kazoo.data, "/channels") if line["uuid"] == channel.uuid]
        assert (line["caller_id_number"], line["callee_id_number"]) == ("+442079460101", "2001")
        assert (line["direction"], line["is_onhold"]) == ("inbound", False)
        assert await channel.recordings() == []
        details = await asyncio.to_thread(kazoo.data, f"/channels/{channel.uuid}")
        assert (details["call_id"], details["interaction_id"]) == (line["uuid"], line["interaction_id"])
    gone = await until(lambda: (answer := kazoo.ask("GET", f"/channels/{channel.uuid}")).is_error and answer)
    assert (gone.status_code, gone.json()["message"], gone.json()["data"]) == (404, "bad identifier", [channel.uuid])
    flow = {"action": "metaflow", "data": {"module": "record_call"}}
    assert kazoo.ask("PUT", f"/channels/{channel.uuid}", flow).status_code == 404
    assert kazoo.data(f"/recordings?filter_call_id={channel.uuid}") == []


async def test_the_rows_of_the_table_side_by_side(kazoo: Kazoo) -> None:
    with receiving(lambda _: Answer(status=201)) as receiver:
        rows: tuple[Document, ...] = (
            {"format": "wav", "label": "plain"},
            {"label": "usual", "origin": "somebody else's"},
            {"media_name": "../a/tea.wav", "format": "mp3"},
            {"format": "wav", "record_sample_rate": 16_000},
            {"record_min_sec": 60},
            {"format": "wav", "url": receiver.url("/put")},
            {"format": "wav", "url": receiver.url("/post?file="), "method": "post"},
        )
        async with kazoo.call(kazoo.plan()) as channel:
            for row in rows:
                await channel.steer(action="start", **row)
            await channel.steer(action="start", skip_module=True)
            assert len(await channel.recordings()) == len(rows)
        found = await kazoo.documents(channel.uuid, len(rows))
        plain, usual, named, fast, short, put, post = found
        pushed = await until(lambda: len(receiver.requests) == 2 and receiver.requests)
        done = await until(lambda: _pushed(kazoo, put) == _pushed(kazoo, post) == "done")
        assert done

    assert (plain["origin"], plain["media_type"]) == ("metaflow : plain", "wav")
    assert (usual["origin"], usual["media_type"], usual["content_type"]) == ("metaflow : usual", "mp3", "audio/mpeg")
    assert kazoo.audio(usual).headers["content-type"] == "audio/mpeg"
    assert (named["name"], named["media_type"]) == ("tea.wav", "wav")
    assert kazoo.audio(named).headers["content-disposition"] == 'attachment; filename="tea.wav"'
    assert short["_read_only"]["content_types"] == []
    assert "at least 60 s were asked for" in kazoo.card(short)["error"]
    assert kazoo.ask("GET", f"/recordings/{short['id']}", accept="audio/mpeg").status_code == 404
    report = channel.call.report()
    for document, rate in ((plain, RATE), (usual, RATE), (named, RATE), (fast, 16_000), (put, RATE)):
        got, samples = kazoo.heard(document)
        assert (got, samples.shape[1]) == (rate, 2)
        if rate == RATE and document is not usual:
            for side in (0, 1):
                assert len(stretches(samples[:, side], sent(report, side))) == 1
    check_pushes(kazoo, receiver, {"put": put, "post": post})
    assert {request.method for request in pushed} == {"PUT", "POST"}


def _pushed(kazoo: Kazoo, document: Document) -> str | None:
    told = kazoo.data(f"/recordings/{document['id']}").get("_read_only", {}).get("push", {})
    state = told.get("state")
    return str(state) if state else None


def check_pushes(kazoo: Kazoo, receiver: Receiver, documents: Mapping[str, Document]) -> None:
    by_method = {request.method.lower(): request for request in receiver.requests}
    for method, document in documents.items():
        request = by_method[method]
        assert request.body == kazoo.audio(document).content
        assert request.headers["content-type"] == "audio/x-wav"
        told = dict(parse_qsl(urlsplit(request.target).query))
        assert (told["recording_id"], told["call_id"]) == (document["id"], document["call_id"])
        file = f"call_recording_{document['call_id']}.wav"
        assert (told.get("file") or request.path.rpartition("/")[2]) == file


async def test_what_is_paused_is_cut_out_and_what_is_masked_is_silent(kazoo: Kazoo) -> None:
    async with kazoo.call(kazoo.plan()) as channel:
        await channel.steer(format="wav")
        await more_said(channel.call, 0.5)
        await channel.steer(action="pause")
        await channel.steer(action="pause")
        await more_said(channel.call, 0.4)
        await channel.steer(action="resume")
        await more_said(channel.call, 0.4)
        await channel.steer(action="mask")
        await more_said(channel.call, 0.4)
        await channel.steer(action="unmask")
        await more_said(channel.call, 0.4)
        await channel.steer(action="stop")
        await channel.steer(action="stop")
    (document,) = await kazoo.documents(channel.uuid, 1)
    report = channel.call.report()
    _, samples = kazoo.heard(document)
    for side in (0, 1):
        before, between, after = stretches(samples[:, side], sent(report, side))
        assert before.shift - between.shift > 0.3 * RATE, "what was paused is cut out"
        assert after.at - (between.at + between.size) > 0.3 * RATE, "what was masked is silent"
        assert after.shift == between.shift, "in its length"
    assert document["duration_ms"] == round(len(samples) * 1000 / RATE)


async def test_one_switch_begins_and_ends(kazoo: Kazoo) -> None:
    async with kazoo.call(kazoo.plan()) as channel:
        began = await channel.steer(action="toggle", format="wav")
        assert len(await channel.recordings()) == 1
        await more_said(channel.call, 0.4)
        ended = await channel.steer(action="toggle")
        assert await channel.recordings() == []
    (document,) = await kazoo.documents(channel.uuid, 1)
    assert lasted(document, began, ended)


def lasted(document: Document, began: Given, ended: Given) -> bool:
    """Whether a recording is as long as it was from one verb to the other."""
    least_ms, most_ms = (ended.asked_s - began.answered_s) * 1000, (ended.answered_s - began.asked_s) * 1000
    return bool(least_ms - NEAR_MS <= document["duration_ms"] <= most_ms + NEAR_MS)


async def test_the_two_actions_of_5(kazoo: Kazoo) -> None:
    async with kazoo.call(kazoo.plan()) as channel:
        path = f"/channels/{channel.uuid}"
        asked_s = time.time()
        begun = await channel.ask("POST", path, {"data": {"action": "start_record"}})
        await more_said(channel.call, 0.4)
        ended = await channel.ask("POST", path, {"data": {"action": "stop_record"}})
        passed_s = time.time() - asked_s
        told = [(answer.status_code, answer.json()["data"]) for answer in (begun, ended)]
        assert told == [(202, "recording started"), (202, "recording stopped")]
    (document,) = await kazoo.documents(channel.uuid, 1)
    assert document["media_type"] == "mp3"
    assert document["duration_ms"] < passed_s * 1000 + NEAR_MS


@pytest.mark.parametrize("follows", [True, False])
async def test_a_transfer_is_followed_unless_it_shall_not(kazoo: Kazoo, *, follows: bool) -> None:
    more = {} if follows else {"should_follow_transfer": False}
    plan = kazoo.plan(ruth(TRANSFER_S + 1), omar(TRANSFER_S + 1), transfer_at_s=TRANSFER_S)
    async with kazoo.call(plan, to_its_end=True) as channel:
        await channel.steer(format="wav", **more)
        assert said_s(channel.call) < TRANSFER_S
    (document,) = await kazoo.documents(channel.uuid, 1)
    whole = sent(channel.call.report(), 0)
    (kept,) = stretches(kazoo.heard(document)[1][:, 0], whole)
    assert kept.ends[1] >= TRANSFER_S * RATE - PACKET
    assert (kept.ends[1] == len(whole)) is follows


@pytest.mark.parametrize(
    ("parameter", "plan"),
    [("record_on_answer", {"rings_until_s": TRANSFER_S}), ("record_on_bridge", {"answers_at_s": TRANSFER_S})],
)
async def test_a_recording_waits_for_the_answer_or_the_bridge(
    kazoo: Kazoo, parameter: str, plan: Mapping[str, Any]
) -> None:
    async with kazoo.call(kazoo.plan(**plan)) as channel:
        await channel.steer(format="wav", label="at once")
        await channel.steer(format="wav", label="then", **{parameter: True})
        assert await asyncio.to_thread(channel.phases) == ["running", "waiting"]
        await until(lambda: channel.phases() == ["running", "running"])
        await more_said(channel.call, 1.0)
    at_once, then = await kazoo.documents(channel.uuid, 2)
    assert (at_once["origin"], then["origin"]) == ("metaflow : at once", "metaflow : then")
    assert then["duration_ms"] > 700
    if parameter == "record_on_bridge":
        assert at_once["duration_ms"] - then["duration_ms"] > 300


async def test_a_recording_ends_at_its_limit_and_the_call_goes_on(kazoo: Kazoo) -> None:
    async with kazoo.call(kazoo.plan()) as channel:
        await channel.steer(format="wav", time_limit="5")
        await channel.steer(format="wav")
        assert len(await channel.recordings()) == 2
        await until(lambda: channel.phases() == ["stopped", "running"])
        await more_said(channel.call, 0.5)
    limited, whole = await kazoo.documents(channel.uuid, 2)
    report = channel.call.report()
    assert 0 <= 5_000 - limited["duration_ms"] <= edge(report) * 1_000 // RATE, "but for what had not come yet"
    assert whole["duration_ms"] > 5_400
    assert len(stretches(kazoo.heard(limited)[1][:, 0], sent(report, 0))) == 1


async def test_automatic_recording_by_account_endpoint_and_device(kazoo: Kazoo) -> None:
    """Of the account in addition; of device before endpoint, the network's own word before any."""
    wav = {"enabled": True, "format": "wav"}
    kazoo.settle({"account": {"inbound": {"any": wav}}, "endpoint": {"any": {"any": {"enabled": True}}}})
    device = {"name": "Porch", "sip": {"username": "2001"}, "call_recording": {"any": {"any": {"enabled": False}}}}
    try:
        await in_force(kazoo, 2)
        async with kazoo.call(kazoo.plan()) as channel:
            assert len(await channel.recordings()) == 2
        account, endpoint = await kazoo.documents(channel.uuid, 2)
        told = {(document["origin"], document["media_type"]) for document in (account, endpoint)}
        assert told == {("inbound from offnet to account", "wav"), ("inbound from offnet to endpoint", "mp3")}
        made = kazoo.ask("PUT", "/devices", {"data": device})
        assert made.status_code == 201
        await in_force(kazoo, 1)
        kazoo.ask("DELETE", f"/devices/{made.json()['data']['id']}").raise_for_status()
        outbound = kazoo.plan(parameters=(("direction", "outbound"),))
        await in_force(kazoo, 1, outbound)
    finally:
        kazoo.settle({"account": {}})
        await in_force(kazoo, 0)


async def test_kazoo_sdk_steers_a_channel_and_settles_what_is_recorded(kazoo: Kazoo) -> None:
    user = kazoo.recorder.server.callvault("user", "add", "ada", "--account", "acme", "--password", "two teas")
    ada = user["id"].replace("-", "")
    settings = {"account": {"inbound": {"offnet": {"enabled": False, "format": "wav", "time_limit": 60}}}}
    device = {"name": "Porch", "sip": {"username": "porch"}, "call_recording": {"any": {"any": {"enabled": True}}}}
    credentials = {
        "base_url": f"{kazoo.recorder.server.url}/v2",
        "account_id": kazoo.account,
        "api_key": kazoo.recorder.token,
    }
    async with kazoo.call(kazoo.plan()) as channel:
        uuid = {"channel": channel.uuid}
        broken = {
            "data.data.time_limit": {"minimum": {"message": "time_limit must be at least 5.", "target": 5, "value": 4}}
        }
        gone = {"type": "KazooApiError", "message": "bad identifier"}
        statements = [
            says("what lasts", "channels", {}, [channel.uuid]),
            says("what lasts of a user", "channels_of", {"user": ada}, []),
            says("nothing yet", "being_recorded", uuid, 0),
            says("starting", "metaflow", {**uuid, "action": "start", "format": "wav", "label": "sdk"}, "metaflow sent"),
            says("one", "being_recorded", uuid, 1),
            says("starting, nested", "nested", {**uuid, "action": "start"}, "metaflow sent"),
            says("starting, as in 5", "act", {**uuid, "action": "start_record"}, "recording started"),
            says("three", "being_recorded", uuid, 3),
            says("stopping, as in 5", "act", {**uuid, "action": "stop_record"}, "recording stopped"),
            says("stopping", "metaflow", {**uuid, "action": "stop"}, "metaflow sent"),
            says("masking", "metaflow", {**uuid, "action": "mask"}, "metaflow sent"),
            says("one is left", "being_recorded", uuid, 1),
            Statement(
                about="a limit that is none",
                deed="nested",
                given={**uuid, "time_limit": 4},
                refused={"type": "KazooApiBadDataError", "fields": broken},
            ),
            Statement(about="no channel", deed="being_recorded", given={"channel": "nobody"}, refused=gone),
            Statement(about="steering none", deed="metaflow", given={"channel": "nobody"}, refused=gone),
            says("an account", "settle_account", {"recording": settings}, settings),
            says("a user", "settle_user", {"user": ada, "recording": settings["account"]}, settings["account"]),
            says("a device", "a_device", {"device": device}, device["call_recording"]),
        ]
        client = Client(name="kazoo", script="kazoo_0.py", exceptions={})
        await asyncio.to_thread(hold, client, credentials, statements)
    documents = await kazoo.documents(channel.uuid, 3)
    assert [document["origin"] for document in documents] == ["metaflow : sdk", "metaflow", "metaflow"]
