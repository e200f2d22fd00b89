"""Telnyx's own clients steer live calls: what is kept and what is cut out is compared sample by sample."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.receiver import Received, Receiver, receiving
from tests.system.archive import command
from tests.system.authority import Certificates
from tests.system.conversation import Client, Statement, hold, refuses, says
from tests.system.pieces import Piece
from tests.system.running import run_callvault
from tests.system.steered_calls import LiveCall, SteeredHouse, channels_of, steered_house

pytestmark = pytest.mark.slow

REFUSALS = {404: "NotFoundError", 422: "UnprocessableEntityError"}
CLIENTS = (
    Client(name="telnyx", script="telnyx_4.py", exceptions=REFUSALS),
    Client(
        name="telnyx-2",
        script="telnyx_2.py",
        exceptions={404: "ResourceNotFoundError", 422: "InvalidParametersError"},
    ),
    Client(name="telnyx-js", script="telnyx_js.cjs", exceptions=REFUSALS),
)
LATER = tuple(client for client in CLIENTS if client.name != "telnyx-2")
"""Those that know TeXML."""
CHECK = Client(name="telnyx", script="hooks_telnyx_4.py", exceptions={})
NOBODY = "v3:AAAAAAAAcACAAAAAAAAAAA"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
STATE, LAST_STATE = "YmVndW4=", "b3Zlcg=="


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[SteeredHouse]:
    with steered_house(tmp_path_factory.mktemp("telnyx"), certificates) as server:
        yield server


@pytest.fixture
def receiver(house: SteeredHouse) -> Iterator[Receiver]:
    with receiving() as listening:
        hook = command(house.server, "hook", "add", listening.url(), "--account", "acme", "--dialect", "telnyx")
        yield listening
        run_callvault(house.server.data, "hook", "remove", hook["id"], "--account", "acme")


def told(call: LiveCall, verb: str, **given: Any) -> dict[str, Any]:
    return {"call": call.name("telnyx"), "verb": verb, **given}


def done(call: LiveCall, verb: str, **given: Any) -> Statement:
    return says(verb, "call_command", told(call, verb, **given), "ok")


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
async def test_a_call_is_recorded_as_its_client_says(house: SteeredHouse, receiver: Receiver, client: Client) -> None:
    begin = {"format": "wav", "channels": "dual", "command_id": "once", "client_state": STATE}
    async with house.call() as call:
        await call.hear(
            "start",
            client,
            "telnyx",
            [
                done(call, "start", **begin),
                says("the same command", "call_command", told(call, "start", **begin), "ok"),
                refuses(
                    "nobody's call", "call_command", {**told(call, "start", **begin), "call": NOBODY},
                    status=422, code="90015",
                ),
                refuses(
                    "a format that is none", "call_command", told(call, "start", **{**begin, "format": "ogg"}),
                    status=422, code="90000",
                ),
                refuses(
                    "a recording that is not there", "call_command", told(call, "stop", recording_id=UNKNOWN),
                    status=404, code="10005",
                ),
            ],
        )  # fmt: skip
        await call.hear(
            "pause",
            client,
            "telnyx",
            [
                done(call, "pause"),
                refuses("paused already", "call_command", told(call, "pause"), status=422, code="10027"),
            ],
        )
        await call.hear("resume", client, "telnyx", [done(call, "resume")])
        await call.hear(
            "stop",
            client,
            "telnyx",
            [
                done(call, "stop", client_state=LAST_STATE),
                refuses("stopped already", "call_command", told(call, "stop"), status=404, code="10005"),
            ],
        )
    (card,) = await house.finished(call, 1)
    heard: list[str] = []
    await call.hear(
        "afterwards",
        client,
        "telnyx",
        [
            refuses("a call that is over", "call_command", told(call, "start", **begin), status=422, code="90018"),
            says("its WAV", "download", {"recording": card["id"], "form": "wav"}, heard.append),
        ],
    )
    channels = channels_of(bytes.fromhex(heard[0]))
    assert len(channels) == 2
    for stream, channel in enumerate(channels):
        check_cut(call, call.kept(channel, stream))
    assert card["duration_ms"] == pytest.approx(len(channels[0]) / 8, abs=1)
    (request,) = [each for each in receiver.wait_for(1) if card["id"].encode() in each.body]
    assert f'"client_state":"{LAST_STATE}"'.encode() in request.body
    hold(CHECK, house.credentials("telnyx"), [saved(request, card["id"])])


def check_cut(call: LiveCall, kept: list[Piece]) -> None:
    """Two stretches of what was sent, in its order, each begun and ended by when its verb was answered."""
    before, after = kept
    assert before.sent is not None
    assert after.sent is not None
    assert before.sent <= call.at("start")
    assert before.sent + before.size <= min(call.at("pause"), after.sent - 1)
    assert after.sent <= call.at("resume")
    assert after.sent + after.size <= call.at("stop")


def saved(request: Received, recording: str) -> Statement:
    given = {"body": request.body.decode(), "headers": dict(request.header_list)}
    return says("saved", "unwrap", given, {"event": "call.recording.saved", "recording": recording})


@pytest.mark.parametrize("client", LATER, ids=lambda client: client.name)
async def test_texml_steers_a_call_and_calls_back(house: SteeredHouse, client: Client) -> None:
    with receiving() as hooks:
        begin = {
            "recording_channels": "dual",
            "recording_status_callback": hooks.url(),
            "recording_status_callback_event": "in-progress completed",
        }
        async with house.call() as call:
            name = call.name("telnyx")
            shown = [name, 2, "both", "StartCallRecordingAPI"]
            await call.hear("start", client, "telnyx", [says("start", "texml_start", {"call": name, **begin}, shown)])
            (recording,) = (each["id"] for each in house.live(call.card)["recordings"])
            for about, status in (("pause", "paused"), ("resume", "in-progress"), ("stop", "stopped")):
                given = {"call": name, "recording": recording, "status": status}
                statements = [
                    says(about, "texml_update", given, recording),
                    says("as it is", "texml_statuses", {"call": name}, {recording: status}),
                ]
                await call.hear(about, client, "telnyx", statements)
        (card,) = await house.finished(call, 1)
        requests = hooks.wait_for(2)
    for stream, channel in enumerate(channels_of(house.media(card["id"]))):
        check_cut(call, call.kept(channel, stream))
    said = [dict(parse_qsl(request.body.decode())) for request in requests]
    assert [each["RecordingStatus"] for each in said] == ["in-progress", "completed"]
    assert {(each["CallSid"], each["RecordingSid"]) for each in said} == {(name, recording)}
    assert "RecordingUrl" in said[1]
    for request in requests:
        check_signature(house, request)


def check_signature(house: SteeredHouse, request: Received) -> None:
    """As the vendor's page has it; its client's check is for its other webhooks, which are JSON."""
    key = Ed25519PublicKey.from_public_bytes(b64decode(house.credentials("telnyx")["public_key"]))
    signature = b64decode(request.headers["telnyx-signature-ed25519"])
    key.verify(signature, request.headers["telnyx-timestamp"].encode() + b"|" + request.body)
