"""Audio and doors: ranges are slices, HEAD is GET without its body, and what came in by one door is found by all."""

from __future__ import annotations

import asyncio
import json
import os
import wave
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner

from callvault.catalogue.sqlite import SqliteCatalogue
from callvault.cli.main import main
from callvault.dialects import registry
from callvault.server.http import App
from tests.asgi import Answer, ask
from tests.contract.neighbours import ALICES_TOKEN, MIDNIGHT, Neighbours, neighbourhood
from tests.contract.scenes import Scene
from tests.contract.tongues import TONGUES, Ask, Tongue
from tests.world import BASE_URL, tone_of_silence

every_tongue = pytest.mark.parametrize("tongue", TONGUES, ids=lambda tongue: tongue.name)
CHANGEABLE = frozenset({"x-request-id"})
WAV = tone_of_silence(2, 1500)


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Neighbours]:
    async with neighbourhood(tmp_path) as opened:
        yield opened


@pytest.fixture
def app(street: Neighbours) -> App:
    (fallback,) = [dialect for dialect in registry.load() if dialect.name == "callvault"]
    return App(street.world.vault, street.world.router, fallback, {"base_url": BASE_URL})


async def sent(app: App, way: Ask, method: str | None = None, **headers: str) -> Answer:
    said = {**way.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return await ask(app, method or way.method, way.target, list(said.items()), way.body)


async def ways_to(street: Neighbours, app: App, tongue: Tongue) -> list[Ask]:
    """Every way to the audio of one recording, redirects followed; with Alice's credentials."""
    street.world.now = street.world.now.now(street.world.now.tzinfo)  # links are made by the application's clock
    item = await street.shown(tongue, await street.record())
    ways = []
    for way in tongue.listening(street.alice, item, BASE_URL):
        shown = Ask(target=way.target, method=way.method, headers={**tongue.credentials(street.alice), **way.headers})
        answer = await sent(app, shown)
        if answer.status == 307:
            location = answer.header("location")
            assert location is not None
            shown = Ask(target=location.removeprefix(BASE_URL))
        ways.append(shown)
    return ways


@every_tongue
async def test_a_range_is_a_slice_on_every_way_to_the_audio(street: Neighbours, app: App, tongue: Tongue) -> None:
    for way in await ways_to(street, app, tongue):
        whole = await sent(app, way)
        assert whole.status == 200
        size = len(whole.body)
        assert size > 1000
        assert whole.header("content-length") == str(size)
        if way.method != "GET":
            assert (await sent(app, way, range="bytes=0-9")).body == whole.body
            continue
        assert whole.header("accept-ranges") == "bytes"
        etag, modified = whole.header("etag"), whole.header("last-modified")
        assert etag
        assert modified
        for text, start, stop in (
            ("bytes=0-0", 0, 1),
            ("bytes=0-", 0, size),
            ("bytes=44-1043", 44, 1044),
            (f"bytes={size - 1}-", size - 1, size),
            (f"bytes=17-{size + 99}", 17, size),
            ("bytes=-1", size - 1, size),
            (f"bytes=-{size + 5}", 0, size),
            ("Bytes = 3 - 4", 3, 5),
        ):
            for condition in ({}, {"if_range": etag}, {"if_range": modified}):
                part = await sent(app, way, range=text, **condition)
                assert part.status == 206, (way, text)
                assert part.body == whole.body[start:stop]
                assert part.header("content-range") == f"bytes {start}-{stop - 1}/{size}"
                assert part.header("content-length") == str(stop - start)
                assert part.header("etag") == etag
        for text in (f"bytes={size}-", f"bytes={size + 7}-{size + 9}", "bytes=-0"):
            beyond = await sent(app, way, range=text)
            assert beyond.status == 416
            assert beyond.header("content-range") == f"bytes */{size}"
        for text in ("bytes=9-3", "bytes=a-b", "octets=0-1", "bytes=", "bytes=0-1,5-6", "bytes=--1", ""):
            ignored = await sent(app, way, range=text)
            assert (ignored.status, ignored.body) == (200, whole.body), text
        stale = await sent(app, way, range="bytes=0-9", if_range='"another"')
        assert (stale.status, stale.body) == (200, whole.body)
        for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
            same = await sent(app, way, if_none_match=known)
            assert (same.status, same.body) == (304, b"")
            assert same.header("etag") == etag
            assert same.header("content-length") is None


@every_tongue
async def test_head_is_get_without_its_body_on_every_route(street: Neighbours, app: App, tongue: Tongue) -> None:
    recording = await street.record()
    item = await street.shown(tongue, recording)
    scene = Scene(street=street, tongue=tongue, recording=recording, item=item)
    asked = [request for route, request in scene.asks(street.alice) if route.method == "GET"]
    asked += [way for way in tongue.listening(street.alice, item, BASE_URL) if way.method == "GET"]
    asked += [Ask(target=tongue.recordings(street.alice) + "/nowhere"), Ask(target=tongue.recordings(street.alice))]
    good = 0
    for request in asked:
        for shows in (tongue.credentials(street.alice), {}):
            for more in ({}, {"Range": "bytes=0-99"}):
                headers = {**shows, **request.headers, **more}
                got = await ask(app, "GET", request.target, list(headers.items()))
                head = await ask(app, "HEAD", request.target, list(headers.items()))
                if got.status in {206, 416}:  # RFC 9110 section 14.2: ranges are of GET alone
                    got = await ask(app, "GET", request.target, list({**shows, **request.headers}.items()))
                assert head.body == b"", request
                assert head.status == got.status, request
                assert told(head) == told(got), request
                good += head.status == 200
    assert good > 4


def told(answer: Answer) -> list[tuple[str, str]]:
    return [(name, value) for name, value in answer.headers if name not in CHANGEABLE]


# Doors


DOORS = ("upload", "push", "push with the file in the query", "command line")


async def brought(street: Neighbours, door: str, *, again: bool = False) -> None:
    """The same call by one door: two parties, a start, a second and a half in two channels."""
    if door == "command line":
        await asyncio.to_thread(by_command_line, street.world.folder)  # it has an event loop of its own
        return
    if door == "upload":
        said = {"from": "+12025550187", "to": "+442079460987", "started_at": "2026-03-01T00:00:00.000Z"}
        target, method = f"/callvault/v1/recordings?{urlencode(said)}", "POST"
        shows = {"Authorization": f"Bearer {ALICES_TOKEN}"}
    else:
        said = {
            "caller_id_number": "+12025550187",
            "callee_id_number": "+442079460987",
            "start": str(62_167_219_200 + int(MIDNIGHT.timestamp())),
        }
        file = "call_recording_leg-9@10.0.0.9.wav"
        in_query = "query" in door
        target = f"/v2/push/{ALICES_TOKEN}{f'?recording={file}&' if in_query else f'/{file}?'}{urlencode(said)}"
        method, shows = "PUT", {}
    answer = await street.ask(Ask(target=target, method=method, headers=shows, body=WAV))
    assert answer.status == (200 if again else 201), answer.body


def by_command_line(folder: Path) -> None:
    file = folder / "call.wav"
    file.write_bytes(WAV)
    card = {
        "started_at": "2026-03-01T00:00:00.000Z",
        "caller": {"number": "+12025550187"},
        "callee": {"number": "+442079460987"},
    }
    file.with_name("call.wav.json").write_text(json.dumps(card))
    ours = {name: None for name in os.environ if name.startswith("CALLVAULT_")}
    told = {**ours, "CALLVAULT_DATA": str(folder), "CALLVAULT_MASTER_KEY": "00" * 32}
    done = CliRunner().invoke(main, ["add", str(file), "--account", "alice", "--json"], env=told)
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("door", DOORS)
async def test_what_came_in_by_one_door_is_found_by_all(door: str, tmp_path: Path) -> None:
    async with neighbourhood(tmp_path, SqliteCatalogue(tmp_path / "catalogue.sqlite")) as street:
        await brought(street, door)
        for tongue in TONGUES:
            (item,) = await street.listed(tongue)
            said = tongue.said(item)
            assert said["started"] == int(MIDNIGHT.timestamp()) * 1000
            assert said["duration"] in {1500, 1, 2}
            assert said.get("from", "+12025550187") == "+12025550187"
            assert said.get("to", "+442079460987") == "+442079460987"
            assert said.get("channels", 2) == 2
            call = item.get("callId") or item.get("call_sid") or item.get("call_id") or ""
            one = await street.get(tongue, tongue.one(street.alice, tongue.name_of(item), call))
            assert one.status == 200
            assert tongue.said(tongue.found(one.json(), street.alice)) == said
            for way in tongue.listening(street.alice, item, BASE_URL):
                answer = await street.ask(way, tongue.credentials(street.alice))
                if answer.status == 307:
                    answer = await street.ask(Ask(target=answer.headers["location"].removeprefix(BASE_URL)))
                assert answer.status == 200, way
                if answer.body.startswith(b"RIFF") and "channels=1" not in way.target:
                    with wave.open(BytesIO(answer.body)) as file:
                        assert (file.getnchannels(), file.getnframes()) == (2, 12_000)
        assert await street.listed(TONGUES[0], who=street.charlie) == []
        once = await street.listed(TONGUES[-1])
        await brought(street, door, again=True)
        assert await street.listed(TONGUES[-1]) == once, "what comes in twice is kept once"
