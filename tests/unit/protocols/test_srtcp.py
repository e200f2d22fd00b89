"""Reports of ours are SRTCP that libsrtp opens, and no keystream comes twice, whoever goes on with a key."""

from __future__ import annotations

import pylibsrtp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callvault.errors import ProtocolError
from callvault.protocols.srtcp import EPOCH_S, MOST_INDEX, ReportSeal
from callvault.protocols.srtp import PROFILES
from callvault.protocols.srtp_keys import KEY_BYTES, SrtpKey

NOW_NS = 1_772_355_600 * 10**9
SECOND_NS = 10**9
SUITE = "AES_CM_128_HMAC_SHA1_80"
AEAD = {suite for suite in PROFILES if suite.startswith("AEAD")}


def receiver(key: SrtpKey) -> pylibsrtp.Session:
    any_ssrc = pylibsrtp.Policy.SSRC_ANY_INBOUND
    return pylibsrtp.Session(pylibsrtp.Policy(key=key.secret, ssrc_type=any_ssrc, srtp_profile=PROFILES[key.suite]))


def key(suite: str = SUITE) -> SrtpKey:
    return SrtpKey(suite=suite, secret=bytes(range(KEY_BYTES[suite])))


def report(ssrc: int = 7, content: bytes = bytes(range(24))) -> bytes:
    return b"\x81\xc9\0\7" + ssrc.to_bytes(4) + content


def index_of(sealed: bytes, suite: str = SUITE) -> int:
    word = int.from_bytes(sealed[-4:] if suite in AEAD else sealed[-14:-10])
    assert word >> 31 == 1
    return word & MOST_INDEX


@given(
    st.sampled_from(sorted(PROFILES)),
    st.data(),
    st.integers(0, (1 << 32) - 1),
    st.lists(st.binary(max_size=200), min_size=1, max_size=5),
    st.integers(EPOCH_S, EPOCH_S + MOST_INDEX - 5),
)
def test_libsrtp_opens_what_is_sealed(suite: str, data: st.DataObject, ssrc: int, said: list[bytes], at_s: int) -> None:
    made = SrtpKey(suite=suite, secret=data.draw(st.binary(min_size=KEY_BYTES[suite], max_size=KEY_BYTES[suite])))
    session, seal = receiver(made), ReportSeal(made)
    for each in said:
        clear = report(ssrc, each + bytes(-len(each) % 4))
        sealed = seal.seal(clear, at_s * SECOND_NS)
        assert session.unprotect_rtcp(sealed) == clear
        assert sealed[:8] == clear[:8]
        forged = bytes([*sealed[:9], sealed[9] ^ 1, *sealed[10:]])
        with pytest.raises(pylibsrtp.Error, match="authentication"):
            receiver(made).unprotect_rtcp(forged)


@pytest.mark.parametrize("suite", sorted(PROFILES))
def test_no_index_comes_twice_whatever_the_clock_does(suite: str) -> None:
    seal = ReportSeal(key(suite))
    moments = [0, 5, 5, 5, 6, 3, -100, 60]
    indices = [index_of(seal.seal(report(), NOW_NS + at * SECOND_NS), suite) for at in moments]
    assert indices == sorted(set(indices))
    assert indices[0] == NOW_NS // SECOND_NS - EPOCH_S
    assert indices[-1] == indices[0] + 60


def test_a_successor_goes_on_where_whoever_was_before_it_cannot_have_been() -> None:
    session = receiver(key())
    first, second = ReportSeal(key()), ReportSeal(key())
    before = [first.seal(report(), NOW_NS + at * 3 * SECOND_NS) for at in range(10)]
    after = [second.seal(report(), NOW_NS + (30 + at * 3) * SECOND_NS) for at in range(10)]
    assert [session.unprotect_rtcp(each) for each in (*before, *after)] == [report()] * 20
    assert len({index_of(each) for each in (*before, *after)}) == 20
    assert len({each[8:-14] for each in (*before, *after)}) == 20


def test_a_key_that_is_used_up_protects_nothing_more() -> None:
    seal = ReportSeal(key())
    seal.seal(report(), (EPOCH_S + MOST_INDEX) * SECOND_NS)
    with pytest.raises(ProtocolError, match="as many reports as it can"):
        seal.seal(report(), NOW_NS)


@pytest.mark.parametrize("wrong", [SrtpKey(suite="ROT_13", secret=bytes(30)), SrtpKey(suite=SUITE, secret=b"short")])
def test_a_key_that_is_none_is_refused(wrong: SrtpKey) -> None:
    with pytest.raises(ProtocolError, match="cannot be protected"):
        ReportSeal(wrong)
