"""One notice over real sockets: what goes out, what counts as an answer, where it may go, and within which limits."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest

from callvault.model.destination import Address, read_networks
from callvault.model.hook import Failure
from callvault.model.notice import Notice, Rules
from callvault.server.clock import wall_clock
from callvault.webhooks.guard import Guard, Names, Resolve
from callvault.webhooks.sender import KEPT_ANSWER, MOST_ANSWER, Sender, Sent, tls_context
from tests.receiver import Answer, Received, Receiver, receiving
from tests.system.authority import Certificates, certify

LOOPBACK = "127.0.0.0/8, ::1"
RULES = Rules(timeout_s=5, pauses_s=())


@asynccontextmanager
async def a_sender(
    allowed: str = LOOPBACK, *, resolve: Resolve | None = None, authorities: str | None = None
) -> AsyncIterator[Sender]:
    guard = Guard(read_networks(allowed), resolve or Names())
    sender = Sender(guard, connections=8, agent="callvault/test", tls=tls_context(authorities), clock=wall_clock)
    try:
        yield sender
    finally:
        await sender.close()


def a_notice(url: str, body: bytes = b'{"a":1}', method: str = "POST") -> Notice:
    return Notice(method=method, url=url, headers=(("Content-Type", "application/json"), ("X-B", "2")), body=body)


async def sent(url: str, rules: Rules = RULES, allowed: str = LOOPBACK, resolve: Resolve | None = None) -> Sent:
    async with a_sender(allowed, resolve=resolve) as sender:
        return await sender.send(a_notice(url), rules)


def names(**hosts: Sequence[str]) -> Resolve:
    """A resolver that knows these names, each with its answers: the first to the first question, and so on."""
    asked: dict[str, int] = {}

    async def resolve(host: str, _: int) -> Sequence[Address]:
        turn = asked[host] = asked.get(host, -1) + 1
        answers = hosts[host.partition(".")[0]]
        return tuple(ip_address(text) for text in answers[min(turn, len(answers) - 1)].split())

    return resolve


async def test_what_goes_out_is_what_the_log_keeps() -> None:
    with receiving(lambda _: Answer(status=200, body=b"thanks")) as receiver:
        async with a_sender() as sender:
            told = await sender.send(a_notice(receiver.url("/a?b=c")), RULES, authorization="Basic cnV0aDp0ZWE=")
    (request,) = receiver.requests
    assert (request.method, request.target, request.body) == ("POST", "/a?b=c", b'{"a":1}')
    assert request.headers["authorization"] == "Basic cnV0aDp0ZWE="
    assert request.headers["user-agent"] == "callvault/test"
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    masked = tuple((name, "Basic *" if name == "Authorization" else value) for name, value in request.header_list)
    assert told.attempt.headers == masked, "every header, in its order, but for the password"
    assert (told.attempt.body, told.attempt.url) == (request.body, receiver.url("/a?b=c"))
    assert (told.outcome.status, told.attempt.status, told.attempt.answer) == (200, 200, b"thanks")
    assert told.attempt.failure is None
    assert told.attempt.took_ms >= 0


async def test_a_notice_may_say_who_it_is_and_have_no_body() -> None:
    with receiving() as receiver:
        async with a_sender() as sender:
            notice = Notice(method="GET", url=receiver.url("/a"), headers=(("User-Agent", "telnyx-webhooks"),))
            assert (await sender.send(notice, RULES)).outcome.status == 204
    (request,) = receiver.requests
    assert request.headers["user-agent"] == "telnyx-webhooks"
    assert "content-length" not in request.headers


async def test_connections_are_used_again_and_one_that_closed_meanwhile_costs_nothing() -> None:
    with receiving(lambda request: Answer(close=request.path == "/closes")) as receiver:
        async with a_sender() as sender:
            for path in ("/a", "/b", "/closes", "/c"):
                told = await sender.send(a_notice(receiver.url(path)), RULES)
                assert told.outcome.status == 204, told.attempt.error
    assert [request.path for request in receiver.requests] == ["/a", "/b", "/closes", "/c"]
    assert [request.connection for request in receiver.requests] == [1, 1, 1, 2]


async def test_a_connection_that_breaks_is_no_answer() -> None:
    with receiving(lambda _: Answer(hang_up=True)) as receiver:
        told = await sent(receiver.url())
    assert len(receiver.requests) == 1, "on a new connection it is not sent again"
    assert (told.outcome.status, told.outcome.failure) == (None, Failure.SILENT)
    assert told.attempt.error


async def test_one_that_breaks_when_it_is_used_again_is_tried_once_more() -> None:
    answers = iter([Answer(), Answer(hang_up=True), Answer(status=200)])
    with receiving(lambda _: next(answers)) as receiver:
        async with a_sender() as sender:
            await sender.send(a_notice(receiver.url()), RULES)
            told = await sender.send(a_notice(receiver.url()), RULES)
    assert told.outcome.status == 200
    assert len(receiver.requests) == 3


async def test_an_answer_that_comes_too_late_is_none() -> None:
    with receiving(lambda _: Answer(after_s=1.0)) as receiver:
        whole = await sent(receiver.url(), Rules(timeout_s=0.2, pauses_s=()))
        read = await sent(receiver.url(), Rules(timeout_s=5, read_s=0.2, pauses_s=()))
    for told in (whole, read):
        assert (told.outcome.status, told.outcome.failure) == (None, Failure.SILENT)


async def test_an_answer_whose_body_never_ends_is_one_all_the_same() -> None:
    with receiving(lambda _: Answer(status=200, body=b"x" * 1000, drip_s=0.05)) as receiver:
        told = await sent(receiver.url(), Rules(timeout_s=0.3, pauses_s=()))
    assert told.outcome.status == 200
    assert told.outcome.failure is None
    assert 0 < len(told.attempt.answer) < 100


async def test_only_so_much_of_an_answer_is_read_and_kept() -> None:
    with receiving(lambda _: Answer(status=200, body=b"y" * (MOST_ANSWER * 40))) as receiver:
        async with a_sender() as sender:
            told = await sender.send(a_notice(receiver.url()), RULES)
            again = await sender.send(a_notice(receiver.url()), RULES)
    assert told.attempt.answer == b"y" * KEPT_ANSWER
    assert again.outcome.status == 200
    assert [request.connection for request in receiver.requests] == [1, 2], "the rest costs the connection"


async def test_nobody_there_is_told_from_nobody_answering() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        told = await sent(f"http://127.0.0.1:{port}/")
    assert told.outcome.failure is Failure.UNREACHABLE
    lost = await sent("http://nowhere.invalid/")
    assert lost.outcome.failure is Failure.UNREACHABLE
    assert "nowhere.invalid" in (lost.attempt.error or "")


@asynccontextmanager
async def answering(*answers: bytes, unasked: bytes = b"") -> AsyncIterator[tuple[str, list[int]]]:
    """A server that gives these bytes, one after the other; its URL, and on which connection each request came.

    ``unasked``: what it says besides, a moment after each answer.
    """
    left, seen, connections = iter(answers), list[int](), 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        mine = connections
        try:
            while True:
                await reader.readuntil(b'{"a":1}')
                seen.append(mine)
                writer.write(next(left))
                await writer.drain()
                if unasked:
                    await asyncio.sleep(0.02)
                    writer.write(unasked)
        except (StopIteration, asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", seen
    finally:
        server.close()
        await asyncio.sleep(0.01)


async def test_what_is_not_http_is_no_answer() -> None:
    async with answering(b"220 mail.example.org ESMTP\r\n", b"HTTP/1.1 two hundred\r\n\r\n") as (url, _):
        for _ in range(2):
            assert (await sent(url)).outcome.failure is Failure.SILENT


async def test_a_head_that_does_not_end_is_no_answer() -> None:
    async with answering(b"HTTP/1.1 200 OK\r\n" + b"X-Tea: two\r\n" * 10_000) as (url, _):
        told = await sent(url)
    assert told.outcome.failure is Failure.SILENT


async def test_an_answer_may_be_announced_and_come_in_chunks() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntea\r\n2;a=b\r\ns!\r\n0\r\nX: y\r\n\r\n"
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    async with answering(early + chunked, chunked) as (url, seen), a_sender() as sender:
        for _ in range(2):
            told = await sender.send(a_notice(url), RULES)
            assert (told.outcome.status, told.attempt.answer) == (200, b"teas!")
    assert seen == [1, 1]


async def test_a_connection_that_is_to_be_closed_is_not_used_again() -> None:
    closing = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    old = b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"
    async with answering(closing, old, closing) as (url, seen), a_sender() as sender:
        for _ in range(3):
            assert (await sender.send(a_notice(url), RULES)).outcome.status == 200
    assert seen == [1, 2, 3]


async def test_what_a_server_says_unasked_is_no_answer_to_what_it_is_told_next() -> None:
    """Some say 408 before they close a connection that nobody used."""
    good, bad = (f"HTTP/1.1 {status} Told\r\nContent-Length: 0\r\n\r\n".encode() for status in (200, 408))
    async with answering(good, good, unasked=bad) as (url, seen), a_sender() as sender:
        for _ in range(2):
            assert (await sender.send(a_notice(url), RULES)).outcome.status == 200
            await asyncio.sleep(0.05)
    assert seen == [1, 2]


async def test_who_floods_a_connection_that_rests_has_to_wait() -> None:
    flooded, held_back = 0, asyncio.Event()

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal flooded
        await reader.readuntil(b'{"a":1}')
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        try:
            while flooded < 256 << 20:
                writer.write(bytes(1 << 20))
                await asyncio.wait_for(writer.drain(), 0.5)
                flooded += 1 << 20
        except (TimeoutError, ConnectionError):
            pass
        held_back.set()
        writer.transport.abort()

    server = await asyncio.start_server(flood, "127.0.0.1", 0)
    async with a_sender() as sender:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        assert (await sender.send(a_notice(url), RULES)).outcome.status == 200
        await held_back.wait()
    server.close()
    assert flooded < 64 << 20, "the rest stays with whoever sends it"


async def test_connections_that_nobody_uses_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callvault.webhooks.connections.KEEPALIVE_S", 0.05)
    good = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    async with answering(good, good) as (url, seen), a_sender() as sender:
        assert (await sender.send(a_notice(url), RULES)).outcome.status == 200
        await asyncio.sleep(0.2)
        assert (await sender.send(a_notice(url), RULES)).outcome.status == 200
    assert seen == [1, 2]


@pytest.mark.parametrize(
    ("value", "seconds"), [("120", 120), ("0", 0), ("soon", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0)]
)
async def test_how_long_an_answer_asks_to_wait(value: str, seconds: float | None) -> None:
    with receiving(lambda _: Answer(status=503, headers=(("Retry-After", value),))) as receiver:
        assert (await sent(receiver.url())).outcome.retry_after_s == seconds


# Where it may go


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.1", "[::ffff:127.0.0.1]", "0.0.0.0", "127.1", "2130706433",
     "0x7f000001", "localhost", "[64:ff9b::7f00:1]"],
)  # fmt: skip
async def test_nothing_goes_to_an_address_that_is_not_public(host: str) -> None:
    with receiving() as receiver:
        told = await sent(f"http://{host}:{receiver.port}/", allowed="")
    assert receiver.requests == []
    assert told.outcome.failure is Failure.FORBIDDEN
    assert "hook_networks" in (told.attempt.error or "")


@pytest.mark.parametrize("addresses", ["127.0.0.1", "::1", "10.1.2.3", "169.254.169.254", "::ffff:127.0.0.1"])
async def test_nor_under_a_name_that_leads_there(addresses: str) -> None:
    with receiving() as receiver:
        told = await sent(f"http://inner.example.org:{receiver.port}/", allowed="", resolve=names(inner=[addresses]))
    assert receiver.requests == []
    assert told.outcome.failure is Failure.FORBIDDEN


async def test_a_name_that_leads_elsewhere_the_second_time_is_not_asked_twice() -> None:
    """DNS rebinding: what was checked is what is connected to."""
    with receiving() as receiver:
        rebinding = names(rebind=["127.0.0.7", "127.0.0.1"])
        told = await sent(f"http://rebind.example.org:{receiver.port}/", allowed="127.0.0.7", resolve=rebinding)
    assert receiver.requests == []
    assert told.outcome.failure is Failure.UNREACHABLE, "nobody listens at the address that was checked"


async def test_of_several_addresses_those_that_may_are_tried_in_turn() -> None:
    with receiving() as receiver:
        several = names(several=["10.0.0.1 127.0.0.7 127.0.0.1"])
        told = await sent(f"http://several.example.org:{receiver.port}/", resolve=several)
    assert told.outcome.status == 204
    assert receiver.requests[0].headers["host"] == f"several.example.org:{receiver.port}"


async def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy, receiving() as receiver:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url(""))
        assert (await sent(receiver.url())).outcome.status == 204
    assert proxy.requests == []


async def test_a_name_server_that_is_silent_keeps_nobody_waiting_for_ever() -> None:
    async def never(_: str, __: int) -> Sequence[Address]:
        await asyncio.sleep(60)
        return ()

    told = await sent("http://slow.example.org/", Rules(timeout_s=5, connect_s=0.1, pauses_s=()), resolve=never)
    assert told.outcome.failure is Failure.UNREACHABLE


# Redirects

FOLLOWING = Rules(timeout_s=5, pauses_s=(), redirects=3)


def leading_to(target: str, status: int = 302) -> Receiver:
    """What answers ``/hook`` with a redirect and everything else with 200."""

    def answer(request: Received) -> Answer:
        if request.path == "/hook":
            return Answer(status=status, headers=(("Location", target),))
        return Answer(status=200)

    return Receiver(answer=answer)


async def test_a_redirect_is_an_answer_unless_the_rules_follow_it() -> None:
    with receiving(leading_to("/there").answer) as receiver:
        told = await sent(receiver.url())
    assert told.outcome.status == 302
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed_with_verb_and_body(status: int) -> None:
    with receiving(leading_to("/there?a=b", status).answer) as receiver:
        told = await sent(receiver.url(), FOLLOWING)
    assert told.outcome.status == 200
    first, second = receiver.requests
    assert (second.method, second.target, second.body) == ("POST", "/there?a=b", first.body)
    assert told.attempt.url == receiver.url("/there?a=b")


async def test_so_many_redirects_and_no_more() -> None:
    with receiving(lambda _: Answer(status=302, headers=(("Location", "/hook"),))) as receiver:
        told = await sent(receiver.url(), FOLLOWING)
    assert told.outcome.status == 302
    assert len(receiver.requests) == 4


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "10.0.0.1"])
async def test_every_hop_passes_the_guard(host: str) -> None:
    with receiving() as inner, receiving(host="127.0.0.7") as outer:
        outer.answer = leading_to(f"http://{host}:{inner.port}/inner").answer
        told = await sent(outer.url(), FOLLOWING, allowed="127.0.0.7")
    assert len(outer.requests) == 1
    assert inner.requests == []
    assert told.outcome.failure is Failure.FORBIDDEN


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://a:b@127.0.0.1/"])
async def test_a_redirect_to_what_is_no_place_for_a_notice_is_refused(target: str) -> None:
    with receiving(leading_to(target).answer) as receiver:
        told = await sent(receiver.url(), FOLLOWING)
    assert told.outcome.failure is Failure.FORBIDDEN


async def test_credentials_do_not_follow_to_another_host() -> None:
    with receiving() as other, receiving() as receiver:
        receiver.answer = leading_to(other.url("/there")).answer
        async with a_sender() as sender:
            told = await sender.send(a_notice(receiver.url()), FOLLOWING, authorization="Basic cnV0aDp0ZWE=")
        assert told.outcome.status == 204
        assert "authorization" in receiver.requests[0].headers
        assert "authorization" not in other.requests[0].headers
        assert other.requests[0].headers["host"] == f"127.0.0.1:{other.port}"


# TLS


def certified(folder: Path) -> tuple[Certificates, ssl.SSLContext]:
    made = certify(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(made.certificate, made.key)
    return made, context


async def test_a_certificate_is_checked_against_the_name_and_an_authority(tmp_path: Path) -> None:
    made, tls = certified(tmp_path)
    with receiving(tls=tls) as receiver:
        local = names(localhost=["127.0.0.1"], stranger=["127.0.0.1"])
        url = f"https://localhost:{receiver.port}/hook"
        untrusted = await sent(url, resolve=local)
        assert untrusted.outcome.failure is Failure.UNREACHABLE
        async with a_sender(resolve=local, authorities=str(made.authority)) as sender:
            assert (await sender.send(a_notice(url), RULES)).outcome.status == 204
            other = await sender.send(a_notice(f"https://stranger.example.org:{receiver.port}/"), RULES)
            assert other.outcome.failure is Failure.UNREACHABLE
            assert "certificate" in (other.attempt.error or "").lower()
    assert len(receiver.requests) == 1


async def test_nothing_is_led_from_https_to_http(tmp_path: Path) -> None:
    made, tls = certified(tmp_path)
    with receiving() as plain, receiving(tls=tls) as receiver:
        receiver.answer = leading_to(plain.url("/there")).answer
        async with a_sender(authorities=str(made.authority)) as sender:
            told = await sender.send(a_notice(f"https://localhost:{receiver.port}/hook"), FOLLOWING)
    assert told.outcome.failure is Failure.FORBIDDEN
    assert plain.requests == []
