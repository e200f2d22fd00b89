"""A real server that emulates, on each of its clocks, and what its page says of it."""

from __future__ import annotations

import re
import socket
import time
from pathlib import Path

import httpx
import pytest

from callvault.errors import OperatorError
from callvault.server.emulator.seed_file import read_seed
from callvault.testing import CallvaultServer, emulated
from tests.ports import free_port
from tests.system.running import run_callvault
from tests.system.third_party import run_project
from tests.world import tone_of_silence

PAGE = Path(__file__).parents[2] / "docs" / "emulator.md"
PATIENCE_S = 60.0
CLOCKS = {"real": ("real", 1), "fast": ("{pace: fast, factor: 60}", 60), "stepped": ("stepped", 60)}
"""For each the file's words, and the scale of the steps' offsets."""
SEED = """
clock: {clock}
accounts:
  - name: acme
    recordings:
      - {{name: live, audio: {{tone: 1, channels: 2}}, progress: {progress}}}
"""


def seed_of(folder: Path, clock: str) -> Path:
    words, scale = CLOCKS[clock]
    statuses = ("capturing", "paused", "capturing", "processing", "available")
    progress = ", ".join(f"{1.0 * number * scale}: {status}" for number, status in enumerate(statuses))
    file = folder / "seed.yaml"
    file.write_text(SEED.format(clock=words, progress=f"{{{progress}}}"))
    return file


def statuses_seen(server: CallvaultServer, clock: str) -> list[str]:
    """Every status that somebody sees who asks all the time."""
    seen: list[str] = []
    until = time.monotonic() + PATIENCE_S
    while "available" not in seen and time.monotonic() < until:
        status = server.recording("live").status
        if status is not None and seen[-1:] != [status]:
            seen.append(status)
        if clock == "stepped":
            server.advance(15)
    return seen


def listen(server: CallvaultServer) -> httpx.Response:
    told = server.credentials("bandwidth")
    url = server.recording("live").names["bandwidth"]["media_url"]
    return httpx.get(url, auth=(told["username"], told["password"]), trust_env=False, timeout=30)


@pytest.mark.parametrize("clock", CLOCKS)
def test_recordings_move_on_every_clock(clock: str, tmp_path: Path) -> None:
    with emulated(seed_of(tmp_path, clock), tmp_path) as server:
        seen = statuses_seen(server, clock)
        assert seen[-1] == "available"
        life = ["capturing", "paused", "capturing", "processing", "available"]
        remaining = iter(life)
        assert all(status in remaining for status in seen), seen  # in this order; who asks slowly misses some
        assert len(listen(server).content) == 44 + 8000 * 4
        server.reset()
        assert server.recording("live").status != "available"
        assert listen(server).status_code == 404


def test_a_clock_that_stands_waits_for_nobody(tmp_path: Path) -> None:
    with emulated(seed_of(tmp_path, "stepped"), tmp_path) as server:
        now = server.now
        assert server.now == now
        server.advance(0.25)
        assert (server.now - now).total_seconds() == 0.25
        assert server.recording("live").status == "capturing"


def test_nothing_is_left_of_it(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with emulated(seed_of(tmp_path, "stepped"), scratch) as server:
        server.reset()
        assert [path.name for path in scratch.iterdir() if path.is_dir()] != []
    assert [path.name for path in scratch.iterdir()] == ["callvault.log"]


def test_a_broken_body_is_a_broken_connection(tmp_path: Path) -> None:
    with emulated(seed_of(tmp_path, "stepped"), tmp_path) as server:
        server.advance(5 * 60)
        server.fault(path="**/media", break_after_bytes=20_000)
        with pytest.raises(httpx.RemoteProtocolError):
            listen(server)
        assert listen(server).status_code == 200


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text("accounts:\n  - name: acme\n    serial: many\n")
    with (
        pytest.raises(OperatorError, match=r"seed\.yaml, line 3: serial must be a whole number"),
        emulated(file, tmp_path),
    ):
        pass


def test_a_port_that_somebody_else_was_quicker_to_take_is_left_to_him(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ports = iter((other.getsockname()[1], free_port()))
        monkeypatch.setattr("callvault.testing.server.free_port", lambda: next(ports))
        with emulated(seed_of(tmp_path, "stepped"), tmp_path) as server:
            assert server.recording("live").status == "capturing"
            assert not server.url.endswith(f":{other.getsockname()[1]}")


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (("--workers", "2"), "the setting workers cannot go with it"),
        (("--database", "postgresql://127.0.0.1/x"), "the setting database cannot go with it"),
        (("--store", "media"), "the setting store cannot go with it"),
        (("--sip-listen", "udp:127.0.0.1:5060"), "An emulator takes no calls"),
        (("--stream-listen", "ws:127.0.0.1:8089"), "An emulator takes no calls"),
    ],
)
def test_what_speaks_of_data_is_refused(flags: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    port, data = str(free_port()), tmp_path / "data"
    file = seed_of(tmp_path, "real")
    done = run_callvault(data, "serve", "--emulate", str(file), "--port", port, *flags, check=False)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert not data.exists()


def blocks(language: str) -> list[str]:
    """The page's examples in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_the_project_on_its_page_works(tmp_path: Path) -> None:
    named = {}
    for text in (*blocks("toml"), *blocks("yaml"), *blocks("python")):
        title = re.match(r"# (\S+\.\S+)\n", text)
        if title:
            named[title[1]] = text
    assert set(named) == {"pyproject.toml", "tests/recordings.yaml", "tests/test_archive.py", "tests/test_calls.py"}
    outcome = run_project(tmp_path, named, sdks=["telnyx"])
    assert outcome.counts == {"passed": 5}, outcome.output


def test_the_seed_file_on_its_page_is_one(tmp_path: Path) -> None:
    (text,) = [text for text in blocks("yaml") if not text.startswith("# ")]
    file = tmp_path / "seed.yaml"
    file.write_text(text)
    (tmp_path / "greeting.wav").write_bytes(tone_of_silence(1, 1000))
    names = [recording.name for account in read_seed(file).accounts for recording in account.recordings]
    assert names == ["first", "second", "old", "recent", "live", "broken"]
