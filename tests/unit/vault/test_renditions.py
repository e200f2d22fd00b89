"""Renditions: made once, read while they are made, cached up to a limit, and never the only copy."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from callvault.errors import AudioError, MediaError
from callvault.model.actor import Account
from callvault.model.card import Card
from callvault.model.media import AudioFacts, MediaFormat, RenditionSpec
from callvault.model.recording import Recording
from callvault.vault import renditions as module
from callvault.vault.commands import TakeIn
from callvault.wire import ByteSource
from tests.world import NOW, World, open_world, tone_of_silence

ACME = Account(id=UUID(int=1), serial=0, name="acme", created_at=NOW)
MP3 = RenditionSpec(format=MediaFormat.MP3)
MONO = RenditionSpec(format=MediaFormat.WAV, channels=1)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as world:
        await world.account(ACME)
        yield world


async def recorded(world: World, seconds: int = 5) -> Recording:
    async def content() -> AsyncIterator[bytes]:
        yield tone_of_silence(2, seconds * 1000)

    command = TakeIn(account_id=ACME.id, card=Card(), content=content(), key=str(seconds))
    return (await world.vault.intake.take_in(command, NOW)).recording


async def whole(source: ByteSource, start: int = 0, stop: int | None = None) -> bytes:
    return b"".join([piece async for piece in source.chunks(start, stop)])


async def test_the_length_is_known_before_it_exists(world: World) -> None:
    rendition = await world.vault.renditions.open(await recorded(world), MP3)
    assert rendition.size_bytes == len(await whole(rendition.source))


async def test_what_was_asked_for_as_it_is_is_not_made_again(world: World) -> None:
    recording = await recorded(world)
    rendition = await world.vault.renditions.open(recording, RenditionSpec(format=MediaFormat.WAV))
    assert recording.media is not None
    assert await whole(rendition.source) == (world.folder / "media" / recording.media.key).read_bytes()
    assert not list((world.folder / "renditions").rglob("*"))


async def test_a_finished_rendition_comes_from_the_cache(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = await recorded(world)
    first = await world.vault.renditions.open(recording, MONO)
    content = await whole(first.source)
    await settled(world)
    monkeypatch.setattr(module, "render", lambda *_: pytest.fail("made twice"))
    second = await world.vault.renditions.open(recording, MONO)
    assert second.etag == first.etag
    assert await whole(second.source) == content


async def test_two_requests_make_it_once_and_both_read_along(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, made = threading.Event(), []

    def slow(path: Path, facts: AudioFacts, spec: RenditionSpec) -> Iterator[bytes]:
        made.append(spec)
        yield b"first "
        assert gate.wait(10)
        yield b"second"

    monkeypatch.setattr(module, "render", slow)
    monkeypatch.setattr(module, "rendition_size", lambda *_: 12)
    recording = await recorded(world)
    one = await world.vault.renditions.open(recording, MP3)
    two = await world.vault.renditions.open(recording, MP3)
    pieces = one.source.chunks(0, 12)
    assert await anext(pieces) == b"first ", "the beginning can be heard before the end is made"
    behind = asyncio.create_task(whole(two.source, 8, 12))
    await asyncio.sleep(0.05)
    assert not behind.done(), "a reader that is ahead of the maker waits"
    gate.set()
    assert await anext(pieces) == b"second"
    assert await behind == b"cond"
    assert len(made) == 1


async def test_what_cannot_be_made_is_an_error_before_the_first_byte(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(path: Path, facts: AudioFacts, spec: RenditionSpec) -> Iterator[bytes]:
        if path:
            raise AudioError("this cannot be decoded")
        yield b""

    monkeypatch.setattr(module, "render", broken)
    recording = await recorded(world)
    with pytest.raises(AudioError, match="this cannot be decoded"):
        await world.vault.renditions.open(recording, MP3)
    await settled(world)
    assert not [path for path in (world.folder / "renditions").rglob("*") if path.is_file()]


async def test_a_maker_that_fails_in_the_middle_breaks_the_reading_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(path: Path, facts: AudioFacts, spec: RenditionSpec) -> Iterator[bytes]:
        yield b"beginning"
        raise AudioError("the rest cannot be decoded")

    monkeypatch.setattr(module, "render", broken)
    monkeypatch.setattr(module, "rendition_size", lambda *_: 100)
    recording = await recorded(world)
    with pytest.raises((AudioError, MediaError)):
        await whole((await world.vault.renditions.open(recording, MP3)).source, 0, 100)


async def test_the_cache_lets_go_of_what_was_asked_for_longest_ago(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.account(ACME)
        world.vault.renditions._most_bytes = 100_000
        for seconds in (1, 2, 3, 4, 5, 6):
            rendition = await world.vault.renditions.open(await recorded(world, seconds), MONO)
            await whole(rendition.source)
            await settled(world)
        held = [path.stat().st_size for path in (tmp_path / "renditions").rglob("*.wav")]
        assert 0 < sum(held) <= 100_000
        assert max(held) == 44 + 6 * 16_000, "the last that was made is still there"


async def test_what_a_dead_process_left_half_made_is_thrown_away(tmp_path: Path) -> None:
    half = tmp_path / "renditions" / "x" / "y.mp3.1.part"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    async with open_world(tmp_path):
        assert not half.exists()


async def test_a_deleted_recording_leaves_no_rendition(world: World) -> None:
    recording = await recorded(world)
    await whole((await world.vault.renditions.open(recording, MONO)).source)
    await settled(world)
    world.vault.renditions.forget(recording.id)
    assert not list((world.folder / "renditions").rglob("*"))


async def settled(world: World) -> None:
    """Wait until nothing is being made."""
    while world.vault.renditions._making:  # noqa: ASYNC110 - it ends in a thread of its own
        await asyncio.sleep(0.01)
