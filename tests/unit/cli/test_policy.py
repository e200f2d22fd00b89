"""``callvault policy`` and the policy of a trunk."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from callvault.cli.main import main

RULES = {
    "rules": [{"name": "sales", "callee": "+1202*", "wish": {"format": "mp3", "most_s": 600.0}}],
    "record": False,
    "prebuffer_ms": 2000,
}


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--data", str(data)])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    assert run(folder, "account", "add", "acme").exit_code == 0
    return folder


def test_an_account_records_everything_until_it_is_told_otherwise(data: Path) -> None:
    shown = orjson.loads(run(data, "policy", "show", "--account", "acme").output)
    assert (shown["rules"], shown["record"]) == ([], True)


def test_what_was_set_is_shown_and_can_be_set_again(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_bytes(orjson.dumps(RULES))
    done = run(data, "policy", "set", "--account", "acme", "--policy", str(file))
    assert done.output == "acme: 1 rules; no call is recorded by itself that no rule fits.\n"
    shown = run(data, "policy", "show", "--account", "acme").output
    assert orjson.loads(shown)["rules"][0]["callee"] == "+1202*"
    file.write_text(shown)
    again = run(data, "policy", "set", "--account", "acme", "--policy", str(file), "--json")
    assert orjson.loads(again.output) == orjson.loads(shown)


def test_recording_can_be_switched_off_and_on(data: Path) -> None:
    assert "no call is recorded" in run(data, "policy", "set", "--account", "acme", "--record", "none").output
    assert "every call is recorded" in run(data, "policy", "set", "--account", "acme", "--record", "all").output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "JSON"),
        ('{"prebuffer_ms": 99999}', "prebuffer_ms"),
        ('{"rules": [{"name": "x", "network": "moon"}]}', "network"),
        ('{"tea": 1}', "tea"),
    ],
)
def test_a_policy_that_is_none_is_refused_with_the_field_that_is_wrong(
    data: Path, tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "policy.json"
    file.write_text(text)
    done = run(data, "policy", "set", "--account", "acme", "--policy", str(file))
    assert done.exit_code == 1
    assert said in done.output


def test_a_trunk_may_have_a_policy_of_its_own(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_bytes(orjson.dumps(RULES))
    words = ("trunk", "add", "sbc", "--account", "acme", "--network", "192.0.2.7")
    made = orjson.loads(run(data, *words, "--policy", str(file), "--json").output)
    assert made["policy"]["rules"][0]["name"] == "sales"
    both = run(data, "trunk", "add", "pbx", "--account", "acme", "--record", "none", "--policy", str(file))
    assert both.exit_code == 2
    assert "not both" in both.output


def test_nothing_to_set_is_said(data: Path) -> None:
    assert "--record all" in run(data, "policy", "set", "--account", "acme").output
