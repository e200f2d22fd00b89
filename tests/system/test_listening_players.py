"""The players that people have play what has no end yet: FFmpeg, SoX, and the audio element of Chromium."""

from __future__ import annotations

import asyncio
import http.server
import re
import shutil
import subprocess
import threading
import urllib.request
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from callvault.caller.call import Call
from callvault.caller.plan import CallPlan, Voice
from callvault.caller.sound import noise
from tests.services.install import from_debian
from tests.services.need import need
from tests.system.authority import Certificates
from tests.system.recording_server import RecordingServer, recording_server
from tests.system.test_listening import live_call

pytestmark = pytest.mark.slow

VOICES = tuple(Voice(sound=noise(number, seconds=60), user=f"200{number}") for number in (1, 2))
PATIENCE_S = 40
HEARD_S = 2.0
PAGE = """<script>
for (const form of ["wav", "mp3"]) {
  const audio = new Audio("/" + form)
  const tell = what => fetch(`/told?form=${form}&${what}`)
  audio.ontimeupdate = () => tell(`at=${audio.currentTime}`)
  audio.onerror = () => tell(`error=${audio.error.message}`)
  audio.play()
}
</script>"""


def tool(name: str) -> str:
    line = f"apt-get install {name}"
    return need(name, lambda: shutil.which(name), line, lambda: from_debian(name))


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[RecordingServer]:
    with recording_server(tmp_path_factory.mktemp("recorder"), certificates) as server:
        yield server


@asynccontextmanager
async def sounding(recorder: RecordingServer) -> AsyncIterator[str]:
    """A call that goes on until it is left; where it can be heard."""
    async with Call(CallPlan(recorder=recorder.uri(), voices=VOICES, rtcp=False)) as call:
        playing = asyncio.create_task(call.play())
        live = await live_call(recorder)
        yield f"{recorder.server.url}/callvault/v1/calls/{live['call_id']}/audio"
        call.hang_up()
        await playing


async def printed(line: str) -> str:
    """What a line of a shell prints."""
    done = await asyncio.create_subprocess_shell(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    async with asyncio.timeout(PATIENCE_S):
        told, _ = await done.communicate()
    assert done.returncode == 0, told.decode(errors="replace")
    return told.decode(errors="replace")


async def test_ffmpeg_plays_both_forms(recorder: RecordingServer) -> None:
    ffmpeg = f"{tool('ffmpeg')} -hide_banner -headers 'Authorization: Bearer {recorder.token}\r\n'"
    async with sounding(recorder) as url:
        lines = (f"{ffmpeg} -i {url}?format={form} -t 4 -af volumedetect -f null -" for form in ("wav", "mp3"))
        told = await asyncio.gather(*map(printed, lines))
    for text, codec in zip(told, ("pcm_s16le", "mp3"), strict=True):
        assert codec in text
        assert "8000 Hz" in text
        loudness = re.search(r"mean_volume: (-[0-9.]+) dB", text)
        assert loudness is not None
        assert float(loudness[1]) > -40


async def test_sox_plays_what_curl_gets(recorder: RecordingServer) -> None:
    curl = f"{tool('curl')} -sN --max-time 5 -H 'Authorization: Bearer {recorder.token}'"
    sox = tool("sox")
    async with sounding(recorder) as url:
        told = await printed(f"{curl} {url} | {sox} -t wav - -n stat")
    seconds = re.search(r"Length \(seconds\):\s+([0-9.]+)", told)
    loudness = re.search(r"RMS\s+amplitude:\s+([0-9.]+)", told)
    assert seconds is not None
    assert loudness is not None
    assert float(seconds[1]) > HEARD_S
    assert float(loudness[1]) > 0.05


async def test_a_browser_plays_both_forms_in_its_audio_element(recorder: RecordingServer, tmp_path: Path) -> None:
    chromium = tool("chromium")
    async with sounding(recorder) as url:
        with page(f"{url}?format=", recorder.token) as (address, played):
            browser = await asyncio.create_subprocess_exec(
                *(chromium, "--headless", "--no-sandbox", "--disable-gpu"),
                *("--autoplay-policy=no-user-gesture-required", f"--user-data-dir={tmp_path}"),
                *("--remote-debugging-port=0", address),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                assert await asyncio.to_thread(played.wait, PATIENCE_S), "both were heard for some seconds"
            finally:
                browser.terminate()
                await browser.wait()


@contextmanager
def page(url: str, token: str) -> Iterator[tuple[str, threading.Event]]:
    """A page that plays both forms, on a server that passes the audio on; and when both were heard for long enough."""
    played = threading.Event()
    heard: dict[str, float] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            if asked.path == "/":
                self._answer("text/html")
                self.wfile.write(PAGE.encode())
            elif asked.path == "/told":
                said = parse_qs(asked.query)
                heard[said["form"][0]] = float(said.get("at", ["0"])[0])
                if len(heard) == 2 and min(heard.values()) > HEARD_S:
                    played.set()
                self._answer("text/plain")
            elif asked.path in {"/wav", "/mp3"}:
                self._pass_on(asked.path[1:])

        def _pass_on(self, form: str) -> None:
            request = urllib.request.Request(url + form, headers={"Authorization": f"Bearer {token}"})
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as reply:
                self._answer(reply.headers["Content-Type"])
                try:
                    while piece := reply.read1(65_536):
                        self.wfile.write(piece)
                except OSError:
                    return  # the browser is gone

        def _answer(self, content_type: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.end_headers()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with ThreadPoolExecutor(1) as pool:
        serving = pool.submit(server.serve_forever)
        try:
            yield f"http://127.0.0.1:{server.server_port}/", played
        finally:
            server.shutdown()
            serving.result()
            server.server_close()
