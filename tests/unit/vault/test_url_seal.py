"""URLs with credentials as they are kept: nothing of the password is legible, and all of it comes back."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callvault.errors import OperatorError
from callvault.model.destination import without_credentials
from callvault.model.wish import Push, Wish
from callvault.vault.secrets import Secrets
from callvault.vault.url_seal import UrlSeal, is_closed, pushed_to, shown

SEAL = UrlSeal(Secrets(bytes(32)), entropy=os.urandom)
PLAIN = "https://keep.example.org:8443/calls/a@b?token=tea#x"
URL = "https://ruth:p%40ss:w@keep.example.org:8443/calls/a@b?token=tea#x"
USERINFO = st.text(st.sampled_from("abcXYZ019-._~!$&'()*+,;=:%@"), max_size=60)


def test_the_password_is_not_in_what_is_kept_and_comes_back() -> None:
    closed = SEAL.close(URL)
    assert "ruth" not in closed
    assert "p%40ss" not in closed
    assert without_credentials(closed) == without_credentials(URL) == PLAIN
    assert SEAL.open(closed) == URL
    assert SEAL.close(URL) != closed, "who has two rows cannot tell whether their passwords are the same"


@given(USERINFO)
def test_whatever_stands_before_the_at_sign_comes_back(said: str) -> None:
    url = f"https://{said}@keep.example.org/calls"
    assert SEAL.open(SEAL.close(url)) == url
    assert SEAL.keep(SEAL.close(url)) != url
    assert SEAL.open(SEAL.keep(SEAL.close(url))) == url


def test_what_has_no_credentials_stays_as_it_is() -> None:
    assert SEAL.close(PLAIN) == SEAL.keep(PLAIN) == SEAL.open(PLAIN) == PLAIN


def test_what_lies_there_in_clear_from_before_is_read_and_is_sealed_when_it_is_kept_again() -> None:
    assert SEAL.open(URL) == URL
    assert is_closed(SEAL.keep(URL))
    closed = SEAL.close(URL)
    assert SEAL.keep(closed) == closed


def test_a_caller_cannot_have_another_s_sealed_password_opened() -> None:
    stolen = SEAL.close(URL).replace("keep.example.org", "mallory.example.net")
    assert SEAL.open(SEAL.close(stolen)) == stolen


@pytest.mark.parametrize("said", ["sealed.", "sealed.short", "sealed.no*base64", "sealed", "sealed.YWJj:pw"])
def test_a_name_that_only_looks_sealed_is_a_name(said: str) -> None:
    url = f"https://{said}@keep.example.org/"
    assert not is_closed(url)
    assert SEAL.open(url) == url
    assert SEAL.open(SEAL.keep(url)) == url


def test_another_master_key_is_told_and_not_passed_over() -> None:
    with pytest.raises(OperatorError, match="master key"):
        UrlSeal(Secrets(b"x" * 32), entropy=os.urandom).open(SEAL.close(URL))


def test_a_wish_without_a_push_is_left_alone() -> None:
    assert SEAL.wish(Wish(label="x")) == Wish(label="x")
    sealed = SEAL.wish(Wish(push=Push(url=URL, method="POST")))
    assert sealed.push is not None
    assert (is_closed(sealed.push.url), sealed.push.method) == (True, "POST")


SETTINGS: dict[str, Any] = {
    "public_media": False,
    "policy": {
        "record": True,
        "rules": [
            {"name": "a", "wish": {"push": {"url": URL, "method": "PUT"}, "label": "x"}},
            {"name": "b", "wish": {}},
            {"name": "c", "wish": {"push": {"url": PLAIN}}},
        ],
    },
    "kazoo": {"devices": {"d": {"sip": {"username": "desk", "password": "tea4two"}}}},
}


def test_settings_hold_no_password_and_come_back_whole() -> None:
    for kept in (SEAL.close_settings(SETTINGS), SEAL.keep_settings(SETTINGS)):
        assert "tea4two" not in str(kept)
        assert "p%40ss" not in str(kept)
        assert kept["public_media"] is False
        assert kept["policy"]["rules"][1:] == SETTINGS["policy"]["rules"][1:]
        assert SEAL.open_settings(kept) == SETTINGS
        assert SEAL.keep_settings(kept) == kept
    assert SEAL.open_settings(SETTINGS) == SETTINGS


def test_settings_for_people_tell_where_files_go_and_no_more() -> None:
    for settings in (SETTINGS, SEAL.close_settings(SETTINGS)):
        told = shown(settings)
        assert told["policy"]["rules"][0]["wish"]["push"]["url"] == PLAIN
        assert told["kazoo"] == {"sealed": True}
        assert told["public_media"] is False
        assert set(pushed_to(settings)) == {PLAIN}


@pytest.mark.parametrize("policy", [None, [], {}, {"rules": 5}, {"rules": [5, {"wish": None}]}])
def test_a_policy_that_is_none_is_nobody_s_trouble(policy: Any) -> None:
    assert SEAL.keep_settings({"policy": policy}) == {"policy": policy}
