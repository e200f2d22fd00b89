"""The server is killed while it takes uploads in: what it answered for is there, whole, and nothing else is."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.system.running import Running, running
from tests.world import tone_of_silence

KILLS = 10
UPLOADERS = 4


def uploads(server: Running, key: str, number: int, answered: set[str]) -> None:
    """Upload one recording after the other until the server is gone; note what it answered for."""
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=30) as client:
        for turn in range(1000):
            content = tone_of_silence(1, 20_000 + number * 1000 + turn)

            def pieces(content: bytes = content) -> Iterator[bytes]:
                for start in range(0, len(content), 65_536):
                    yield content[start : start + 65_536]

            try:
                reply = client.post("/callvault/v1/recordings", content=pieces())
            except httpx.TransportError:
                return
            assert reply.status_code in {200, 201}, reply.text
            answered.add(hashlib.sha256(content).hexdigest())


@pytest.mark.slow
def test_killed_at_any_moment(tmp_path: Path) -> None:
    data = tmp_path / "data"
    answered: set[str] = set()
    dice = random.Random(20)
    key = ""
    rounds = 0
    while rounds < KILLS or len(answered) <= KILLS:  # a machine that is busy answers for few before it is killed
        rounds += 1
        assert rounds < 10 * KILLS, "hardly any upload was answered for"
        with running(data) as server:
            if not key:
                key = server.callvault("account", "add", "acme")["key"]["token"]
            threads = [
                threading.Thread(target=uploads, args=(server, key, number, answered)) for number in range(UPLOADERS)
            ]
            for thread in threads:
                thread.start()
            time.sleep(dice.uniform(0.05, 0.8))
            server.kill()
            for thread in threads:
                thread.join()
    with running(data) as server:
        listed = server.callvault("list", "--account", "acme", "--limit", "10000")["recordings"]
        kept = {entry["media"]["sha256"]: data / "media" / entry["media"]["key"] for entry in listed}
        assert answered <= set(kept), "what was answered for is there"
        objects = {path for path in (data / "media").rglob("*") if path.is_file()}
        assert set(kept.values()) == objects, "no object without a row, no row without its object"
        for sha256, path in kept.items():
            assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256
        assert list((data / "incoming").iterdir()) == []
