"""What tests of other people's apps are given for live calls: a server that takes them, and calls that are placed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from callvault.errors import BadRequest, HouseError
from callvault.testing import CallTaker, taking_calls

pytestmark = pytest.mark.slow

PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def taker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CallTaker]:
    with taking_calls(tmp_path_factory.mktemp("taker")) as server:
        yield server


def commanded(taker: CallTaker, of: str, verb: str, **body: Any) -> None:
    """As Telnyx's clients do it."""
    told = taker.credentials("telnyx")
    reply = httpx.post(
        f"{told['base_url']}/{of}/actions/record_{verb}",
        json=body,
        headers={"Authorization": f"Bearer {told['api_key']}"},
        timeout=30,
    )
    assert reply.status_code == 200, reply.text


def finished(taker: CallTaker, **asked: str) -> dict[str, Any]:
    """The one recording that there is, once it is finished."""
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        found: list[dict[str, Any]] = taker.ask("GET", f"/recordings?{query}")["recordings"]
        if len(found) == 1 and found[0]["status"] == "available":
            return found[0]
        time.sleep(0.1)
    raise AssertionError(f"no recording was finished within {PATIENCE_S} s")


def test_a_call_is_recorded_from_the_command_on_and_over_when_the_block_is(taker: CallTaker) -> None:
    with taker.call() as call:
        of = f"calls/{call.names['telnyx']}"
        assert call.told["recordings"] == []
        commanded(taker, of, "start", format="wav", channels="dual")
        commanded(taker, of, "pause")
        commanded(taker, of, "resume")
        commanded(taker, of, "stop")
    card = finished(taker, call_id=call.told["call_id"])
    assert (card["channels"], card["source"]) == (2, "call")
    until = time.monotonic() + PATIENCE_S
    while taker.ask("GET", "/calls")["calls"]:
        assert time.monotonic() < until, "the call was hung up, and is still listed"
        time.sleep(0.1)


def test_a_third_may_join_and_the_conference_be_recorded(taker: CallTaker) -> None:
    with taker.call(flags=("--join", "0")) as call:
        commanded(taker, f"conferences/{call.conference_names['telnyx']}", "start", format="mp3")
    card = finished(taker, call_id=call.told["call_id"])
    assert (card["source"], card["format"]) == ("conference", "mp3")


def test_a_call_that_cannot_be_placed_says_why(taker: CallTaker) -> None:
    with pytest.raises(HouseError, match="does-not-exist"), taker.call(Path("does-not-exist.wav")):
        pass
    with pytest.raises(BadRequest, match="There is no dialect 'acme'"):
        taker.credentials("acme")
