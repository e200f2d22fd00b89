"""The courier at work: ``python -m bench.webhooks.courier DATA ACCOUNT HOOK COUNT`` sends what waits for a hook.

Prints how quickly, and with how much memory, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from bench.webhooks import settings_of
from callvault.dialects import registry
from callvault.model.hook import DeliveryQuery, DeliveryState
from callvault.server.build import build_courier, build_vault
from callvault.vault.vault import Vault


async def main(data: Path, account_id: UUID, hook_id: UUID, count: int) -> None:
    """See the module."""
    settings = settings_of(data)
    vault = build_vault(settings)
    await vault.catalogue.open()
    done = _when_settled(vault, count)
    courier = build_courier(settings, vault, registry.load())
    idle_mb = memory_mb("VmRSS")
    began = time.perf_counter()
    working = asyncio.create_task(courier.run())
    await done.wait()
    took_s = time.perf_counter() - began
    over_idle_mb = max(0.0, memory_mb("VmHWM") - idle_mb)
    await courier.stop()
    await working
    sent = await _sent(vault, account_id, hook_id)
    await vault.catalogue.close()
    print(json.dumps({"per_s": count / took_s, "bytes": sent, "idle_mb": idle_mb, "over_idle_mb": over_idle_mb}))


def memory_mb(name: str) -> float:
    """Of this process: ``VmRSS``, what is resident, or ``VmHWM``, the most that ever was."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024 / 1e6


def _when_settled(vault: Vault, count: int) -> asyncio.Event:
    """Is set when so many attempts have been written down."""
    done, settle, settled = asyncio.Event(), vault.catalogue.settle, 0

    async def counted(*words: Any) -> bool:
        nonlocal settled
        standing = await settle(*words)
        settled += 1
        if settled == count:
            done.set()
        return standing

    vault.catalogue.settle = counted  # type: ignore[method-assign]
    return done


async def _sent(vault: Vault, account_id: UUID, hook_id: UUID) -> int:
    """Bytes of a body; all of them were taken."""
    query = DeliveryQuery(account_id=account_id, hook_id=hook_id, limit=100_000)
    page = await vault.catalogue.find_deliveries(query)
    assert {each.state for each in page.items} == {DeliveryState.DELIVERED}
    found = await vault.catalogue.delivery(account_id, page.items[0].id)
    assert found is not None
    return len(found[1][-1].body)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), UUID(sys.argv[2]), UUID(sys.argv[3]), int(sys.argv[4])))
