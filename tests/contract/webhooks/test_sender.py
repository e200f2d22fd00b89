"""One notice over real sockets: what goes out, what counts as an answer, and when a connection is used again."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from callvault.model.hook import Failure
from callvault.model.notice import Notice, Rules
from callvault.webhooks.sender import KEPT_ANSWER, MOST_ANSWER
from tests.contract.webhooks.sending import RULES, a_notice, a_sender, sent
from tests.receiver import Answer, receiving


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
        told = await sent(receiver.url(), Rules(timeout_s=1.5, pauses_s=()))
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
async def answering(
    *answers: bytes, unasked: bytes = b"", said: asyncio.Event | None = None
) -> AsyncIterator[tuple[str, list[int]]]:
    """A server that gives these bytes, one after the other; its URL, and on which connection each request came.

    ``unasked``: what it says besides, a moment after each answer; ``said``: set when it has.
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
                    await writer.drain()
                    if said is not None:
                        said.set()
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
    told = asyncio.Event()
    async with answering(good, good, unasked=bad, said=told) as (url, seen), a_sender() as sender:
        for _ in range(2):
            assert (await sender.send(a_notice(url), RULES)).outcome.status == 200
            await told.wait()
            told.clear()
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
