"""Overload begins with a message that waited too long, and ends with a fresh one."""

from __future__ import annotations

from callvault.capture.siprec.congestion import Congestion


def test_overload_begins_late_and_ends_when_messages_are_fresh() -> None:
    congestion = Congestion()
    assert [congestion.observe(age) for age in (0.0, 0.4, 0.6, 0.3, 0.2, 0.05, 0.3)] == [
        False,
        False,
        True,
        True,
        True,
        False,
        False,
    ]
    assert congestion.worst_s == 0.6
