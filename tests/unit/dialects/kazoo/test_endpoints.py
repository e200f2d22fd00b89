"""The documents of accounts, users and devices, as far as they are about recording."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from callvault.dialects.kazoo import errors
from callvault.dialects.kazoo.endpoints import MOST_BYTES, MOST_DEVICES
from callvault.dialects.kazoo.parameters import Unfit
from callvault.errors import BadRequest, NotAllowed, NotFound, NotOffered, TooLarge
from callvault.model.actor import User
from callvault.model.policy import policy_of
from callvault.vault.own_commands import ChangeSettings, GetSettings, OwnedSettings
from tests.unit.dialects.kazoo.asking import ACCOUNT, ADA, asking, read, said
from tests.unit.dialects.visits import ALICE, TERMS, document

OWNER = UUID(hex=ADA)
USER = User(id=OWNER, account_id=ALICE.id, name="ada", created_at=ALICE.created_at)
ONE_USER = f"{ACCOUNT}/users/{ADA}"
DESK = "d" * 32
ONE_DEVICE = f"{ACCOUNT}/devices/{DESK}"
ON: dict[str, Any] = {"any": {"any": {"enabled": True}}}
WAV: dict[str, Any] = {"inbound": {"onnet": {"enabled": True, "format": "wav"}}}
GIVEN: dict[str, Any] = {"name": "Desk", "sip": {"username": "desk"}, "owner_id": ADA, "call_recording": ON, "mac": "x"}


def changed(target: str, settings: dict[str, Any] | None = None, **how: Any) -> dict[str, Any]:
    """The settings after a request."""
    command = read(target, **how)
    assert isinstance(command, ChangeSettings)
    assert command.account_id == ALICE.id
    return dict(command.anew(settings or {}))


def kazoo(**said: Any) -> dict[str, Any]:
    return {"kazoo": said}


def told(target: str, settings: dict[str, Any], **how: Any) -> Any:
    answer = OwnedSettings(account=replace(ALICE, settings=settings), user=USER if "/users/" in target else None)
    reply = said(answer, target, **how)
    assert reply.status == how.pop("status", 201 if how.get("method") == "PUT" else 200)
    return document(reply)["data"]


def test_what_is_asked_for() -> None:
    assert read(ACCOUNT) == GetSettings(account_id=ALICE.id)
    assert read(ONE_USER) == GetSettings(account_id=ALICE.id, user_id=OWNER)
    assert read(ONE_DEVICE) == read(f"{ACCOUNT}/devices") == GetSettings(account_id=ALICE.id)
    assert read(f"{ONE_USER}/devices") == GetSettings(account_id=ALICE.id, user_id=OWNER)
    assert read(f"{ACCOUNT}?verb=get", method="POST") == GetSettings(account_id=ALICE.id)


@pytest.mark.parametrize("target", [ACCOUNT, ONE_USER, ONE_DEVICE])
def test_what_is_anothers_is_not_allowed(target: str) -> None:
    for method in ("GET", "POST", "PATCH"):
        with pytest.raises(NotAllowed):
            read(target.replace(ALICE.id.hex, "f" * 32), method=method, body={"data": {}})


def test_an_accounts_recording_is_kept_told_and_put_into_force() -> None:
    given = {"account": ON, "endpoint": WAV}
    settings = changed(ACCOUNT, {"public_media": False}, method="POST", body={"data": {"call_recording": given}})
    assert settings["kazoo"] == {"account": given}
    assert settings["public_media"] is False
    assert [rule.name for rule in policy_of(settings).rules][:2] == [
        "inbound from onnet to account",
        "inbound from offnet to account",
    ]
    assert told(ACCOUNT, settings) == {
        "id": ALICE.id.hex,
        "name": "Alice",
        "created": 63934444800,
        "realm": "vault.example.net",
        "enabled": True,
        "call_recording": given,
    }
    assert "call_recording" not in told(ACCOUNT, {})


def test_some_of_it_is_changed_by_patch_and_all_of_it_by_post() -> None:
    before = kazoo(account={"account": ON})
    patch = {"data": {"call_recording": {"account": {"any": None, "inbound": WAV["inbound"]}}}}
    assert changed(ACCOUNT, before, method="PATCH", body=patch)["kazoo"] == {"account": {"account": WAV}}
    tunnelled = changed(f"{ACCOUNT}?verb=patch", before, method="POST", body=patch)
    assert tunnelled["kazoo"] == {"account": {"account": WAV}}
    assert changed(ACCOUNT, before, method="POST", body={"data": {"name": "x"}})["kazoo"] == {}
    assert changed(ACCOUNT, before, method="PATCH", body={"data": {"name": "x"}})["kazoo"] == before["kazoo"]
    gone = changed(ACCOUNT, before, method="PATCH", body={"data": {"call_recording": None}})
    assert gone["kazoo"] == {}


def test_a_users() -> None:
    settings = changed(ONE_USER, kazoo(users={"f" * 32: ON}), method="POST", body={"data": {"call_recording": WAV}})
    assert settings["kazoo"] == {"users": {"f" * 32: ON, ADA: WAV}}
    assert told(ONE_USER, settings) == {"id": ADA, "username": "ada", "enabled": True, "call_recording": WAV}
    command = read(ONE_USER, method="PATCH", body={"data": {}})
    assert isinstance(command, ChangeSettings)
    assert command.user_id == OWNER
    gone = changed(ONE_USER, settings, method="POST", body={"data": {}})
    assert gone["kazoo"] == {"users": {"f" * 32: ON}}


def test_a_device_is_kept_as_it_was_given() -> None:
    how: dict[str, Any] = {"method": "PUT", "body": {"data": GIVEN}}
    settings = changed(f"{ACCOUNT}/devices", **how)
    ((device, kept),) = settings["kazoo"]["devices"].items()
    assert kept == GIVEN
    assert told(f"{ACCOUNT}/devices", settings, **how) == {**GIVEN, "id": device}
    target = f"{ACCOUNT}/devices/{device}"
    assert told(target, settings) == {**GIVEN, "id": device}
    listed = {"id": device, "name": "Desk", "username": "desk", "owner_id": ADA, "enabled": True}
    assert told(f"{ACCOUNT}/devices", settings) == told(f"{ONE_USER}/devices", settings) == [listed]
    assert told(f"{ACCOUNT}/devices?filter_owner_id={'f' * 32}", settings) == []
    assert {rule.device for rule in policy_of(settings).rules} == {"desk"}
    assert policy_of(settings).onnet == ("desk",)


def test_a_device_is_changed_and_forgotten() -> None:
    before = kazoo(devices={DESK: GIVEN, "e" * 32: {"name": "Hall"}})
    patched = changed(ONE_DEVICE, before, method="PATCH", body={"data": {"mac": None, "sip": {"password": "p"}}})
    assert patched["kazoo"]["devices"][DESK] == {
        **{key: value for key, value in GIVEN.items() if key != "mac"},
        "sip": {"username": "desk", "password": "p"},
    }
    posted = changed(ONE_DEVICE, before, method="POST", body={"data": {"id": "x", "_read_only": {}, "name": "Porch"}})
    assert posted["kazoo"]["devices"][DESK] == {"name": "Porch"}
    for how in ({"method": "DELETE"}, {"method": "POST", "body": {"verb": "delete"}}):
        gone = changed(ONE_DEVICE, before, **how)
        assert set(gone["kazoo"]["devices"]) == {"e" * 32}
        assert told(ONE_DEVICE, gone, **how) == {"id": DESK, "_read_only": {"deleted": True}}


@pytest.mark.parametrize(
    ("data", "path", "rule"),
    [
        ({}, ("name",), "required"),
        ({"name": 7}, ("name",), "type"),
        ({"name": "a", "sip": "b"}, ("sip",), "type"),
        ({"name": "a", "sip": {"username": 7}}, ("sip", "username"), "type"),
        ({"name": "a", "owner_id": "nobody"}, ("owner_id",), "invalid"),
        ({"name": "a", "call_recording": 7}, ("call_recording",), "type"),
        ({"name": "a", "call_recording": {"tea": {}}}, ("call_recording", "tea"), "additionalProperties"),
    ],
)
def test_a_device_that_breaks_its_schema(data: dict[str, Any], path: tuple[str, ...], rule: str) -> None:
    with pytest.raises(Unfit) as caught:
        changed(f"{ACCOUNT}/devices", method="PUT", body={"data": data})
    assert (caught.value.path, caught.value.rule) == (path, rule)


def test_there_is_an_end_to_devices() -> None:
    with pytest.raises(TooLarge):
        changed(f"{ACCOUNT}/devices", method="PUT", body={"data": {"name": "a", "b": "c" * MOST_BYTES}})
    many = kazoo(devices={f"{number:032x}": {"name": "a"} for number in range(MOST_DEVICES)})
    with pytest.raises(TooLarge):
        changed(f"{ACCOUNT}/devices", many, method="PUT", body={"data": {"name": "a"}})
    with pytest.raises(BadRequest):
        changed(f"{ACCOUNT}/devices", method="PUT", body={"data": {"name": "a", "b": "c\0"}})


@pytest.mark.parametrize("target", [ACCOUNT, ONE_USER])
def test_a_recording_is_an_object(target: str) -> None:
    with pytest.raises(Unfit):
        changed(target, method="POST", body={"data": {"call_recording": 7}})
    with pytest.raises(Unfit):
        changed(target, method="PATCH", body={"data": {"call_recording": 7}})
    with pytest.raises(NotOffered):
        read(f"{target}?verb=delete", method="POST")


def test_a_device_that_is_not_there() -> None:
    for method in ("POST", "PATCH", "DELETE"):
        with pytest.raises(NotFound):
            changed(ONE_DEVICE, method=method, body={"data": {"name": "a"}})
    with pytest.raises(NotFound):
        told(ONE_DEVICE, {})
    with pytest.raises(NotFound):
        read(f"{ACCOUNT}/devices/desk")
    reply = errors.refuse(NotFound("device", DESK), asking(ONE_DEVICE).request, TERMS)
    expected = {"message": "bad identifier", "cause": DESK}
    assert (reply.status, document(reply)["data"]) == (404, expected)
