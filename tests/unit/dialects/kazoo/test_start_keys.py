"""Page tokens are Erlang terms, as Kazoo writes them."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from uuid import UUID

import pytest

from callvault.dialects.kazoo.start_keys import FIRST_ID, LAST_ID, read_key, write_edge, write_key
from callvault.errors import BadRequest
from callvault.model.query import Position

AT = datetime(2026, 3, 1, 9, 1, 5, tzinfo=UTC)
CORE = UUID("019ca884-2a00-7111-8222-333344445555")
ADA = UUID("019cad00-0000-7000-8000-00000000ada0")


def unpadded(*octets: bytes) -> str:
    return base64.urlsafe_b64encode(b"".join(octets)).decode().rstrip("=")


SECOND = b"n\x05\x00" + (63939574865).to_bytes(5, "little")
NAME = b"m\x00\x00\x00\x27202603-019ca8842a0071118222333344445555"


def test_a_whole_second_is_written_as_kazoo_would() -> None:
    key = write_key(Position(at=AT, id=CORE), None)
    assert key == unpadded(b"\x83l\x00\x00\x00\x02", SECOND, NAME, b"j")
    assert read_key(key, None, descending=True) == Position(at=AT, id=CORE)


def test_a_fraction_comes_behind() -> None:
    position = Position(at=AT.replace(microsecond=7_000), id=CORE)
    key = write_key(position, None)
    assert key == unpadded(b"\x83l\x00\x00\x00\x03", SECOND, NAME, b"a\x07", b"j")
    assert read_key(key, None, descending=True) == position
    late = Position(at=AT.replace(microsecond=999_000), id=CORE)
    assert read_key(write_key(late, None), None, descending=False) == late


def test_a_users_keys_begin_with_the_user() -> None:
    key = write_key(Position(at=AT, id=CORE), ADA)
    assert key == unpadded(b"\x83l\x00\x00\x00\x03m\x00\x00\x00\x20", ADA.hex.encode(), SECOND, NAME, b"j")
    assert read_key(key, ADA, descending=True) == Position(at=AT, id=CORE)
    with pytest.raises(BadRequest, match="not a key of this list"):
        read_key(key, None, descending=True)


def test_the_edge_of_a_window() -> None:
    newest = write_edge(AT, None, descending=True)
    assert newest == unpadded(b"\x83l\x00\x00\x00\x02", SECOND, b"h\x01jj")
    assert read_key(newest, None, descending=True) == Position(at=AT.replace(microsecond=999_999), id=LAST_ID)
    oldest = write_edge(AT, None, descending=False)
    assert oldest == unpadded(b"\x83l\x00\x00\x00\x01", SECOND, b"j")
    assert read_key(oldest, None, descending=False) == Position(at=AT, id=FIRST_ID)


def test_a_bare_number_is_a_key_of_older_kazoos() -> None:
    assert read_key("63939574865", None, descending=True).at == AT.replace(microsecond=999_999)
    assert read_key("63939574865", None, descending=False) == Position(at=AT, id=FIRST_ID)


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow",
        "g",
        "%",
        "é",
        "0",  # before the calendar
        "999999999999",
        unpadded(b"\x83l\x00\x00\x00\x00j"),
        unpadded(b"\x83l\x00\x00\x00\x02", SECOND, NAME),  # no end
        unpadded(b"\x83l\x00\x00\x00\x02", SECOND, NAME, b"jj"),
        unpadded(b"\x83l\x00\x00\x00\x02", SECOND, b"m\xff\xff\xff\xff2026j"),
        unpadded(b"\x83l\x00\x00\x00\x02", SECOND, b"m\x00\x00\x00\x02\xff\xfej"),  # no UTF-8
        unpadded(b"\x83l\x00\x00\x00\x02", SECOND, b"m\x00\x00\x00\x04nonej"),
        unpadded(b"\x83l\x00\x00\x00\x03", SECOND, NAME, b"b\x00\x00\x03\xe8", b"j"),  # 1000 ms
        unpadded(b"\x83l\x00\x00\x00\x03", SECOND, NAME, b"b\xff\xff\xff\xff", b"j"),  # -1 ms
        unpadded(b"\x83l\x00\x00\x00\x01n\xff\x00" + b"\xff" * 255, b"j"),
        unpadded(b"\x83l\x00\x00\x00\x01n\x05\x01" + (63939574865).to_bytes(5, "little"), b"j"),  # negative
        unpadded(b"\x83h\x02", SECOND, NAME),  # a tuple
        unpadded(b"\x83l\x00\x00\x00\x02", SECOND, b"d\x00\x01aj"),  # an atom
        unpadded(b"\x83P\x00\x00\x00\x02"),  # compressed
        unpadded(b"\x83l\xff\xff\xff\xff", SECOND * 40, b"j"),
        "A" * 10_000,
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="start_key is not a key of this list"):
        read_key(text, None, descending=True)
