"""A process that adds recordings to a catalogue, ten at a time, and prints the label of each once it is kept.

Run by ``test_catalogue_writers.py``: ``python catalogue_writer.py ADDRESS ACCOUNT COUNT NAME``.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from callvault.catalogue.postgres import PostgresCatalogue
from callvault.catalogue.sqlite import SqliteCatalogue
from tests.catalogues import T0, opened, recording


async def main(address: str, account: UUID, count: int, name: str) -> None:
    catalogue = PostgresCatalogue(address) if address.startswith("postgresql:") else SqliteCatalogue(Path(address))
    async with opened(catalogue):
        call = uuid4()
        for first in range(0, count, 10):
            entries = [
                recording(
                    account,
                    id=uuid4(),
                    call_id=call,
                    label=f"{name} {n}",
                    created_at=T0 + timedelta(minutes=n),
                    foreign={"telnyx": {"recording": f"{name} {n}", "call": name}},
                )
                for n in range(first, min(first + 10, count))
            ]
            await asyncio.gather(*(catalogue.add(entry, intake_key=entry.label) for entry in entries))
            for entry in entries:
                print(entry.label, flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], UUID(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
