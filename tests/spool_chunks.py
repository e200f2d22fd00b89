"""One chunk of a spool, written plainly: what quick writers are compared with, and what spools in tests are made of."""

from __future__ import annotations

import numpy as np
from isal.isal_zlib import crc32

from callvault.protocols.spool.batch import Batch
from callvault.protocols.spool.chunks import CHECKED_FROM, HEAD, MAGIC

MOST_OFFSET_US = 0xFFFF_FFFF


def write_batch(batch: Batch) -> bytes:
    """One chunk of one batch, whatever its packets' lengths."""
    base_ns = int(batch.arrivals_ns.min())
    head = np.zeros(1, dtype=HEAD)
    head["magic"], head["stream"], head["content"] = MAGIC, batch.stream, int(batch.content)
    head["count"], head["base_ns"] = len(batch.lengths), base_ns
    offsets_us = np.minimum((batch.arrivals_ns - base_ns) * 1e-3, MOST_OFFSET_US).astype("<u4")
    body = b"".join(
        (batch.lengths.astype("<u2").tobytes(), offsets_us.tobytes(), np.ascontiguousarray(batch.data).tobytes())
    )
    checked = head.tobytes()[CHECKED_FROM:] + body
    return MAGIC + crc32(checked).to_bytes(4, "little") + checked
