"""The life of a recording: what may follow what, and nothing else."""

from __future__ import annotations

from itertools import product

import pytest

from callvault.errors import Conflict
from callvault.model.life import FINISHED, LISTED, LIVE, MOVES, move
from callvault.model.recording import Status

ALLOWED = {
    ("capturing", "paused"),
    ("capturing", "processing"),
    ("capturing", "failed"),
    ("paused", "capturing"),
    ("paused", "processing"),
    ("paused", "failed"),
    ("processing", "available"),
    ("processing", "failed"),
    ("available", "deleted"),
    ("failed", "deleted"),
}
"""The table of the architecture's page, written out."""


@pytest.mark.parametrize(("before", "after"), list(product(Status, Status)), ids=str)
def test_a_move_is_allowed_or_a_conflict(before: Status, after: Status) -> None:
    if (before.value, after.value) in ALLOWED:
        assert move(before, after) is after
    else:
        with pytest.raises(Conflict, match=f"A recording that is {before} cannot become {after}"):
            move(before, after)


def test_every_status_has_its_line_in_the_table() -> None:
    assert set(MOVES) == set(Status)


def test_nothing_comes_back_from_deleted_and_everything_can_get_there() -> None:
    assert not MOVES[Status.DELETED]
    reached = {Status.DELETED}
    for _ in Status:
        reached |= {status for status, following in MOVES.items() if following & reached}
    assert reached == set(Status)


def test_every_status_but_deleted_is_listed_and_is_live_finished_or_on_its_way() -> None:
    assert set(Status) - {Status.DELETED} == LISTED
    assert LIVE | FINISHED | {Status.PROCESSING, Status.DELETED} == set(Status)
    assert not LIVE & FINISHED
    assert all(Status.DELETED in MOVES[status] for status in FINISHED)
    assert not any(Status.DELETED in MOVES[status] for status in LIVE)
