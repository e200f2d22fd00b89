"""Kazoo's table of paths, and what a browser asks before it uses them."""

from __future__ import annotations

import pytest

from callvault.dialects.kazoo import DIALECT
from callvault.dialects.kazoo.origins import cross_origin, preflight
from callvault.dialects.kazoo.routes import ROUTES
from callvault.wire import WireRequest

A = "/v2/accounts/{account}"
U = "/v2/accounts/{account}/users/{user}"
OURS = {
    ("GET", f"{A}/recordings"),
    ("POST", f"{A}/recordings"),
    ("GET", f"{U}/recordings"),
    ("POST", f"{U}/recordings"),
    *(
        (method, f"{scope}/recordings/{{recording}}")
        for method in ("GET", "DELETE", "PATCH", "POST")
        for scope in (A, U)
    ),
    ("GET", f"{A}/channels"),
    ("GET", f"{U}/channels"),
    *((method, f"{A}/channels/{{channel}}") for method in ("GET", "PUT", "POST")),
    *((method, path) for method in ("GET", "POST", "PATCH") for path in (A, U, f"{A}/devices/{{device}}")),
    ("DELETE", f"{A}/devices/{{device}}"),
    ("GET", f"{A}/devices"),
    ("GET", f"{U}/devices"),
    ("PUT", f"{A}/devices"),
    ("PUT", "/v2/api_auth"),
    ("PUT", "/v2/user_auth"),
    ("GET", "/v2/token_auth"),
    ("DELETE", "/v2/token_auth"),
    *(
        (method, path)
        for method in ("PUT", "POST", "GET")
        for path in ("/v2/push/{token}/{file}", "/v2/push/{place}", "/v2/push")
    ),
}


def test_the_paths_are_the_vendors_in_both_versions() -> None:
    told = {(route.method, route.path) for route in ROUTES if route.method != "OPTIONS"}
    assert told == OURS | {(method, path.replace("/v2", "/v1", 1)) for method, path in OURS}


def test_every_path_answers_a_browser_that_asks_first() -> None:
    asked = {route.path for route in ROUTES if route.method == "OPTIONS"}
    assert asked == {route.path for route in ROUTES}


def test_only_log_ins_and_preflights_are_public() -> None:
    public = {(route.method, route.path.rpartition("/")[2]) for route in ROUTES if route.public}
    assert {entry for entry in public if entry[0] != "OPTIONS"} == {("PUT", "api_auth"), ("PUT", "user_auth")}


def test_only_pushes_stream() -> None:
    assert all(route.streams is ("/push" in route.path and route.method in {"PUT", "POST"}) for route in ROUTES)


def test_every_line_is_described() -> None:
    assert all(route.about for route in ROUTES)
    assert DIALECT.routes is ROUTES


@pytest.mark.parametrize("name", ["origin", "access-control-request-method", "access-control-request-headers"])
def test_cross_origin_headers_are_for_who_is_elsewhere(name: str) -> None:
    here, elsewhere = WireRequest(method="GET", path="/"), WireRequest(method="GET", path="/", headers={name: "x"})
    assert cross_origin(here) == preflight(here) == ()
    assert dict(cross_origin(elsewhere))["access-control-allow-origin"] == "*"
    asked = dict(preflight(elsewhere))
    for wanted in ("X-Auth-Token", "Content-Type", "If-Match", "Cache-Control", "Authorization", "Range"):
        assert wanted in asked["access-control-allow-headers"]
    for shown in ("X-Auth-Token", "X-Request-ID", "ETag", "Location"):
        assert shown in asked["access-control-expose-headers"]
    assert asked["access-control-max-age"] == "86400"
