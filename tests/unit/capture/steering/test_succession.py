"""Which take comes after which in one session, and what it takes over."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from callvault.capture.steering.succession import MOST_NS, Heritage, Succession, heritage_of
from callvault.model.live import LiveRecording, Phase
from callvault.model.wish import Wish

KEY = (UUID(int=7), "sbc", "one")
OTHER = (UUID(int=8), "sbc", "one")


def recording(phase: Phase, *, rule: str | None = None, follows: bool = True, label: str = "") -> LiveRecording:
    wish = Wish(follows_transfer=follows, label=label)
    return LiveRecording(id=UUID(int=1), phase=phase, wish=wish, asked_at=datetime(2026, 3, 1, tzinfo=UTC), rule=rule)


def test_the_last_take_of_a_session_has_its_place_taken() -> None:
    takes = Succession[str]()
    assert takes.take_place(KEY, "a", 0) is None
    assert takes.take_place(OTHER, "x", 0) is None
    assert takes.take_place(KEY, "b", 1) == "a"
    assert takes.take_place(KEY, "b", 2) is None
    assert takes.take_place(KEY, "c", 3) == "b"


def test_a_take_that_is_over_is_remembered_for_a_while() -> None:
    takes = Succession[str]()
    takes.take_place(KEY, "a", 0)
    takes.end(KEY, "a", 10)
    assert takes.take_place(KEY, "b", 10 + MOST_NS) == "a"
    takes.end(KEY, "b", 20 + MOST_NS)
    assert takes.take_place(KEY, "c", 21 + 2 * MOST_NS) is None


def test_what_is_forgotten_is_not_its_successor() -> None:
    takes = Succession[str]()
    takes.take_place(KEY, "a", 0)
    takes.take_place(KEY, "b", 1)
    takes.end(KEY, "a", 2)
    assert takes.take_place(OTHER, "x", 3 + MOST_NS) is None
    assert takes.take_place(KEY, "c", 3 + MOST_NS) == "b"


def test_what_somebody_asked_for_and_follows_goes_on() -> None:
    found = heritage_of(
        [
            recording(Phase.RUNNING, label="runs"),
            recording(Phase.WAITING, label="waits"),
            recording(Phase.PAUSED, label="paused"),
            recording(Phase.STOPPED, label="stopped"),
            recording(Phase.RUNNING, label="stays", follows=False),
        ],
        masked=False,
    )
    assert [wish.label for wish in found.wishes] == ["runs", "waits"]


def test_a_rule_whose_recording_stays_or_was_stopped_wants_nothing_of_the_next() -> None:
    found = heritage_of(
        [
            recording(Phase.RUNNING, rule="goes on"),
            recording(Phase.RUNNING, rule="stays", follows=False),
            recording(Phase.STOPPED, rule="stopped"),
        ],
        masked=True,
    )
    assert found == Heritage(rules=frozenset({"stays", "stopped"}), masked=True)
