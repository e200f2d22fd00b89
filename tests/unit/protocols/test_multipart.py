"""Bodies of several parts are taken apart however crookedly they were put together."""

from __future__ import annotations

import pytest

from callvault.errors import ProtocolError
from callvault.protocols.multipart import Part, media_type_of, split_body
from tests.unit.protocols.siprec.clients import DOCUMENTS, sent

TYPE = "multipart/mixed;boundary=b"


def kinds(body: str, content_type: str = TYPE) -> list[tuple[str, bytes]]:
    return [(part.media_type, part.content) for part in split_body(content_type, body.encode())]


@pytest.mark.parametrize(("client", "name"), DOCUMENTS)
def test_every_clients_body_is_taken_apart(client: str, name: str) -> None:
    parts = {part.media_type: part.content for part in sent(client, name).parts}
    metadata = next(content for kind, content in parts.items() if kind.startswith("application/rs-metadata"))
    assert metadata.strip().startswith(b"<?xml")
    assert metadata.strip().endswith(b">")
    if "application/sdp" in parts:
        assert parts["application/sdp"].startswith(b"v=0\r\n")
        assert b"--" not in parts["application/sdp"]


@pytest.mark.parametrize(
    "body",
    [
        "--b\r\nContent-Type: a/x\r\n\r\none\r\n--b\r\nContent-Type: a/y\r\n\r\ntwo\r\n--b--\r\n",
        "--b\nContent-Type: a/x\n\none\n--b\nContent-Type: a/y\n\ntwo\n--b--\n",
        "--b  \r\nContent-Type:A/X;q=1 \r\n\r\none\r\n--b\t\r\nContent-Type:a/y\r\n\r\ntwo\r\n--b-- \r\n",
        "x\r\n--b\r\n\r\n--b\r\nContent-Type: a/x\r\n\r\none\r\n--b\r\nContent-Type: a/y\r\n\r\ntwo\r\n--b--\r\ny",
        "--b\r\ncontent-type: a/x\r\nContent-Length: 99\r\n\r\none\r\n--b\r\nContent-Type:\r\n a/y\r\n\r\ntwo",
        "\r\n\r\n--b\r\nContent-Type: a/x\r\n \r\none\r\n--b\r\nContent-Type: a/y\r\n\r\ntwo\r\n--b",
    ],
)
def test_two_parts_are_two_parts(body: str) -> None:
    assert kinds(body) == [("a/x", b"one"), ("a/y", b"two")]


@pytest.mark.parametrize(
    "content_type",
    [
        'multipart/mixed; boundary="b"',
        "Multipart/Mixed ; Boundary = b ; x=y",
        "multipart/mixed",
        "multipart/mixed;boundary=other",
    ],
)
def test_the_boundary_is_found_as_announced_or_where_it_stands(content_type: str) -> None:
    assert kinds("--b\r\nContent-Type: a/x\r\n\r\none\r\n--b--\r\n", content_type) == [("a/x", b"one")]


def test_a_line_that_only_begins_as_the_boundary_is_content() -> None:
    assert kinds("--b\r\n\r\n--bb\r\n--b--\r\n") == [("", b"--bb")]


def test_parts_within_parts_are_laid_flat() -> None:
    inner = "--c\r\nContent-Type: a/x\r\n\r\none\r\n--c--"
    outer = "Content-Type: multipart/related;boundary=c"
    body = f"--b\r\n{outer}\r\n\r\n{inner}\r\n--b\r\nContent-Type: a/y\r\n\r\ntwo\r\n--b--"
    assert kinds(body) == [("a/x", b"one"), ("a/y", b"two")]


def test_a_body_of_one_part_is_that_part() -> None:
    assert kinds("v=0", "application/SDP; charset=utf-8") == [("application/sdp", b"v=0")]
    assert kinds("", TYPE) == []
    assert kinds(" \r\n", "application/sdp") == []


@pytest.mark.parametrize("body", ["v=0", "--b--", "--b\r\n\r\n--b--", "--b\r\n\r\nx\r\n" * 33])
def test_what_is_announced_as_parts_and_has_none_or_too_many_is_refused(body: str) -> None:
    with pytest.raises(ProtocolError):
        split_body(TYPE, body.encode())


def test_headers_of_a_part_are_kept() -> None:
    (part,) = split_body(TYPE, b"--b\r\nContent-Disposition: recording-session\r\nno header\r\n\r\none\r\n--b--")
    assert part == Part(media_type="", content=b"one", headers={"content-disposition": "recording-session"})


def test_a_media_type_is_known_without_its_parameters() -> None:
    assert media_type_of('Multipart/Mixed;boundary="b"') == "multipart/mixed"
