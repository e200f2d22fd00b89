"""Connections to a real server: kept alive, pipelined, closed, broken off, and held by clients that stop reading."""

from __future__ import annotations

import io
import json
import os
import socket
import struct
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from tests.system.archive import command
from tests.system.running import Running, running

RECORDINGS = "/callvault/v1/recordings"
PATIENCE_S = 60.0
LONG_S = 1200


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A server with one long recording in it."""

    server: Running
    key: str
    media: str
    """Path of its audio."""

    @property
    def authorization(self) -> str:
        return f"Authorization: Bearer {self.key}\r\n"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("connections")
    with running(folder / "data") as server:
        account = command(server, "account", "add", "alice")
        (folder / "long.wav").write_bytes(sound(LONG_S))
        (taken,) = command(server, "add", str(folder / "long.wav"), "--account", "alice")
        key = account["dialects"]["callvault"]["key"]
        yield Archive(server=server, key=key, media=f"{RECORDINGS}/{taken['id']}/media")


def sound(seconds: float) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((2, 2, 8000, 0, "NONE", ""))
        file.writeframes(os.urandom(int(32_000 * seconds)))
    return buffer.getvalue()


class Line:
    """One connection: what is sent goes out as it is, and answers are read one by one."""

    def __init__(self, archive: Archive, receive_buffer: int | None = None) -> None:
        self.socket = socket.socket()
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(("127.0.0.1", archive.server.port))
        self.file = self.socket.makefile("rb")

    def send(self, text: str | bytes) -> None:
        self.socket.sendall(text.encode() if isinstance(text, str) else text)

    def answer(self, method: str = "GET") -> Reply:
        """The next answer."""
        response = HTTPResponse(_Kept(self.file), method=method)  # type: ignore[arg-type]
        response.begin()
        return Reply(status=response.status, headers=response.headers, body=response.read())

    def is_closed(self) -> bool:
        """Whether nothing more comes."""
        return self.file.read(1) == b""

    def close(self) -> None:
        self.file.close()
        self.socket.close()


@dataclass(frozen=True, kw_only=True)
class Reply:
    status: int
    headers: Any
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class _Kept:
    """A file that an answer may close without the connection's being closed."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file

    def makefile(self, _: str) -> io.BufferedReader:
        return _Unclosed(self._file)  # type: ignore[return-value]


class _Unclosed:
    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def close(self) -> None:
        pass


@contextmanager
def line(archive: Archive, receive_buffer: int | None = None) -> Iterator[Line]:
    opened = Line(archive, receive_buffer)
    try:
        yield opened
    finally:
        opened.close()


def request(archive: Archive, method: str, path: str, *headers: str, body: bytes = b"") -> bytes:
    lines = "".join(f"{header}\r\n" for header in headers)
    return f"{method} {path} HTTP/1.1\r\nHost: vault.example\r\n{archive.authorization}{lines}\r\n".encode() + body


# One after the other


def test_a_connection_is_kept_for_the_next_request(archive: Archive) -> None:
    with line(archive) as held:
        for _ in range(3):
            held.send(request(archive, "GET", RECORDINGS))
            assert held.answer().status == 200


def test_requests_that_come_all_at_once_are_answered_in_their_order(archive: Archive) -> None:
    with line(archive) as held:
        held.send(b"".join(request(archive, "GET", archive.media, f"Range: bytes={n}-{2 * n}") for n in range(20)))
        for number in range(20):
            reply = held.answer()
            assert (reply.status, len(reply.body)) == (206, number + 1)
            assert reply.headers["content-range"].startswith(f"bytes {number}-{2 * number}/")


def test_an_answer_without_a_body_leaves_the_connection_in_step(archive: Archive) -> None:
    with line(archive) as held:
        held.send(request(archive, "GET", archive.media, "Range: bytes=0-0"))
        etag = held.answer().headers["etag"]
        for method, path, header, status in (
            ("HEAD", archive.media, "Accept: */*", 200),
            ("GET", archive.media, f"If-None-Match: {etag}", 304),
            ("GET", archive.media, "Range: bytes=999999999-", 416),
            ("HEAD", RECORDINGS + "/nowhere", "Accept: */*", 404),
            ("OPTIONS", "/v2/token_auth", "Origin: https://tea.example", 200),
        ):
            held.send(request(archive, method, path, header))
            assert held.answer(method).status == status
            held.send(request(archive, "GET", RECORDINGS))
            assert held.answer().json()["recordings"]


def test_a_body_that_nobody_asked_for_is_not_taken_for_the_next_request(archive: Archive) -> None:
    smuggled = request(archive, "DELETE", archive.media.removesuffix("/media"))
    with line(archive) as held:
        held.send(request(archive, "GET", RECORDINGS, f"Content-Length: {len(smuggled)}", body=smuggled))
        assert held.answer().status == 200
        held.send(request(archive, "GET", archive.media, "Range: bytes=0-0"))
        assert held.answer().status == 206


@pytest.mark.parametrize("header", ["Connection: close", "connection: Close"])
def test_a_client_that_wants_the_end_gets_it(archive: Archive, header: str) -> None:
    with line(archive) as held:
        held.send(request(archive, "GET", RECORDINGS, header))
        reply = held.answer()
        assert (reply.status, reply.headers["connection"]) == (200, "close")
        assert held.is_closed()


def test_a_client_of_1_0_is_answered_without_a_host(archive: Archive) -> None:
    with line(archive) as held:
        held.send(f"GET {RECORDINGS} HTTP/1.0\r\n{archive.authorization}\r\n")
        assert held.answer().status == 200
        assert held.is_closed()


@pytest.mark.parametrize(
    "head",
    [
        "GET {path} HTTP/1.1\r\nHost: a\r\nHost: b\r\n",
        "GET {path} HTTP/1.1\r\nHost: [\r\n",
        "GET {path}%00 HTTP/1.1\r\nHost: a\r\n",
        "GET {path}\0 HTTP/1.1\r\nHost: a\r\n",
        "GET {path} x HTTP/1.1\r\nHost: a\r\n",
        "GET {path} HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n",
        "GET {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
        "GET {path} HTTP/1.1\r\nHost: a\r\nX-Tea : green\r\n",
        "GET {path} HTTP/1.1\r\nHost: a\r\nX-Tea\r\n",
        "GET {path} HTTP/7.7\r\nHost: a\r\n",
        "{path}\r\n",
    ],
)
def test_what_is_no_http_is_refused_and_harms_nobody(archive: Archive, head: str) -> None:
    with line(archive) as held:
        held.send(head.format(path=RECORDINGS) + archive.authorization + "\r\n")
        assert held.answer().status == 400
    with line(archive) as held:
        held.send(request(archive, "GET", RECORDINGS))
        assert held.answer().status == 200


# What comes in


def test_a_client_that_asks_whether_to_go_on_is_told_so(archive: Archive) -> None:
    audio = sound(1)
    with line(archive) as held:
        held.send(request(archive, "POST", RECORDINGS, f"Content-Length: {len(audio)}", "Expect: 100-continue"))
        assert (held.file.readline(), held.file.readline()) == (b"HTTP/1.1 100 Continue\r\n", b"\r\n")
        held.send(audio)
        assert held.answer("POST").status == 201


def test_a_client_that_may_not_is_told_so_before_it_sends_anything(archive: Archive) -> None:
    with line(archive) as held:
        held.send(f"POST {RECORDINGS} HTTP/1.1\r\nHost: a\r\nContent-Length: 90000000\r\nExpect: 100-continue\r\n\r\n")
        assert held.answer("POST").status == 401


def test_a_client_that_sends_all_the_same_reads_why_it_was_in_vain(archive: Archive) -> None:
    with line(archive) as held:
        held.send(f"POST {RECORDINGS} HTTP/1.1\r\nHost: a\r\nContent-Length: 30000000\r\n\r\n")
        with suppress(ConnectionError):
            for _ in range(300):
                held.send(bytes(100_000))
        assert held.answer("POST").status == 401


def test_an_upload_in_chunks_is_kept_byte_by_byte(archive: Archive) -> None:
    audio = sound(3)
    with line(archive) as held:
        held.send(request(archive, "POST", RECORDINGS, "Transfer-Encoding: chunked", "Trailer: X-Tea"))
        sent = 0
        for size in [1, 2, 3, 43, 1, 4096, 65_537, *[7000] * 100]:
            piece = audio[sent : sent + size]
            if piece:
                held.send(f"{len(piece):x};tea=green\r\n".encode() + piece + b"\r\n")
            sent += size
        held.send("0\r\nX-Tea: green\r\n\r\n")
        told = held.answer("POST")
        assert told.status == 201
        path = f"{RECORDINGS}/{told.json()['id']}/media?format=original"
        held.send(request(archive, "GET", path))
        assert held.answer().body == audio


@pytest.mark.parametrize("ending", [b"", b"5", b"5\r\nab", b"zz\r\n", b"-1\r\n", b"ffffffffffffffffffff\r\n"])
def test_chunks_that_break_off_or_are_none_leave_nothing(archive: Archive, ending: bytes) -> None:
    before = listed(archive)
    audio = sound(1)
    with line(archive) as held:
        held.send(request(archive, "POST", RECORDINGS, "Transfer-Encoding: chunked"))
        held.send(f"{len(audio):x}\r\n".encode() + audio + b"\r\n" + ending)
        held.socket.shutdown(socket.SHUT_WR)
        with suppress(HTTPException, ConnectionError):
            assert held.answer("POST").status == 400
    assert listed(archive) == before
    eventually(lambda: incoming(archive) == [])


# Clients that go away, or stop


def test_clients_that_vanish_leave_nothing_open(archive: Archive) -> None:
    before = descriptors(archive)
    audio = sound(5)
    for number in range(30):
        with line(archive, receive_buffer=4096) as held:
            if number % 3 == 0:
                held.send(request(archive, "POST", RECORDINGS, f"Content-Length: {len(audio)}") + audio[: number * 900])
            elif number % 3 == 1:
                held.send(request(archive, "GET", archive.media))
                held.file.read(1000)
            else:
                held.send(request(archive, "GET", archive.media + "?format=mp3&channels=1"))
                held.file.read(1000)
            linger = struct.pack("ii", 1, 0)
            if number % 2:  # and half of them slam the door
                held.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    eventually(lambda: descriptors(archive) <= before)
    eventually(lambda: incoming(archive) == [])


def test_clients_that_stop_reading_cost_little_and_keep_nobody_waiting(archive: Archive) -> None:
    open_before, memory_before = descriptors(archive), memory(archive)
    with ExitStack() as stack:
        for _ in range(40):
            held = stack.enter_context(line(archive, receive_buffer=4096))
            held.send(request(archive, "GET", archive.media))
            assert held.file.readline().startswith(b"HTTP/1.1 200")
        with line(archive) as other:
            for _ in range(20):
                other.send(request(archive, "GET", RECORDINGS))
                assert other.answer().status == 200
            other.send(request(archive, "GET", archive.media))
            whole = other.answer()
            assert len(whole.body) == int(whole.headers["content-length"])
        assert memory(archive) - memory_before < 40 * len(whole.body) // 4, "far from all of what they asked for"
    eventually(lambda: descriptors(archive) <= open_before)


# The means


def listed(archive: Archive) -> list[str]:
    with line(archive) as held:
        held.send(request(archive, "GET", RECORDINGS))
        return [item["id"] for item in held.answer().json()["recordings"]]


def incoming(archive: Archive) -> list[Path]:
    return [path for path in (archive.server.data / "incoming").rglob("*") if path.is_file()]


def family(archive: Archive) -> list[Path]:
    """The server's processes: all that belong to its session."""
    session = archive.server.process.pid
    return [
        path for path in Path("/proc").glob("[0-9]*") if path.name.isdigit() and _session(int(path.name)) == session
    ]


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


def descriptors(archive: Archive) -> int:
    """How many files, sockets and pipes the server holds open."""
    return sum(len(list((process / "fd").iterdir())) for process in family(archive))


def memory(archive: Archive) -> int:
    """Bytes that the server holds in memory."""
    pages = [int((process / "statm").read_text().split()[1]) for process in family(archive)]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")


def eventually(true: Callable[[], bool]) -> None:
    """Wait until it is; what a server does when a client has gone, it does soon."""
    until = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < until, "it never comes to be"
        time.sleep(0.05)
