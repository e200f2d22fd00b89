"""Many calls at once: so many, so many a second begun.

What lives here: their beginnings, and a summary.  What does not: one call (``call``).  Packets are made and sent in
Python, one by one: some hundred streams at a time are what a core does; ``bench/capture`` has a sender for more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

from callvault.caller.agent import Agent
from callvault.caller.call import place
from callvault.caller.plan import CallPlan
from callvault.caller.report import CallReport
from callvault.caller.transport import destination
from callvault.errors import CallvaultError


async def place_all(plan_of: Callable[[int], CallPlan], *, calls: int, per_second: float) -> list[CallReport | str]:
    """The reports in the order in which the calls began; a sentence where a call came to nothing.

    All share one transport, as a client's calls do.
    """
    agent = Agent()
    first = plan_of(0)
    to = destination(first.recorder, first.transport)
    await agent.connect(to, ca_file=first.ca_file, certificate=first.certificate, own=first.own_address)
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def one(number: int) -> CallReport | str:
        await asyncio.sleep(max(0.0, began + number / per_second - loop.time()))
        try:
            return await place(plan_of(number), agent)
        except CallvaultError as error:
            return str(error)

    try:
        return list(await asyncio.gather(*(one(number) for number in range(calls))))
    finally:
        agent.close()


def summary(reports: Sequence[CallReport | str]) -> Mapping[str, Any]:
    """How it went, in a few numbers."""
    placed = [report for report in reports if isinstance(report, CallReport)]
    taken = [report for report in placed if report.status < 300]
    setups = sorted(report.setup_ms for report in taken)
    statuses: dict[str, int] = {}
    for report in reports:
        word = str(report.status) if isinstance(report, CallReport) else "failed"
        statuses[word] = statuses.get(word, 0) + 1
    return {
        "calls": len(reports),
        "statuses": statuses,
        "packets": sum(stream.packets for report in taken for stream in report.streams),
        "setup_ms_median": round(median(setups), 3) if setups else None,
        "setup_ms_most": round(setups[-1], 3) if setups else None,
        "failures": [report for report in reports if isinstance(report, str)],
    }
