"""Forms, and what is put behind a URL."""

from __future__ import annotations

import pytest

from callvault.dialects.toolbox.forms import form_body, with_query, without_fragment


def test_a_form_is_percent_encoded_utf_8() -> None:
    assert form_body([("a", "b c"), ("d", "é&=")]) == b"a=b+c&d=%C3%A9%26%3D"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example.org/b", "https://a.example.org/b?x=1"),
        ("https://a.example.org/b?c=d", "https://a.example.org/b?c=d&x=1"),
        ("https://a.example.org?c=%2B#rt=5", "https://a.example.org/?c=%2B&x=1"),
    ],
)
def test_more_goes_behind_what_the_query_holds(url: str, expected: str) -> None:
    assert with_query(url, [("x", "1")]) == expected


def test_a_fragment_stays_here_and_a_query_is_left_as_it_is() -> None:
    assert without_fragment("https://a.example.org/b?c=%2b&d#e") == "https://a.example.org/b?c=%2b&d"
    assert without_fragment("https://a.example.org") == "https://a.example.org/"
