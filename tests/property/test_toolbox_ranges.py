"""The laws of ranges: an answer in part is a slice, and no header makes anything but four statuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from callvault.dialects.toolbox.ranges import content_disposition, media_reply
from callvault.model.media import MediaFormat
from callvault.vault.commands import OpenedMedia
from callvault.wire import MediaSlice, WireReply, WireRequest
from tests.unit.dialects.visits import TEA_ORDER

CONTENTS = st.binary(max_size=64)
NUMBERS = st.integers(0, 70) | st.integers(0, 10**20)
HEADER_TEXTS = st.text() | st.from_regex(r"bytes ?= ?\d{0,20} ?- ?\d{0,20}(, ?\d*-\d*)*")


class Kept:
    """Bytes in memory."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def chunks(self, start: int, stop: int | None) -> AsyncIterator[bytes]:
        yield self._content[start:stop]


def replied(content: bytes, headers: Mapping[str, str], *, method: str = "GET") -> WireReply:
    media = OpenedMedia(
        recording=TEA_ORDER,
        format=MediaFormat.WAV,
        channels=2,
        size_bytes=len(content),
        etag="5f2c",
        modified_at=datetime(2026, 3, 1, 9, 1, 7, tzinfo=UTC),
        source=Kept(content),
    )
    return media_reply(media, WireRequest(method=method, path="/", headers=headers), content_type="audio/wav")


def body_of(reply: WireReply) -> bytes:
    async def drained(media: MediaSlice) -> bytes:
        return b"".join([piece async for piece in media.source.chunks(media.start, media.stop)])

    return reply.body if isinstance(reply.body, bytes) else asyncio.run(drained(reply.body))


@given(CONTENTS, NUMBERS, NUMBERS)
def test_from_one_place_to_another(content: bytes, first: int, last: int) -> None:
    reply = replied(content, {"range": f"bytes={first}-{last}"})
    if last < first or max(first, last) >= 10**18:
        assert (reply.status, body_of(reply)) == (200, content)
    elif first >= len(content):
        assert (reply.status, body_of(reply)) == (416, b"")
    else:
        expected = content[first : last + 1]
        assert (reply.status, body_of(reply)) == (206, expected)
        place = f"bytes {first}-{first + len(expected) - 1}/{len(content)}"
        assert dict(reply.headers)["content-range"] == place


@given(CONTENTS, st.integers(0, 70))
def test_from_one_place_to_the_end(content: bytes, first: int) -> None:
    reply = replied(content, {"range": f"bytes={first}-"})
    expected = (206, content[first:]) if first < len(content) else (416, b"")
    assert (reply.status, body_of(reply)) == expected


@given(CONTENTS, st.integers(0, 70))
def test_the_last_few(content: bytes, count: int) -> None:
    reply = replied(content, {"range": f"bytes=-{count}"})
    expected = (206, content[-count:]) if count and content else (416, b"")
    assert (reply.status, body_of(reply)) == expected


@given(
    CONTENTS,
    st.fixed_dictionaries({}, optional=dict.fromkeys(("range", "if-range", "if-none-match", "if-match"), HEADER_TEXTS)),
    st.sampled_from(["GET", "HEAD"]),
)
def test_no_header_makes_anything_but_four_statuses(content: bytes, headers: dict[str, str], method: str) -> None:
    reply = replied(content, headers, method=method)
    body = body_of(reply)
    match reply.status:
        case 200:
            assert body == content
        case 206:
            assert body
            assert body in content
        case status:
            assert status in {304, 416}
            assert body == b""


@given(st.text(st.characters(exclude_categories=["Cs"])), st.booleans())
def test_no_name_for_saving_breaks_out_of_its_header(name: str, inline: bool) -> None:
    text = content_disposition(name, inline=inline)
    assert text.isascii()
    assert text.isprintable()
    assert text.count('"') == 2
