"""What callers put into Authorization."""

from __future__ import annotations

import base64

import pytest

from callvault.dialects.toolbox.credentials import basic, scheme
from callvault.errors import NotAuthenticated


def encoded(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("alice:secret", ("alice", "secret")),
        ("alice:se:cret", ("alice", "se:cret")),
        ("alice:", ("alice", "")),
        (":", ("", "")),
        ("älice:pässword", ("älice", "pässword")),
    ],
)
def test_user_and_password(text: str, pair: tuple[str, str]) -> None:
    assert basic(encoded(text)) == pair


def test_the_schemes_name_is_read_in_any_case() -> None:
    assert basic(encoded("a:b").replace("Basic", "bAsIc")) == ("a", "b")
    assert scheme("BEARER  x ", "bearer") == "x"


@pytest.mark.parametrize("header", [None, "Bearer x", "", "Basically x"])
def test_other_schemes_are_not_basic(header: str | None) -> None:
    assert basic(header) is None


@pytest.mark.parametrize(
    "header", ["Basic !", "Basic YWxpY2U", "Basic é", encoded("alice"), "Basic /w==", "Basic", "Basic YTpi YTpi"]
)
def test_a_basic_credential_that_cannot_be_read_was_shown_all_the_same(header: str) -> None:
    with pytest.raises(NotAuthenticated) as refused:
        basic(header)
    assert refused.value.shown


def test_one_of_several_schemes() -> None:
    assert scheme("AccessKey abc", "bearer", "accesskey") == "abc"
    assert scheme("Digest abc", "bearer", "accesskey") is None
    assert scheme(None, "bearer") is None
