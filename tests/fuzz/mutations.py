"""How a real request becomes one that nobody would send."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.seeds import Seed, encoded, seeds, vocabulary

TIMES = (
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59-23:59",
    "1969-12-31T23:59:59Z",
    "2026-02-30",
    "2026-03-01",
    "2026-03-01T00:00:00+99:99",
    "2026-03-01T25:00:00Z",
    "2026-W10-7",
    "20260301",
    "2026-03-01 00:00:00",
    "Sun, 01 Mar 2026 09:00:02 +0000",
    "Sun, 31 Feb 0000 99:00:02 -9999",
    "31 Dec 9999 23:59:59 -2359",
    "0",
    "62167219199",
    "63939452474",
    "315569519999",
    "999999999999999",
)
NUMBERS = ("-1", "-0", "00", "1", "2", "99", "100", "1000", "1001", "2147483648", "9" * 18, "9" * 19, "9" * 400, "1e9")
ODDITIES = (
    "",
    " ",
    "+",
    "%",
    "null",
    "true",
    "false",
    "*",
    ".",
    "..",
    "/",
    "//",
    "\\",
    "\0",
    "\x7f",
    "\u00a0",
    "\u0663",
)
MARKUP = ("[", "[]", '["a"', '["a", 1, null]', "{}", '{"a":', "<a>", "&", "]]>", "'", '"', ";", "${x}", "' OR 1=1 --")
LETTERS = ("\u202e", "\ufeff", "\ud800", "\udfff", "\U0001f375", "e\u0301", "\ufffe", "x" * 5000, "\u2615" * 300)
IDS = (
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "ffffffff-ffff-7fff-bfff-ffffffffffff",
    "019ca0f5-3d80-7a01-9a01-aaaaaaaaaa01",
    "019CA0F5-3D80-7A01-9A01-AAAAAAAAAA01",
    "f" * 32,
    "RE" + "0" * 32,
    "999912-" + "f" * 32,
    "r-ffffffff-ffff-7fff-bfff-ffffffffffff",
    "c-00000000-ffffffff-ffff-7fff-bfff-ffffffffffff",
    "v3:" + "_" * 22,
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "f" + "_" * 31,
    "g2wAAAACbgUA2acd4w5oAWpq",
    "g2wAAAABYQFq",
    "W10=",
    "e30",
)
ENDINGS = (".json", ".xml", ".wav", ".mp3", ".srt", ".", ".json.json", "%2F", "%00", "%ff", "%", "?", "/")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get", "TRACE", "FOO")
HEADERS = (
    "accept",
    "authorization",
    "callvault-card",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "if-range",
    "origin",
    "range",
    "x-auth-token",
    "x-file-name",
    "x-forwarded-host",
    "x-http-method-override",
    "x-pretty-print",
    "x-request-id",
)
HEADER_VALUES = (
    "",
    "*",
    "*/*",
    "audio/*",
    "audio/mpeg;q=0.5, application/json;q=x",
    "text/csv",
    "application/json",
    "multipart/form-data; boundary=x",
    "bytes=0-0",
    "bytes=-1",
    "bytes=5-",
    "bytes=9-3",
    "bytes=0-0,2-3",
    "bytes=" + "9" * 30 + "-",
    "Basic",
    "Basic Og==",
    "Basic " + "/w==",
    "Bearer",
    "Bearer \xff",
    "AccessKey",
    '"',
    'W/"x", "y"',
    "\xff\xfe",
    "x" * 4000,
    "-5",
    "{}",
    '{"label": "\\ud800"}',
    "e30",
    "true",
)

texts = st.one_of(
    st.sampled_from(TIMES + NUMBERS + ODDITIES + MARKUP + LETTERS + IDS),
    st.text(max_size=40),
    st.integers().map(str),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@st.composite
def requests(draw: st.DrawFn, dialect: str) -> Seed:
    """A real request of this dialect, with one to five things about it changed."""
    seed = draw(st.sampled_from(seeds(dialect)))
    for _ in range(draw(st.integers(1, 5))):
        seed = draw(st.sampled_from(CHANGES))(draw, seed)
    return seed


def _segment(draw: st.DrawFn, seed: Seed) -> Seed:
    segments = list(seed.segments)
    place = draw(st.integers(0, len(segments) - 1))
    match draw(st.integers(0, 4)):
        case 0:
            segments[place] = encoded(draw(texts))
        case 1:
            segments[place] += draw(st.sampled_from(ENDINGS))
        case 2:
            del segments[place]
        case 3:
            segments.insert(place, encoded(draw(texts | st.sampled_from(vocabulary(seed.dialect)))))
        case _:
            segments[place] = draw(texts)  # as it is: what may not stand in a request line is encoded all the same
    return replace(seed, segments=tuple(segments) or ("",))


def _query(draw: st.DrawFn, seed: Seed) -> Seed:
    query = list(seed.query)
    word = st.sampled_from(vocabulary(seed.dialect))
    kind = draw(st.integers(0, 4)) if query else 0
    if kind <= 1:
        value = draw(texts | word)
        query.insert(draw(st.integers(0, len(query))), (encoded(draw(word | texts)), encoded(value)))
    else:
        place = draw(st.integers(0, len(query) - 1))
        name, value = query[place]
        if kind == 2:
            query[place] = (name, encoded(draw(texts)))
        elif kind == 3:
            query.append((name, draw(st.sampled_from(("", value, value + "%", value + "x", "%zz", "%ff%00")))))
        else:
            del query[place]
    return replace(seed, query=tuple(query))


def _header(draw: st.DrawFn, seed: Seed) -> Seed:
    headers = list(seed.headers)
    value = draw(
        st.sampled_from(HEADER_VALUES) | texts.map(_header_text) | json_values.map(json.dumps).map(_header_text)
    )
    kind = draw(st.integers(0, 9)) if headers else 0
    if kind < 8:
        headers.append((draw(st.sampled_from(HEADERS)), value))
    else:
        place = draw(st.integers(0, len(headers) - 1))
        name, old = headers[place]
        if kind == 8:
            headers[place] = (name, draw(st.sampled_from((value, old[:-1], old + "0", old[::-1]))))
        else:
            del headers[place]
    return replace(seed, headers=tuple(headers))


def _header_text(text: str) -> str:
    """What an HTTP server lets through in a header: octets, and no control characters."""
    octets = text.encode("utf-8", "replace").decode("latin-1")
    return "".join(letter for letter in octets if letter >= " " and letter != "\x7f").strip()


def _method(draw: st.DrawFn, seed: Seed) -> Seed:
    return replace(seed, method=draw(st.sampled_from(METHODS)))


def _body(draw: st.DrawFn, seed: Seed) -> Seed:
    document = _parsed(seed.body)
    match draw(st.integers(0, 3)):
        case 0:
            return replace(seed, body=draw(st.binary(max_size=200)))
        case 1:
            return replace(seed, body=seed.body[: draw(st.integers(0, len(seed.body)))])
        case 2 if isinstance(document, dict):
            words = st.sampled_from(vocabulary(seed.dialect))
            key = draw(st.sampled_from(sorted(document)) | words if document else words)
            return replace(seed, body=json.dumps({**document, key: draw(json_values)}).encode())
        case _:
            words = st.sampled_from(vocabulary(seed.dialect))
            return replace(seed, body=json.dumps(draw(st.dictionaries(words, json_values, max_size=3))).encode())


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


CHANGES = (*[_query] * 6, *[_header] * 3, *[_body] * 2, _segment, _method)
"""Where a request is changed, the more often the more there is to be understood: behind a path that is nobody's, and
without a credential, there is little."""
