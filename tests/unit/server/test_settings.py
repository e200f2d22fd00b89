"""Settings: one table, four sources, and nothing guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from callvault.errors import OperatorError
from callvault.server.settings import SETTINGS, resolve


def test_a_flag_wins_over_the_environment_that_over_the_file_and_that_over_the_default(tmp_path: Path) -> None:
    file = tmp_path / "callvault.toml"
    file.write_text('port = 1\nhost = "::1"\nworkers = 3\n')
    settings = resolve({"port": 3}, {"CALLVAULT_PORT": "2", "CALLVAULT_HOST": "127.0.0.2"}, file)
    assert (settings["port"], settings["host"], settings["workers"]) == (3, "127.0.0.2", 3)
    origins = {setting.name: value.origin for setting, value in settings.items()}
    assert origins["port"] == "flag"
    assert origins["host"] == "environment"
    assert origins["workers"] == f"file {file}"
    assert origins["data"] == "default"


def test_the_file_may_be_named_by_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "callvault.toml"
    file.write_text("port = 7\n")
    assert resolve({}, {"CALLVAULT_CONFIG": str(file)})["port"] == 7


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"CALLVAULT_PROT": "1"}, "There is no setting 'prot'"),
        ({"CALLVAULT_PORT": "many"}, "The setting port must be a whole number, not 'many'"),
        ({"CALLVAULT_LOG_LEVEL": "loud"}, "must be one of debug, info, warning, error"),
        ({"CALLVAULT_MASTER_KEY_FILE": "/nowhere/key"}, "CALLVAULT_MASTER_KEY_FILE names /nowhere/key"),
        ({"CALLVAULT_CONFIG": "/nowhere/file"}, "The settings file /nowhere/file cannot be read"),
    ],
)
def test_what_cannot_be_read_stops_the_start(environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(OperatorError, match=sentence.replace("(", r"\(")):
        resolve({}, environment)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "callvault.toml"
    file.write_text("port =\n")
    with pytest.raises(OperatorError, match="is not TOML"):
        resolve({}, {}, file)


def test_a_secret_may_lie_in_a_file_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("ab" * 32 + "\n")
    settings = resolve({}, {"CALLVAULT_MASTER_KEY_FILE": str(file)})
    assert settings["master_key"] == "ab" * 32
    assert "master_key" not in settings.values()


def test_a_child_process_gets_the_same_settings() -> None:
    settings = resolve({"port": 9, "base_url": "https://vault.example.net"}, {"CALLVAULT_WORKERS": "2"})
    again = resolve({}, settings.environment())
    assert [value.value for _, value in again.items()] == [value.value for _, value in settings.items()]


def test_every_setting_has_a_sentence_and_a_name_of_its_own() -> None:
    assert all(setting.help.endswith(".") for setting in SETTINGS)
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS)
