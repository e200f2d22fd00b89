"""The emulator behind the real application: a cast, a clock, resets; only the network is left out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callvault.errors import OperatorError
from callvault.model.actor import Actor
from callvault.model.card import read_card
from callvault.model.recording import Status
from callvault.server.build import build_emulator
from callvault.server.emulator.errands import Advance, Look
from callvault.server.settings import resolve
from callvault.vault.commands import ChangeRecording, Ref
from tests.emulating import EMULATOR, SEED, Client, emulating


def statuses(state: Any) -> dict[str, Any]:
    return {recording["name"]: recording["status"] for recording in state["accounts"][0]["recordings"]}


def names(state: Any, recording: str, dialect: str) -> dict[str, str]:
    (found,) = [entry for entry in state["accounts"][0]["recordings"] if entry["name"] == recording]
    told: dict[str, str] = found["names"][dialect]
    return told


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with emulating(tmp_path) as opened:
        yield opened


async def test_everybody_is_in_their_place_at_the_start(client: Client) -> None:
    state = await client.state()
    assert statuses(state) == {
        "greeting": "available",
        "live": "capturing",
        "broken": None,
        "running": "capturing",
        "known": "available",
    }
    assert state["clock"]["elapsed_s"] == 0
    (account,) = state["accounts"]
    assert account["users"][0]["name"] == "ada"
    assert account["serial"] == 10_000_001


async def test_recordings_go_through_their_steps_as_the_clock_does(client: Client) -> None:
    seen = [await client.state(), *[await client.advance(step) for step in (4, 2, 4, 2)]]
    assert [statuses(state)["live"] for state in seen] == [
        "capturing",
        "paused",
        "capturing",
        "processing",
        "available",
    ]
    assert [statuses(state)["broken"] for state in seen] == [None, None, "capturing", "failed", "failed"]


async def test_one_long_step_is_as_good_as_many(client: Client) -> None:
    state = await client.advance(1000)
    assert statuses(state) == {
        "greeting": "available",
        "live": "available",
        "broken": "failed",
        "running": "processing",
        "known": "available",
    }
    card = await document(client, state, "live")
    started = state["clock"]["started_at"]
    assert card["started_at"] == started
    assert seconds_between(started, card["ended_at"]) == 10
    assert seconds_between(started, card["updated_at"]) == 12
    assert card["duration_ms"] == 8000


async def test_audio_can_be_fetched_from_available_on(client: Client) -> None:
    state = await client.advance(11.9)
    telnyx = names(state, "live", "telnyx")
    key = state["accounts"][0]["key"]
    bandwidth = names(state, "live", "bandwidth")["media_url"]
    assert "media_url" not in telnyx
    url = names(state, "live", "callvault")["media_url"]
    assert (await client.ask("GET", url, key=key)).status == 404
    state = await client.advance(0.1)
    audio = await client.ask("GET", url, key=key)
    assert audio.status == 200
    assert len(audio.body) == 44 + 8 * 8000 * 2 * 2
    assert (await client.ask("GET", names(state, "live", "telnyx")["media_url"])).body == audio.body
    assert bandwidth.endswith("/media")


async def test_links_and_sessions_run_out_by_the_emulators_clock(client: Client) -> None:
    link = names(await client.state(), "greeting", "telnyx")["media_url"]
    await client.advance(599)
    assert (await client.ask("GET", link)).status == 200
    await client.advance(2)
    assert (await client.ask("GET", link)).status == 403


async def test_a_reset_puts_everything_back_and_keeps_every_id(client: Client) -> None:
    before = await client.state()
    key = before["accounts"][0]["key"]
    await client.advance(100)
    gone = await client.ask("DELETE", names(before, "greeting", "callvault")["url"], key=key)
    assert gone.status == 204
    await client.ask("POST", EMULATOR + "/faults", {"status": 500, "times": None})
    after = (await client.ask("POST", EMULATOR + "/reset")).json()
    assert statuses(after) == statuses(before)
    assert after["faults"] == []
    assert after["clock"]["elapsed_s"] == 0
    assert after["plays"] == 2
    ids = [[entry["id"] for entry in state["accounts"][0]["recordings"]] for state in (before, after)]
    assert ids[0] == ids[1]
    assert (await client.ask("GET", names(after, "greeting", "callvault")["media_url"], key=key)).status == 200


async def test_two_starts_of_one_file_with_a_fixed_clock_have_the_same_ids(tmp_path: Path) -> None:
    text = SEED.replace("clock: stepped", "clock: {pace: stepped, start: 2026-03-01T09:00:00Z}")
    states = []
    for _ in range(2):
        async with emulating(tmp_path, text) as client:
            states.append(await client.state())
    assert states[0]["accounts"] == states[1]["accounts"]


async def test_a_recording_that_its_owner_deleted_stays_away(client: Client) -> None:
    state = await client.state()
    key = state["accounts"][0]["key"]
    url = names(state, "live", "callvault")["url"]
    assert (await client.ask("DELETE", url, key=key)).status == 409  # it is still being recorded
    state = await client.advance(12)
    assert (await client.ask("DELETE", url, key=key)).status == 204
    assert statuses(await client.advance(1))["live"] == "deleted"


async def test_what_its_owner_changes_meanwhile_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(SEED)
    emulator = build_emulator(resolve({"emulate": str(file)}, {}))
    await emulator.open()
    try:
        scene = await emulator.perform(Look(), None, emulator.clock.now())
        live = next(part.role.finished for part in scene.parts if part.role.name == "live")
        ref = Ref(dialect="callvault", kind="recording", text=str(live.id), computed=live.id)
        change = ChangeRecording(account_id=live.account_id, recording=ref, card=read_card({"label": "mine"}))
        await emulator.perform(change, Actor(account=scene.accounts["acme"], key_id=None), emulator.clock.now())
        scene = await emulator.perform(Advance(by=timedelta(seconds=12)), None, emulator.clock.now())
        (entry,) = [part.entry for part in scene.parts if part.role.name == "live"]
        assert (entry.label, entry.status) == ("mine", Status.AVAILABLE)
    finally:
        await emulator.close()


async def test_faults_come_and_go(client: Client) -> None:
    state = await client.state()
    key = state["accounts"][0]["key"]
    planted = await client.ask("POST", EMULATOR + "/faults", [{"status": 429, "retry_after_s": 3}, {"status": 404}])
    assert [fault["status"] for fault in planted.json()["faults"]] == [429, 404]
    url = names(state, "greeting", "telnyx")["url"]
    first = await client.ask("GET", url, key=key)
    assert (first.status, first.headers["retry-after"]) == (429, "3")
    assert first.json()["errors"][0]["code"] == "10011"
    cleared = await client.ask("DELETE", EMULATOR + "/faults")
    assert cleared.json()["faults"] == []
    assert (await client.ask("GET", url, key=key)).status == 200


async def test_faults_do_not_hold_for_the_routes_that_steer(client: Client) -> None:
    await client.ask("POST", EMULATOR + "/faults", {"status": 500, "times": None})
    assert (await client.ask("GET", EMULATOR)).status == 200


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/clock", {"advance_s": -1}, "advance_s"),
        ("/clock", {"advance_s": "1"}, "advance_s"),
        ("/clock", {"seconds": 1}, "advance_s"),
        ("/faults", {"status": 200}, "status"),
    ],
)
async def test_what_cannot_be_steered_is_refused_as_our_own_dialect_does(
    client: Client, path: str, body: Any, field: str
) -> None:
    answer = await client.ask("POST", EMULATOR + path, body)
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["field"] == field


async def test_nothing_is_left_when_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    async with emulating(tmp_path) as client:
        assert len(list(scratch.iterdir())) == 1
        await client.ask("POST", EMULATOR + "/reset")
    assert list(scratch.iterdir()) == []


async def test_a_cast_that_cannot_be_told_apart_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(
        "accounts: [{name: acme, recordings: [{name: one, foreign: {telnyx: {recording: x}}},\n"
        " {name: two, foreign: {telnyx: {recording: x}}}]}]"
    )
    emulator = build_emulator(resolve({"emulate": str(file)}, {}))
    with pytest.raises(OperatorError, match=r"seed\.yaml, line [12]: The recording"):
        await emulator.open()


async def test_a_hook_that_its_dialect_does_not_have_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text("accounts:\n  - name: acme\n    hooks:\n      - {dialect: bird, url: 'https://example.org/'}")
    emulator = build_emulator(resolve({"emulate": str(file)}, {}))
    with pytest.raises(OperatorError, match=r"seed\.yaml, line 4: "):
        await emulator.open()


@pytest.mark.parametrize(
    ("name", "value"), [("database", "postgresql://db/callvault"), ("store", "s3://bucket"), ("workers", 2)]
)
def test_settings_that_speak_of_data_do_not_go_with_it(name: str, value: Any, tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(SEED)
    with pytest.raises(OperatorError, match=f"the setting {name} cannot go with it"):
        build_emulator(resolve({"emulate": str(file), name: value}, {}))


async def document(client: Client, state: Any, name: str) -> Any:
    answer = await client.ask("GET", names(state, name, "callvault")["url"], key=state["accounts"][0]["key"])
    return answer.json()


def seconds_between(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()
