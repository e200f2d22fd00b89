"""What every answer is wrapped in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from callvault.dialects.kazoo.envelopes import open_data, open_envelope, refusal, revision_of, seal, truth
from callvault.errors import BadRequest
from callvault.wire import WireRequest
from tests.unit.dialects.visits import TERMS, document, header

KNOWN = replace(TERMS, request_id="r" * 32, version="1.2.3")


def request(**fields: Any) -> WireRequest:
    return WireRequest(**{"method": "GET", "path": "/v2/accounts"} | fields)


def test_a_success() -> None:
    reply = seal({"a": 1}, request(), KNOWN, token="t", revision="7-abc")
    assert reply.status == 200
    assert header(reply, "content-type") == "application/json"
    assert header(reply, "x-request-id") == "r" * 32
    assert header(reply, "etag") == '"7-abc"'
    assert header(reply, "vary") == "accept"
    envelope = document(reply)
    assert envelope.pop("node").isalnum()
    assert envelope == {
        "data": {"a": 1},
        "revision": "7-abc",
        "status": "success",
        "request_id": "r" * 32,
        "timestamp": "2026-03-02T12:00:00Z",
        "tokens": {"consumed": 0, "remaining": 100},
        "auth_token": "t",
        "version": "1.2.3",
    }


def test_whoever_showed_nothing_learns_neither_token_nor_version() -> None:
    assert {"auth_token", "version", "revision"}.isdisjoint(document(seal([], request(), KNOWN, token=None)))


def test_a_page_comes_before_the_data() -> None:
    reply = seal([], request(), KNOWN, token="t", paging={"page_size": 0, "start_key": "k"})
    assert list(document(reply))[:3] == ["page_size", "start_key", "data"]
    assert header(reply, "etag") is None


def test_a_failure() -> None:
    reply = refusal(404, "bad_identifier", {"cause": "x"}, request(), KNOWN, token="t", headers=(("allow", "GET"),))
    assert reply.status == 404
    assert header(reply, "allow") == "GET"
    envelope = document(reply)
    assert (envelope["status"], envelope["error"], envelope["message"]) == ("error", "404", "bad_identifier")
    assert envelope["data"] == {"cause": "x"}
    assert envelope["auth_token"] == "t"
    assert {"request_id", "node", "timestamp", "tokens"} <= set(envelope)


@pytest.mark.parametrize(
    ("wished", "given"),
    [("call-me-ada", "call-me-ada"), ("", "r" * 32), ("a b", "r" * 32), ("é", "r" * 32), ("x" * 129, "r" * 32)],
)
def test_a_requests_id_may_be_wished(wished: str, given: str) -> None:
    reply = seal([], request(headers={"x-request-id": wished}), KNOWN, token=None)
    assert header(reply, "x-request-id") == document(reply)["request_id"] == given


@pytest.mark.parametrize("tag", ['"7-abc"', 'W/"7-abc"', '"x", "7-abc"', "*", "7-abc"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_the_caller_has_is_not_sent_again(method: str, tag: str) -> None:
    reply = seal({}, request(method=method, headers={"if-none-match": tag}), KNOWN, token="t", revision="7-abc")
    assert (reply.status, reply.body) == (304, b"")
    assert header(reply, "etag") == '"7-abc"'
    assert header(reply, "x-request-id") == "r" * 32


def test_what_it_has_otherwise_is() -> None:
    for tag, method in (('"8-abc"', "GET"), ('"7-abc"', "DELETE")):
        reply = seal({}, request(method=method, headers={"if-none-match": tag}), KNOWN, token="t", revision="7-abc")
        assert reply.status == 200


def test_pretty_print() -> None:
    for asked in (request(query=(("pretty_print", "true"),)), request(headers={"x-pretty-print": "True"})):
        body = seal({"a": 1}, asked, KNOWN, token=None).body
        assert isinstance(body, bytes)
        assert b'\n  "data": {\n    "a": 1' in body
    plain = seal({"a": 1}, request(), KNOWN, token=None).body
    assert isinstance(plain, bytes)
    assert b"\n" not in plain


def test_jsonp() -> None:
    reply = seal([], request(query=(("jsonp", "my.fn"),)), KNOWN, token=None)
    assert header(reply, "content-type") == "application/javascript"
    assert isinstance(reply.body, bytes)
    assert reply.body.startswith(b"my.fn({")
    assert reply.body.endswith(b"});")


@pytest.mark.parametrize("function", ["", "alert(1)", "<script>", "1x", "a;b"])
def test_jsonp_is_a_functions_name_and_no_code(function: str) -> None:
    reply = seal([], request(query=(("jsonp", function),)), KNOWN, token=None)
    assert header(reply, "content-type") == "application/json"
    assert document(reply)["data"] == []


def test_a_page_of_another_origin_may_read_both() -> None:
    asked = request(headers={"origin": "https://ui.example.net"})
    for reply in (seal([], asked, KNOWN, token=None), refusal(404, "x", {}, asked, KNOWN, token=None)):
        assert header(reply, "access-control-allow-origin") == "*"


def test_the_requests_own_envelope() -> None:
    body = orjson.dumps({"Data": {"Key": 1}, "VERB": "delete"})
    assert open_envelope(request(body=body)) == {"data": {"Key": 1}, "verb": "delete"}
    assert open_data(request(body=body)) == {"Key": 1}
    assert open_envelope(request(body=b" \n")) == {}
    with pytest.raises(BadRequest, match="object under data"):
        open_data(request(body=b""))


def test_a_revision_changes_with_the_data() -> None:
    assert revision_of({"a": 1}) != revision_of({"a": 2})
    assert len(revision_of([])) == 32


def test_truth() -> None:
    assert truth("true")
    assert truth("True")
    assert not truth("false")
    assert not truth("1")
    assert not truth(None)
