"""Numbers within their range, and telephone numbers."""

from __future__ import annotations

import pytest

from callvault.dialects.toolbox.parameters import telephone, whole_number
from callvault.errors import BadRequest


def test_what_is_not_said_is_the_default() -> None:
    assert whole_number(None, "limit", default=10, least=1, most=99) == 10


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("99", 99), ("007", 7)])
def test_both_ends_belong_to_the_range(text: str, number: int) -> None:
    assert whole_number(text, "limit", default=10, least=1, most=99) == number


@pytest.mark.parametrize(
    "text", ["0", "100", "-1", "+5", "1.0", "ten", "", " 5", "5 ", "1_0", "٣", "²", "9" * 19, "0x1"]
)
def test_what_is_outside_or_no_number_is_refused_with_the_range(text: str) -> None:
    with pytest.raises(BadRequest, match="limit must be a whole number from 1 to 99, not") as refused:
        whole_number(text, "limit", default=10, least=1, most=99)
    assert (refused.value.field, refused.value.value) == ("limit", text)


def test_a_range_may_be_open() -> None:
    assert whole_number("0", "page", default=0, least=0) == 0
    assert whole_number("9" * 18, "page", default=0, least=0) == 10**18 - 1
    with pytest.raises(BadRequest, match="from 2 on"):
        whole_number("1", "page", default=2, least=2)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (None, None),
        ("+15550100", "+15550100"),
        (" 15550100", "+15550100"),
        ("15550100", "15550100"),
        ("sip:alice@example.net", "sip:alice@example.net"),
        ("", ""),
    ],
)
def test_a_space_was_a_plus(text: str | None, number: str | None) -> None:
    assert telephone(text) == number
