"""``callvault hook`` and ``callvault delivery``: said, shown, and the exact bytes of what went out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from callvault.audio.wav_header import wav_header
from callvault.cli.main import main
from callvault.dialects import registry
from callvault.server.build import build_courier, build_vault
from callvault.server.settings import resolve
from tests.receiver import Receiver, receiving


class Desk:
    """The command line on a data folder of its own, with an account and somebody who listens."""

    def __init__(self, folder: Path, receiver: Receiver) -> None:
        self.folder = folder
        self.receiver = receiver
        self.say("account", "add", "acme")

    def run(self, *arguments: str) -> Result:
        """A command and what it says, whatever comes of it."""
        return CliRunner().invoke(main, [*arguments, "--data", str(self.folder / "data")])

    def say(self, *arguments: str) -> Any:
        """The JSON of a command that is carried out."""
        done = self.run(*arguments, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def record(self) -> str:
        """A recording's id."""
        file = self.folder / "call.wav"
        file.write_bytes(wav_header(samples=80, channels=1, sample_rate=8000) + bytes(160))
        [taken] = self.say("add", str(file), "--account", "acme")
        return str(taken["id"])

    def deliver(self) -> None:
        """What a server with the same data does with what is waiting."""

        async def work() -> None:
            settings = resolve({"data": str(self.folder / "data"), "hook_networks": "127.0.0.0/8"}, {})
            vault = build_vault(settings)
            await vault.open()
            courier = build_courier(settings, vault, registry.load())
            working = asyncio.create_task(courier.run())
            seen = len(self.receiver.requests)
            await asyncio.to_thread(self.receiver.wait_for, seen + 1)
            await courier.stop()
            await working
            await vault.close()

        asyncio.run(work())


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("CALLVAULT_HOOK_NETWORKS", "127.0.0.0/8")
    with receiving() as receiver:
        yield Desk(tmp_path, receiver)


def test_a_hook_is_added_listed_and_removed(desk: Desk) -> None:
    said = ("--dialect", "telnyx", "--event", "recording.available", "--option", "client_state=dGVh=")
    made = desk.say("hook", "add", desk.receiver.url(), "--account", "acme", *said, "--username", "ruth")
    assert (made["dialect"], made["events"], made["username"]) == ("telnyx", ["recording.available"], "ruth")
    assert made["options"] == {"client_state": "dGVh="}
    assert desk.say("hook", "list", "--account", "acme") == [made]
    told = desk.run("hook", "list", "--account", "acme").stdout
    assert told.split() == [made["id"], "telnyx", "POST", desk.receiver.url()]
    assert desk.run("hook", "remove", made["id"], "--account", "acme").exit_code == 0
    assert desk.say("hook", "list", "--account", "acme") == []
    assert "no hook" in desk.run("hook", "remove", made["id"], "--account", "acme").stderr


def test_a_hook_may_be_for_one_recording_by_any_vendors_name(desk: Desk) -> None:
    recording = desk.record()
    names = desk.say("show", recording)["dialects"]["kazoo"]
    made = desk.say(
        "hook",
        "add",
        desk.receiver.url(),
        "--account",
        "acme",
        "--dialect",
        "kazoo",
        "--recording",
        names["recording_id"],
    )
    assert made["recording_id"] == recording
    assert desk.say("hook", "list", "--account", "acme") == []
    assert desk.say("hook", "list", "--account", "acme", "--recording", recording) == [made]


@pytest.mark.parametrize(
    ("url", "said", "sentence"),
    [
        ("http://10.0.0.1/", (), "hook_networks"),
        ("https://hooks.example.org/", ("--option", "tag"), "NAME=TEXT"),
        ("https://hooks.example.org/", ("--option", "colour=red"), "no option 'colour'"),
        ("https://hooks.example.org/", ("--event", "recording.paused"), "tell of"),
    ],
)
def test_what_cannot_be_a_hook_is_refused_in_a_sentence(
    desk: Desk, url: str, said: tuple[str, ...], sentence: str
) -> None:
    done = desk.run("hook", "add", url, "--account", "acme", "--dialect", "bandwidth", *said)
    assert done.exit_code == 1
    assert sentence in done.stderr


def test_a_delivery_is_listed_shown_byte_for_byte_and_replayed(desk: Desk) -> None:
    made = desk.say("hook", "add", desk.receiver.url(), "--account", "acme", "--dialect", "bandwidth")
    recording = desk.record()
    [waiting] = desk.say("delivery", "list", "--account", "acme", "--state", "waiting")["deliveries"]
    assert (waiting["recording_id"], waiting["attempts"]) == (recording, 0)
    desk.deliver()
    listed = ("delivery", "list", "--account", "acme", "--hook", made["id"], "--recording", recording)
    [told] = desk.say(*listed)["deliveries"]
    assert (told["id"], told["state"]) == (waiting["id"], "delivered")
    assert told["id"] in desk.run(*listed).stdout
    shown = desk.say("delivery", "show", told["id"], "--account", "acme")
    assert [attempt["body"].encode() for attempt in shown["log"]] == [desk.receiver.requests[0].body]
    text = desk.run("delivery", "show", told["id"], "--account", "acme").stdout
    assert f"> POST {desk.receiver.url()}" in text
    assert "< 204" in text
    [again] = desk.say("delivery", "replay", told["id"], "--account", "acme")
    assert again["state"] == "waiting"
    desk.deliver()
    assert len(desk.say("delivery", "show", told["id"], "--account", "acme")["log"]) == 2
    assert len({request.body for request in desk.receiver.requests}) == 1


def test_what_somebody_else_has_is_not_found(desk: Desk) -> None:
    desk.say("hook", "add", desk.receiver.url(), "--account", "acme", "--dialect", "callvault")
    desk.record()
    delivery = desk.say("delivery", "list", "--account", "acme", "--limit", "1")
    assert delivery["more"]
    desk.say("account", "add", "other")
    assert desk.say("delivery", "list", "--account", "other")["deliveries"] == []
    done = desk.run("delivery", "show", delivery["deliveries"][0]["id"], "--account", "other")
    assert (done.exit_code, "no delivery" in done.stderr) == (1, True)
