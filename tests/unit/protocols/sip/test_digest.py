"""Digest credentials, checked against HA1s and nonces that nobody has to remember."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callvault.errors import NotAuthenticated, ProtocolError
from callvault.protocols.sip.digest import (
    NONCE_LIFETIME_S,
    Algorithm,
    Credentials,
    Stale,
    challenges,
    check,
    digest,
    ha1,
    make_nonce,
)

KEY = b"a key of the test's own"
NOW = 1_700_000_000.0


def answer(nonce: str, algorithm: Algorithm, *, qop: bool, password: str = "open sesame") -> str:
    """What a client writes, made by RFC 7616 section 3.4.1 a second time."""
    secret = digest(algorithm, f"sbc:calls:{password}")
    ha2 = digest(algorithm, "INVITE:sip:recorder@192.0.2.1")
    middle = f"{nonce}:00000001:0a4f113b:auth" if qop else nonce
    response = digest(algorithm, f"{secret}:{middle}:{ha2}")
    more = ', qop=auth, nc=00000001, cnonce="0a4f113b"' if qop else ""
    return (
        f'Digest username="sbc", realm="calls", nonce="{nonce}", uri="sip:recorder@192.0.2.1", '
        f'response="{response}", algorithm={algorithm}{more}'
    )


def read(text: str) -> Credentials:
    credentials = Credentials.parse(text)
    assert credentials is not None
    return credentials


def check_at(credentials: Credentials, now: float) -> None:
    secret = ha1(credentials.algorithm, user="sbc", realm="calls", password="open sesame")
    check(credentials, method="INVITE", secret=secret, now=now, key=KEY)


def test_the_example_of_rfc_7616_comes_out() -> None:
    secret = ha1(Algorithm.MD5, user="Mufasa", realm="http-auth@example.org", password="Circle of Life")
    ha2 = digest(Algorithm.MD5, "GET:/dir/index.html")
    middle = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v:00000001:f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ:auth"
    assert digest(Algorithm.MD5, f"{secret}:{middle}:{ha2}") == "8ca523f5e9506fed4657c9700eebdbec"


@pytest.mark.parametrize("algorithm", Algorithm)
@pytest.mark.parametrize("qop", [True, False])
def test_a_right_answer_is_let_in(algorithm: Algorithm, qop: bool) -> None:
    check_at(read(answer(make_nonce(NOW, KEY), algorithm, qop=qop)), NOW + 1)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"response": "0" * 32},
        {"uri": "sip:elsewhere"},
        {"count": "00000002"},
        {"cnonce": "x"},
        {"qop": "auth-int"},
        {"nonce": "made up"},
        {"nonce": make_nonce(NOW, b"another key")},
    ],
)
def test_a_wrong_answer_is_not(spoilt: dict[str, str]) -> None:
    credentials = read(answer(make_nonce(NOW, KEY), Algorithm.MD5, qop=True))
    with pytest.raises(NotAuthenticated) as caught:
        check_at(replace(credentials, **spoilt), NOW)  # type: ignore[arg-type]
    assert not isinstance(caught.value, Stale)


def test_a_nonce_that_is_too_old_is_stale_for_those_who_know_the_password_alone() -> None:
    late = NOW + NONCE_LIFETIME_S + 1
    with pytest.raises(Stale):
        check_at(read(answer(make_nonce(NOW, KEY), Algorithm.MD5, qop=True)), late)
    with pytest.raises(NotAuthenticated) as caught:
        check_at(read(answer(make_nonce(NOW, KEY), Algorithm.MD5, qop=True, password="guess")), late)
    assert not isinstance(caught.value, Stale)


def test_a_challenge_offers_the_better_hash_first() -> None:
    first, second = challenges("calls", now=NOW, key=KEY)
    assert "algorithm=SHA-256" in first
    assert "algorithm=MD5" in second
    assert all("stale=true" in value for value in challenges("calls", now=NOW, key=KEY, stale=True))


def test_other_schemes_are_no_credentials_and_digests_with_gaps_are_bad_ones() -> None:
    assert Credentials.parse("Bearer abc") is None
    assert Credentials.parse("NoOneKnowsThisScheme opaque-data=here") is None
    with pytest.raises(ProtocolError, match="no nonce"):
        Credentials.parse('Digest username="a", realm="b", uri="c", response="d"')
