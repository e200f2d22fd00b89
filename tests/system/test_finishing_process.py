"""The process that finishes calls, killed again and again: every call becomes one recording, and no spool stays."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from callvault.audio.late_header import Coding, late_header_bytes
from callvault.capture.journals import JournalFile
from callvault.capture.spools import Spools
from callvault.model.ids import new_id
from callvault.protocols.spool.journal import Begun, Ended, Payload, Reason, StreamAgreed
from tests.rtp_calls import EPOCH_NS, MS, Sent, arrived, batches, spooled, stream
from tests.spool_chunks import write_batch
from tests.system.running import PATIENCE_S, run_callvault
from tests.world import NOW

PCMU = Payload(number=0, name="PCMU", clock_rate=8000)
PACKETS = 1500
TAKES = 8


def spool_a_call(spools: Spools, account: UUID, number: int) -> tuple[UUID, list[Sent]]:
    """An ended take of two streams of noise."""
    take = new_id(NOW, number.to_bytes(10, "big"))
    sent = [stream(PACKETS, seed=2 * number + leg, ssrc=leg) for leg in (0, 1)]
    paths = spools.live(take)
    journal = JournalFile(paths.journal)
    journal.write(
        Begun(take=take, at_ns=EPOCH_NS, account_id=account, door="siprec", trunk="sbc"),
        *(StreamAgreed(at_ns=EPOCH_NS, stream=leg, label=str(leg), payloads=(PCMU,)) for leg in (0, 1)),
        Ended(at_ns=EPOCH_NS + PACKETS * 20 * MS, reason=Reason.BYE),
    )
    journal.close()
    media = spooled(*(batches(leg, arrived(each)) for leg, each in enumerate(sent)))
    paths.media.write_bytes(b"".join(map(write_batch, media)))
    spools.end(take)
    return take, sent


@contextmanager
def finishing(data: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The process, until it is stopped or was killed; its own processes go with it."""
    environment: Mapping[str, str] = {**os.environ, "CALLVAULT_DATA": str(data), "CALLVAULT_FINISHERS": "2"}
    process = subprocess.Popen(
        [sys.executable, "-m", "callvault.server.capture.finishing"], env=environment, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        assert process.wait(timeout=PATIENCE_S) in {0, -signal.SIGKILL, -signal.SIGTERM}


def original(data: Path, take: UUID) -> Path:
    (path,) = (path for path in (data / "media").rglob("*.wav") if str(take) in str(path))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_finisher_that_is_killed_at_any_moment_costs_nothing(tmp_path: Path, seed: int) -> None:
    data = tmp_path / "data"
    account = UUID(json.loads(run_callvault(data, "account", "add", "acme", "--json").stdout)["account"]["id"])
    spools = Spools(data / "spool")
    calls = dict(spool_a_call(spools, account, number) for number in range(TAKES))
    chance = random.Random(seed)
    for _ in range(4):
        with finishing(data) as process:
            time.sleep(chance.uniform(0.3, 2.0))  # the moment is the test
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    with finishing(data):
        deadline = time.monotonic() + 2 * PATIENCE_S
        while spools.ended_takes() and time.monotonic() < deadline:
            time.sleep(0.05)
    listed = json.loads(run_callvault(data, "list", "--account", "acme", "--json").stdout)
    assert sorted(recording["id"] for recording in listed["recordings"]) == sorted(map(str, calls))
    for take, sent in calls.items():
        raw = original(data, take).read_bytes()[late_header_bytes(Coding.ULAW) :]
        found = np.frombuffer(raw, dtype=np.uint8).reshape(-1, 2)
        for leg, each in enumerate(sent):
            assert (found[:, leg] == each.payloads.reshape(-1)).all()
    assert [path for path in (data / "spool").rglob("*") if path.is_file()] == []
    assert spools.troubles() == {}
