"""A voice as the payloads of frames, and as what a listener hears of them.

What does not live here: frames, and their order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from callvault.caller import codecs
from callvault.caller.sound import Samples
from callvault.caller.streams.manners import CODECS, Manner
from callvault.errors import BadRequest


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Coded:
    """One voice."""

    payloads: tuple[bytes, ...]
    heard: tuple[Samples, ...]
    """What each payload decodes to, where all that is ahead of it came too."""
    rate: int
    """Samples a second, decoded."""


def coded(manner: Manner, voice: int) -> Coded:
    """A voice of the plan, in the plan's codec; the last payload is filled up with silence.

    Raises:
        BadRequest: the vendor has no such codec.
    """
    plan = manner.plan
    if plan.codec not in CODECS[plan.vendor]:
        raise BadRequest(f"{plan.vendor} sends {', '.join(CODECS[plan.vendor])}, and no {plan.codec}.", field="codec")
    if plan.codec == "l16":
        return _linear(plan.voices[voice].at_rate(manner.rate).samples, manner.rate, plan.ptime_ms)
    codec = codecs.codec_named(plan.codec)
    samples = plan.voices[voice].at_rate(codec.sample_rate).samples
    payloads = tuple(codecs.payloads(codec, samples, ptime_ms=plan.ptime_ms))
    decode = codec.decoder()
    return Coded(payloads=payloads, heard=tuple(decode(payload) for payload in payloads), rate=codec.sample_rate)


def _linear(samples: Samples, rate: int, ptime_ms: int) -> Coded:
    """16-bit samples, the lower octet first, as these vendors have them."""
    size = rate * ptime_ms // 1000
    whole = np.zeros(-(-len(samples) // size) * size, dtype=np.int16)
    whole[: len(samples)] = samples
    heard = tuple(whole[at : at + size] for at in range(0, len(whole), size))
    return Coded(payloads=tuple(each.astype("<i2").tobytes() for each in heard), heard=heard, rate=rate)
