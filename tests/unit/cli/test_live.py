"""``callvault live``: calls are listed and steered from the command line, while a recorder has them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from callvault.cli.main import main
from callvault.model.live import LiveCall, Phase
from callvault.model.policy import RECORD_ALL, RECORD_NONE, Policy
from callvault.server.build import build_vault
from callvault.server.settings import resolve
from callvault.vault.vault import Vault
from tests.wheel import Recorder, recorder

Value = TypeVar("Value")


class Desk:
    """The command line on a data folder of its own, and a recorder beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.account = UUID(self.say("account", "add", "acme")["account"]["id"])

    def run(self, *arguments: str) -> Result:
        """A command and what it says, whatever comes of it."""
        return CliRunner().invoke(main, [*arguments, "--data", str(self.folder / "data")])

    def say(self, *arguments: str) -> Any:
        """The JSON of a command that is carried out."""
        done = self.run(*arguments, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def beside(self, work: Callable[[Recorder], Awaitable[Value]]) -> Value:
        """Work at the command line while the recorder takes orders."""

        async def do() -> Value:
            vault: Vault = build_vault(resolve({"data": str(self.folder / "data")}, {}))
            await vault.open()
            try:
                async with recorder(vault, self.account) as node:
                    return await work(node)
            finally:
                await vault.close()

        return asyncio.run(do())

    def steer(self, policy: Policy, *verbs: tuple[str, ...]) -> tuple[LiveCall, list[Any]]:
        """Say verbs of one call, and answer what was said, and the call as the recorder has it then."""

        async def work(node: Recorder) -> tuple[LiveCall, list[Any]]:
            call = await node.call(policy)
            told = [
                await asyncio.to_thread(self.say, "live", verb, str(call.sip_call_id), *more) for verb, *more in verbs
            ]
            return node.wheel.calls[call.take], told

        return self.beside(work)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_live_calls_are_listed(desk: Desk) -> None:
    async def work(node: Recorder) -> tuple[LiveCall, Any, Any, str]:
        call = await node.call(RECORD_ALL)
        listed = [await asyncio.to_thread(desk.say, "live", "list", *more) for more in ((), ("--account", "acme"))]
        text = (await asyncio.to_thread(desk.run, "live", "list")).stdout
        return call, *listed, text

    call, everybodys, acmes, text = desk.beside(work)
    assert everybodys == acmes
    [told] = acmes
    assert told["take"] == str(call.take)
    assert told["names"]["kazoo"] == call.sip_call_id
    assert str(call.take) in text
    assert "running" in text


def test_a_recording_begins_as_it_is_wished(desk: Desk) -> None:
    said = "--format mp3 --channels 2 --track both --cue now --most-s 60 --silence-s 5 --label tea"
    call, [told] = desk.steer(RECORD_NONE, ("record", *said.split()))
    [made] = call.recordings
    wish = {"format": "mp3", "channels": 2, "most_s": 60.0, "silence_s": 5.0, "label": "tea"}
    assert told["call"]["recordings"][0]["wish"] == wish
    assert told["recordings"][0]["id"] == str(made.id)
    other, _ = desk.steer(RECORD_NONE, ("record", "--track", "inbound", "--cue", "bridged"))
    assert (other.recordings[0].wish.track, other.recordings[0].wish.cue) == ("inbound", "bridged")


def test_it_is_paused_resumed_and_stopped(desk: Desk) -> None:
    call, told = desk.steer(RECORD_ALL, ("pause", "--silent"), ("resume",), ("stop",))
    phases = [each["call"]["recordings"][0]["phase"] for each in told]
    assert phases == ["paused", "running", "stopped"]
    assert call.recordings[0].pause_silent


def test_all_or_one_are_meant(desk: Desk) -> None:
    async def work(node: Recorder) -> list[list[Phase]]:
        call = await node.call(RECORD_ALL)
        first, seen = call.recordings[0].id, []
        await asyncio.to_thread(desk.say, "live", "record", str(call.take))
        for verb, *more in (("pause", "--all"), ("resume", "--recording", str(first)), ("stop",)):
            await asyncio.to_thread(desk.say, "live", verb, str(call.take), *more)
            seen.append(node.phases(call))
        return seen

    assert desk.beside(work) == [
        [Phase.PAUSED, Phase.PAUSED],
        [Phase.RUNNING, Phase.PAUSED],
        [Phase.RUNNING, Phase.STOPPED],
    ]


def test_a_call_is_masked_and_unmasked(desk: Desk) -> None:
    call, told = desk.steer(RECORD_ALL, ("mask",), ("unmask",), ("mask",))
    assert [each["masked"] for each in told] == [True, False, True]
    assert call.masked


@pytest.mark.parametrize(
    ("said", "code", "sentence"),
    [
        (("pause", "nobody"), 1, "no live call 'nobody'"),
        (("pause", "nobody", "--account", "emca"), 1, "no account 'emca'"),
        (("stop", "nobody", "--all", "--recording", "019ca8a0-46c2-7a3b-8c4d-5e6f708192a3"), 2, "not both"),
    ],
)
def test_what_cannot_be_done_is_said(desk: Desk, said: tuple[str, ...], code: int, sentence: str) -> None:
    done = desk.run("live", *said)
    assert done.exit_code == code
    assert sentence in done.stderr
