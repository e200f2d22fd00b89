"""List pages of every dialect, through a real server, against what the same server and the same data could do at most.

The limits: ``GET /callvault/v1/ping`` of the same server, which asks nothing of anybody; and the same page written by
hand straight on ASGI (``by_hand``), which asks the catalogue the same.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from statistics import median
from typing import Any

import httpx
from tests.ports import free_port
from tests.system.running import Running, running

from bench.archive import Archive, archive
from bench.load import Figures, press
from bench.pages import SIZE, ListPage, pages
from bench.rounds import alternate, ratio
from bench.tables import Budget, Cell, Table, Wish

RECORDINGS = 100_000
ROUNDS = 3
SECONDS = 1
CONNECTIONS = 64
OF_TRIVIAL = 0.10
OF_BY_HAND = 0.90
TAIL = 2.5

TRIVIAL, PAGE, BY_HAND = "trivial", "page", "by hand"

PASSING = re.compile(
    r'"(?:request_id|timestamp|start_key)": "[^"]*"|expires=\d+&(?:amp;)?signature=[\w=-]+',
)
"""What differs between two answers to the same question: ids of requests, clocks, and what is signed with them."""


def tables(wish: Wish) -> Iterator[Table]:
    """Requests a second, tails and ratios for each page."""
    count = wish.recordings or RECORDINGS
    with archive("lists", count=count) as place, running(place.data) as server, by_hand(place, server) as raw_url:
        yield _table(place, server, raw_url, count, wish.rounds or ROUNDS)


def _table(place: Archive, server: Running, raw_url: str, count: int, rounds: int) -> Table:
    rows: list[list[Cell]] = []
    budgets: list[Budget] = []
    for page in pages(place.owner, count):
        check(page, server.url, raw_url)
        answers = alternate(
            rounds,
            {
                TRIVIAL: partial(_press, f"{server.url}/callvault/v1/ping", {}),
                PAGE: partial(_press, page.url(server.url), page.headers),
                BY_HAND: partial(_press, page.url(raw_url), page.headers),
            },
        )
        trivial, asked, raw = ([each.requests_s for each in answers[name]] for name in (TRIVIAL, PAGE, BY_HAND))
        of_trivial, of_raw = ratio(asked, trivial), ratio(asked, raw)
        tail = median(each.p99_ms / each.p50_ms for each in answers[PAGE])
        p50, p99 = (median(getattr(each, name) for each in answers[PAGE]) for name in ("p50_ms", "p99_ms"))
        rows.append([page.name, median(asked), median(trivial), median(raw), of_trivial, of_raw, p50, p99, tail])
        budgets += [
            Budget(what=f"{page.name}: of the trivial answer", measured=of_trivial, at_least=OF_TRIVIAL),
            Budget(what=f"{page.name}: of the page by hand", measured=of_raw, at_least=OF_BY_HAND),
            Budget(what=f"{page.name}: p99 / p50", measured=tail, at_most=TAIL),
        ]
    return Table(
        title="List pages",
        about=(
            f"One page of {SIZE} out of {count:,} recordings on SQLite, over loopback, {CONNECTIONS} connections.",
            f"Medians of {rounds} alternating rounds of {SECONDS} s; ratios are taken within a round.",
            "Trivial is `GET /callvault/v1/ping` of the same server.",
            "By hand is the same catalogue query and the same JSON, written straight on ASGI under the same server.",
            "Bandwidth's list has no page size, so it is asked for a span of time and a caller that match 20.",
        ),
        columns=(
            "page",
            "requests/s",
            "trivial, requests/s",
            "by hand, requests/s",
            "of trivial",
            "of by hand",
            "p50, ms",
            "p99, ms",
            "p99 / p50",
        ),
        rows=rows,
        budgets=tuple(budgets),
    )


def _press(url: str, headers: Mapping[str, str]) -> Figures:
    return press(url, headers, seconds=SECONDS, connections=CONNECTIONS)


def check(page: ListPage, url: str, raw_url: str) -> None:
    """See that both answer with the same 20 recordings, word for word; else the comparison means nothing."""
    ours, theirs = (
        httpx.get(page.url(base), headers=page.headers).raise_for_status().json() for base in (url, raw_url)
    )
    if _lasting(ours) != _lasting(theirs):
        raise AssertionError(f"{page.name} is not the same by hand:\n{_lasting(ours)}\n{_lasting(theirs)}")
    items = ours if isinstance(ours, list) else next(value for value in ours.values() if isinstance(value, list))
    if len(items) != SIZE:
        raise AssertionError(f"{page.name} has {len(items)} recordings")


def _lasting(answer: Any) -> str:
    return PASSING.sub("", json.dumps(answer, indent=1))


@contextmanager
def by_hand(place: Archive, server: Running) -> Iterator[str]:
    """The same archive behind the raw application; its URL."""
    port = free_port()
    owner = place.owner
    told: Mapping[str, str] = {
        "CALLVAULT_DATA": str(place.data),
        "CALLVAULT_BASE_URL": server.url,
        "BENCH_ACCOUNT_ID": str(owner.account_id),
        "BENCH_SERIAL": str(owner.serial),
        "BENCH_TOKEN": owner.token,
    }
    process = subprocess.Popen([sys.executable, "-m", "bench.by_hand.app", str(port)], env={**os.environ, **told})
    try:
        until = time.monotonic() + 30
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/", timeout=5)
            except httpx.TransportError:
                if process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.05)
            else:
                break
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
