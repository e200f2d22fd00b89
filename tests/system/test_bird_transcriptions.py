"""Bird's transcriptions from end to end: asked for over HTTP, written down by a program, read as a file."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path

import httpx

from tests.system.archive import command
from tests.system.running import running
from tests.world import tone_of_silence

PROGRAM = """
import json, sys, wave
with wave.open(sys.argv[1]) as file:
    channels, seconds = file.getnchannels(), file.getnframes() / file.getframerate()
said = [f"{sys.argv[2]}, channel {number}, {seconds} s" for number in range(1, channels + 1)]
print(json.dumps([{"text": text, "confidence": 0.5} for text in said]))
"""


def test_a_program_of_the_operators_writes_down_what_was_said(tmp_path: Path) -> None:
    program = tmp_path / "write down.py"
    program.write_text(PROGRAM)
    transcriber = shlex.join([sys.executable, str(program)])
    with running(tmp_path / "data", environment={"CALLVAULT_TRANSCRIBER": transcriber}) as server:
        account = command(server, "account", "add", "acme")
        file = tmp_path / "call.wav"
        file.write_bytes(tone_of_silence(2, 2500))
        (entry,) = command(server, "add", str(file), "--account", "acme")
        told = account["dialects"]["bird"]
        with httpx.Client(
            base_url=f"{told['base_url']}/workspaces/{told['workspace_id']}",
            headers={"Authorization": f"AccessKey {told['access_key']}"},
            timeout=30,
        ) as client:
            asked = client.post(f"/recordings/{entry['id']}/transcriptions", json={"locale": "nl-NL"})
            assert asked.status_code == 202, asked.text
            assert asked.json()["status"] == "accepted"
            path = f"/transcriptions/{asked.json()['id']}"
            until = time.monotonic() + 60
            while client.get(path).json()["status"] == "accepted":
                assert time.monotonic() < until, "it is never written down"
                time.sleep(0.05)
            told = client.get(path).json()
            assert (told["status"], told["stereo"], told["locale"]) == ("available", True, "nl-NL")
            assert client.get("/transcriptions").json()["results"] == [told]
            text = client.get(f"{path}.txt")
            assert text.text == "nl-NL, channel 1, 2.5 s\nnl-NL, channel 2, 2.5 s\n"
            assert text.headers["content-type"].startswith("text/plain")
            cues = client.get(f"{path}.srt").text.strip().split("\n\n")
            assert [cue.splitlines()[1] for cue in cues] == ["00:00:00,000 --> 00:00:02,500"] * 2
