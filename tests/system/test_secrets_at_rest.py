"""Customers' passwords, each in every place where one can be said: none is in a file, a dump, a log or a command line.

What is looked for is the password itself, in hexadecimal too, as a dump writes bytes, and as Basic credentials show it.
The master key is in the data folder, so what is found nowhere is sealed with it, or was not kept.
"""

from __future__ import annotations

import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.receiver import Answer, Receiver, receiving
from tests.services.postgres import PostgresServer
from tests.system.authority import Certificates
from tests.system.kazoo_calls import Kazoo, until
from tests.system.leaks import snapshot
from tests.system.recording_server import RecordingServer, recording_server

pytestmark = pytest.mark.slow

NAME = "ruth"
RULE, LIVE, DEVICE, DEVICE_RULE, HOOK, STORAGE, TRUNK, USER = SECRETS = tuple(
    f"planted{number}Oolong" for number in range(8)
)
MASTER, STORE = "5ec2e7" + "0" * 58, "planted-in-the-settings"
CONNECTION = "2100000000000000001"
TOLD = {
    "CALLVAULT_HOOK_NETWORKS": "127.0.0.0/8",
    "CALLVAULT_STORE_SECRET_KEY": STORE,
    "CALLVAULT_LOG_LEVEL": "debug",
}


def basic(password: str) -> str:
    return b64encode(f"{NAME}:{password}".encode()).decode()


def needles(secret: str) -> tuple[bytes, ...]:
    said = secret.encode()
    return said, said.hex().encode(), basic(secret).encode(), basic(secret).encode().hex().encode()


def places_of(secrets: tuple[str, ...], contents: Mapping[str, bytes]) -> set[tuple[str, str]]:
    """Which secret lies where."""
    return {
        (secret, name)
        for name, content in contents.items()
        for secret in secrets
        if any(needle in content for needle in needles(secret))
    }


def dump(server: PostgresServer | None, dsn: str | None) -> dict[str, bytes]:
    """All that the database tells whoever may read it."""
    if server is None or dsn is None:
        return {}
    program = server.psql.with_name("pg_dump")
    said = subprocess.run([program, "--inserts", dsn], check=True, capture_output=True).stdout
    assert b"INSERT INTO public.accounts" in said
    return {"pg_dump": said}


def command_lines() -> dict[str, bytes]:
    """As ``ps`` shows them to everybody."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found[str(path)] = path.read_bytes()
        except OSError:
            continue  # it has ended
    return found


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[tuple[PostgresServer | None, str | None]]:
    if request.param == "sqlite":
        yield None, None
    else:
        yield request.getfixturevalue("postgres_server"), request.getfixturevalue("postgres_dsn")


def a_client(recorder: RecordingServer) -> Kazoo:
    headers = {"X-Auth-Token": recorder.token}
    identity = httpx.get(f"{recorder.server.url}/v2/token_auth", headers=headers, timeout=30).raise_for_status()
    return Kazoo(recorder=recorder, account=identity.json()["data"]["account_id"])


def plant(recorder: RecordingServer, receiver: Receiver, kazoo: Kazoo) -> str:
    """Say a password wherever one can be said.  Answer: the device's id."""

    def pushing(password: str, path: str) -> dict[str, Any]:
        url = receiver.url(path).replace("://", f"://{NAME}:{password}@")
        return {"any": {"any": {"enabled": True, "format": "wav", "url": url}}}

    recording = {"account": pushing(RULE, "/rule")}
    kazoo.settle(recording)
    assert kazoo.data("")["call_recording"] == recording, "whoever said it is shown what was said"
    document = {
        "name": "desk",
        "sip": {"username": "2001", "password": DEVICE},
        "call_recording": pushing(DEVICE_RULE, "/device"),
    }
    device: dict[str, Any] = kazoo.ask("PUT", "/devices", {"data": document}).raise_for_status().json()["data"]
    assert kazoo.data(f"/devices/{device['id']}") == document | {"id": device["id"]}

    shown = {"Authorization": f"Bearer {recorder.token}"}
    hook = {"dialect": "bandwidth", "url": receiver.url("/hook"), "username": NAME, "password": HOOK}
    at = f"{recorder.server.url}/callvault/v1/hooks"
    assert HOOK not in httpx.post(at, json=hook, headers=shown).raise_for_status().text
    keys = {"bucket": "calls", "region": "eu-west-1", "aws_access_key_id": "AKIA", "aws_secret_access_key": STORAGE}
    at = f"{recorder.server.url}/v2/custom_storage_credentials/{CONNECTION}"
    kept = httpx.post(at, json={"backend": "s3", "configuration": keys}, headers=shown).raise_for_status()
    assert STORAGE in kept.text, "Telnyx shows it"

    proofs = ("--username", NAME, "--certificate", "pbx.example.net")
    run(recorder, "trunk", "add", "pbx", "--account", "acme", *proofs, typed=f"{TRUNK}\n")
    run(recorder, "user", "add", "omar", "--account", "acme", typed=f"{USER}\n{USER}\n")
    return str(device["id"])


def run(recorder: RecordingServer, *arguments: str, typed: str = "") -> bytes:
    """A command, and all that it prints."""
    server = recorder.server
    ours = {name: value for name, value in os.environ.items() if not name.startswith("CALLVAULT_")}
    done = subprocess.run(
        [sys.executable, "-m", "callvault", *arguments],
        env={**ours, "CALLVAULT_DATA": str(server.data), **server.environment},
        input=typed.encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


async def test_no_password_lies_in_clear_anywhere(
    tmp_path: Path, certificates: Certificates, database: tuple[PostgresServer | None, str | None]
) -> None:
    server, dsn = database
    told = TOLD | ({"CALLVAULT_DATABASE": dsn, "CALLVAULT_MASTER_KEY": MASTER} if dsn else {})
    with (
        receiving(lambda _: Answer(status=201)) as receiver,
        recording_server(tmp_path, certificates, environment=told) as recorder,
    ):
        kazoo = a_client(recorder)
        device = plant(recorder, receiver, kazoo)
        known = recorder.server.data / "spool" / "trunks.json"
        await until(lambda: known.exists() and b"sealed." in known.read_bytes())

        async with kazoo.call(kazoo.plan()) as channel:
            url = receiver.url("/live").replace("://", f"://{NAME}:{LIVE}@")
            await channel.steer(action="start", format="wav", url=url)
            await until(lambda: len(channel.listed()) >= 2)
            during = snapshot(recorder.server.data) | dump(server, dsn) | command_lines()
            assert any(name.endswith(".journal") for name in during)
        shown = {"/rule": RULE, "/device": DEVICE_RULE, "/live": LIVE, "/hook": HOOK}
        await until(lambda: {f"/{each.path.split('/')[1]}" for each in receiver.requests} == set(shown))
        for path, password in shown.items():
            came = [each.headers["authorization"] for each in receiver.requests if each.path.startswith(path)]
            assert set(came) == {f"Basic {basic(password)}"}, "it is shown to those whom it is for"

        said = told_by_the_house(recorder)
        after = snapshot(tmp_path) | dump(server, dsn)
        assert kazoo.data(f"/devices/{device}")["sip"]["password"] == DEVICE
    assert places_of(SECRETS, during) == set()
    assert places_of(SECRETS, after | snapshot(tmp_path)) == set()
    assert places_of(SECRETS, said) == set()
    inward = (STORE, MASTER, dsn or STORE)
    assert places_of(inward, command_lines_of(during) | said) == set()


def command_lines_of(contents: Mapping[str, bytes]) -> dict[str, bytes]:
    found = {name: content for name, content in contents.items() if name.startswith("/proc/")}
    assert any(b"callvault.capture" in content for content in found.values())
    return found


def told_by_the_house(recorder: RecordingServer) -> dict[str, bytes]:
    """What commands and our own API print about all this."""
    whose = ("--account", "acme")
    commands = (
        ("account", "list", "--json"),
        ("trunk", "list", "--json"),
        ("user", "list", *whose, "--json"),
        ("policy", "show", *whose),
        ("hook", "list", *whose, "--json"),
        ("delivery", "list", *whose, "--json"),
        ("doctor", "--json"),
    )
    found = {" ".join(words): run(recorder, *words) for words in commands}
    for path in ("/policy", "/hooks", "/deliveries", "/recordings"):
        found[path] = recorder.ask(path).raise_for_status().content
    for delivery in recorder.ask("/deliveries").json()["deliveries"]:
        shown = recorder.ask(f"/deliveries/{delivery['id']}").raise_for_status()
        assert b"Basic *" in shown.content
        found[f"/deliveries/{delivery['id']}"] = shown.content
    return found
