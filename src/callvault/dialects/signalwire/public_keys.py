"""Twilio's Accounts API, as far as recordings need it: the public keys with which audio is encrypted; both ways."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from callvault.dialects.contract import Terms, Visit
from callvault.dialects.signalwire.pages import DEFAULT_SIZE, LAST_NUMBER, MOST
from callvault.dialects.signalwire.paths import CREDENTIALS
from callvault.dialects.signalwire.words import Vendor, read_sid, write_sid
from callvault.dialects.toolbox.jsons import json_reply
from callvault.dialects.toolbox.parameters import whole_number
from callvault.errors import BadRequest, NotFound
from callvault.model.public_key import PublicKey
from callvault.vault.own_commands import AddPublicKey, FindPublicKeys, GetPublicKey, RemovePublicKey, RenamePublicKey
from callvault.wire import WireReply

PATH = f"{CREDENTIALS}/PublicKeys"
LONGEST_NAME = 64


def create(visit: Visit) -> AddPublicKey:
    """``PublicKey`` in PEM, and a ``FriendlyName``.

    Raises:
        BadRequest: there is no key, or the name is too long.
        NotFound: ``AccountSid`` is another's.
    """
    form = _form(visit)
    account = form.get("AccountSid")
    if account is not None and read_sid(account, "account", Vendor.TWILIO) != visit.account.id:
        raise NotFound("account", account)
    if "PublicKey" not in form:
        raise BadRequest("PublicKey is missing.", field="PublicKey")
    return AddPublicKey(account_id=visit.account.id, pem=form["PublicKey"], name=_name(form))


def list_(visit: Visit) -> FindPublicKeys:
    """All; the reply cuts the page out."""
    _page(visit)
    return FindPublicKeys(account_id=visit.account.id)


def one(visit: Visit) -> GetPublicKey:
    """One key."""
    return GetPublicKey(account_id=visit.account.id, key_id=_key_id(visit))


def rename(visit: Visit) -> RenamePublicKey:
    """``FriendlyName``."""
    return RenamePublicKey(account_id=visit.account.id, key_id=_key_id(visit), name=_name(_form(visit)))


def delete(visit: Visit) -> RemovePublicKey:
    """One that nothing is encrypted with any more."""
    return RemovePublicKey(account_id=visit.account.id, key_id=_key_id(visit))


def say_created(key: PublicKey, visit: Visit) -> WireReply:
    """201."""
    return json_reply(key_object(key, visit.terms), status=201)


def say_one(key: PublicKey, visit: Visit) -> WireReply:
    """One object."""
    return json_reply(key_object(key, visit.terms))


def say_list(keys: Sequence[PublicKey], visit: Visit) -> WireReply:
    """``credentials``, and in ``meta`` the absolute links that this newer API has."""
    number, size = _page(visit)
    shown = keys[number * size : (number + 1) * size]

    def url(place: int) -> str:
        return f"{visit.terms.base_url}{PATH}?PageSize={size}&Page={place}"

    return json_reply(
        {
            "credentials": [key_object(key, visit.terms) for key in shown],
            "meta": {
                "first_page_url": url(0),
                "key": "credentials",
                "next_page_url": url(number + 1) if (number + 1) * size < len(keys) else None,
                "page": number,
                "page_size": size,
                "previous_page_url": url(number - 1) if number else None,
                "url": url(number),
            },
        }
    )


def say_deleted(_: None, visit: Visit) -> WireReply:  # noqa: ARG001 - one shape for all
    """204, empty."""
    return WireReply(status=204)


def key_object(key: PublicKey, terms: Terms) -> dict[str, Any]:
    """Never the key itself, as at the vendor's."""
    sid = write_sid(key.id, "public key", Vendor.TWILIO)
    return {
        "account_sid": write_sid(key.account_id, "account", Vendor.TWILIO),
        "date_created": _time(key.created_at),
        "date_updated": _time(key.updated_at),
        "friendly_name": key.name,
        "sid": sid,
        "url": f"{terms.base_url}{PATH}/{sid}",
    }


def _time(moment: datetime) -> str:
    """ISO 8601 to the second: this API has no RFC 2822."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _key_id(visit: Visit) -> UUID:
    text = visit.request.parts["key"]
    key_id = read_sid(text, "public key", Vendor.TWILIO)
    if key_id is None:
        raise NotFound("public key", text)
    return key_id


def _name(form: dict[str, str]) -> str:
    name = form.get("FriendlyName", "")
    if len(name) > LONGEST_NAME:
        raise BadRequest(f"FriendlyName has at most {LONGEST_NAME} characters.", field="FriendlyName", value=name)
    return name


def _form(visit: Visit) -> dict[str, str]:
    """The body's fields; of one that comes more than once, the first."""
    pairs = parse_qsl(visit.request.body.decode("utf-8", errors="replace"), keep_blank_values=True)
    return dict(reversed(pairs))


def _page(visit: Visit) -> tuple[int, int]:
    request = visit.request
    return (
        whole_number(request.first("Page"), "Page", default=0, least=0, most=LAST_NUMBER),
        whole_number(request.first("PageSize"), "PageSize", default=DEFAULT_SIZE, least=1, most=MOST),
    )
