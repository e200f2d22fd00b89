"""Taking audio in: what comes of it, what is refused, and that a refusal leaves nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from callvault.errors import BadRequest, CallvaultError, CatalogueError, MediaError, NotAudio, TooLarge
from callvault.model.actor import Account
from callvault.model.card import Card
from callvault.model.ids import is_core_id, time_of
from callvault.model.media import MediaFormat, RenditionSpec
from callvault.model.party import Party
from callvault.model.query import RecordingQuery
from callvault.model.recording import MediaState, Status
from callvault.vault.commands import DeleteRecording, Ref, TakeIn, TakenIn
from tests.world import NOW, World, open_world, tone_of_silence

ACME = Account(id=UUID(int=1), serial=0, name="acme", created_at=NOW)
AUDIO = tone_of_silence(2, 1415)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as world:
        await world.account(ACME)
        yield world


async def pieces(content: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def take(world: World, content: bytes = AUDIO, card: Card | None = None, key: str | None = None) -> TakenIn:
    command = TakeIn(account_id=ACME.id, card=card or Card(), content=pieces(content), key=key)
    return await world.vault.intake.take_in(command, NOW)


def files(world: World) -> set[str]:
    """Every file that holds bytes of a recording, finished or under way."""
    return {
        str(path.relative_to(world.folder))
        for name in ("media", "incoming")
        for path in (world.folder / name).rglob("*")
        if path.is_file()
    }


async def count(world: World) -> int | None:
    page = await world.vault.catalogue.find(RecordingQuery(account_id=ACME.id, with_total=True))
    return page.total


async def test_what_nobody_said_is_worked_out(world: World) -> None:
    taken = await take(world)
    recording = taken.recording
    assert taken.fresh
    assert (recording.status, recording.media_state) == (Status.AVAILABLE, MediaState.WHOLE)
    assert (recording.channels, recording.duration_ms, recording.format) == (2, 1415, "wav")
    assert recording.ended_at == NOW
    assert recording.started_at == NOW - timedelta(milliseconds=1415)
    assert recording.created_at == recording.ended_at
    assert recording.taken_in_at == NOW
    assert recording.call_session_id == recording.call_id
    assert is_core_id(recording.id)
    assert time_of(recording.id) == recording.started_at


async def test_the_bytes_are_kept_as_they_came(world: World) -> None:
    recording = (await take(world)).recording
    assert recording.media is not None
    assert (world.folder / "media" / recording.media.key).read_bytes() == AUDIO
    assert len(files(world)) == 1


async def test_the_id_says_when_the_recording_began(world: World) -> None:
    began = datetime(2025, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)
    recording = (await take(world, card=Card(started_at=began))).recording
    assert time_of(recording.id) == began
    assert recording.ended_at == began + timedelta(milliseconds=1415)


async def test_the_country_of_a_number_is_derived_and_never_overruled(world: World) -> None:
    card = Card(caller=Party(number="+442079460018"), callee=Party(number="+12025550143", country="PR"))
    recording = (await take(world, card=card)).recording
    assert (recording.caller.country, recording.callee.country) == ("GB", "PR")
    odd = Card(caller=Party(number="+1"), callee=Party(number="sip:ruth@pbx.example.net"), started_at=NOW)
    recording = (await take(world, card=odd)).recording
    assert (recording.caller.country, recording.callee.country) == (None, None)


async def test_the_same_bytes_twice_are_there_already(world: World) -> None:
    first = await take(world)
    second = await take(world)
    assert not second.fresh
    assert second.recording.id == first.recording.id
    assert len(files(world)) == 1


async def test_the_same_bytes_of_another_call_are_another_recording(world: World) -> None:
    first = await take(world, card=Card(sip_call_id="one"))
    second = await take(world, card=Card(sip_call_id="two"))
    assert second.fresh
    assert second.recording.id != first.recording.id


async def test_a_key_counts_whatever_the_bytes(world: World) -> None:
    first = await take(world, key="a")
    second = await take(world, tone_of_silence(1, 500), key="a")
    third = await take(world, key="b")
    assert not second.fresh
    assert second.recording == first.recording
    assert third.fresh


async def test_ten_at_once_with_one_key_make_one_recording(world: World) -> None:
    taken = await asyncio.gather(*(take(world, key="a") for _ in range(10)))
    assert sum(entry.fresh for entry in taken) == 1
    assert len({entry.recording.id for entry in taken}) == 1
    assert len(files(world)) == 1


async def test_recordings_of_one_call_id_belong_to_one_call(world: World) -> None:
    first = await take(world, card=Card(sip_call_id="abc@pbx", started_at=NOW))
    second = await take(world, card=Card(sip_call_id="abc@pbx", started_at=NOW + timedelta(minutes=1)))
    assert second.recording.call_id == first.recording.call_id
    third = await take(world, card=Card(foreign={"telnyx": {"call": "x"}}, started_at=NOW + timedelta(minutes=2)))
    fourth = await take(world, card=Card(foreign={"telnyx": {"call": "x"}}, started_at=NOW + timedelta(minutes=3)))
    assert fourth.recording.call_id == third.recording.call_id != first.recording.call_id


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "empty"), (b"hello, this is a letter and not a recording at all", "not"), (AUDIO[:44], "no")],
)
async def test_what_is_not_audio_leaves_nothing(world: World, content: bytes, sentence: str) -> None:
    with pytest.raises(NotAudio, match=sentence):
        await take(world, content)
    assert files(world) == set()
    assert await count(world) == 0


async def test_an_upload_that_breaks_off_leaves_nothing(world: World) -> None:
    short = TakeIn(account_id=ACME.id, card=Card(), content=pieces(AUDIO[:-1]), expected_bytes=len(AUDIO))
    with pytest.raises(NotAudio, match=f"broke off after {len(AUDIO) - 1} of {len(AUDIO)} bytes"):
        await world.vault.intake.take_in(short, NOW)
    assert files(world) == set()


async def test_a_client_that_goes_away_leaves_nothing(world: World) -> None:
    async def content() -> AsyncIterator[bytes]:
        yield AUDIO[:5000]
        raise NotAudio("The upload broke off in the middle; send it again, whole.")

    with pytest.raises(NotAudio):
        await world.vault.intake.take_in(TakeIn(account_id=ACME.id, card=Card(), content=content()), NOW)
    assert files(world) == set()


async def test_an_intake_that_is_cancelled_leaves_nothing(world: World) -> None:
    async def content() -> AsyncIterator[bytes]:
        yield AUDIO[:5000]
        await asyncio.sleep(60)

    task = asyncio.create_task(
        world.vault.intake.take_in(TakeIn(account_id=ACME.id, card=Card(), content=content()), NOW)
    )
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert files(world) == set()


async def test_more_than_is_allowed_is_refused_before_it_is_all_there(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.account(ACME)
        world.vault.intake._most_bytes = 10_000
        with pytest.raises(TooLarge, match="10000 bytes"):
            await take(world)
        assert files(world) == set()


@pytest.mark.parametrize(
    ("card", "field"),
    [
        (Card(id=UUID(int=5)), "id"),
        (Card(status=Status.DELETED), "status"),
        (Card(duration_ms=5), "duration_ms"),
        (Card(media_state=MediaState.DELETED), "media_state"),
        (Card(started_at=NOW, ended_at=NOW - timedelta(seconds=1)), "ended_at"),
    ],
)
async def test_a_card_cannot_claim_what_only_the_vault_knows(world: World, card: Card, field: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        await take(world, card=card)
    assert refusal.value.field == field
    assert files(world) == set()


async def test_a_repaired_file_is_taken_in_with_a_note(world: World) -> None:
    unfinished = bytearray(AUDIO)
    unfinished[4:8] = unfinished[40:44] = bytes(4)
    recording = (await take(world, bytes(unfinished))).recording
    assert recording.duration_ms == 1415
    assert len(recording.notes) == 1
    assert "never finished" in recording.notes[0]


async def test_a_store_that_fails_leaves_no_row(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(key: str, path: Path) -> None:
        raise MediaError(f"no room for {key} of {path}")

    monkeypatch.setattr(world.vault.stores["main"], "put_file", fail)
    with pytest.raises(MediaError):
        await take(world)
    monkeypatch.undo()
    assert await count(world) == 0
    await world.vault.settling.settle()
    assert files(world) == set()


async def test_a_catalogue_that_does_not_answer_leaves_nothing_once_it_is_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise CatalogueError("the catalogue is away")

    monkeypatch.setattr(world.vault.catalogue, "add", fail)
    with pytest.raises(CatalogueError):
        await take(world)
    monkeypatch.undo()
    assert await world.vault.settling.settle() == 1
    assert files(world) == set()
    assert (await take(world)).fresh


async def test_a_commit_whose_answer_was_lost_keeps_its_audio(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    add = world.vault.catalogue.add

    async def lose_the_answer(*arguments: object, **named: object) -> None:
        await add(*arguments, **named)  # type: ignore[arg-type]
        raise CatalogueError("the connection broke")

    monkeypatch.setattr(world.vault.catalogue, "add", lose_the_answer)
    with pytest.raises(CallvaultError):
        await take(world, key="a")
    monkeypatch.undo()
    await world.vault.settling.settle()
    assert len(files(world)) == 1
    again = await take(world, key="a")
    assert not again.fresh
    assert await count(world) == 1


async def test_settling_does_not_touch_an_intake_that_is_under_way(world: World) -> None:
    async def content() -> AsyncIterator[bytes]:
        yield AUDIO[:5000]
        assert await world.vault.settling.settle() == 0
        yield AUDIO[5000:]

    command = TakeIn(account_id=ACME.id, card=Card(), content=content())
    assert (await world.vault.intake.take_in(command, NOW)).fresh


async def test_the_kept_object_carries_no_account_but_its_own(world: World) -> None:
    other = Account(id=UUID(int=2), serial=0, name="other", created_at=NOW)
    await world.account(other, token="f" * 64)
    mine = (await take(world)).recording
    theirs = await world.vault.intake.take_in(TakeIn(account_id=other.id, card=Card(), content=pieces(AUDIO)), NOW)
    assert theirs.fresh
    assert mine.media is not None
    assert theirs.recording.media is not None
    assert mine.media.key.startswith(str(ACME.id))
    assert theirs.recording.media.key.startswith(str(other.id))


def test_a_card_reads_what_the_catalogue_writes() -> None:
    assert json.loads(json.dumps(replace(Card(), label="x").label)) == "x"


async def test_a_deletion_that_was_cut_short_leaves_no_rendition_either(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = (await take(world)).recording
    rendition = await world.vault.renditions.open(recording, RenditionSpec(format=MediaFormat.MP3))
    assert [piece async for piece in rendition.source.chunks(0, rendition.size_bytes)]

    async def fail(key: str) -> None:
        raise MediaError(f"the store is away, and {key} stays")

    monkeypatch.setattr(world.vault.stores["main"], "delete", fail)
    ref = Ref(dialect="callvault", kind="recording", text="it", computed=recording.id)
    with pytest.raises(MediaError):
        await world.vault.erasing.delete(DeleteRecording(account_id=ACME.id, recording=ref), NOW)
    monkeypatch.undo()
    await world.vault.settling.settle()
    assert files(world) == set()
    assert not [path for path in (world.folder / "renditions").rglob("*") if path.is_file()]
