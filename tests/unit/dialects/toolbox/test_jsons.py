"""JSON replies."""

from __future__ import annotations

from callvault.dialects.toolbox.jsons import json_reply


def test_a_document_is_utf_8_in_the_order_it_was_written() -> None:
    reply = json_reply({"b": "ü", "a": None})
    assert reply.status == 200
    assert reply.headers == (("content-type", "application/json; charset=utf-8"),)
    assert reply.body == '{"b":"ü","a":null}'.encode()


def test_status_type_and_headers_are_the_callers() -> None:
    reply = json_reply([], status=404, content_type="application/problem+json", headers=(("allow", "GET"),))
    assert reply.status == 404
    assert reply.headers == (("content-type", "application/problem+json"), ("allow", "GET"))
