"""The demo as a newcomer meets it: every line that it prints is run as it is printed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from callvault.demo.recordings import demo_recordings
from tests.ports import free_port
from tests.services.need import need
from tests.system.environments import ENVIRONMENTS, python_of
from tests.world import NOW

COUNT = len(demo_recordings(NOW)) + 1
"""With the live call."""
PACKAGE = re.compile(r"# pip install ([a-z-]+)")
CLIENT_OF = {"bandwidth-sdk": "bandwidth"}


@contextmanager
def demo(data: Path, *flags: str) -> Iterator[str]:
    """What it printed, while it serves."""
    output = data.parent / f"{data.name}.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "callvault", "demo", "--data", str(data), *flags],
            stdout=file,
            stderr=file,
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if not name.startswith("CALLVAULT_")},
        )
    port = flags[flags.index("--port") + 1]
    try:
        for _ in range(600):
            try:
                httpx.get(f"http://127.0.0.1:{port}/callvault/v1/ping")
                break
            except httpx.TransportError:
                assert process.poll() is None, output.read_text()
                time.sleep(0.05)
        yield output.read_text()
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=20)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "data"


@pytest.fixture(scope="module")
def port() -> str:
    return str(free_port())


@pytest.fixture(scope="module")
def printed(data: Path, port: str) -> Iterator[str]:
    with demo(data, "--port", port) as output:
        yield output


def lines_of(printed: str) -> list[str]:
    """The lines to paste: what begins with curl, and each snippet to its end."""
    return re.findall(r"^curl .*$|^python3 - (?:.|\n)*?^SNIPPET$", printed, re.MULTILINE)


def test_every_vendor_has_a_curl_line_and_a_snippet(printed: str) -> None:
    parts = re.split(r"^# (.*)$", printed, flags=re.MULTILINE)
    titles, texts = parts[1::2], parts[2::2]
    assert len(titles) == 6
    for title, text in zip(titles, texts, strict=True):
        kinds = [line.split()[0] for line in lines_of(text)]
        assert "curl" in kinds, title
        assert "python3" in kinds, title


def test_every_line_works_as_it_is_printed(printed: str, tmp_path: Path) -> None:
    need("curl", lambda: shutil.which("curl"), "apt-get install curl")
    for line in lines_of(printed):
        done = subprocess.run(
            ["bash", "-ec", line.replace("curl ", "curl --fail --silent --show-error ", 1)],
            cwd=tmp_path,
            env={**os.environ, "PATH": f"{folder_of_python(line)}:{os.environ['PATH']}"},
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stderr.decode()}"
        fetched = [path for path in tmp_path.iterdir() if path.is_file()]
        if " -o " in line:
            assert fetched.pop().stat().st_size > 1000, line
        else:
            assert len(done.stdout) > 100, line
        for path in tmp_path.iterdir():
            path.unlink()


def folder_of_python(line: str) -> str:
    """Where the snippet's package is installed."""
    found = PACKAGE.search(line)
    if found is None:
        return "/nowhere"
    name = CLIENT_OF.get(found[1], found[1])
    assert name in ENVIRONMENTS, line
    return str(python_of(name).parent)


def test_a_second_start_keeps_the_data_and_the_credentials(printed: str, data: Path, port: str) -> None:
    other = str(free_port())
    with demo(data, "--port", other) as again:
        assert f"holds {COUNT} recordings" in again
        told = printed.removeprefix("Recording a live call ...\n")  # which happens once
        assert again.replace(f":{other}", f":{port}").splitlines()[:30] == told.splitlines()[:30]


def test_the_credentials_are_nobody_elses_to_read(printed: str, data: Path) -> None:
    assert (data / "demo-credentials.json").stat().st_mode & 0o077 == 0
    assert (data / "master.key").stat().st_mode & 0o077 == 0
