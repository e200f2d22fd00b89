"""Hooks in an empty catalogue, recordings that they are told of, and what a courier does with its claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from callvault.catalogue.outbox import Claim
from callvault.catalogue.verbs import Verbs
from callvault.model.actor import Account
from callvault.model.events import EventKind, events_between
from callvault.model.hook import Attempt, Delivery, DeliveryState, Hook
from callvault.model.recording import Recording
from tests.catalogues import T0, an_id, recording

LATER = T0 + timedelta(hours=1)
LEASE = timedelta(seconds=90)


def a_hook(account: Account, **changes: Any) -> Hook:
    known: dict[str, Any] = {
        "id": an_id(),
        "account_id": account.id,
        "dialect": "callvault",
        "url": "https://hooks.example.org/a",
        "events": frozenset(EventKind),
        "created_at": T0,
    }
    return Hook(**{**known, **changes})


async def hooked(catalogue: Verbs, account: Account, **changes: Any) -> Hook:
    hook = a_hook(account, **changes)
    await catalogue.add_hook(hook)
    return hook


async def taken_in(catalogue: Verbs, account: Account, **changes: Any) -> Recording:
    """A recording, with the events of its arrival."""
    entry = recording(account, **changes)
    return (await catalogue.add(entry, events=events_between(None, entry))).recording


async def changed(catalogue: Verbs, before: Recording, **changes: Any) -> Recording:
    after = replace(before, updated_at=before.updated_at + timedelta(seconds=1), **changes)
    return await catalogue.change(after, expected=before.revision, events=events_between(before, after))


async def claimed(catalogue: Verbs, hook: Hook, now: datetime = LATER, most: int = 100) -> list[Claim]:
    found = await catalogue.claim(hook.id, now=now, until=now + LEASE, most=most)
    return [] if found is None else list(found.items)


def kinds(claims: Sequence[Claim]) -> list[str]:
    return [claim.delivery.event.kind.value for claim in claims]


def an_attempt(**changes: Any) -> Attempt:
    known: dict[str, Any] = {
        "at": LATER,
        "method": "POST",
        "url": "https://hooks.example.org/a",
        "headers": (("Content-Type", "application/json"), ("Content-Type", "twice")),
        "body": b"\x00\xff{}",
        "status": 204,
        "answer": b"\x00fine",
        "failure": None,
        "error": None,
        "took_ms": 12,
    }
    return Attempt(**{**known, **changes})


def delivered(delivery: Delivery, at: datetime = LATER) -> Delivery:
    return replace(delivery, state=DeliveryState.DELIVERED, attempts=delivery.attempts + 1, due_at=at)


def failed(delivery: Delivery, until: datetime) -> Delivery:
    return replace(delivery, attempts=delivery.attempts + 1, tries=delivery.tries + 1, due_at=until)


async def drain(catalogue: Verbs, hook: Hook) -> list[str]:
    """Deliver everything, one claim after the other; the kinds in the order in which they went out."""
    told = []
    while claims := await claimed(catalogue, hook):
        for claim in claims:
            told.append(claim.delivery.event.kind.value)
            assert await catalogue.settle(claim, delivered(claim.delivery), an_attempt())
    return told
