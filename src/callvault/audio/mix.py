"""Channels put together.  Streams that arrive at different times are aligned elsewhere, before they come here."""

from __future__ import annotations

import numpy as np

from callvault.audio.samples import Samples


def down_mix(block: Samples) -> Samples:
    """Two channels become the average of both, (n, 2) to (n, 1); one channel stays as it is.

    The average cannot clip.  It is rounded towards zero, so that a wave turned upside down mixes to the same wave
    turned upside down, and silence stays silent.
    """
    if block.shape[1] == 1:
        return block
    total = block[:, 0].astype(np.int32) + block[:, 1]
    mean = (total - (total >> 31)) >> 1
    return mean.astype(np.int16).reshape(-1, 1)
