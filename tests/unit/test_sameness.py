"""The judge of recordings sees what is missing, what is elsewhere, and what was never sent."""

from __future__ import annotations

import numpy as np
import pytest

from callvault.audio import g711
from callvault.caller.codecs import codec_named
from callvault.caller.report import StreamReport
from callvault.caller.sound import noise
from callvault.caller.timeline import Conduct, Numbers, departures
from tests.sameness import Samples, differences

SOUND = noise(1, seconds=1)
HEARD = g711.decode_ulaw(g711.encode_ulaw(SOUND.samples))


def sent(conduct: Conduct | None = None) -> StreamReport:
    sources = [Numbers(ssrc=1, sequence=1, timestamp=1), Numbers(ssrc=2, sequence=1, timestamp=1)]
    made = tuple(departures(SOUND, [codec_named("pcmu")], conduct or Conduct(), sources))
    return StreamReport(
        number=0, label="1", port=0, to_port=0, ssrcs=tuple(dict.fromkeys(each.packet.ssrc for each in made)),
        codecs=("pcmu",), packets=len(made), lost=0, first_timestamp=1, first_sent_at=None, begins_at_s=0.0, sent=made,
    )  # fmt: skip


def behind(samples: Samples, before: int = 100) -> Samples:
    return np.concatenate([np.zeros(before, np.int16), samples, np.zeros(50, np.int16)])


def test_the_same_is_the_same_wherever_the_file_begins() -> None:
    assert differences(sent(), behind(HEARD), 8_000) == []
    assert differences(sent(), HEARD, 8_000) == []


@pytest.mark.parametrize("at", [0, 3_999, 7_999])
def test_one_sample_that_is_another_one_is_seen(at: int) -> None:
    spoilt = HEARD.copy()
    spoilt[at] += 2_000
    assert differences(sent(), behind(spoilt), 8_000) != []


def test_a_sample_too_many_or_too_few_is_seen() -> None:
    assert differences(sent(), behind(np.delete(HEARD, 4_000)), 8_000) != []
    assert differences(sent(), behind(np.insert(HEARD, 4_000, 0)), 8_000) != []


def test_what_was_never_sent_is_seen() -> None:
    assert differences(sent(), np.concatenate([behind(HEARD), HEARD[:160]]), 8_000) == ["160 samples were never sent"]


def test_a_hold_that_was_cut_out_is_seen() -> None:
    conduct = Conduct(holds=((0.4, 0.6),))
    kept = HEARD.copy()
    kept[3_200:4_800] = 0
    assert differences(sent(conduct), behind(kept), 8_000) == []
    assert differences(sent(conduct), behind(np.concatenate([kept[:3_200], kept[4_800:]])), 8_000) != []
    assert differences(sent(conduct), behind(HEARD), 8_000) != []


def test_a_second_source_may_be_a_little_elsewhere_and_no_more() -> None:
    conduct = Conduct(restart_at_s=0.5)
    for gap, good in ((0, True), (159, True), (400, False)):
        moved = np.concatenate([HEARD[:4_000], np.zeros(gap, np.int16), HEARD[4_000:]])
        assert (differences(sent(conduct), behind(moved), 8_000) == []) is good
