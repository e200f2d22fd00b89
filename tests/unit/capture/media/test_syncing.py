"""Whoever asks for a sync is told when it is done; calls that end together are synced together."""

from __future__ import annotations

import select
from collections.abc import Iterator
from pathlib import Path

import pytest

from callvault.capture.media.spool_file import SpoolFile
from callvault.capture.media.syncing import FEW, Syncing
from callvault.capture.spools import Spools


@pytest.fixture
def syncing(tmp_path: Path) -> Iterator[Syncing]:
    thread = Syncing(Spools(tmp_path).folder, whole=False)
    yield thread
    thread.stop()


@pytest.mark.parametrize("files", [1, FEW, 3 * FEW])
def test_everybody_who_asked_is_told(syncing: Syncing, tmp_path: Path, files: int) -> None:
    opened = [SpoolFile(tmp_path / "live" / f"{number}.media") for number in range(files)]
    told: list[int] = []
    for number, file in enumerate(opened):
        file.append(b"packets")
        syncing.ask(file, lambda number=number: told.append(number))  # type: ignore[misc]
    while len(told) < files:
        assert select.select([syncing.bell], [], [], 30.0)[0]
        syncing.settle()
    assert told == list(range(files))
    for file in opened:
        file.close()


def test_whoever_asks_last_is_told_before_it_ends(tmp_path: Path) -> None:
    thread = Syncing(Spools(tmp_path).folder, whole=True)
    file = SpoolFile(tmp_path / "live" / "take.media")
    told: list[str] = []
    thread.ask(file, lambda: told.append("done"))
    thread.stop()
    assert told == ["done"]
    file.close()
