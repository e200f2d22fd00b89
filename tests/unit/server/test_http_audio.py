"""Audio through the ASGI layer: piece by piece in both directions, and nothing left open where a client goes away."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from callvault.dialects import registry
from callvault.model.card import Card
from callvault.model.ids import new_id
from callvault.model.recording import Recording
from callvault.server.http import App
from callvault.server.routing import Router
from tests.asgi import Answer, Message, PeerGone, ask, awake, conversation, descriptors, nothing_more, scope_of
from tests.unit.server.uploads import KEY, PIECE, RECORDINGS, WAV
from tests.world import NOW, World, open_world, tone_of_silence


async def recorded(world: World, duration_ms: int = 4000) -> Recording:
    (account,) = await world.vault.catalogue.accounts()
    card = Card(id=new_id(NOW, b"r" * 10), call_id=new_id(NOW, b"c" * 10), started_at=NOW, duration_ms=duration_ms)
    return await world.record(account.id, card)


# Audio that comes in


async def test_an_upload_is_written_down_while_it_arrives(world: World, app: App) -> None:
    audio = tone_of_silence(1, 200_000)
    pieces = [audio[at : at + 65_536] for at in range(0, len(audio), 65_536)]
    handed, kept = 0, 0

    async def receive() -> Message:
        nonlocal handed, kept
        handed += 1
        if handed == len(pieces):
            kept = sum(path.stat().st_size for path in world.folder.rglob("incoming/*"))
        return {"type": "http.request", "body": pieces[handed - 1], "more_body": handed < len(pieces)}

    answer = await conversation(app, scope_of("POST", RECORDINGS, KEY), receive)
    assert answer.status == 201
    assert handed == len(pieces)
    assert kept > len(audio) // 2, "most of it lay on the disk before the end was asked for"


@pytest.mark.parametrize("after", [0, 1, 5])
async def test_a_client_that_goes_away_in_the_middle_of_an_upload_leaves_nothing(
    world: World, app: App, after: int
) -> None:
    before = descriptors()
    handed = 0

    async def receive() -> Message:
        nonlocal handed
        handed += 1
        if handed > after:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": WAV[(handed - 1) * PIECE : handed * PIECE], "more_body": True}

    answer = await conversation(app, scope_of("POST", RECORDINGS, KEY), receive)
    assert answer.status == 400
    assert [path for path in world.folder.rglob("incoming/*") if path.is_file()] == []
    assert [path for path in (world.folder / "media").rglob("*") if path.is_file()] == []
    assert (await ask(app, "GET", RECORDINGS, KEY)).json()["recordings"] == []
    assert descriptors() == before


async def test_an_upload_that_is_cut_off_from_above_leaves_nothing(world: World, app: App) -> None:
    before = descriptors()
    waiting = asyncio.Event()

    async def receive() -> Message:
        if waiting.is_set():
            await asyncio.Event().wait()
        waiting.set()
        return {"type": "http.request", "body": WAV[:PIECE], "more_body": True}

    task = asyncio.create_task(conversation(app, scope_of("POST", RECORDINGS, KEY), receive))
    await waiting.wait()
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [path for path in world.folder.rglob("incoming/*") if path.is_file()] == []
    assert descriptors() == before


# Audio that goes out


async def test_head_gets_no_body_and_opens_no_file(world: World, app: App) -> None:
    target = f"{RECORDINGS}/{(await recorded(world)).id}/media"
    whole = await ask(app, "GET", target, KEY)
    before = descriptors()
    head = await ask(app, "HEAD", target, KEY)
    assert head.body == b""
    assert head.headers == whole.headers
    assert head.header("content-length") == str(len(whole.body))
    assert descriptors() == before


@pytest.mark.parametrize("query", ["", "?format=mp3", "?format=ogg", "?format=original"])
@pytest.mark.parametrize("taken", [0, 1, 2])
async def test_a_client_that_goes_away_in_the_middle_of_a_download_leaves_nothing_open(
    world: World, app: App, query: str, taken: int
) -> None:
    recording = await recorded(world, 120_000)
    target = f"{RECORDINGS}/{recording.id}/media{query}"
    before = descriptors()
    sent = 0

    async def send(message: Message) -> None:
        nonlocal sent
        sent += 1
        if sent > taken:
            raise PeerGone

    with pytest.raises(PeerGone):
        await app(scope_of("GET", target, KEY), nothing_more, send)
    await made(world)
    assert descriptors() == before
    whole = await ask(app, "GET", target, KEY)
    assert whole.status == 200, "and the next one gets it whole"
    assert descriptors() == before


async def test_a_download_that_is_cut_off_from_above_leaves_nothing_open(world: World, app: App) -> None:
    recording = await recorded(world, 120_000)
    before = descriptors()
    begun = asyncio.Event()

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            begun.set()
            await asyncio.Event().wait()

    target = f"{RECORDINGS}/{recording.id}/media?format=mp3"
    task = asyncio.create_task(app(scope_of("GET", target, KEY), nothing_more, send))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await made(world)
    assert descriptors() == before


async def test_no_piece_is_read_before_the_one_before_it_was_taken(world: World, app: App) -> None:
    recording = await recorded(world, 120_000)
    pieces: list[int] = []
    first, go_on = asyncio.Event(), asyncio.Semaphore(0)

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            pieces.append(len(message["body"]))
            first.set()
            await go_on.acquire()

    task = asyncio.create_task(app(scope_of("GET", f"{RECORDINGS}/{recording.id}/media", KEY), nothing_more, send))
    await first.wait()
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(pieces) == 1
    assert recording.media is not None
    assert pieces[0] < recording.media.size_bytes
    for _ in range(20):
        go_on.release()
    await task
    assert sum(pieces) == recording.media.size_bytes


async def test_audio_that_has_gone_from_the_disk_breaks_the_answer_off(
    world: World, app: App, caplog: pytest.LogCaptureFixture
) -> None:
    recording = await recorded(world)
    for path in (world.folder / "media").rglob("*.wav"):
        os.truncate(path, 1000)
    answer = Answer()

    async def send(message: Message) -> None:
        answer.take(message)

    with pytest.raises(Exception, match="ends at byte 1000"):
        await app(scope_of("GET", f"{RECORDINGS}/{recording.id}/media", KEY), nothing_more, send)
    assert not answer.complete, "the client must not take it for whole"
    assert "broke off" in caplog.text


async def test_startup_opens_the_vault_and_shutdown_lets_go_of_it(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        dialects = registry.load()
        app = App(world.vault, Router(dialects), dialects[-1], {})
        before = descriptors()
        async with awake(app):
            assert (await ask(app, "GET", "/callvault/v1/ping")).status == 200
        assert descriptors() == before


async def made(world: World) -> None:
    """Wait until no rendition is under way."""
    for making in list(world.vault.renditions._making.values()):
        await making.reach(1 << 62)
    await asyncio.sleep(0.01)
