"""Whatever becomes of finisher, store or catalogue: a take becomes its recordings once, and its spool goes last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from callvault.audio.wav_header import wav_header
from callvault.capture.finished import Finished, FinishedAudio, Missed
from callvault.capture.finisher import NOTHING_OF_IT, Finisher
from callvault.capture.journals import JournalFile
from callvault.capture.spools import SpoolPaths, Spools
from callvault.catalogue.sqlite import SqliteCatalogue
from callvault.errors import CatalogueError, MediaError
from callvault.media.store import MediaStore
from callvault.model.actor import Account
from callvault.model.capture import Capture
from callvault.model.ids import new_id
from callvault.model.live import LiveCall, LiveRecording, Phase
from callvault.model.order import Done
from callvault.model.query import RecordingQuery
from callvault.model.recording import MediaState, Recording, Status
from callvault.model.wish import Cue, Wish
from callvault.protocols.spool.journal import Begun, Ended, Exchanged, Named, Reason, RecordingAsked, RecordingMoved
from callvault.vault.live_entries import LiveEntries
from callvault.vault.secrets import Secrets
from callvault.vault.vault import Vault

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
ACME = Account(id=UUID(int=1), serial=0, name="acme", created_at=NOW)
CAPTURE = Capture(
    door="siprec",
    trunk="sbc",
    peer="udp:192.0.2.7:5060",
    reason="bye",
    streams=(),
    attendances=(),
    oddities=(),
)


def ns(at: datetime) -> int:
    return int(at.timestamp() * 1000) * 1_000_000


@dataclass
class Makers:
    """Makes audio of a take: as many seconds of it as the media spool has octets."""

    files: int = 1
    made: list[Path] = field(default_factory=list)
    left_out: list[AbstractSet[UUID]] = field(default_factory=list)
    nothing_missed: bool = False
    """Whether nobody is told of a take without audio."""

    async def __call__(
        self, paths: SpoolPaths, folder: Path, only: UUID | None = None, but: AbstractSet[UUID] = frozenset()
    ) -> Finished:
        self.left_out.append(but)
        seconds = paths.media.stat().st_size if paths.media.exists() else 0
        files = []
        for number in range(self.files if seconds else 0):
            path = folder / f"{number}.wav"
            body = bytes([number]) * 16_000 * seconds
            path.write_bytes(wav_header(samples=8000 * seconds, channels=1, sample_rate=8000) + body)
            self.made.append(path)
            files.append(
                FinishedAudio(
                    path=path,
                    streams=(number,),
                    channels=1,
                    began_ns=ns(NOW),
                    sample_rate=8000,
                    samples=8000 * seconds,
                    capture=CAPTURE,
                    partial=False,
                    recording=only,
                )
            )
        nothing = Missed(recording=None, wish=None, at_ns=ns(NOW), capture=CAPTURE, sentence=None)
        return Finished(files=tuple(files), missed=() if files or self.nothing_missed else (nothing,))


class FailingStore(MediaStore):
    """A folder that takes nothing, or gives back something else, for as long as it is told to."""

    refuses = garbles = False

    async def put_file(self, key: str, path: Path) -> None:
        if self.refuses:
            raise MediaError("The store is away.")
        await super().put_file(key, path)

    async def chunks(self, key: str, start: int, stop: int) -> AsyncIterator[bytes]:
        async for piece in super().chunks(key, start, stop):
            yield piece[::-1] if self.garbles else piece


@dataclass
class Node:
    vault: Vault
    spools: Spools
    store: FailingStore
    makers: Makers
    finisher: Finisher

    def take(self, seconds: int, number: int = 0) -> UUID:
        take = new_id(NOW + timedelta(seconds=number), bytes(10))
        paths = self.spools.live(take)
        begun = Begun(take=take, at_ns=ns(NOW), account_id=ACME.id, door="siprec", trunk="sbc")
        JournalFile(paths.journal).write(
            begun,
            Named(at_ns=ns(NOW), sip_call_id=f"{number}@sbc"),
            Exchanged(at_ns=ns(NOW), sent=False, peer="udp:192.0.2.7:5060", message="BYE sip:vault SIP/2.0"),
            Ended(at_ns=ns(NOW) + 10**9, reason=Reason.BYE),
        )
        paths.media.write_bytes(bytes(seconds))
        self.spools.end(take)
        return take

    async def recordings(self) -> list[Recording]:
        return list((await self.vault.catalogue.find(RecordingQuery(account_id=ACME.id))).items)

    def files(self) -> list[Path]:
        return [path for path in self.spools.folder.rglob("*") if path.is_file()]


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    root = tmp_path / "media"
    store = FailingStore.in_folder("main", root)
    assert isinstance(store, FailingStore)
    vault = Vault(SqliteCatalogue(None), {"main": store}, tmp_path, Secrets(bytes(32)), clock=lambda: NOW)
    await vault.open()
    await vault.catalogue.add_account(ACME)
    makers, spools = Makers(), Spools(tmp_path / "spool")
    finisher = Finisher(spools, vault.finishing, makers, at_once=2, clock=lambda: NOW)
    yield Node(vault=vault, spools=spools, store=store, makers=makers, finisher=finisher)
    await vault.close()


async def test_a_take_becomes_a_recording_with_its_own_id_and_its_spool_goes(node: Node) -> None:
    take = node.take(seconds=2)
    await node.finisher.finish(take)
    (recording,) = await node.recordings()
    assert recording.id == take
    assert (recording.status, recording.media_state) == (Status.AVAILABLE, MediaState.WHOLE)
    assert (recording.duration_ms, recording.sip_call_id, recording.connection_id) == (2000, "0@sbc", "sbc")
    captured = await node.vault.catalogue.capture_of(ACME.id, take)
    assert captured is not None
    assert captured.capture == CAPTURE
    assert [message.text for message in captured.exchange] == ["BYE sip:vault SIP/2.0"]
    assert node.files() == []


async def test_a_call_without_audio_is_an_entry_that_says_so(node: Node) -> None:
    take = node.take(seconds=0)
    await node.finisher.finish(take)
    (recording,) = await node.recordings()
    assert (recording.id, recording.status, recording.media_state) == (take, Status.FAILED, MediaState.ABSENT)
    assert recording.error == "The call was announced to the recorder, and no audio of it came."
    assert recording.duration_ms == 0
    assert await node.vault.catalogue.capture_of(ACME.id, take) is not None
    assert node.files() == []


async def test_several_files_of_one_take_are_recordings_of_one_call(node: Node) -> None:
    node.makers.files = 3
    take = node.take(seconds=1)
    await node.finisher.finish(take)
    recordings = await node.recordings()
    assert len({recording.id for recording in recordings}) == 3
    assert take in {recording.id for recording in recordings}
    assert len({recording.call_id for recording in recordings}) == 1


@pytest.mark.parametrize("trouble", ["refuses", "garbles"])
async def test_a_store_that_fails_costs_nothing_but_time(node: Node, trouble: str) -> None:
    take = node.take(seconds=1)
    setattr(node.store, trouble, True)
    with pytest.raises(MediaError):
        await node.finisher.finish(take)
    assert node.spools.ended(take).media.exists()
    setattr(node.store, trouble, False)
    await node.finisher.finish(take)
    (recording,) = await node.recordings()
    assert recording.id == take
    assert node.files() == []


async def test_a_catalogue_that_is_away_costs_nothing_but_time(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object, **__: object) -> None:
        raise CatalogueError("The database does not answer.")

    takes = [node.take(seconds=0), node.take(seconds=1, number=1)]
    with monkeypatch.context() as patch:
        for name in ("add", "taken", "get"):
            patch.setattr(node.vault.catalogue, name, away)
        for take in takes:
            with pytest.raises(CatalogueError):
                await node.finisher.finish(take)
    assert node.spools.ended_takes() == takes
    for take in takes:
        await node.finisher.finish(take)
    assert {recording.id for recording in await node.recordings()} == set(takes)


@pytest.mark.parametrize("step", ["before it is kept", "before the spool goes"])
async def test_a_finisher_that_is_killed_is_followed_by_one_that_makes_the_same(
    node: Node, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    take = node.take(seconds=1)
    holder, name = {
        "before it is kept": (node.vault.finishing, "keep"),
        "before the spool goes": (node.spools, "forget"),
    }[step]
    with monkeypatch.context() as patch:
        patch.setattr(holder, name, die)
        with pytest.raises(Killed):
            await node.finisher.finish(take)
    await node.finisher.finish(take)
    (recording,) = await node.recordings()
    assert recording.id == take
    assert node.files() == []
    media = [path for path in (node.spools.folder.parent / "media").rglob("*") if path.is_file()]
    assert len(media) == 1


async def test_a_recording_that_has_ended_is_there_while_its_call_goes_on(node: Node) -> None:
    take, stopped = new_id(NOW, bytes(10)), new_id(NOW, b"stopped...")
    paths = node.spools.live(take)
    journal = JournalFile(paths.journal)
    journal.write(
        Begun(take=take, at_ns=ns(NOW), account_id=ACME.id, door="siprec", trunk="sbc"),
        RecordingAsked(at_ns=ns(NOW), recording=stopped, wish={}),
        RecordingMoved(at_ns=ns(NOW), recording=stopped, phase="running"),
        RecordingMoved(at_ns=ns(NOW) + 10**9, recording=stopped, phase="stopped"),
    )
    paths.media.write_bytes(bytes(1))
    node.spools.cut(take, stopped)
    assert await node.finisher.finish_early(take, stopped)
    (recording,) = await node.recordings()
    assert (recording.id, recording.status) == (stopped, Status.AVAILABLE)
    assert set(node.files()) == {paths.journal, paths.media}
    journal.write(Ended(at_ns=ns(NOW) + 2 * 10**9, reason=Reason.BYE))
    node.spools.end(take)
    await node.finisher.finish(take)
    assert node.makers.left_out == [frozenset(), {stopped}]


async def test_a_recording_whose_call_has_ended_meanwhile_is_finished_with_it(node: Node) -> None:
    take = node.take(seconds=1)
    node.spools.cut(take, UUID(int=7))
    await node.finisher.finish(take)
    assert node.spools.cuts() == []
    node.spools.cut(take, UUID(int=7))
    assert not await node.finisher.finish_early(take, UUID(int=7))
    assert node.spools.cuts() == []


async def test_a_recording_that_was_stopped_before_it_began_is_not_waited_for(node: Node) -> None:
    take, unheard = new_id(NOW, bytes(10)), UUID(int=9 << 76)
    call = LiveCall(
        take=take, account_id=ACME.id, call_id=take, session_id=take, node="north", door="siprec", began_at=NOW
    )
    made = LiveRecording(id=take, phase=Phase.STOPPED, wish=Wish(cue=Cue.ANSWERED), asked_at=NOW, rule="answered")
    steered = Done(call=replace(call, recordings=(made,)), recordings=(take,))
    (entry,) = await LiveEntries(node.vault.catalogue, lambda: NOW).write(steered)
    assert entry.status is Status.PROCESSING
    JournalFile(node.spools.live(take).journal).write(
        Begun(take=take, at_ns=ns(NOW), account_id=ACME.id, door="siprec", trunk="sbc"),
        *(
            RecordingAsked(at_ns=ns(NOW), recording=each, wish={"cue": "answered"}, rule=rule)
            for each, rule in ((take, "answered"), (unheard, "answered, too"))
        ),
        RecordingMoved(at_ns=ns(NOW), recording=take, phase="stopped"),
        Ended(at_ns=ns(NOW) + 10**9, reason=Reason.BYE),
    )
    node.spools.live(take).media.write_bytes(b"")
    node.spools.end(take)
    node.makers.nothing_missed = True
    assert await node.finisher.finish(take)
    (left,) = await node.recordings()
    assert (left.id, left.status, left.media_state) == (take, Status.FAILED, MediaState.ABSENT)
    assert left.error == NOTHING_OF_IT
    assert node.files() == []


async def test_two_finishers_make_one_recording(node: Node) -> None:
    take = node.take(seconds=1)
    other = Finisher(node.spools, node.vault.finishing, node.makers, at_once=1, clock=lambda: NOW)
    await asyncio.gather(node.finisher.finish(take), other.finish(take))
    assert len(node.makers.made) == 1
    assert len(await node.recordings()) == 1


async def test_what_can_never_be_finished_is_set_aside_and_holds_up_nobody(node: Node) -> None:
    nobodys = new_id(NOW, b"nobodys...")
    JournalFile(node.spools.live(nobodys).journal).write(
        Begun(take=nobodys, at_ns=ns(NOW), account_id=UUID(int=404), door="siprec"),
        Ended(at_ns=ns(NOW), reason=Reason.BYE),
    )
    beginless = new_id(NOW, b"beginless.")
    JournalFile(node.spools.live(beginless).journal).write(Ended(at_ns=ns(NOW), reason=Reason.BYE))
    for take in (nobodys, beginless):
        node.spools.live(take).media.write_bytes(b"!")
        node.spools.end(take)
    good = node.take(seconds=1)
    await until(node, lambda: not node.spools.ended_takes())
    assert [recording.id for recording in await node.recordings()] == [good]
    troubles = node.spools.troubles()
    assert "account" in troubles[nobodys]
    assert "no beginning" in troubles[beginless]


async def test_many_takes_are_all_finished(node: Node) -> None:
    takes = {node.take(seconds=1, number=number) for number in range(7)}
    await until(node, lambda: not node.spools.ended_takes())
    assert {recording.id for recording in await node.recordings()} == takes


async def until(node: Node, done: Callable[[], bool]) -> None:
    running = asyncio.create_task(node.finisher.run())
    async with asyncio.timeout(60):
        while not done():  # noqa: ASYNC110 - it is files that are waited for
            await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
