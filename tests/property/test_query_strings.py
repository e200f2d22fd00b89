"""A query string is read as the standard library reads it."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from hypothesis import example, given
from hypothesis import strategies as st

from callvault.server.http import _parameters

PIECES = st.sampled_from(
    ["a", "filter[from]", "=", "&", "+", "%2B", "%", "%zz", "%C3%A9", "%C3", "é", "", " ", "?", ";"]
)


@given(st.lists(PIECES, max_size=12).map("".join))
@example("a=1&&b&=2&c=%26&a=")
def test_any_query_is_read_alike(query: str) -> None:
    assert _parameters(query.encode()) == tuple(parse_qsl(query, keep_blank_values=True))


@given(st.lists(st.tuples(st.text(min_size=1), st.text()), min_size=1))
def test_what_a_client_encodes_arrives(pairs: list[tuple[str, str]]) -> None:
    sound = [(name, value) for name, value in pairs if all(ord(c) < 0xD800 or ord(c) > 0xDFFF for c in name + value)]
    assert _parameters(urlencode(sound).encode()) == tuple(sound)
