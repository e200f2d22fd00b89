"""What becomes of a request before a dialect sees it, and of a reply after: the ASGI layer, octet by octet."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from callvault.dialects import registry
from callvault.dialects.contract import Route, Visit
from callvault.model.actor import Account
from callvault.model.card import Card
from callvault.model.ids import new_id
from callvault.server.http import MOST_BODY, App
from callvault.server.routing import Router
from callvault.vault.commands import Nothing
from callvault.wire import WireReply
from tests.asgi import Answer, Message, ask, conversation, gone, nothing_more, scope_of, swallow
from tests.contract.tongues import TONGUES, Caller, Tongue
from tests.world import NOW, TOKEN, World


def seen(visit: Visit) -> dict[str, Any]:
    """All that a dialect is told of a request."""
    request = visit.request
    return {
        "method": request.method,
        "path": request.path,
        "parts": dict(request.parts),
        "query": [list(pair) for pair in request.query],
        "headers": dict(request.headers),
        "body": request.body.decode("latin-1"),
        "client": request.client,
        "base_url": visit.terms.base_url,
        "request_id": visit.terms.request_id,
    }


def say_seen(_: None, visit: Visit) -> WireReply:
    return WireReply(status=200, body=json.dumps(seen(visit)).encode())


def trip(_: None, visit: Visit) -> WireReply:
    raise RuntimeError(f"the inside of the house, {visit.request.header('authorization')}")


def route(method: str, path: str, say: Any) -> Route:
    return Route(method=method, path=path, read=lambda _: Nothing(), say=say, public=True)


MIRROR = replace(
    next(dialect for dialect in registry.load() if dialect.name == "telnyx"),
    name="mirror",
    claim=lambda _: None,
    routes=(
        route("GET", "/mirror/{first}/{second}", say_seen),
        route("GET", "/mirror/{first}", say_seen),
        route("POST", "/mirror/{first}", say_seen),
        route("GET", "/trip", trip),
        route("GET", "/known", lambda _, __: WireReply(status=304, headers=(("etag", '"x"'),), body=b"")),
        route("GET", "/gone", lambda _, __: WireReply(status=204)),
        route(
            "GET", "/twice", lambda _, __: WireReply(status=200, headers=(("link", "<a>"), ("link", "<b>")), body=b"ok")
        ),
    ),
)


@pytest.fixture
def mirror(world: World) -> App:
    return app_of(world)


def app_of(world: World, **settings: Any) -> App:
    return App(world.vault, Router([MIRROR]), MIRROR, settings, lambda: NOW)


# What a dialect is told


@pytest.mark.parametrize(
    ("target", "path", "parts"),
    [
        (b"/mirror/a%2Fb", "/mirror/a/b", {"first": "a/b"}),
        (b"/mirror/a%2Fb/c", "/mirror/a/b/c", {"first": "a/b", "second": "c"}),
        (b"/mirror/caf%C3%A9", "/mirror/café", {"first": "café"}),
        ("/mirror/café".encode(), "/mirror/café", {"first": "café"}),
        (b"/mirror/%FF%FE", "/mirror/\ufffd\ufffd", {"first": "\ufffd\ufffd"}),
        (b"/mirror/a+b", "/mirror/a+b", {"first": "a+b"}),
        (b"/mirror/a%20b", "/mirror/a b", {"first": "a b"}),
        (b"/mirror/%zz%", "/mirror/%zz%", {"first": "%zz%"}),
        (b"/mirror/%252F", "/mirror/%2F", {"first": "%2F"}),
        (b"/mirror/a;b=c", "/mirror/a;b=c", {"first": "a;b=c"}),
        (b"/mirror/..", "/mirror/..", {"first": ".."}),
        (b"/mirror/a/", "/mirror/a/", {"first": "a"}),
        (b"/mirror/a?", "/mirror/a", {"first": "a"}),
    ],
)
async def test_a_path_is_decoded_once_and_segment_by_segment(
    mirror: App, target: bytes, path: str, parts: dict[str, str]
) -> None:
    told = (await ask(mirror, "GET", target)).json()
    assert told["path"] == path
    assert told["parts"] == parts


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        (b"a=1&a=2&b", [["a", "1"], ["a", "2"], ["b", ""]]),
        (b"a=x+y%2Bz", [["a", "x y+z"]]),
        (b"a=caf%C3%A9", [["a", "café"]]),
        ("a=café".encode(), [["a", "café"]]),
        (b"a=%FF", [["a", "\ufffd"]]),
        (b"a=%", [["a", "%"]]),
        (b"a=1=2&=3&&", [["a", "1=2"], ["", "3"]]),
        (b"a=1;b=2", [["a", "1;b=2"]]),
        (b"filter%5Bx%5D%5Bgte%5D=1", [["filter[x][gte]", "1"]]),
        (b"DateCreated%3C=2026-03-01", [["DateCreated<", "2026-03-01"]]),
        (b"a=b?c", [["a", "b?c"]]),
        (b"", []),
    ],
)
async def test_a_query_is_told_in_order_and_decoded_once(mirror: App, query: bytes, pairs: list[list[str]]) -> None:
    told = (await ask(mirror, "GET", b"/mirror/a?" + query)).json()
    assert told["query"] == pairs


@pytest.mark.parametrize("target", [b"/mirror/a%00b", b"/mirror/a?x=%00", b"/mirror/a?%00", b"/mirror/a?x=\0"])
async def test_nul_in_a_url_is_refused_before_anybody_stumbles_over_it(mirror: App, target: bytes) -> None:
    answer = await ask(mirror, "GET", target)
    assert answer.status == 400
    assert "NUL" in answer.json()["errors"][0]["detail"]


async def test_header_names_come_in_any_case_and_repeated_ones_are_joined(mirror: App) -> None:
    scope = scope_of("GET", "/mirror/a")
    scope["headers"] = [(b"X-Tea", b"green"), (b"x-tea", b"black"), (b"X-MILK", "café".encode()), (b"x-none", b"")]
    answer = await conversation(mirror, scope)
    assert answer.json()["headers"] == {"x-tea": "green, black", "x-milk": "cafÃ©", "x-none": ""}


async def test_a_request_tells_who_sent_it_and_gets_a_number_of_its_own(mirror: App) -> None:
    first, second = [(await ask(mirror, "GET", "/mirror/a")).json() for _ in range(2)]
    assert first["client"] == "127.0.0.1"
    assert len(first["request_id"]) == 32
    assert first["request_id"] != second["request_id"]
    nobody = (await ask(mirror, "GET", "/mirror/a", client=None)).json()
    assert nobody["client"] == ""


@pytest.mark.parametrize(
    ("headers", "scheme", "setting", "base_url"),
    [
        ([("Host", "vault.example.org")], "http", "", "http://vault.example.org"),
        ([("Host", "vault.example.org:8480")], "https", "", "https://vault.example.org:8480"),
        ([("Host", "[::1]:8480")], "http", "", "http://[::1]:8480"),
        ([("Host", "10.0.0.7")], "http", "", "http://10.0.0.7"),
        ([("Host", "vault_1.internal")], "http", "", "http://vault_1.internal"),
        ([], "http", "", "http://localhost"),
        ([("Host", "")], "http", "", "http://localhost"),
        ([("Host", "inside:8480")], "http", "https://outside.example.org/", "https://outside.example.org"),
        ([("Host", "a"), ("X-Forwarded-Host", "b"), ("Forwarded", "host=c")], "http", "", "http://a"),
    ],
)
async def test_the_base_url_is_the_settings_or_else_the_hosts(
    world: World, headers: list[tuple[str, str]], scheme: str, setting: str, base_url: str
) -> None:
    app = app_of(world, base_url=setting)
    assert (await ask(app, "GET", "/mirror/a", headers, scheme=scheme)).json()["base_url"] == base_url


@pytest.mark.parametrize(
    "host", ["[]", "[::::]", "[1.2.3.4]", "a b", "a/b", "a@b", "a:b", "a:1:2", '"', "é", "a, b", "<x>"]
)
async def test_a_host_that_is_none_is_refused(mirror: App, host: str) -> None:
    assert (await ask(mirror, "GET", "/mirror/a", [("Host", host)])).status == 400


async def test_two_hosts_are_refused(mirror: App) -> None:
    assert (await ask(mirror, "GET", "/mirror/a", [("Host", "a"), ("Host", "b")])).status == 400


# Bodies that come in


async def test_a_body_is_whole_however_it_was_cut(mirror: App) -> None:
    for pieces in ([b"green tea"], [b"green", b" ", b"", b"tea"], [b"", b"green tea", b""]):
        assert (await ask(mirror, "POST", "/mirror/a", body=pieces)).json()["body"] == "green tea"
    assert (await ask(mirror, "POST", "/mirror/a", body=[])).json()["body"] == ""


async def test_a_body_of_just_the_limit_is_taken_and_one_byte_more_is_not(mirror: App) -> None:
    whole = await ask(mirror, "POST", "/mirror/a", body=[b"x" * (MOST_BODY // 2)] * 2)
    assert len(whole.json()["body"]) == MOST_BODY
    more = await ask(mirror, "POST", "/mirror/a", body=[b"x" * (MOST_BODY // 2)] * 2 + [b"x"])
    assert more.status == 413


async def test_a_body_without_end_is_refused_when_it_is_too_long(mirror: App) -> None:
    asked = 0

    async def receive() -> Message:
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": b"x" * 65_536, "more_body": True}

    answer = await conversation(mirror, scope_of("POST", "/mirror/a"), receive)
    assert answer.status == 413
    assert asked == MOST_BODY // 65_536 + 1


async def test_a_body_that_nobody_reads_is_not_waited_for(mirror: App) -> None:
    async def receive() -> Message:
        raise AssertionError("a GET has nothing to say")

    assert (await conversation(mirror, scope_of("GET", "/mirror/a"), receive)).status == 200


@pytest.mark.parametrize("tongue", TONGUES, ids=lambda tongue: tongue.name)
async def test_what_is_refused_before_the_dialect_reads_it_is_refused_in_its_words(app: App, tongue: Tongue) -> None:
    target = tongue.recordings(caller())
    for method, path, headers, body, status in (
        ("DELETE", target, [], b"x" * (MOST_BODY + 1), 413),
        ("GET", target.partition("?")[0] + "?x=%00", [], b"", 400),
        ("GET", target, [("Host", "[]")], b"", 400),
    ):
        answer = await ask(app, method, path, headers, body)
        assert answer.status in {status, 422 if status == 400 else status}
        kind = answer.header("content-type") or ""
        assert tongue.is_refusal(answer.status, kind, answer.json() if "json" in kind else answer.body), answer.body


async def test_a_client_that_goes_away_before_its_body_is_whole_gets_no_answer(mirror: App) -> None:
    answer = Answer()

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        answer.take(message)

    await mirror(scope_of("POST", "/mirror/a"), receive, send)
    assert answer.status == 0


# What goes out


@pytest.mark.parametrize(("target", "status"), [("/known", 304), ("/gone", 204)])
async def test_what_has_no_body_says_no_length(mirror: App, target: str, status: int) -> None:
    answer = await ask(mirror, "GET", target)
    assert (answer.status, answer.body) == (status, b"")
    assert answer.header("content-length") is None


async def test_a_header_that_is_said_twice_goes_out_twice(mirror: App) -> None:
    answer = await ask(mirror, "GET", "/twice")
    assert [value for name, value in answer.headers if name == "link"] == ["<a>", "<b>"]


# Faults and logs


async def test_a_fault_of_ours_is_the_dialects_500_and_tells_nothing(
    mirror: App, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await ask(mirror, "GET", "/trip", [("Authorization", "Bearer of the secret")])
    assert answer.status == 500
    assert answer.json()["errors"][0]["code"] == "10007"
    assert b"house" not in answer.body
    assert b"secret" not in answer.body
    assert "the inside of the house" in caplog.text, "the operator is told"


@pytest.mark.parametrize("tongue", TONGUES, ids=lambda tongue: tongue.name)
async def test_no_log_ever_holds_a_token(
    world: World, app: App, tongue: Tongue, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    whose = caller((await world.vault.catalogue.accounts())[0])
    card = Card(id=new_id(NOW, b"r" * 10), call_id=new_id(NOW, b"c" * 10), started_at=NOW)
    await world.record(whose.account_id, card)
    targets = [tongue.recordings(whose), f"/v2/push/{TOKEN}/call_recording_x.wav", "/nowhere/" + TOKEN]
    targets += [f"{tongue.recordings(whose)}&auth_token={TOKEN}", f"/v2/push/{TOKEN}x"]
    credentials = list(tongue.credentials(whose).items())

    async def everything() -> None:
        for target in targets:
            for method in ("GET", "PUT", "DELETE", "POST", "BREW"):
                await ask(app, method, target, credentials, f'{{"data": {{"api_key": "{TOKEN}"}}}}'.encode())
                await app(scope_of(method, target, credentials), gone, swallow)

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the database is on fire")

    await everything()
    monkeypatch.setattr(world.vault.catalogue, "find", broken)
    monkeypatch.setattr(world.vault.catalogue, "get", broken)
    await everything()
    assert "on fire" in caplog.text
    for secret in secrets_of(tongue, whose):
        assert secret not in caplog.text


async def test_a_scope_that_is_not_http_is_left_alone(mirror: App) -> None:
    await mirror({"type": "websocket"}, nothing_more, swallow)


# The means


def caller(account: Account | None = None) -> Caller:
    return Caller(
        account_id=account.id if account else new_id(NOW, b"a" * 10),
        serial=account.serial if account else 10_000_001,
        token=TOKEN,
    )


def secrets_of(tongue: Tongue, whose: Caller) -> Iterator[str]:
    """The token, its secret half, and both as this wire dresses them."""
    yield TOKEN[16:]
    for value in tongue.credentials(whose).values():
        yield value.rpartition(" ")[2]
