"""What comes encrypted is read under whichever key its sender had, and what nobody can read is counted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pylibsrtp
import pytest

from callvault.errors import ProtocolError
from callvault.protocols.spool.batch import Batch, Content
from callvault.protocols.srtp import KEY_BYTES, PROFILES, Opener
from tests.rtp_calls import EPOCH_NS, arrived, batches, stream

SUITE = "AES_CM_128_HMAC_SHA1_80"


def key(number: int, suite: str = SUITE) -> tuple[str, bytes]:
    return suite, bytes((number + octet) % 256 for octet in range(KEY_BYTES[suite]))


def sender(told: tuple[str, bytes]) -> pylibsrtp.Session:
    suite, secret = told
    any_ssrc = pylibsrtp.Policy.SSRC_ANY_OUTBOUND
    return pylibsrtp.Session(pylibsrtp.Policy(key=secret, ssrc_type=any_ssrc, srtp_profile=PROFILES[suite]))


def packets(count: int, *, first_sequence: int = 100, seed: int = 1) -> list[bytes]:
    sent = stream(count, seed, first_sequence=first_sequence)
    return [packet for batch in batches(0, arrived(sent)) for packet in batch.packets()]


def batch(octets: Sequence[bytes], *, at_ns: int = EPOCH_NS, content: Content = Content.RTP) -> Batch:
    return Batch(
        stream=0,
        content=content,
        arrivals_ns=at_ns + np.arange(len(octets), dtype=np.int64) * 20_000_000,
        lengths=np.array([len(each) for each in octets], dtype=np.uint16),
        data=np.frombuffer(b"".join(octets), dtype=np.uint8),
    )


@pytest.mark.parametrize("suite", sorted(PROFILES))
def test_every_suite_is_opened(suite: str) -> None:
    clear = packets(100)
    session = sender(key(1, suite))
    opener = Opener([key(1, suite)])
    assert opener.open(batch([session.protect(packet) for packet in clear])).packets() == clear
    assert (opener.refused, opener.repeated) == (0, 0)


def test_a_key_that_changes_in_mid_call_costs_nothing_though_packets_of_both_are_mixed() -> None:
    clear = packets(200)
    before, after = sender(key(1)), sender(key(2))
    sealed = [(before if row < 100 else after).protect(packet) for row, packet in enumerate(clear)]
    order = [*range(95), 100, 95, 101, 96, 97, 102, 98, 99, *range(103, 200)]
    opener = Opener([key(1), key(2), key(1)])
    assert opener.open(batch([sealed[row] for row in order])).packets() == [clear[row] for row in order]
    assert opener.refused == 0


def test_a_sender_that_counts_anew_under_its_old_key_is_read() -> None:
    clear = packets(300, first_sequence=40_000)
    again = packets(300, first_sequence=10, seed=2)
    first, second = sender(key(1)), sender(key(1))
    opener = Opener([key(1)])
    assert opener.open(batch([first.protect(packet) for packet in clear])).packets() == clear
    assert opener.open(batch([second.protect(packet) for packet in again])).packets() == again
    assert opener.refused == 0


@pytest.mark.parametrize("suite", sorted(PROFILES))
@pytest.mark.parametrize("unheard", [40_000, 70_000, 200_000, 1_000_000])
@pytest.mark.parametrize("heard", [0, 200])
def test_numbers_may_run_over_while_nothing_is_kept(suite: str, unheard: int, heard: int) -> None:
    """As behind a mask, or before somebody starts a recording: 65,536 packets are 22 minutes."""
    session, opener = sender(key(1, suite)), Opener([key(2, suite), key(1, suite)])
    before = packets(200, first_sequence=65_500)
    assert opener.open(batch([session.protect(packet) for packet in before][:heard])).packets() == before[:heard]
    for number in range(200, unheard, 20_000):
        session.protect(packets(1, first_sequence=65_500 + number)[0])
    behind = packets(300, first_sequence=65_500 + unheard)
    order = [*range(0, 300, 2), *range(1, 300, 2)]
    sealed = [session.protect(packet) for packet in behind]
    found = opener.open(batch([sealed[row] for row in order])).packets()
    assert found == [behind[row] for row in order]
    assert (opener.refused, opener.repeated) == (0, 0)


def test_who_forges_packets_keeps_nobody_busy_looking_for_numbers() -> None:
    opener = Opener([key(1)])
    forged = [sender(key(9)).protect(packet) for packet in packets(5000)]
    assert opener.open(batch(forged)).packets() == []
    clear = packets(300, seed=3)
    session = sender(key(1))
    assert opener.open(batch([session.protect(packet) for packet in clear])).packets() == clear


def test_packets_out_of_order_by_two_thousand_are_read_and_repeated_ones_are_told() -> None:
    clear = packets(4000)
    session = sender(key(1))
    sealed = [session.protect(packet) for packet in clear]
    order = np.arange(4000)
    np.random.default_rng(3).shuffle(order[1000:3000])
    opener = Opener([key(1)])
    came = [sealed[row] for row in order.tolist()]
    assert opener.open(batch([*came, *came[:50]])).packets() == [clear[row] for row in order.tolist()]
    assert opener.repeated == 50


def test_what_no_key_opens_is_refused() -> None:
    session = sender(key(1))
    sealed = [session.protect(packet) for packet in packets(60)]
    forged = [packet[:-1] + bytes([packet[-1] ^ 1]) for packet in sealed[:7]]
    opener = Opener([key(1)])
    assert len(opener.open(batch([*forged, *sealed, b"x", b""])).packets()) == 60
    assert opener.refused == 9


def test_what_came_before_encryption_was_agreed_upon_is_taken_in_clear() -> None:
    plain, later = packets(50), packets(50, first_sequence=150)
    session = sender(key(1))
    opener = Opener([key(1)], clear=[(0, EPOCH_NS + 1_000_000_000)])
    assert opener.open(batch(plain)).packets() == plain
    sealed = batch([session.protect(packet) for packet in later], at_ns=EPOCH_NS + 1_000_000_000)
    assert opener.open(sealed).packets() == later
    assert opener.open(batch(plain, at_ns=EPOCH_NS + 2_000_000_000)).packets() == []
    assert opener.refused == 50


def test_reports_are_opened_too() -> None:
    report = bytes.fromhex("80c80006 00000007 e0000000 00000000 00000000 00000001 00000002")
    session = sender(key(1))
    opener = Opener([key(1)], reports=True)
    sealed = [session.protect_rtcp(report), session.protect_rtcp(report)]
    assert opener.open(batch(sealed, content=Content.RTCP)).packets() == [report, report]


@pytest.mark.parametrize(
    ("told", "sentence"), [(("ROT_13", b""), "not known here"), ((SUITE, b"short"), "has 30 octets with its salt")]
)
def test_a_key_that_is_none_is_refused(told: tuple[str, bytes], sentence: str) -> None:
    with pytest.raises(ProtocolError, match=sentence):
        Opener([told])
