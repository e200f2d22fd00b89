"""Calls to be finished: their journals, and what is in the files that come of them.

What does not live here: the packets themselves (``rtp_calls``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from callvault.audio.late_header import Coding, late_header_bytes
from callvault.audio.probe import probe
from callvault.capture.finished import Finished, FinishedAudio
from callvault.capture.finishing.finish import finish
from callvault.protocols.spool.batch import Batch, Damage
from callvault.protocols.spool.journal import (
    Begun,
    Ended,
    Journal,
    Payload,
    Reason,
    Record,
    StreamAgreed,
)
from callvault.protocols.srtp_keys import SrtpKey
from tests.rtp_calls import EPOCH_NS, MS, Sent

PCMU = Payload(number=0, name="PCMU", clock_rate=8000)
PCMA = Payload(number=8, name="PCMA", clock_rate=8000)
BEGUN = Begun(take=UUID(int=7 << 76), at_ns=EPOCH_NS - 50 * MS, account_id=UUID(int=1), door="siprec", trunk="sbc")
SECOND_NS = 1000 * MS


def agreed(index: int, *payloads: Payload, label: str | None = None, crypto: str | None = None) -> StreamAgreed:
    """A media line that was agreed on: µ-law, unless something else is said."""
    return StreamAgreed(
        at_ns=BEGUN.at_ns, stream=index, label=label or str(index + 1), payloads=payloads or (PCMU,), crypto=crypto
    )


def journal(*records: Record, reason: Reason | None = Reason.BYE, seconds: float = 60) -> Journal:
    """The journal of a call from its beginning to its end; without a reason it has none."""
    ended = [Ended(at_ns=EPOCH_NS + int(seconds * SECOND_NS), reason=reason)] if reason else []
    return Journal(records=(BEGUN, *records, *ended), spoilt=0)


def finished(
    said: Journal, media: Iterable[Batch | Damage], folder: Path, keys: dict[str, Sequence[SrtpKey]] | None = None
) -> Finished:
    """What comes of a call whose journal says this and whose media came like that."""
    held = list(media)
    return finish(said, lambda: held, folder=folder, unseal=lambda text: (keys or {})[text])


def channels(audio: FinishedAudio) -> NDArray[Any]:
    """The file's samples: one column a channel."""
    facts = probe(audio.path)
    assert (facts.sample_rate, facts.channels, facts.samples) == (audio.sample_rate, audio.channels, audio.samples)
    coding = {"pcm_s16le": Coding.PCM, "pcm_mulaw": Coding.ULAW, "pcm_alaw": Coding.ALAW}[facts.codec]
    dtype = np.dtype("<i2") if coding is Coding.PCM else np.dtype(np.uint8)
    raw = audio.path.read_bytes()[late_header_bytes(coding) :]
    return np.frombuffer(raw, dtype=dtype).reshape(-1, audio.channels)


def flat(sent: Sent) -> NDArray[np.uint8]:
    """What was sent, as one row of octets."""
    return sent.payloads.reshape(-1)
