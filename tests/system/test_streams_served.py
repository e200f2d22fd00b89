"""The whole way, in one command: `callvault serve` takes media streams, vendors' APIs steer them, kills cost little."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import numpy as np
import pytest

from callvault.caller.sound import noise
from callvault.caller.streams.manners import CODECS
from callvault.caller.streams.plan import StreamPlan
from callvault.caller.streams.playing import play
from tests.ports import free_port
from tests.system.recording_server import RecordingServer
from tests.system.running import run_callvault, running, wait_for
from tests.system.stream_house import PATIENCE_S, as_sent, differences, until

pytestmark = pytest.mark.slow
NEAR_S = 0.1
"""How far a cut may be from the moment of its verb: a tick of the door's, two frames, and one for the machine."""
MOST_LOST_S = 1.0
"""To a kill: a tick (0.2 s), and what was under way to a process that has to share its machine."""


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordingServer]:
    port, data = free_port(), tmp_path_factory.mktemp("streams") / "data"
    made = json.loads(run_callvault(data, "account", "add", "acme", "--json").stdout)
    run_callvault(data, "trunk", "add", "whole", "--account", "acme", "--network", "127.0.0.1")
    told = {"CALLVAULT_STREAM_RESUME_S": "10"}
    with running(data, "--stream-listen", f"ws:127.0.0.1:{port}", environment=told) as server:
        recorder = RecordingServer(
            server=server,
            ports={"ws": port},
            token=made["key"]["token"],
            authority=data,
        )
        wait_for(port)
        yield recorder


def listens(recorder: RecordingServer) -> bool:
    """Whether streams can come in."""
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", recorder.ports["ws"])) == 0


def plan(recorder: RecordingServer, vendor: str, **more: Any) -> StreamPlan:
    told: dict[str, Any] = {
        "url": f"ws://127.0.0.1:{recorder.ports['ws']}/streams/{vendor}/whole",
        "vendor": vendor,
        "voices": (noise(41, seconds=4), noise(42, seconds=4)),
        "call_id": CALL_IDS[vendor](),
        "account_id": "account-7",
        "stream_ids": (f"one-{uuid4()}", f"two-{uuid4()}"),
        "codec": CODECS[vendor][0],
    }
    return StreamPlan(**{**told, **more})


CALL_IDS: dict[str, Callable[[], str]] = {
    "twilio": lambda: f"CA{uuid4().hex}",
    "signalwire": lambda: str(uuid4()),
    "telnyx": lambda: f"v3:{uuid4().hex}",
    "bandwidth": lambda: f"c-{uuid4()}",
    "jambonz": lambda: str(uuid4()),
}


async def live(recorder: RecordingServer, call_id: str) -> dict[str, Any]:
    """The call as our own API tells of it, once it does."""
    last = time.monotonic() + PATIENCE_S
    while (answer := await asyncio.to_thread(recorder.ask, f"/calls/{call_id}")).status_code != 200:
        assert time.monotonic() < last, f"the call is not listed: {answer.text}"
        await asyncio.sleep(0.02)
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("vendor", list(CODECS))
async def test_a_live_call_is_found_by_the_vendors_id_and_becomes_a_recording(
    recorder: RecordingServer, vendor: str
) -> None:
    known = recorder.ids()
    told = plan(recorder, vendor)
    playing = asyncio.create_task(play(told))
    call = await live(recorder, told.call_id)
    assert call["door"] == f"{vendor}-stream"
    report = await playing
    (recorded,) = await recorder.made(known)
    for track in report.tracks:
        assert list(differences(track, recorded.channel(track.track), recorded.rate)) == []
    assert recorded.capture["reason"] == "bye"
    assert told.call_id in json.dumps(recorded.card["foreign"])
    await until(
        lambda: recorder.ask("/calls").json()["calls"] == []
    )  # one that has just ended is listed a moment longer


async def test_the_live_call_is_masked_by_our_own_api(recorder: RecordingServer) -> None:
    known = recorder.ids()
    told = plan(recorder, "bandwidth", voices=(noise(41, seconds=8), noise(42, seconds=8)))
    playing = asyncio.create_task(play(told))
    await live(recorder, told.call_id)
    headers = {"Authorization": f"Bearer {recorder.token}"}
    url = f"{recorder.server.url}/callvault/v1/calls/{told.call_id}/mask"
    moments: list[float] = []
    for on in (True, False):
        moments.append(time.monotonic())
        answer = await asyncio.to_thread(httpx.put, url, json={"on": on}, headers=headers, timeout=30)
        moments.append(time.monotonic())
        assert answer.status_code == 200, answer.text
        await asyncio.sleep(0.4)
    report = await playing
    (recorded,) = await recorder.made(known)
    sent = report.tracks[0].placed()
    channel = as_sent(sent, recorded.channel("inbound"), recorded.rate)
    masked = np.flatnonzero(channel != sent)
    assert not np.any(channel[masked])
    asked, answered, unasked, unanswered = moments
    assert unasked - answered - NEAR_S < len(masked) / recorded.rate < unanswered - asked + NEAR_S
    assert [gap["kind"] for gap in recorded.stream("inbound")["gaps"]] == ["masked"]


async def test_the_live_call_can_be_listened_to(recorder: RecordingServer) -> None:
    known = recorder.ids()
    told = plan(recorder, "jambonz", rate=8000, voices=(noise(47, seconds=8), noise(48, seconds=8)))
    playing = asyncio.create_task(play(told))
    await live(recorder, told.call_id)
    url = f"{recorder.server.url}/callvault/v1/calls/{told.call_id}/audio"
    heard = b""
    async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
        ask = client.stream("GET", url, headers={"Authorization": f"Bearer {recorder.token}"})
        async with ask as answer:
            assert answer.status_code == 200
            async for piece in answer.aiter_bytes():
                heard += piece
                if len(heard) > 10 * 8000 or playing.done():  # two and a half seconds of two channels
                    break
    live_still = not playing.done()
    report = await playing
    await recorder.made(known)
    assert live_still
    octets = heard[heard.index(b"data") + 8 :]
    samples = np.frombuffer(octets[: len(octets) // 4 * 4], dtype="<i2").reshape(-1, 2)
    column = np.ascontiguousarray(samples[:, 0])
    spoken = column[np.flatnonzero(column)[0] :][:2000]
    assert len(spoken) == 2000
    assert spoken.tobytes() in report.tracks[0].placed().tobytes()


async def test_the_vendors_own_verbs_reach_the_call(recorder: RecordingServer) -> None:
    account = "AC" + recorder.server.callvault("account", "list")[0]["id"].replace("-", "")
    known = recorder.ids()
    told = plan(recorder, "twilio", voices=(noise(43, seconds=8),))
    playing = asyncio.create_task(play(told))
    await live(recorder, told.call_id)
    url = f"{recorder.server.url}/2010-04-01/Accounts/{account}/Calls/{told.call_id}/Recordings.json"
    auth = (account, recorder.token)
    asked_s = time.monotonic()
    begun = await asyncio.to_thread(httpx.post, url, auth=auth, timeout=30)
    begun_s = time.monotonic()
    assert begun.status_code == 201, begun.text
    await asyncio.sleep(0.5)
    current = url.removesuffix(".json") + f"/{begun.json()['sid']}.json"
    least_s = time.monotonic() - begun_s
    stopped = await asyncio.to_thread(httpx.post, current, data={"Status": "stopped"}, auth=auth, timeout=30)
    most_s = time.monotonic() - asked_s
    assert stopped.status_code == 200, stopped.text
    report = await playing
    made = await recorder.made(known, count=2)
    whole, part = sorted(made, key=lambda each: -len(each.samples))
    assert list(differences(report.tracks[0], whole.channel("inbound"), whole.rate)) == []
    assert least_s - NEAR_S < len(part.samples) / part.rate < most_s + NEAR_S
    assert part.samples.tobytes() in whole.samples.tobytes()


def process_of(recorder: RecordingServer, name: str) -> int | None:
    """The process id of one of the capture's processes."""
    data = str(recorder.server.data)
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            environment = (folder / "environ").read_bytes()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if f"callvault.server.capture.{name}".encode() in words and f"CALLVAULT_DATA={data}".encode() in environment:
            return int(folder.name)
    return None


async def test_a_killed_process_is_followed_by_one_that_goes_on_with_the_call(recorder: RecordingServer) -> None:
    known = recorder.ids()
    voices = (noise(44, seconds=20),)
    told = plan(recorder, "telnyx", voices=voices)
    before = asyncio.create_task(play(told))
    await live(recorder, told.call_id)
    await asyncio.sleep(0.6)
    first = process_of(recorder, "streaming")
    assert first is not None
    os.kill(first, signal.SIGKILL)
    cut = await before
    assert "closed by the server" in cut.reason
    await until(lambda: listens(recorder))
    after = await play(plan(recorder, "telnyx", voices=(noise(45, seconds=0.5),), call_id=told.call_id))
    (recorded,) = await recorder.made(known)
    channel = recorded.channel("inbound")
    assert after.tracks[0].placed().tobytes() in channel.tobytes()
    spoken = cut.tracks[0].placed()
    kept = next(size for size in range(len(spoken), 0, -160) if spoken[:size].tobytes() in channel.tobytes())
    assert len(spoken) - kept <= MOST_LOST_S * recorded.rate
    assert recorded.capture["reason"] == "bye"
    assert any("another one went on with the call" in sentence for sentence in recorded.sentences)


async def test_a_killed_process_whose_call_does_not_come_back(recorder: RecordingServer) -> None:
    known = recorder.ids()
    told = plan(recorder, "twilio", voices=(noise(46, seconds=20),))
    playing = asyncio.create_task(play(told))
    await live(recorder, told.call_id)
    await asyncio.sleep(0.6)
    process = process_of(recorder, "streaming")
    assert process is not None
    os.kill(process, signal.SIGKILL)
    cut = await playing
    made = await recorder.made(known)  # it is waited for as long as the setting says
    spoken, channel = cut.tracks[0].placed(), made[0].channel("inbound")
    kept = next(size for size in range(len(spoken), 0, -160) if spoken[:size].tobytes() in channel.tobytes())
    assert len(spoken) - kept <= MOST_LOST_S * made[0].rate
    assert made[0].capture["reason"] == "interrupted"
