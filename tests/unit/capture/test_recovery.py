"""What a crash left is ended where it broke off, and finished like everything else."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID

from callvault.capture.journals import JournalFile, read_journal
from callvault.capture.recovery import recover
from callvault.capture.spools import Spools
from callvault.model.ids import new_id
from callvault.protocols.spool.journal import Begun, Ended, Reason
from tests.world import NOW

SECOND_NS = 1_000_000_000


def take(spools: Spools, number: int, *, ended: Reason | None = None, media: bool = True) -> UUID:
    made = new_id(NOW, number.to_bytes(10, "big"))
    paths = spools.live(made)
    journal = JournalFile(paths.journal)
    journal.write(Begun(take=made, at_ns=SECOND_NS, account_id=UUID(int=1), door="siprec"))
    if ended:
        journal.write(Ended(at_ns=2 * SECOND_NS, reason=ended))
    journal.close()
    os.utime(paths.journal, ns=(SECOND_NS, SECOND_NS))
    if media:
        paths.media.write_bytes(b"packets")
        os.utime(paths.media, ns=(9 * SECOND_NS, 9 * SECOND_NS))
    return made


def test_a_take_without_an_end_ends_with_its_last_packet(tmp_path: Path) -> None:
    spools = Spools(tmp_path)
    heard, silent = take(spools, 1), take(spools, 2, media=False)
    assert set(recover(spools)) == {heard, silent}
    assert spools.live_takes() == []
    for each, at_ns in ((heard, 9 * SECOND_NS), (silent, SECOND_NS)):
        assert read_journal(spools.ended(each).journal).ended == Ended(at_ns=at_ns, reason=Reason.INTERRUPTED)
    assert spools.ended(heard).media.read_bytes() == b"packets"


def test_a_take_that_had_ended_keeps_its_end(tmp_path: Path) -> None:
    spools = Spools(tmp_path)
    made = take(spools, 1, ended=Reason.BYE)
    recover(spools)
    assert read_journal(spools.ended(made).journal).ended == Ended(at_ns=2 * SECOND_NS, reason=Reason.BYE)


def test_recovering_twice_changes_nothing(tmp_path: Path) -> None:
    spools = Spools(tmp_path)
    made = take(spools, 1)
    recover(spools)
    before = spools.ended(made).journal.read_bytes()
    assert recover(spools) == []
    assert spools.ended(made).journal.read_bytes() == before


def test_packets_without_a_journal_are_kept_for_people_to_look_at(tmp_path: Path) -> None:
    spools = Spools(tmp_path)
    made = take(spools, 1)
    spools.live(made).journal.unlink()
    recover(spools)
    assert spools.live_takes() == []
    assert spools.troubles() == {made: "There are packets and no journal, so nobody knows whose call it was."}


def test_what_somebody_still_captures_is_left_alone(tmp_path: Path) -> None:
    spools = Spools(tmp_path)
    alive, dead = take(spools, 1), take(spools, 2)
    assert recover(spools, alive={alive}) == [dead]
    assert spools.live_takes() == [alive]
