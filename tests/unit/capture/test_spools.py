"""The spool folder, and journals as files."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from uuid import UUID

import pytest

from callvault.capture.journals import JournalFile, read_journal
from callvault.capture.spools import Spools
from callvault.errors import MediaError
from callvault.protocols.spool.journal import Begun, Ended, Flow, Flowed, Masking, Reason

TAKE, LATER = UUID(int=7 << 76), UUID(int=(7 << 76) + (1 << 100))
BEGUN = Begun(take=TAKE, at_ns=1, account_id=UUID(int=2), door="siprec")
ENDED = Ended(at_ns=3, reason=Reason.BYE)


def test_a_take_goes_from_live_to_ended_and_away(tmp_path: Path) -> None:
    spools = Spools(tmp_path)
    for take in (LATER, TAKE):
        spools.live(take).journal.touch()
    spools.live(TAKE).media.write_bytes(b"packets")
    assert spools.live_takes() == [TAKE, LATER]
    assert spools.ended_takes() == []
    spools.end(TAKE)
    spools.end(TAKE)
    assert spools.live_takes() == [LATER]
    assert spools.ended_takes() == [TAKE]
    assert spools.ended(TAKE).media.read_bytes() == b"packets"
    spools.forget(TAKE)
    assert spools.ended_takes() == []
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [f"{LATER}.journal"]


def test_a_take_that_was_cut_short_between_its_two_renames_is_handed_over_again(tmp_path: Path) -> None:
    spools = Spools(tmp_path)
    live, ended = spools.live(TAKE), spools.ended(TAKE)
    live.journal.touch()
    live.media.touch()
    live.media.rename(ended.media)
    assert spools.ended_takes() == []
    spools.end(TAKE)
    assert spools.ended_takes() == [TAKE]


def test_what_cannot_be_finished_is_kept_with_the_reason(tmp_path: Path) -> None:
    spools = Spools(tmp_path)
    spools.live(TAKE).journal.write_bytes(b"?")
    spools.end(TAKE)
    spools.work(TAKE).joinpath("half.wav").touch()
    kept = spools.set_aside(TAKE, "The journal has no beginning.")
    assert kept.read_bytes() == b"?"
    assert spools.troubles() == {TAKE: "The journal has no beginning."}
    assert spools.ended_takes() == []


def test_the_folder_for_finishing_is_always_empty(tmp_path: Path) -> None:
    spools = Spools(tmp_path)
    spools.work(TAKE).joinpath("half.wav").touch()
    assert list(spools.work(TAKE).iterdir()) == []


def test_a_journal_is_read_as_it_was_written_over_several_openings(tmp_path: Path) -> None:
    path = tmp_path / "a.journal"
    first = JournalFile(path)
    first.write(BEGUN)
    first.close()
    first.close()
    second = JournalFile(path)
    second.write(Flowed(at_ns=2, stream=0, flow=Flow.HELD), ENDED)
    assert read_journal(path).records == (BEGUN, Flowed(at_ns=2, stream=0, flow=Flow.HELD), ENDED)
    assert read_journal(tmp_path / "none").records == ()


def test_a_torn_line_does_not_spoil_what_is_written_behind_it(tmp_path: Path) -> None:
    path = tmp_path / "a.journal"
    JournalFile(path).write(BEGUN)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:20])
    JournalFile(path).write(ENDED)
    read = read_journal(path)
    assert read.records == (BEGUN, ENDED)
    assert read.spoilt == 1


def test_what_cannot_be_claimed_is_not_written_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.journal"
    journal = JournalFile(path)
    journal.commit(BEGUN)
    write, room = os.write, [20]

    def get_full(descriptor: int, data: bytes) -> int:
        taken = min(room[0], len(data))
        if not taken:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        room[0] -= taken
        return write(descriptor, data[:taken])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", get_full)
        with pytest.raises(MediaError, match="No space left"):
            journal.commit(Masking(at_ns=2, on=True), ENDED)
    assert read_journal(path).records == (BEGUN,)
    journal.commit(ENDED)
    read = read_journal(path)
    assert (read.records, read.spoilt) == ((BEGUN, ENDED), 0)


def test_a_disk_that_is_full_is_said_and_what_was_to_be_written_is_written_later(tmp_path: Path) -> None:
    with pytest.raises(MediaError):
        JournalFile(tmp_path / "missing" / "a.journal")
    with pytest.raises(MediaError, match="cannot be written: No space left on device"):
        JournalFile(Path("/dev/full")).write(BEGUN)
