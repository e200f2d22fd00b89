"""``callvault add``: whose recording it becomes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from callvault.audio.wav_header import wav_header
from callvault.cli.main import main

Command = Any


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("CALLVAULT_DATA", str(tmp_path / "data"))

    def run(*arguments: str) -> Any:
        done = CliRunner().invoke(main, [*arguments, "--json"], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    return run


def test_the_user_is_the_cards_unless_a_flag_names_another(command: Command, tmp_path: Path) -> None:
    command("account", "add", "acme")
    alice, bob = (
        command("user", "add", name, "--account", "acme", "--password", "two teas")["id"] for name in ("alice", "bob")
    )
    for name in ("carded", "flagged", "plain"):
        file = tmp_path / f"{name}.wav"
        file.write_bytes(wav_header(samples=80, channels=1, sample_rate=8000) + name.encode().ljust(160, b"\0"))
        if name != "plain":
            file.with_name(file.name + ".json").write_text(json.dumps({"user_id": alice}))

    def owner(*arguments: str) -> str | None:
        [taken] = command("add", *arguments, "--account", "acme")
        user: str | None = command("show", taken["id"])["recording"].get("user_id")
        return user

    assert owner(str(tmp_path / "carded.wav")) == alice
    assert owner(str(tmp_path / "flagged.wav"), "--user", "bob") == bob
    assert owner(str(tmp_path / "plain.wav")) is None
