"""Killed at any write, fsync, rename, unlink or commit: the whole recording or none, and no stray bytes."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest


@pytest.fixture(scope="module", params=["intake", "deletion"])
def kills(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp(request.param)
    command = [sys.executable, "-m", "tests.system.killing", request.param, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return request.param, [json.loads(line) for line in done.stdout.splitlines()]


def test_the_next_start_finds_all_or_nothing(kills: tuple[str, list[dict[str, Any]]]) -> None:
    for kill in kills[1]:
        assert kill["rows"] in {0, 1}, kill
        assert kill["objects"] == kill["rows"], kill
        assert kill["whole"], kill
        assert kill["leftovers"] == 0, kill


def test_every_kind_of_deed_was_cut_short(kills: tuple[str, list[dict[str, Any]]]) -> None:
    which, aftermaths = kills
    deeds = {kill["deed"] for kill in aftermaths if not kill["ended"]}
    expected = {"intake": {"write", "fsync", "replace", "add", "unlink"}, "deletion": {"fsync", "change", "unlink"}}
    assert expected[which] <= deeds


def test_the_row_comes_after_the_bytes_and_goes_before_them(kills: tuple[str, list[dict[str, Any]]]) -> None:
    which, aftermaths = kills
    rows = [kill["rows"] for kill in aftermaths]
    turning = rows.index(1 if which == "intake" else 0)
    assert aftermaths[turning - 1]["deed"] == ("add" if which == "intake" else "change")
    assert rows == sorted(rows, reverse=which == "deletion")
