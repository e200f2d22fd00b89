"""What follows an attempt: delivered, once more after a pause, on to the failover, or given up.  Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from callvault.model.hook import Delivery, DeliveryState, Failure, Hook
from callvault.model.notice import Outcome, Rules

LONGEST_RETRY_AFTER_S = 86_400.0
"""An answer may ask for a longer pause than the rules have, and not for ever."""


def destinations(hook: Hook) -> tuple[str, ...]:
    """The URLs of a hook, in the order in which they are tried."""
    return (hook.url,) if hook.failover_url is None else (hook.url, hook.failover_url)


def destination(delivery: Delivery, hook: Hook) -> str:
    """Where the next attempt goes."""
    urls = destinations(hook)
    return urls[min(delivery.stage, len(urls) - 1)]


def after(delivery: Delivery, outcome: Outcome, *, hook: Hook, rules: Rules, now: datetime, dice: float) -> Delivery:
    """The delivery after an attempt.  ``dice``: 0 to 1, by which a pause is lengthened within the rules' jitter."""
    attempts = delivery.attempts + 1
    if rules.success(outcome):
        return replace(delivery, state=DeliveryState.DELIVERED, attempts=attempts, due_at=now)
    tries = delivery.tries + 1
    if rules.again(outcome) and tries <= len(rules.pauses_s):
        pause_s = rules.pauses_s[tries - 1] * (1 + rules.jitter * dice)
        if rules.heeds_retry_after and outcome.retry_after_s is not None:
            pause_s = max(pause_s, min(outcome.retry_after_s, LONGEST_RETRY_AFTER_S))
        return replace(delivery, attempts=attempts, tries=tries, due_at=now + timedelta(seconds=pause_s))
    if delivery.stage + 1 < len(destinations(hook)) and outcome.failure is not Failure.UNSPOKEN:
        return replace(delivery, attempts=attempts, stage=delivery.stage + 1, tries=0, due_at=now)
    return replace(delivery, state=DeliveryState.GIVEN_UP, attempts=attempts, due_at=now)
