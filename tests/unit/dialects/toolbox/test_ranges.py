"""Audio over HTTP: whole, in part, unchanged, or out of reach (RFC 9110 sections 13 and 14)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from callvault.dialects.toolbox.ranges import content_disposition, media_reply
from callvault.model.media import MediaFormat
from callvault.vault.commands import OpenedMedia
from callvault.wire import MediaSlice, WireReply, WireRequest
from tests.unit.dialects.visits import TEA_ORDER

MODIFIED = "Sun, 01 Mar 2026 09:01:07 GMT"
ETAG = '"5f2c"'


class Silence:
    """Bytes that nobody reads here."""

    async def chunks(self, start: int, stop: int | None) -> AsyncIterator[bytes]:
        yield bytes((stop or start) - start)


def media(size: int | None = 100) -> OpenedMedia:
    return OpenedMedia(
        recording=TEA_ORDER,
        format=MediaFormat.WAV,
        channels=2,
        size_bytes=size,
        etag="5f2c",
        modified_at=datetime(2026, 3, 1, 9, 1, 7, 250_000, tzinfo=UTC),
        source=Silence(),
    )


def asked(size: int | None = 100, *, method: str = "GET", **headers: str) -> WireReply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = WireRequest(method=method, path="/", headers=named)
    return media_reply(media(size), request, content_type="audio/wav", disposition="inline")


def stretch(reply: WireReply) -> tuple[int, int | None]:
    assert isinstance(reply.body, MediaSlice)
    return reply.body.start, reply.body.stop


def test_all_of_it() -> None:
    reply = asked()
    assert (reply.status, stretch(reply)) == (200, (0, 100))
    assert dict(reply.headers) == {
        "content-type": "audio/wav",
        "etag": ETAG,
        "last-modified": MODIFIED,
        "content-disposition": "inline",
        "accept-ranges": "bytes",
    }


def test_without_a_disposition_there_is_no_header() -> None:
    reply = media_reply(media(), WireRequest(method="GET", path="/"), content_type="audio/wav")
    assert "content-disposition" not in dict(reply.headers)


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=10-", 10, 100),
        ("bytes=99-", 99, 100),
        ("bytes=10-5000", 10, 100),
        ("bytes=-1", 99, 100),
        ("bytes=-5000", 0, 100),
        ("Bytes = 3 - 5", 3, 6),
    ],
)
def test_a_part_of_it(header: str, start: int, stop: int) -> None:
    reply = asked(range=header)
    assert (reply.status, stretch(reply)) == (206, (start, stop))
    assert dict(reply.headers)["content-range"] == f"bytes {start}-{stop - 1}/100"
    assert dict(reply.headers)["content-type"] == "audio/wav"


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=5000-", "bytes=-0"])
def test_a_part_that_is_not_there(header: str) -> None:
    reply = asked(range=header)
    assert (reply.status, reply.body) == (416, b"")
    assert dict(reply.headers)["content-range"] == "bytes */100"


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=-5", "bytes=0-0"])
def test_of_nothing_there_is_no_part(header: str) -> None:
    assert asked(0, range=header).status == 416


@pytest.mark.parametrize(
    "header", ["bytes=9-3", "bytes=-", "bytes", "", "seconds=0-5", "bytes=0-1,5-6", "bytes=a-b", "bytes=٣-٥"]
)
def test_what_is_no_range_or_several_is_answered_by_all(header: str) -> None:
    reply = asked(range=header)
    assert (reply.status, stretch(reply)) == (200, (0, 100))


def test_only_get_knows_ranges() -> None:
    assert asked(method="HEAD", range="bytes=0-4").status == 200


def test_what_is_still_being_made_has_no_parts() -> None:
    reply = asked(None, range="bytes=0-4")
    assert (reply.status, stretch(reply)) == (200, (0, None))
    assert "accept-ranges" not in dict(reply.headers)


@pytest.mark.parametrize("header", [ETAG, "W/" + ETAG, '"x", ' + ETAG, "*"])
def test_what_the_caller_has_is_not_sent_again(header: str) -> None:
    reply = asked(if_none_match=header, range="bytes=0-4")
    assert (reply.status, reply.body) == (304, b"")
    assert dict(reply.headers) == {"etag": ETAG, "last-modified": MODIFIED}


@pytest.mark.parametrize("header", ['"x"', "", "5f2c"])
def test_what_the_caller_has_of_another_time_is_sent(header: str) -> None:
    assert asked(if_none_match=header).status == 200


@pytest.mark.parametrize("header", [ETAG, MODIFIED])
def test_a_part_of_the_same_is_continued(header: str) -> None:
    assert asked(if_range=header, range="bytes=5-").status == 206


@pytest.mark.parametrize("header", ['"x"', "W/" + ETAG, "Sun, 01 Mar 2026 09:01:06 GMT"])
def test_a_part_of_another_begins_anew(header: str) -> None:
    assert asked(if_range=header, range="bytes=5-").status == 200


@pytest.mark.parametrize(
    ("name", "inline", "expected"),
    [
        ("r-1.wav", False, 'attachment; filename="r-1.wav"'),
        ("r-1.wav", True, 'inline; filename="r-1.wav"'),
        ("Büro 5€.wav", True, "inline; filename=\"B_ro 5_.wav\"; filename*=UTF-8''B%C3%BCro%205%E2%82%AC.wav"),
        ('a"b\\c/d.wav', True, "inline; filename=\"a_b_c_d.wav\"; filename*=UTF-8''a%22b%5Cc%2Fd.wav"),
        ("a\r\nb: c.wav", True, "inline; filename=\"a__b: c.wav\"; filename*=UTF-8''a%0D%0Ab%3A%20c.wav"),
    ],
)
def test_names_for_saving(name: str, inline: bool, expected: str) -> None:
    assert content_disposition(name, inline=inline) == expected
