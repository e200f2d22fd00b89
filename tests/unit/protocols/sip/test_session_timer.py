"""Session timers: who refreshes, how often, and who is told that an interval is too brief."""

from __future__ import annotations

import pytest

from callvault.errors import ProtocolError
from callvault.protocols.sip.headers import Headers
from callvault.protocols.sip.session_timer import LONGEST_S, SessionTimer, TooBrief, agree, response_fields


def asked(*fields: tuple[str, str]) -> Headers:
    return Headers(fields=fields)


KNOWS = ("Supported", "timer")


@pytest.mark.parametrize(
    ("headers", "timer"),
    [
        (asked(KNOWS), None),
        (asked(KNOWS, ("Session-Expires", "1800")), SessionTimer(seconds=1800, we_refresh=False)),
        (asked(KNOWS, ("x", "1800;refresher=uac")), SessionTimer(seconds=1800, we_refresh=False)),
        (asked(KNOWS, ("x", "1800 ; refresher=UAS")), SessionTimer(seconds=1800, we_refresh=True)),
        (asked(("Session-Expires", "600")), SessionTimer(seconds=600, we_refresh=True)),
        (asked(("Session-Expires", "10")), SessionTimer(seconds=90, we_refresh=True)),
        (asked(KNOWS, ("Session-Expires", "4000000")), SessionTimer(seconds=LONGEST_S, we_refresh=False)),
    ],
)
def test_what_is_agreed_on(headers: Headers, timer: SessionTimer | None) -> None:
    assert agree(headers) == timer


def test_a_client_that_knows_timers_is_told_that_its_own_is_too_brief() -> None:
    with pytest.raises(TooBrief) as caught:
        agree(asked(KNOWS, ("Session-Expires", "89")))
    assert caught.value.hint == 422


@pytest.mark.parametrize("text", ["", "soon", "-1", "1800s"])
def test_an_interval_that_is_none_is_a_bad_request(text: str) -> None:
    with pytest.raises(ProtocolError):
        agree(asked(("Session-Expires", text)))


def test_the_answer_says_who_refreshes_and_requires_it_of_a_client_that_does() -> None:
    theirs = SessionTimer(seconds=1800, we_refresh=False)
    ours = SessionTimer(seconds=1800, we_refresh=True)
    assert response_fields(theirs, asked(KNOWS)) == (
        ("Session-Expires", "1800;refresher=uac"),
        ("Require", "timer"),
    )
    assert response_fields(ours, asked(KNOWS)) == (("Session-Expires", "1800;refresher=uas"),)


def test_the_moments_of_an_interval() -> None:
    assert SessionTimer(seconds=1800, we_refresh=True).refresh_after_s == 900
    assert SessionTimer(seconds=1800, we_refresh=False).over_after_s == 1768
    assert SessionTimer(seconds=90, we_refresh=False).over_after_s == 60
