"""Webhooks a second, and the memory of whoever sends them: the courier against bare POSTs of the very same bytes.

The receiver is a process of its own that answers 200 at once; so is each sender, so that its memory is its own.  What
does not live here: the senders (``courier``, ``bare``), the receiver (``receiver``).
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from bench.archive import Archive, archive
from bench.population import recordings
from bench.rounds import alternate, ratio
from bench.tables import Budget, Table, Wish
from callvault.model.events import EventKind, events_between
from callvault.model.hook import DeliveryQuery
from callvault.server.build import build_vault
from callvault.server.clock import wall_clock
from callvault.server.settings import Settings, resolve
from callvault.vault.hook_commands import AddHook
from callvault.vault.vault import Vault

COUNT = 2_000
"""Webhooks of one measure."""
AT_ONCE = 16
"""What the courier's usual settings send to one hook at once; the bare senders do the same."""
MANY = 20_000
"""Webhooks that wait while the memory is measured."""
DIALECTS = ("callvault", "bandwidth", "kazoo", "telnyx", "signalwire")
OF_HTTPX = 1.0
MOST_MB = 60.0
BATCH = 100


def tables(wish: Wish) -> Iterator[Table]:
    """Two tables: webhooks a second against bare senders, and memory over idle."""
    rounds = wish.rounds or 3
    with receiving() as url:
        yield _throughput(url, rounds)
        yield _memory(url)


def _throughput(url: str, rounds: int) -> Table:
    rows, budgets = [], []
    for dialect in DIALECTS:
        with archive("bench-webhooks") as place:
            hook_id = asyncio.run(_prepare(place, url, dialect, COUNT))
            told = measured(place, "courier", hook_id, COUNT)  # the first time nothing is warm
            found = alternate(
                rounds,
                {
                    "ours": partial(once_more, place, hook_id),
                    "httpx": partial(measured, place, "bare", hook_id, COUNT, "httpx"),
                    "sockets": partial(measured, place, "bare", hook_id, COUNT, "sockets"),
                },
            )
        speeds = {name: [each["per_s"] for each in answers] for name, answers in found.items()}
        share, of_sockets = ratio(speeds["ours"], speeds["httpx"]), ratio(speeds["ours"], speeds["sockets"])
        medians = (median(speeds[name]) for name in ("ours", "httpx", "sockets"))
        rows.append((dialect, told["bytes"], *medians, share, of_sockets))
        budgets.append(Budget(what=f"{dialect}: share of httpx", measured=share, at_least=OF_HTTPX))
    return Table(
        title="Webhooks against bare POSTs",
        about=(
            (
                f"{COUNT:,} webhooks to one hook over loopback, {AT_ONCE} at once, SQLite, {rounds} alternating rounds;"
                " the receiver answers 200 at once."
            ),
            "The courier reads each from the outbox, phrases and signs it, sends it, and writes its outcome down.",
            "httpx and bare sockets send the same bytes, ready in memory, over connections that are kept.",
        ),
        columns=("dialect", "bytes", "callvault /s", "httpx /s", "sockets /s", "of httpx", "of sockets"),
        rows=rows,
        budgets=tuple(budgets),
    )


def _memory(url: str) -> Table:
    with archive("bench-webhooks") as place:
        hook_id = asyncio.run(_prepare(place, url, "callvault", MANY))
        told = measured(place, "courier", hook_id, MANY)
    return Table(
        title="Memory while webhooks go out",
        about=(
            (
                f"The process that sends, {MANY:,} webhooks waiting: its highest resident memory over what it had with"
                " the catalogue open."
            ),
        ),
        columns=("while", "idle, MB", "peak over idle, MB", "webhooks/s"),
        rows=[(f"{MANY:,} webhooks go out", told["idle_mb"], told["over_idle_mb"], told["per_s"])],
        budgets=(Budget(what="sending, MB over idle", measured=told["over_idle_mb"], at_most=MOST_MB),),
    )


def once_more(place: Archive, hook_id: UUID) -> dict[str, Any]:
    """The same deliveries again, by the courier."""
    asyncio.run(_replay(place, hook_id))
    return measured(place, "courier", hook_id, COUNT)


def measured(place: Archive, sender: str, hook_id: UUID, count: int, *how: str) -> dict[str, Any]:
    """What a sender in a process of its own says of itself: ``per_s``, ``bytes``, ``idle_mb``, ``over_idle_mb``."""
    words = [str(place.data), str(place.owner.account_id), str(hook_id), str(count), *how]
    command = [sys.executable, "-m", f"bench.webhooks.{sender}", *words]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@contextmanager
def receiving() -> Iterator[str]:
    """A receiver in a process of its own, and where it listens."""
    command = [sys.executable, "-m", "bench.webhooks.receiver"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def settings_of(data: Path) -> Settings:
    """As an operator would have them whose receivers are on loopback."""
    return resolve({"data": str(data), "base_url": "https://vault.example.net", "hook_networks": "127.0.0.0/8"}, {})


async def _prepare(place: Archive, url: str, dialect: str, count: int) -> UUID:
    """A hook, and so many recordings of which it has to be told."""
    account_id = place.owner.account_id
    command = AddHook(account_id=account_id, dialect=dialect, url=url, events=frozenset({EventKind.AVAILABLE}))
    fresh = list(recordings(account_id, count))
    async with _opened(place) as vault:
        hook = await vault.notifying.add(command, wall_clock())
        for start in range(0, count, BATCH):
            batch = fresh[start : start + BATCH]
            await asyncio.gather(*(vault.catalogue.add(each, events=events_between(None, each)) for each in batch))
    return hook.id


async def _replay(place: Archive, hook_id: UUID) -> None:
    account_id = place.owner.account_id
    async with _opened(place) as vault:
        page = await vault.catalogue.find_deliveries(DeliveryQuery(account_id=account_id, hook_id=hook_id, limit=COUNT))
        now = wall_clock()
        await asyncio.gather(*(vault.catalogue.replay(account_id, each.id, now) for each in page.items))


@asynccontextmanager
async def _opened(place: Archive) -> AsyncIterator[Vault]:
    vault = build_vault(settings_of(place.data))
    await vault.catalogue.open()
    try:
        yield vault
    finally:
        await vault.catalogue.close()
