"""JSON replies."""

from __future__ import annotations

from typing import Any

import orjson

from callvault.wire import WireReply


def json_reply(
    document: Any,  # noqa: ANN401 - any JSON value
    *,
    status: int = 200,
    content_type: str = "application/json; charset=utf-8",
    headers: tuple[tuple[str, str], ...] = (),
) -> WireReply:
    """The document as UTF-8 JSON."""
    return WireReply(status=status, headers=(("content-type", content_type), *headers), body=orjson.dumps(document))
