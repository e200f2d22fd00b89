"""``callvault trunk``: who may send calls, and what is kept of their passwords."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from callvault.model.trunk import Digests
from tests.unit.cli.house import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(tmp_path / "data")
    assert made.run("account", "add", "acme").exit_code == 0
    return made


def test_a_trunk_is_added_listed_and_removed(house: House) -> None:
    added = house.json(
        *("trunk", "add", "sbc", "--account", "acme", "--network", "192.0.2.7", "--network", "2001:db8::/32"),
        *("--direction", "inbound", "--connection-id", "c1", "--certificate", "sbc.example.net"),
    )
    assert added["networks"] == ["192.0.2.7/32", "2001:db8::/32"]
    assert added["direction"] == "inbound"
    assert house.json("trunk", "list") == house.json("trunk", "list", "--account", "acme") == [added]
    assert "192.0.2.7/32, 2001:db8::/32, certificate of sbc.example.net" in house.run("trunk", "list").stdout
    assert house.run("trunk", "remove", "sbc").stdout == "The trunk sbc is removed.\n"
    assert house.json("trunk", "list") == []
    assert house.run("trunk", "remove", "sbc").exit_code == 1


def test_of_a_password_only_the_digests_are_kept_and_those_encrypted(house: House) -> None:
    house.json("trunk", "add", "sbc", "--account", "acme", "--username", "sbc", typed="two teas\n")
    (trunk,), (digests,) = house.kept()
    text = b"sbc:callvault:two teas"
    assert digests == Digests(md5=hashlib.md5(text).hexdigest(), sha256=hashlib.sha256(text).hexdigest())
    assert trunk.sealed_digests is not None
    assert digests.md5.encode() not in trunk.sealed_digests
    assert b"two teas" not in b"".join(path.read_bytes() for path in house.folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "A trunk has to be told from strangers: give --network, --username or --certificate."),
        (("--network", "192.0.2.7/24"), "'192.0.2.7/24' is no network"),
        (("--username", "sbc"), "A user name and a password go together: one was given and the other not."),
        (("--network", "::1", "--user", "ruth"), "There is no user 'ruth' here."),
    ],
)
def test_a_trunk_that_says_too_little_is_refused(house: House, arguments: tuple[str, ...], sentence: str) -> None:
    done = house.run("trunk", "add", "sbc", "--account", "acme", *arguments)
    assert done.exit_code == 1
    assert sentence in done.stderr
    assert house.json("trunk", "list") == []


def test_two_trunks_cannot_have_one_name(house: House) -> None:
    for network, code in (("192.0.2.7", 0), ("192.0.2.8", 1)):
        done = house.run("trunk", "add", "sbc", "--account", "acme", "--network", network)
        assert done.exit_code == code
    assert "There is a trunk 'sbc' already" in done.stderr
