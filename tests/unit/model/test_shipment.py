"""A finished file on its way: what follows a try, and what is told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from callvault.model.destination import credentials_of, without_credentials
from callvault.model.shipment import Patience, Shipment, ShipmentState, after_try, shipment_told, told, with_shipment
from callvault.model.wish import Push
from tests.unit.dialects.visits import NOW, TEA_ORDER

SHIPMENT = Shipment(
    recording_id=TEA_ORDER.id,
    account_id=TEA_ORDER.account_id,
    push=Push(url="https://ada:tea@keep.example.org/calls"),
    due_at=NOW,
    made_at=NOW,
    moved_at=NOW,
)
LATER = NOW + timedelta(seconds=7)
TWO_BY_TWO = Patience(tries=2, pause_s=5, rounds=2, longest_rest_s=600)


def tried(before: Shipment, error: str | None, dice: float = 0.5) -> Shipment:
    status = 200 if error is None else 503
    return after_try(before, status=status, error=error, now=LATER, patience=TWO_BY_TWO, dice=dice)


def test_one_that_is_taken_is_done() -> None:
    after = tried(SHIPMENT, None)
    assert (after.state, after.tries, after.status, after.error) == (ShipmentState.DONE, 1, 200, None)
    assert after.moved_at == LATER


def test_some_tries_in_a_row_and_such_rows_again_until_it_is_given_up() -> None:
    shipment, pauses = SHIPMENT, []
    while shipment.state is ShipmentState.WAITING:
        shipment = tried(shipment, "It was answered with 503.")
        pauses.append((shipment.due_at - LATER).total_seconds())
    assert pauses == [5.0, 330.0, 5.0, 0.0]
    assert (shipment.state, shipment.tries, shipment.status) == (ShipmentState.GIVEN_UP, 4, 503)
    assert shipment.error == "It was answered with 503."


@pytest.mark.parametrize(("dice", "rest_s"), [(0.0, 60.0), (0.5, 330.0), (1.0, 600.0)])
def test_the_rest_is_between_a_tenth_and_all_of_the_longest(dice: float, rest_s: float) -> None:
    assert TWO_BY_TWO.rest_s(2, dice) == rest_s


def test_a_success_forgets_what_was_wrong_before() -> None:
    after = tried(tried(SHIPMENT, "No."), None)
    assert (after.tries, after.error) == (2, None)


def test_what_is_told_has_no_password() -> None:
    after = tried(SHIPMENT, "It was answered with 503.")
    assert told(after) == {
        "state": "waiting",
        "url": "https://keep.example.org/calls",
        "method": "PUT",
        "tries": 1,
        "at": "2026-03-02T12:00:07.500Z",
        "status": 503,
        "error": "It was answered with 503.",
    }
    assert set(told(SHIPMENT)) == {"state", "url", "method", "tries", "at"}


def test_the_recording_tells_of_it_beside_what_else_it_tells() -> None:
    before = replace(TEA_ORDER, extras={"callvault": {"a": 1}, "kazoo": {"b": 2}})
    after = with_shipment(before, SHIPMENT)
    assert after.extras == {"callvault": {"a": 1, "push": told(SHIPMENT)}, "kazoo": {"b": 2}}
    assert after.updated_at == SHIPMENT.moved_at
    assert shipment_told(after) == told(SHIPMENT)
    assert shipment_told(before) is None
    assert shipment_told(replace(TEA_ORDER, extras={"callvault": {"push": "somebody's own"}})) is None
    assert with_shipment(TEA_ORDER, SHIPMENT).id == UUID(str(SHIPMENT.recording_id))


@pytest.mark.parametrize(
    ("url", "plain", "known"),
    [
        ("https://a.example/b?c=d", "https://a.example/b?c=d", None),
        ("https://ada:t%40ea@a.example:81/b", "https://a.example:81/b", ("ada", "t@ea")),
        ("https://ada@a.example/", "https://a.example/", ("ada", "")),
        ("https://:tea@a.example/", "https://a.example/", ("", "tea")),
    ],
)
def test_name_and_password_in_a_url(url: str, plain: str, known: tuple[str, str] | None) -> None:
    assert (without_credentials(url), credentials_of(url)) == (plain, known)
