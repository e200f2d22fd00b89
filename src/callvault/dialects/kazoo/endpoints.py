"""The documents of accounts, users and devices, as far as they are about recording.

An account and a user have the ``call_recording`` that was given, beside what is known of them here; a device is kept
whole, as it was given.  What they come to: ``automatic``.
Source: applications/crossbar, doc/accounts.md, users.md, devices.md (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import orjson

from callvault.dialects.contract import Visit
from callvault.dialects.kazoo import requests, words
from callvault.dialects.kazoo.auth import shown_token
from callvault.dialects.kazoo.automatic import FIELD, Kept, kept_of, settled, sip_name
from callvault.dialects.kazoo.documents import realm_of
from callvault.dialects.kazoo.envelopes import open_data, revision_of, seal
from callvault.dialects.kazoo.parameters import Parameters, Unfit
from callvault.dialects.kazoo.steering import allowed_networks
from callvault.dialects.toolbox.times import gregorian
from callvault.errors import NotFound, NotOffered, TooLarge
from callvault.model.card import read_card
from callvault.model.ids import new_id
from callvault.model.merging import merged
from callvault.vault.commands import Command
from callvault.vault.own_commands import ChangeSettings, GetSettings, OwnedSettings
from callvault.wire import WireReply

MOST_BYTES = 16_384
"""Of a device's document."""
MOST_DEVICES = 500
Said = Mapping[str, Any]
Anew = Callable[[Kept], Kept]


# Wire to core


def get(visit: Visit) -> GetSettings:
    """Whatever document the path names."""
    return GetSettings(account_id=requests.account(visit), user_id=requests.user(visit))


def get_device(visit: Visit) -> GetSettings:
    """A device's, which the reply looks for."""
    device_of(visit)
    return get(visit)


def change_account(visit: Visit) -> Command:
    """``POST`` puts another ``call_recording`` in its place, ``PATCH`` changes some of it."""
    return _changed(visit, _account_anew)


def change_user(visit: Visit) -> Command:
    """The same of a user."""
    return _changed(visit, _user_anew)


def change_device(visit: Visit) -> Command:
    """The whole document of a device."""
    if requests.verb(visit.request) == "DELETE":
        return delete_device(visit)
    return _changed(visit, _device_anew)


def add_device(visit: Visit) -> Command:
    """A device that was not there before; its id is made here."""
    data, device = open_data(visit.request), new_device_id(visit)

    def anew(kept: Kept) -> Kept:
        if len(kept.devices) >= MOST_DEVICES:
            raise TooLarge(f"An account has at most {MOST_DEVICES} devices here.")
        return replace(kept, devices={**kept.devices, device: _device(data)})

    return _change(visit, anew)


def delete_device(visit: Visit) -> Command:
    """It is gone, with its rules."""
    device = device_of(visit)

    def anew(kept: Kept) -> Kept:
        _known(kept, device)
        return replace(kept, devices={key: value for key, value in kept.devices.items() if key != device})

    return _change(visit, anew)


def device_of(visit: Visit) -> str:
    """The device that the path names.

    Raises:
        NotFound: it is no device's id.
    """
    text = visit.request.parts["device"]
    if words.hex_id(text) is None:
        raise NotFound("device", text)
    return text


def new_device_id(visit: Visit) -> str:
    """Made of the moment and of the request's own random id, so that request and reply know it."""
    entropy = bytes.fromhex(visit.terms.request_id) if visit.terms.request_id else b""
    return new_id(visit.terms.now, entropy.rjust(16, b"\0")).hex


def _changed(visit: Visit, anew: Callable[[Visit, Said, Kept], Kept]) -> Command:
    verb = requests.verb(visit.request)
    if verb == "GET":
        return get(visit)
    if verb not in {"POST", "PATCH"}:
        raise NotOffered(visit.request.method, visit.request.path, allowed=("GET", "POST", "PATCH"))
    data = open_data(visit.request)
    return _change(visit, lambda kept: anew(visit, data, kept))


def _change(visit: Visit, anew: Anew) -> ChangeSettings:
    account_id, networks = requests.account(visit), allowed_networks(visit.terms)
    return ChangeSettings(
        account_id=account_id,
        user_id=requests.user(visit),
        anew=lambda settings: settled(settings, anew(kept_of(settings)), networks),
    )


def _account_anew(visit: Visit, data: Said, kept: Kept) -> Kept:
    return replace(kept, account=_recording(visit, data, kept.account))


def _user_anew(visit: Visit, data: Said, kept: Kept) -> Kept:
    user = visit.request.parts["user"]
    said = _recording(visit, data, kept.users.get(user))
    others = {key: value for key, value in kept.users.items() if key != user}
    return replace(kept, users=others if said is None else {**others, user: said})


def _device_anew(visit: Visit, data: Said, kept: Kept) -> Kept:
    device = device_of(visit)
    before = _known(kept, device)
    said = merged(before, data) if requests.verb(visit.request) == "PATCH" else data
    return replace(kept, devices={**kept.devices, device: _device(said)})


def _recording(visit: Visit, data: Said, before: Said | None) -> Said | None:
    """``call_recording`` of a document; where another is put in its place and has none, there is none any more."""
    if requests.verb(visit.request) == "PATCH":
        return merged({FIELD: before or {}}, {FIELD: data[FIELD]}).get(FIELD) if FIELD in data else before
    said = data.get(FIELD)
    _check_object(said, FIELD)
    return said


def _device(data: Said) -> dict[str, Any]:
    """What is kept of a device's document."""
    kept = {key: value for key, value in data.items() if not key.startswith(("_", "pvt_")) and key != "id"}
    parameters = Parameters(said=kept)
    if parameters.text("name") is None:
        raise Unfit("Field is required but missing", path=("name",), rule="required")
    for key in ("sip", FIELD):
        _check_object(kept.get(key), key)
    Parameters(said=kept.get("sip") or {}, path=("sip",)).text("username")
    owner = parameters.text("owner_id")
    if owner is not None and words.hex_id(owner) is None:
        raise Unfit("owner_id must be a user's id.", path=("owner_id",), rule="invalid", said=owner)
    read_card({"extras": {words.NAME: kept}})  # nothing that a database stumbles over
    if len(orjson.dumps(kept)) > MOST_BYTES:
        raise TooLarge(f"A device's document has at most {MOST_BYTES} bytes here.")
    return {key: value for key, value in kept.items() if value is not None}


def _check_object(said: object, key: str) -> None:
    if said is not None and not isinstance(said, Mapping):
        raise Unfit(f"{key} must be an object.", path=(key,), rule="type", said=said, target="object")


def _known(kept: Kept, device: str) -> Said:
    found = kept.devices.get(device)
    if found is None:
        raise NotFound("device", device)
    return found


# Core to wire


def say_account(answer: OwnedSettings, visit: Visit) -> WireReply:
    """The account."""
    account = answer.account
    document = {
        "id": account.id.hex,
        "name": account.name,
        "created": gregorian(account.created_at),
        "realm": realm_of(visit.terms),
        "enabled": True,
    }
    return _said(document, kept_of(account.settings).account, visit)


def say_user(answer: OwnedSettings, visit: Visit) -> WireReply:
    """The user."""
    user = answer.user
    if user is None:
        raise NotFound("user", visit.request.parts["user"])
    document = {"id": user.id.hex, "username": user.name, "enabled": True}
    return _said(document, kept_of(answer.account.settings).users.get(user.id.hex), visit)


def say_device(answer: OwnedSettings, visit: Visit) -> WireReply:
    """The device; one that was deleted for the last time, without what it was."""
    kept = kept_of(answer.account.settings)
    device = visit.request.parts.get("device")
    if device is None:
        made = new_device_id(visit)
        return _sealed({**_known(kept, made), "id": made}, visit, status=201)
    if requests.verb(visit.request) == "DELETE":
        return _sealed({"id": device, "_read_only": {"deleted": True}}, visit)
    return _sealed({**_known(kept, device), "id": device}, visit)


def say_devices(answer: OwnedSettings, visit: Visit) -> WireReply:
    """All devices, with what a list of Kazoo's tells of each."""
    owner = visit.request.parts.get("user") or visit.request.first("filter_owner_id")
    items = [
        {
            "id": key,
            "name": device["name"],
            **({"username": sip_name(device)} if sip_name(device) else {}),
            **({"owner_id": device["owner_id"]} if device.get("owner_id") else {}),
            "enabled": device.get("enabled", True),
        }
        for key, device in kept_of(answer.account.settings).devices.items()
        if owner in (None, device.get("owner_id"))
    ]
    return _sealed(items, visit)


def _said(document: dict[str, Any], recording: Said | None, visit: Visit) -> WireReply:
    return _sealed(document | ({FIELD: recording} if recording is not None else {}), visit)


def _sealed(data: object, visit: Visit, *, status: int = 200) -> WireReply:
    token, revision = shown_token(visit.request), revision_of(data)
    return seal(data, visit.request, visit.terms, token=token, status=status, revision=revision)
