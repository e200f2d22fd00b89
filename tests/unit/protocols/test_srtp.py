"""What comes encrypted is read under whichever key its sender had, and what nobody can read is counted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pylibsrtp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callvault.errors import ProtocolError
from callvault.protocols.spool.batch import Batch, Content
from callvault.protocols.srtp import PROFILES, Opener
from callvault.protocols.srtp_keys import KEY_BYTES, SrtpKey
from tests.rtp_calls import EPOCH_NS, arrived, batches, stream

SUITE = "AES_CM_128_HMAC_SHA1_80"
GOLDEN = sorted((Path(__file__).parents[2] / "golden" / "protocols" / "srtp").glob("*.json"))


def key(number: int, suite: str = SUITE, **more: Any) -> SrtpKey:
    secret = bytes((number + octet) % 256 for octet in range(KEY_BYTES[suite]))
    return SrtpKey(suite=suite, secret=secret, **more)


def sender(told: SrtpKey) -> pylibsrtp.Session:
    any_ssrc = pylibsrtp.Policy.SSRC_ANY_OUTBOUND
    return pylibsrtp.Session(pylibsrtp.Policy(key=told.secret, ssrc_type=any_ssrc, srtp_profile=PROFILES[told.suite]))


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
    ("told", "sentence"),
    [
        (SrtpKey(suite="ROT_13", secret=b""), "not known here"),
        (SrtpKey(suite=SUITE, secret=b"short"), "has 30 octets with its salt"),
    ],
)
def test_a_key_that_is_none_is_refused(told: SrtpKey, sentence: str) -> None:
    with pytest.raises(ProtocolError, match=sentence):
        Opener([told])


@pytest.mark.parametrize("path", GOLDEN, ids=[path.stem for path in GOLDEN])
@pytest.mark.parametrize("content", [Content.RTP, Content.RTCP])
def test_packets_in_which_libsrtp_named_the_key_are_opened(path: Path, content: Content) -> None:
    case = json.loads(path.read_bytes())
    keys = [
        SrtpKey(suite=case["suite"], secret=bytes.fromhex(each["secret"]), mki=bytes.fromhex(each["mki"]))
        for each in case["keys"]
    ]
    sent = case["packets" if content is Content.RTP else "reports"]
    sealed = [bytes.fromhex(each["sealed"]) for each in sent]
    clear = [bytes.fromhex(each["clear"]) for each in sent]
    opener = Opener(keys, reports=content is Content.RTCP)
    assert opener.open(batch(sealed, content=content)).packets() == clear
    assert (opener.refused, opener.unknown) == (0, 0)
    ones = Opener(keys[:1], reports=content is Content.RTCP)
    first = keys[0].mki
    opened = ones.open(batch(sealed, content=content)).packets()
    assert opened == [
        each
        for each, packet in zip(clear, sealed, strict=True)
        if keys[0].opens(packet, reports=content is Content.RTCP)
    ]
    assert 0 < len(opened) < len(clear)
    assert ones.refused == ones.unknown == len(clear) - len(opened)
    assert all(packet.count(first) for packet in sealed if keys[0].opens(packet, reports=content is Content.RTCP))


def test_a_packet_that_names_its_key_and_is_not_under_it_is_refused_and_its_key_is_not_unknown() -> None:
    named = key(1, mki=b"\0\1")
    sealed = [with_mki(sender(key(9)).protect(packet), b"\0\1") for packet in packets(60)]
    opener = Opener([named])
    assert opener.open(batch(sealed)).packets() == []
    assert (opener.refused, opener.unknown) == (60, 0)


def test_a_packet_that_is_too_short_for_its_keys_name_is_refused() -> None:
    opener = Opener([key(1, mki=bytes(127) + b"\1")])
    assert opener.open(batch([b"", b"x", packets(1)[0][:12], bytes(137)])).packets() == []
    assert (opener.refused, opener.unknown) == (4, 4)


def test_a_sender_that_begins_to_name_its_keys_in_mid_call_is_read() -> None:
    clear = packets(200)
    before, after = sender(key(1)), sender(key(2))
    sealed = [
        before.protect(packet) if row < 100 else with_mki(after.protect(packet), b"\7")
        for row, packet in enumerate(clear)
    ]
    opener = Opener([key(1), key(2, mki=b"\7")])
    assert opener.open(batch(sealed)).packets() == clear
    assert (opener.refused, opener.unknown) == (0, 0)


def test_one_key_after_the_other_is_found_where_numbers_run_over_between_them() -> None:
    """The counter goes on with the sender, and not with its keys (RFC 3711 section 3.2.1)."""
    named = [key(1, mki=b"\1"), key(2, mki=b"\2")]
    sessions = [sender(each) for each in named]
    clear = packets(200, first_sequence=65_400)
    sealed = []
    for row, packet in enumerate(clear):
        both = [session.protect(packet) for session in sessions]
        sealed.append(with_mki(both[row >= 150], named[row >= 150].mki))
    opener = Opener(named)
    assert opener.open(batch(sealed)).packets() == clear
    assert opener.refused == 0


def test_a_key_that_serves_longer_than_it_is_good_for_is_told_and_serves() -> None:
    clear = packets(100)
    worn, fresh = key(1, lifetime=64), key(2, lifetime=1 << 31)
    session = sender(worn)
    opener = Opener([fresh, worn])
    assert opener.open(batch([session.protect(packet) for packet in clear])).packets() == clear
    assert opener.worn == [(worn, 100)]


def with_mki(sealed: bytes, mki: bytes) -> bytes:
    return sealed[:-10] + mki + sealed[-10:]


@given(
    st.lists(st.binary(max_size=40) | st.binary(min_size=1490, max_size=1700), max_size=4),
    st.sampled_from(sorted(PROFILES)),
    st.sampled_from([b"", b"\1", bytes(128)]),
    st.booleans(),
)
def test_whatever_comes_is_opened_or_counted(came: list[bytes], suite: str, mki: bytes, reports: bool) -> None:
    content = Content.RTCP if reports else Content.RTP
    opener = Opener([key(1, suite, mki=mki), key(2, suite, mki=mki[:-1] + b"\2" if mki else b"")], reports=reports)
    opened = opener.open(batch([b"\x80\0" + packet for packet in came], content=content))
    assert len(opened.lengths) + opener.refused + opener.repeated == len(came)
    assert opener.unknown <= opener.refused


@given(st.integers(0, 400), st.integers(1, 255), st.sampled_from(sorted(PROFILES)))
def test_a_packet_with_one_octet_changed_is_not_opened(place: int, change: int, suite: str) -> None:
    session, opener = sender(key(1, suite)), Opener([key(1, suite)])
    (packet,) = packets(1)
    sealed = bytearray(session.protect(packet))
    sealed[place % len(sealed)] ^= change
    assert opener.open(batch([bytes(sealed)])).packets() == []
    assert opener.refused == 1
