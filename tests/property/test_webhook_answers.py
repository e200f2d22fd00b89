"""Whatever a customer's server answers, an attempt has an outcome, and nothing of it is a fault of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from callvault.model.destination import read_networks
from callvault.model.notice import Notice, Rules
from callvault.server.clock import wall_clock
from callvault.webhooks.guard import Guard, Names
from callvault.webhooks.sender import Sender, Sent, tls_context

RULES = Rules(timeout_s=2.0, read_s=0.5, pauses_s=(), redirects=3, heeds_retry_after=True)
TLS = tls_context()


class Street:
    """A server that answers each connection's first request with the same bytes and closes it, and who calls it."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._answer = b""
        self._server = self._runner.run(self._open())
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/calls"

    def attempt(self, answer: bytes) -> Sent:
        """One notice, answered with these bytes."""
        self._answer = answer
        return self._runner.run(self._send())

    def close(self) -> None:
        """Take it down."""
        self._server.close()
        self._runner.close()

    async def _open(self) -> asyncio.Server:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await reader.readuntil(b"{}")
                writer.write(self._answer)
                await writer.drain()
            except (ConnectionError, asyncio.IncompleteReadError):
                pass
            writer.close()

        return await asyncio.start_server(serve, "127.0.0.1", 0)

    async def _send(self) -> Sent:
        guard = Guard(read_networks("127.0.0.0/8"), Names())
        sender = Sender(guard, connections=2, agent="test", tls=TLS, clock=wall_clock)
        try:
            return await sender.send(Notice(method="POST", url=self.url, headers=(), body=b"{}"), RULES)
        finally:
            await sender.close()
            await asyncio.sleep(0)


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    opened = Street()
    yield opened
    opened.close()


VALUE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=60)
PLACES = st.one_of(
    VALUE,
    st.builds("http://{}/{}".format, VALUE, VALUE),
    st.sampled_from(
        ["http://[", "//[::1", "http://[::1]:99999/", "https://127.0.0.1:x/", "javascript:1", "\\\\a\\b", "?", "#"]
    ),
)
TIMES = st.one_of(
    VALUE,
    st.builds(
        "{}, {} {} {} {}:{}:{} {}".format,
        st.sampled_from(["Mon", "Tag", ""]),
        st.integers(-5, 99),
        st.sampled_from(["Jan", "Feb", "Tee"]),
        st.integers(-1, 10**12),
        st.integers(-1, 99),
        st.integers(-1, 99),
        st.integers(-1, 10**10),
        st.one_of(st.just("GMT"), st.integers(-(10**12), 10**12).map("{:+05}".format)),
    ),
)


def judge(sent: Sent) -> None:
    """It has a status or a failure with a sentence, never both and never neither."""
    outcome = sent.outcome
    assert (outcome.status is None) is (outcome.failure is not None)
    assert (outcome.failure is None) is (sent.attempt.error is None)
    assert outcome.retry_after_s is None or outcome.retry_after_s >= 0


@settings(max_examples=150)
@given(place=PLACES)
@example(place="http://[")
@example(place="http://127.0.0.1:99999/")
def test_wherever_it_leads(street: Street, place: str) -> None:
    head = f"HTTP/1.1 307 Elsewhere\r\nLocation: {place.strip()}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    judge(street.attempt(head.encode("latin-1")))


@settings(max_examples=150)
@given(time=TIMES)
@example(time="Mon, 01 Jan 2026 00:00:00 +999999999999")
@example(time="9" * 400)
def test_however_long_it_asks_to_wait(street: Street, time: str) -> None:
    head = f"HTTP/1.1 503 Later\r\nRetry-After: {time.strip()}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    judge(street.attempt(head.encode("latin-1")))


@settings(max_examples=150)
@given(
    answer=st.one_of(st.binary(max_size=200), st.binary(max_size=100).map(lambda tail: b"HTTP/1.1 200 OK\r\n" + tail))
)
@example(answer=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffffff\r\n")
@example(answer=b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: tea\r\nConnection: upgrade\r\n\r\n")
@example(answer=b"HTTP/1.1 100 Continue\r\n\r\n" * 50)
def test_whatever_it_says(street: Street, answer: bytes) -> None:
    judge(street.attempt(answer))
