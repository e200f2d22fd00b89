"""What follows an attempt."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest

from callvault.model.hook import Delivery, DeliveryState, Failure, Hook
from callvault.model.notice import Outcome, Rules
from callvault.webhooks.schedule import LONGEST_RETRY_AFTER_S, after, destination
from tests.unit.dialects.tellings import NOW, hook, telling

RULES = Rules(timeout_s=5, pauses_s=(1, 10, 100))
ONE = hook("telnyx")
TWO = hook("telnyx", failover_url="https://failover.example.org/")
DELIVERY = Delivery(
    id=ONE.id,
    hook_id=ONE.id,
    event=telling("telnyx", "available").event,
    recording=telling("telnyx", "available").recording,
    due_at=NOW,
)
FINE, BUSY, NO = Outcome(status=204), Outcome(status=503), Outcome(status=404)


def told(*outcomes: Outcome, to: Hook = ONE, rules: Rules = RULES, dice: float = 0.0) -> list[Delivery]:
    """The delivery after each of these outcomes, one after the other, each when it was due."""
    deliveries = [DELIVERY]
    for outcome in outcomes:
        last = deliveries[-1]
        deliveries.append(after(last, outcome, hook=to, rules=rules, now=last.due_at, dice=dice))
    return deliveries[1:]


def pauses(*outcomes: Outcome, **given: Any) -> list[float]:
    moments = [NOW, *(delivery.due_at for delivery in told(*outcomes, **given))]
    return [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(moments)]


def test_success_is_the_end() -> None:
    (delivery,) = told(FINE)
    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 1)


def test_pauses_grow_until_they_are_used_up() -> None:
    assert pauses(BUSY, BUSY, BUSY) == [1, 10, 100]
    last = told(BUSY, BUSY, BUSY, BUSY)[-1]
    assert (last.state, last.attempts) == (DeliveryState.GIVEN_UP, 4)


def test_it_can_still_succeed() -> None:
    assert told(BUSY, BUSY, FINE)[-1].state is DeliveryState.DELIVERED


def test_what_is_not_worth_another_try_is_given_up_at_once() -> None:
    assert told(NO)[-1].state is DeliveryState.GIVEN_UP
    assert told(Outcome(failure=Failure.FORBIDDEN))[-1].state is DeliveryState.GIVEN_UP


def test_jitter_only_makes_a_pause_longer() -> None:
    rules = Rules(timeout_s=5, pauses_s=(10,), jitter=0.2)
    assert pauses(BUSY, rules=rules, dice=0.0) == [10]
    assert pauses(BUSY, rules=rules, dice=0.5) == [11]
    assert pauses(BUSY, rules=rules, dice=1.0) == [12]


@pytest.mark.parametrize(("asked", "pause"), [(0.0, 1), (30.0, 30), (1e9, LONGEST_RETRY_AFTER_S)])
def test_an_answer_may_ask_for_a_longer_pause(asked: float, pause: float) -> None:
    wait = Outcome(status=503, retry_after_s=asked)
    assert pauses(wait) == [1]
    assert pauses(wait, rules=Rules(timeout_s=5, pauses_s=(1,), heeds_retry_after=True)) == [pause]


def test_the_failover_is_next_when_the_first_is_done_with() -> None:
    assert destination(DELIVERY, TWO) == TWO.url
    first = told(BUSY, BUSY, BUSY, BUSY, to=TWO)[-1]
    assert (first.state, first.stage, first.tries, first.attempts) == (DeliveryState.WAITING, 1, 0, 4)
    assert destination(first, TWO) == TWO.failover_url
    assert pauses(BUSY, BUSY, BUSY, BUSY, BUSY, to=TWO) == [1, 10, 100, 0, 1]
    assert told(*[BUSY] * 8, to=TWO)[-1].state is DeliveryState.GIVEN_UP
    assert told(*[BUSY] * 7, to=TWO)[-1].state is DeliveryState.WAITING


def test_a_refusal_goes_to_the_failover_without_a_pause() -> None:
    (delivery,) = told(NO, to=TWO)
    assert (delivery.stage, delivery.due_at) == (1, NOW)
    assert told(NO, NO, to=TWO)[-1].state is DeliveryState.GIVEN_UP
    assert told(NO, FINE, to=TWO)[-1].state is DeliveryState.DELIVERED


def test_what_cannot_be_said_is_said_nowhere() -> None:
    assert told(Outcome(failure=Failure.UNSPOKEN), to=TWO)[-1].state is DeliveryState.GIVEN_UP


def test_a_hook_that_lost_its_failover_is_called_at_its_url() -> None:
    moved = told(NO, to=TWO)[-1]
    assert destination(moved, ONE) == ONE.url


def test_what_happened_is_not_changed() -> None:
    (delivery,) = told(BUSY)
    assert (delivery.event, delivery.recording, delivery.id) == (DELIVERY.event, DELIVERY.recording, DELIVERY.id)
    assert delivery.due_at - NOW == timedelta(seconds=1)
