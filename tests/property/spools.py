"""Spools of any packets: chunks of a few batches."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from callvault.protocols.spool.batch import Batch, Content
from callvault.protocols.spool.chunks import MAGIC
from tests.spool_chunks import write_batch


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    packets = draw(st.lists(st.binary(max_size=60) | st.just(MAGIC * 8), min_size=1, max_size=5))
    later = draw(st.lists(st.integers(0, 4_000_000_000), min_size=len(packets), max_size=len(packets)))
    return Batch(
        stream=draw(st.integers(0, 65_535)),
        content=draw(st.sampled_from(Content)),
        arrivals_ns=np.array([1_790_000_000_000_000_000 + us * 1000 for us in later], dtype=np.int64),
        lengths=np.array([len(packet) for packet in packets], dtype=np.uint16),
        data=np.frombuffer(b"".join(packets), dtype=np.uint8),
    )


SPOOLS = st.lists(batches().map(write_batch), min_size=1, max_size=6)
