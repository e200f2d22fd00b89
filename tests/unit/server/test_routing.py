"""Which dialect and route a path belongs to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callvault.dialects import registry
from callvault.dialects.contract import Dialect, Route
from callvault.server.routing import Router
from callvault.vault.commands import Nothing
from callvault.wire import WireReply


def route(method: str, path: str) -> Route:
    return Route(method=method, path=path, read=lambda _: Nothing(), say=lambda _, __: WireReply(status=200))


def dialect(name: str, *routes: Route) -> Dialect:
    return replace(registry.load()[0], name=name, routes=routes)


ONE = dialect(
    "one", route("GET", "/v2/things/{thing}"), route("DELETE", "/v2/things/{thing}"), route("GET", "/v2/things/all")
)
TWO = dialect("two", route("GET", "/v2/accounts/{account}/things"), route("POST", "/v2/things/{other}/notes"))
ROUTER = Router([ONE, TWO])


def test_a_variable_segment_is_named_and_decoded_by_itself() -> None:
    match = ROUTER.match("GET", "/v2/things/a%2Fb%20c")
    assert match.dialect is ONE
    assert match.parts == {"thing": "a/b c"}


def test_a_literal_segment_wins_over_a_variable_one() -> None:
    match = ROUTER.match("GET", "/v2/things/all")
    assert match.route is not None
    assert match.route.path == "/v2/things/all"
    assert match.parts == {}


def test_two_dialects_may_share_a_beginning() -> None:
    assert ROUTER.match("GET", "/v2/accounts/7/things").dialect is TWO
    assert ROUTER.match("POST", "/v2/things/7/notes").parts == {"other": "7"}


def test_head_goes_where_get_goes() -> None:
    assert ROUTER.match("HEAD", "/v2/things/7").route == ROUTER.match("GET", "/v2/things/7").route


def test_a_slash_at_the_end_does_not_matter() -> None:
    assert ROUTER.match("GET", "/v2/things/7/").route is not None


def test_another_verb_is_told_which_there_are() -> None:
    match = ROUTER.match("PUT", "/v2/things/7")
    assert match.route is None
    assert match.allowed == ("DELETE", "GET")


@pytest.mark.parametrize(
    ("path", "owner"), [("/v2/things/7/8/9", ONE), ("/v2/accounts/7", TWO), ("/v3", None), ("/", None), ("", None)]
)
def test_an_unknown_path_is_refused_by_whose_beginning_it_has(path: str, owner: Dialect | None) -> None:
    match = ROUTER.match("GET", path)
    assert match.route is None
    assert match.dialect is owner


def test_an_empty_segment_is_no_name() -> None:
    assert ROUTER.match("GET", "/v2/things//notes").route is None


def test_a_path_belongs_to_one_dialect_only() -> None:
    with pytest.raises(ValueError, match="both one's and three's"):
        Router([ONE, dialect("three", route("GET", "/v2/things/{name}"))])


def test_no_two_dialects_of_the_house_want_the_same_path() -> None:
    Router(registry.load())
