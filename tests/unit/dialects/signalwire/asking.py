"""Requests to SignalWire's dialect by their path alone: the routes find the parts, as they do in the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest

from callvault.dialects.contract import Visit
from callvault.dialects.signalwire import DIALECT, words
from callvault.dialects.signalwire.words import Vendor
from callvault.model.recording import Recording
from callvault.server.routing import Router
from tests.unit.dialects.routed import Routed
from tests.unit.dialects.visits import ALICE, TEA_ORDER, TERMS, document, visit

ROUTER = Router([DIALECT])
PROJECT = f"/api/laml/2010-04-01/Accounts/{ALICE.id}"
TWILIO = f"/2010-04-01/Accounts/AC{ALICE.id.hex}"
BOTH = (PROJECT, TWILIO)
"""Alice's account in SignalWire's form, and in Twilio's."""
ACCOUNTS = pytest.mark.parametrize("account", BOTH)

CALL, CONFERENCE = TEA_ORDER.call_id, UUID("019ca884-2a00-7c0f-8551-000000000002")
OUTER = {
    PROJECT: {"Calls": str(CALL), "Conferences": str(CONFERENCE)},
    TWILIO: {"Calls": f"CA{CALL.hex}", "Conferences": f"CF{CONFERENCE.hex}"},
}
"""What a recording's call and conference are called in each form."""


def sid(recording: Recording = TEA_ORDER, vendor: Vendor = Vendor.SIGNALWIRE) -> str:
    """What a recording is called here."""
    return words.recording_sid(recording, vendor, TERMS.cloak_key)


def named(account: str, recording: Recording = TEA_ORDER) -> str:
    """The path of an account's recording, without an ending."""
    return f"{account}/Recordings/{sid(recording, Vendor.TWILIO if account == TWILIO else Vendor.SIGNALWIRE)}"


def scoped(account: str, noun: str) -> str:
    """The path of the call or conference, or of the account itself."""
    return f"{account}/{noun}/{OUTER[account][noun]}" if noun else account


def asking(
    target: str,
    *,
    method: str = "GET",
    anonymous: bool = False,
    headers: Mapping[str, str] | None = None,
    settings: Mapping[str, Any] | None = None,
    form: Sequence[tuple[str, str]] = (),
) -> Visit:
    """Alice, or nobody, asks."""
    parts = ROUTER.match(method, target.partition("?")[0]).parts
    body = urlencode(form).encode()
    asked = visit(target, method=method, parts=parts, headers=headers, settings=settings, body=body)
    return replace(asked, caller=None) if anonymous else asked


_ROUTED = Routed(ROUTER, asking)
route, read, said = _ROUTED.route, _ROUTED.read, _ROUTED.said


def shown(item: Recording, target: str, **how: Any) -> Any:
    """The document that a recording comes to."""
    return document(said(item, target, **how))
