"""A tiny server for webhooks: it listens on loopback, keeps what comes, and answers as it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

PATIENCE_S = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """One request that came."""

    method: str
    path: str
    """With the query."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    """As it came: signatures are over these bytes."""

    def json(self) -> Any:  # noqa: ANN401 - JSON values
        """The body of a vendor that sends JSON."""
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        """The body of a vendor that sends forms; the query's parameters, where it came by GET."""
        text = self.body.decode() if self.method != "GET" else self.path.partition("?")[2]
        return dict(parse_qsl(text, keep_blank_values=True))


class HookReceiver:
    """What the fixture ``callvault_hooks`` gives."""

    def __init__(self, url: str) -> None:
        self.url = url
        """Where it listens; whatever is appended to it is taken as well."""
        self._received: list[Received] = []
        self._answers: list[int] = []
        self._news = threading.Condition()

    @property
    def received(self) -> list[Received]:
        """Everything that came, in the order in which it came."""
        with self._news:
            return list(self._received)

    def wait(self, count: int = 1, timeout_s: float = PATIENCE_S) -> list[Received]:
        """Everything that came, once it is at least so many.

        Raises:
            AssertionError: they did not come in time.
        """
        with self._news:
            if not self._news.wait_for(lambda: len(self._received) >= count, timeout_s):
                came = ", ".join(f"{entry.method} {entry.path}" for entry in self._received) or "nothing"
                raise AssertionError(f"{count} webhooks should have come within {timeout_s:g} s; {came} did.")
            return list(self._received)

    def answer(self, *statuses: int) -> None:
        """Answer the next requests with these, one each; then with 200 again."""
        with self._news:
            self._answers = list(statuses)

    def clear(self) -> None:
        """Forget what came, and what was to be answered."""
        with self._news:
            self._received.clear()
            self._answers.clear()

    def take(self, received: Received) -> int:
        """Keep a request; the status to answer with."""
        with self._news:
            self._received.append(received)
            self._news.notify_all()
            return self._answers.pop(0) if self._answers else 200


class _Handler(BaseHTTPRequestHandler):
    """One request.  The names of its methods are the standard library's."""

    protocol_version = "HTTP/1.1"

    def __init__(self, keep: Callable[[Received], int], *connection: Any) -> None:  # noqa: ANN401 - as the base class has them
        self._keep = keep
        super().__init__(*connection)

    def take(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status = self._keep(Received(method=self.command, path=self.path, headers=headers, body=body))
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_PUT = take  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - the standard library's
        """Whoever wants to know asks ``received``."""


@contextmanager
def listening() -> Iterator[HookReceiver]:
    """A receiver on a free port of 127.0.0.1, until the end of the block."""

    def handle(*connection: Any) -> _Handler:  # noqa: ANN401
        return _Handler(receiver.take, *connection)

    with ThreadingHTTPServer(("127.0.0.1", 0), handle) as server:
        receiver = HookReceiver(f"http://127.0.0.1:{server.server_address[1]}/")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
