"""Room on the spool's disk: what may go goes, oldest first, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from callvault.capture.room import Room


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    for age, name in enumerate(("a/newest.wav", "b/middle.mp3", "a/oldest.wav", "b/under-way.mp3.1.part")):
        path = tmp_path / "cache" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(1000))
        os.utime(path, (2_000_000_000 - age, 2_000_000_000 - age))
    return tmp_path / "cache"


def left(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.glob("*/*"))


def test_nothing_goes_while_there_is_room(tmp_path: Path, cache: Path) -> None:
    assert Room(tmp_path, floor_bytes=0, caches=[cache]).is_there()
    assert len(left(cache)) == 4


def test_all_that_may_go_goes_before_room_is_refused(tmp_path: Path, cache: Path) -> None:
    room = Room(tmp_path, floor_bytes=1 << 62, caches=[cache, tmp_path / "missing"])
    assert not room.is_there()
    assert left(cache) == ["under-way.mp3.1.part"]


def test_no_more_goes_than_is_needed(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is told to have as much more room as was removed."""
    room = Room(tmp_path, floor_bytes=2000, caches=[cache])
    monkeypatch.setattr(room, "free_bytes", lambda: 1000 * (4 - len(left(cache))))
    assert room.make()
    assert left(cache) == ["newest.wav", "under-way.mp3.1.part"]
