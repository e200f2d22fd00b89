"""Requests to Kazoo's dialect by their path alone: the routes find the parts, as they do in the server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from callvault.dialects.contract import Visit
from callvault.dialects.kazoo import DIALECT, words
from callvault.server.routing import Router
from tests.unit.dialects.routed import Routed
from tests.unit.dialects.visits import ALICE, TEA_ORDER, TOKEN, visit

ROUTER = Router([DIALECT])
ADA = "019cad0000007000800000000000ada0"
ACCOUNT = f"/v2/accounts/{ALICE.id.hex}"
LIST = f"{ACCOUNT}/recordings"
OWNED = f"{ACCOUNT}/users/{ADA}/recordings"
ONE = f"{LIST}/{words.recording_id(TEA_ORDER)}"
PUSH = f"/v2/push/{TOKEN}"
SHOWN = {"x-auth-token": TOKEN}


def asking(
    target: str,
    *,
    method: str = "GET",
    body: Any = None,
    anonymous: bool = False,
    headers: Mapping[str, str] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Visit:
    """Alice, or nobody, asks.  A body that is no bytes is sent as JSON."""
    parts = ROUTER.match(method, target.partition("?")[0]).parts
    asked = visit(target, method=method, parts=parts, headers=SHOWN if headers is None else headers, settings=settings)
    sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return replace(asked, request=replace(asked.request, body=sent), caller=None if anonymous else asked.caller)


_ROUTED = Routed(ROUTER, asking)
route, read, said = _ROUTED.route, _ROUTED.read, _ROUTED.said
