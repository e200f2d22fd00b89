"""One notice over HTTP: the exact bytes out, the beginning of the answer back, within the vendor's limits.

Connections are ours and the protocol is h11's, so nothing is added to a request and nothing followed that the vendor's
rules do not follow.  No proxy of the environment is asked.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import certifi

from callvault.model.hook import Attempt, Failure
from callvault.model.notice import Notice, Outcome, Rules
from callvault.webhooks.connection import Broken, Connection, Trouble
from callvault.webhooks.connections import Connections, origin_of
from callvault.webhooks.guard import Forbidden, Guard
from callvault.webhooks.redirects import redirected

KEPT_ANSWER = 4096
"""Bytes of an answer that the log keeps."""
MOST_ANSWER = 65_536
"""Bytes of an answer that are read; a longer one costs its connection."""
_MASK = "*"
_BODILESS = frozenset({"GET", "HEAD"})

Clock = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """What became of one attempt."""

    attempt: Attempt
    outcome: Outcome


@dataclass(slots=True)
class _Answer:
    """What is known so far."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    spoken: bool = False
    """Whether anything of the request went out."""


class Sender:
    """Sends notices; many at once."""

    def __init__(self, guard: Guard, *, connections: int, agent: str, tls: ssl.SSLContext, clock: Clock) -> None:
        """``connections``: that are kept; ``agent``: what ``User-Agent`` says where a notice does not."""
        self._agent = agent
        self._clock = clock
        self._guard = guard
        self._connections = Connections(guard, tls, connections)

    async def send(self, notice: Notice, rules: Rules, *, authorization: str | None = None) -> Sent:
        """One attempt; whatever happens is an outcome.  ``authorization``: the hook's own Basic credentials."""
        loop = asyncio.get_running_loop()
        began, at = loop.time(), self._clock()
        request, answer = self._request(notice, authorization), _Answer()
        failure, error = None, None
        try:
            async with asyncio.timeout(rules.timeout_s):
                request = await self._follow(request, rules, answer)
        except TimeoutError:
            if answer.status is None:
                failure = Failure.SILENT if answer.spoken else Failure.UNREACHABLE
                error = f"There was no answer within {rules.timeout_s:g} s."
        except Forbidden as refusal:
            answer, failure, error = _Answer(), Failure.FORBIDDEN, str(refusal)
        except Trouble as trouble:
            if answer.status is None:
                failure = Failure.SILENT if answer.spoken else Failure.UNREACHABLE
                error = str(trouble)
        took_ms = round((loop.time() - began) * 1000)
        attempt = Attempt(
            at=at,
            method=request.method,
            url=request.url,
            headers=tuple((name, _shown(name, value, authorization)) for name, value in request.headers),
            body=request.body,
            status=answer.status,
            answer=bytes(answer.body[:KEPT_ANSWER]),
            failure=failure,
            error=error,
            took_ms=took_ms,
        )
        retry_after_s = _retry_after(answer.headers.get("retry-after"), at)
        return Sent(
            attempt=attempt, outcome=Outcome(status=answer.status, failure=failure, retry_after_s=retry_after_s)
        )

    async def close(self) -> None:
        """Let go of every connection."""
        await self._connections.close()
        self._guard.close()

    def _request(self, notice: Notice, authorization: str | None) -> Notice:
        """The notice with every header that goes out, so that the log can keep them."""
        given = {name.lower() for name, _ in notice.headers}
        headers = [("Host", urlsplit(notice.url).netloc), *notice.headers, ("Accept", "*/*")]
        if "user-agent" not in given:
            headers.append(("User-Agent", self._agent))
        if authorization is not None:
            headers.append(("Authorization", authorization))
        if notice.method not in _BODILESS or notice.body:
            headers.append(("Content-Length", str(len(notice.body))))
        return Notice(method=notice.method, url=notice.url, headers=tuple(headers), body=notice.body)

    async def _follow(self, request: Notice, rules: Rules, answer: _Answer) -> Notice:
        """Send, and go on where an answer leads and the rules follow it.  Answers the last request."""
        for _ in range(rules.redirects):
            await self._exchange(request, rules, answer)
            onward = redirected(request, answer.status, answer.headers)
            if onward is None:
                return request
            request = onward
            answer.status, answer.headers, answer.body = None, {}, bytearray()
        await self._exchange(request, rules, answer)
        return request

    async def _exchange(self, request: Notice, rules: Rules, answer: _Answer) -> None:
        """One request and its answer.

        A connection that was kept from before may be closed by the other side at the very moment when it is used
        again.  Then most likely nobody has read the request, and it goes out once more on a new one.
        """
        origin = origin_of(request.url)
        kept = self._connections.kept(origin)
        if kept is not None:
            try:
                await self._once(kept, request, rules, answer)
            except Broken:
                if answer.status is not None:
                    raise
            else:
                return
        answer.spoken = False
        fresh = await self._connections.fresh(origin, rules.connect_s or rules.timeout_s)
        await self._once(fresh, request, rules, answer)

    async def _once(self, connection: Connection, request: Notice, rules: Rules, answer: _Answer) -> None:
        read_s = rules.read_s or rules.timeout_s
        async with self._connections.using(connection, origin_of(request.url)):
            answer.spoken = True
            head = await connection.ask(request, read_s)
            answer.status = head.status_code
            answer.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
            async for piece in connection.body(read_s):
                answer.body += piece[: MOST_ANSWER - len(answer.body)]
                if len(answer.body) == MOST_ANSWER:
                    break


def tls_context(authorities: str | None = None) -> ssl.SSLContext:
    """What certificates are checked with: the public authorities, and those of a PEM file besides.

    Raises:
        OSError: the file cannot be read, or holds no certificate.
    """
    context = ssl.create_default_context(cafile=certifi.where())
    if authorities:
        context.load_verify_locations(authorities)
    return context


def _retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that an answer asks to wait (RFC 9110 section 10.2.3)."""
    if value is None:
        return None
    if value.isascii() and value.isdigit() and len(value) < 10:
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
        return max(0.0, ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds())
    except (ValueError, TypeError, IndexError, OverflowError):  # each of them, by what is wrong with the date
        return None


def _shown(name: str, value: str, authorization: str | None) -> str:
    """A header as the log keeps it: the password is nobody's business there."""
    secret = authorization is not None and name == "Authorization" and value == authorization
    return f"{value.partition(' ')[0]} {_MASK}" if secret else value
