"""Whoever sends webhooks may be killed or stopped at any moment: all of them arrive, and the log is true."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.ports import free_port
from tests.receiver import Answer, Received, Receiver, receiving, until
from tests.system.archive import command
from tests.system.running import Running, running
from tests.world import tone_of_silence

ENVIRONMENT: Mapping[str, str] = {"CALLVAULT_HOOK_NETWORKS": "127.0.0.0/8", "CALLVAULT_HOOK_LEASE_S": "2"}
"""A killed server's leases end soon, for the test's sake."""
KILLS = 6


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listening:
        yield listening


def said(request: Received) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(request.body)
    return document


def told(receiver: Receiver) -> dict[str, list[str]]:
    """Each recording's events, in the order in which they first came."""
    seen: dict[str, dict[str, None]] = defaultdict(dict)
    for request in receiver.requests:
        seen[said(request)["data"]["id"]][said(request)["type"]] = None
    return {recording: list(kinds) for recording, kinds in seen.items()}


def prepare(server: Running, receiver: Receiver) -> str:
    """An account whose recordings the receiver hears of: its key."""
    token: str = command(server, "account", "add", "acme")["key"]["token"]
    command(server, "hook", "add", receiver.url(), "--account", "acme", "--dialect", "callvault")
    return token


def upload(server: Running, key: str, number: int) -> str:
    """A recording's id, once the server has answered for it."""
    with httpx.Client(
        base_url=server.url, headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=30
    ) as client:
        reply = client.post("/callvault/v1/recordings", content=tone_of_silence(1, 1000 + number))
        assert reply.status_code in {200, 201}, reply.text
        return str(reply.json()["id"])


def states(server: Running) -> list[str]:
    page = command(server, "delivery", "list", "--account", "acme", "--limit", "10000")
    return [delivery["state"] for delivery in page["deliveries"]]


def test_killed_between_commit_and_delivery(tmp_path: Path, receiver: Receiver) -> None:
    receiver.answer = lambda _: Answer(after_s=60)
    with running(tmp_path / "data", environment=ENVIRONMENT) as server:
        key = prepare(server, receiver)
        recording = upload(server, key, 0)
        receiver.wait_for(1)
        server.kill()
        assert states(server) == ["waiting", "waiting"], "it was not answered, and what comes after it waits"
    receiver.answer = lambda _: Answer()
    before = len(receiver.requests)
    with running(tmp_path / "data", environment=ENVIRONMENT) as server:
        again = receiver.wait_for(before + 2)[before:]
        assert [said(request)["type"] for request in again] == ["recording.ended", "recording.available"]
        assert {said(request)["data"]["id"] for request in again} == {recording}
        assert again[0].headers["webhook-id"] == receiver.requests[0].headers["webhook-id"], "the same event"
        until(lambda: states(server) == ["delivered", "delivered"])


def test_what_was_there_before_the_receiver_was_goes_out_when_it_is(tmp_path: Path) -> None:
    """Nobody listens while it happens; a replay does not wait for the next try."""
    port = free_port()
    gone = Receiver(port=port)
    with running(tmp_path / "data", environment=ENVIRONMENT) as server:
        key = prepare(server, gone)
        upload(server, key, 0)
        page: Any = None

        def tried() -> bool:
            nonlocal page
            page = command(server, "delivery", "list", "--account", "acme")["deliveries"]
            return any(delivery["attempts"] == 1 for delivery in page)

        until(tried)
        with receiving(port=port) as receiver:
            first = next(delivery for delivery in page if delivery["attempts"] == 1)
            command(server, "delivery", "replay", first["id"], "--account", "acme")
            receiver.wait_for(2)
            until(lambda: states(server) == ["delivered", "delivered"])
        log = command(server, "delivery", "show", first["id"], "--account", "acme")["log"]
        assert [attempt.get("failure") for attempt in log] == ["unreachable", None]


def test_a_server_that_is_stopped_lets_what_it_sends_come_to_an_end(tmp_path: Path, receiver: Receiver) -> None:
    receiver.answer = lambda _: Answer(after_s=3.0)
    with running(tmp_path / "data", environment=ENVIRONMENT) as server:
        upload(server, prepare(server, receiver), 0)
        receiver.wait_for(1)
        server.process.terminate()
        server.process.wait(timeout=20)
        assert sorted(states(server)) == ["delivered", "waiting"]
        assert len(receiver.requests) == 1


def test_a_receiver_that_never_answers_does_not_keep_a_server_from_stopping(tmp_path: Path, receiver: Receiver) -> None:
    receiver.answer = lambda _: Answer(after_s=60)
    with running(tmp_path / "data", environment=ENVIRONMENT) as server:
        upload(server, prepare(server, receiver), 0)
        receiver.wait_for(1)
        server.process.terminate()
        assert server.process.wait(timeout=20) == 0
        assert states(server) == ["waiting", "waiting"]


@pytest.mark.slow
def test_several_processes_tell_each_event_once_and_in_order(tmp_path: Path, receiver: Receiver) -> None:
    patient = {**ENVIRONMENT, "CALLVAULT_HOOK_LEASE_S": "90"}
    with running(tmp_path / "data", "--workers", "2", environment=patient) as server:
        key = prepare(server, receiver)
        recordings = [upload(server, key, number) for number in range(40)]
        receiver.wait_for(2 * len(recordings))
        until(lambda: set(states(server)) == {"delivered"})
    assert len(receiver.requests) == 2 * len(recordings)
    assert set(told(receiver)) == set(recordings)
    assert {tuple(kinds) for kinds in told(receiver).values()} == {("recording.ended", "recording.available")}


@pytest.mark.slow
def test_killed_at_any_moment(tmp_path: Path, receiver: Receiver) -> None:
    """Whatever an upload was answered for is told, in its order, however often the server dies over it."""
    receiver.answer = lambda _: Answer(after_s=0.02)
    dice = random.Random(7)
    answered: set[str] = set()
    key = ""

    def record(server: Running, first: int) -> None:
        for number in range(first, first + 1000):
            try:
                answered.add(upload(server, key, number))
            except httpx.TransportError:
                return

    turn = 0
    while turn < KILLS or len(answered) <= KILLS:  # a machine that is busy answers for few before it is killed
        turn += 1
        assert turn < 10 * KILLS, "hardly any upload was answered for"
        with running(tmp_path / "data", environment=ENVIRONMENT) as server:
            key = key or prepare(server, receiver)
            uploading = threading.Thread(target=record, args=(server, 1000 * turn))
            uploading.start()
            time.sleep(dice.uniform(0.05, 1.0))
            os.killpg(server.process.pid, signal.SIGKILL)
            server.process.wait()
            uploading.join()
    with running(tmp_path / "data", environment=ENVIRONMENT) as server:
        until(lambda: answered <= set(told(receiver)) and set(states(server)) == {"delivered"}, 120.0)
    assert {tuple(kinds) for kinds in told(receiver).values()} == {("recording.ended", "recording.available")}
