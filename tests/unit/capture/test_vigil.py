"""The vigil: a worker that hangs is told from one that is slow, and from a machine that was away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callvault.capture.vigil import EVERY_S, LONGEST_HUNG_S, Vigil, patience_with, waits_for_disk

FORCED, USUAL = 2 << 20, 2 * 212_992
"""What a socket's buffer comes to with CAP_NET_ADMIN, and with Linux's own ``net.core.rmem_max``."""


def test_a_worker_that_shows_nothing_is_found_within_its_patience_and_two_looks() -> None:
    patience, vigil = patience_with(FORCED), Vigil(0.0)
    vigil.note_progress()  # at 0.1 s, say
    now_s = 0.0
    while True:
        now_s += EVERY_S
        if patience.is_over(vigil.look(now_s), on_disk=False):
            break
    assert LONGEST_HUNG_S <= now_s <= LONGEST_HUNG_S + 2 * EVERY_S


def test_a_worker_that_shows_something_between_two_looks_is_let_be_for_ever() -> None:
    vigil = Vigil(0.0)
    for number in range(1, 1000):
        vigil.note_progress()
        assert vigil.look(number * EVERY_S) == 0.0


@given(st.floats(min_value=EVERY_S, max_value=1e7))
def test_one_look_is_never_enough_whatever_the_clock_says(away_s: float) -> None:
    """A machine that slept, a virtual one that was halted, a supervisor that was stopped."""
    patience, vigil = patience_with(USUAL), Vigil(0.0)
    vigil.look(EVERY_S)
    silent_s = [vigil.look(EVERY_S + away_s), vigil.look(2 * EVERY_S + away_s)]
    assert silent_s == pytest.approx([EVERY_S, 2 * EVERY_S], abs=1e-6)
    assert not any(patience.is_over(each, on_disk=False) for each in silent_s)


def test_the_first_word_after_a_silence_ends_it() -> None:
    vigil = Vigil(0.0)
    vigil.look(1 * EVERY_S)
    assert vigil.look(2 * EVERY_S) > 0
    vigil.note_progress()
    assert [vigil.look(3 * EVERY_S), vigil.look(4 * EVERY_S)] == [0.0, EVERY_S]


@pytest.mark.parametrize(
    ("buffer_bytes", "hung_s", "on_disk_s"), [(FORCED, 5.0, 33.6), (USUAL, 3.4, 6.8)], ids=["forced", "usual"]
)
def test_the_patience_is_what_the_kernels_buffer_allows(buffer_bytes: int, hung_s: float, on_disk_s: float) -> None:
    patience = patience_with(buffer_bytes)
    assert patience.hung_s == pytest.approx(hung_s, abs=0.05)
    assert patience.on_disk_s == pytest.approx(on_disk_s, abs=0.05)


def test_whoever_waits_for_the_disk_is_left_to_it_for_longer() -> None:
    patience = patience_with(FORCED)
    silent_s = patience.hung_s + 1
    assert (patience.is_over(silent_s, on_disk=False), patience.is_over(silent_s, on_disk=True)) == (True, False)
    assert patience.is_over(patience.on_disk_s, on_disk=True)


def test_a_stopped_process_does_not_wait_for_the_disk_nor_does_one_that_is_gone() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        os.kill(process.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        assert not waits_for_disk(process.pid)
        process.kill()
    assert not waits_for_disk(process.pid)
