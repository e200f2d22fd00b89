"""The JSON documents of our own API: core values as JSON values.  How they travel is ``replies``' matter."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from callvault.dialects.callvault.words import BASE
from callvault.dialects.toolbox.ids import write_uuid
from callvault.dialects.toolbox.times import iso_ms
from callvault.model.actor import Actor
from callvault.model.query import RecordingSlice
from callvault.model.recording import Recording
from callvault.model.written_card import write_card

OUR_PLACES = frozenset({"store", "key"})
"""Fields of the stored media that say where the house keeps it, which is no caller's matter."""


def recording_object(recording: Recording, base_url: str) -> dict[str, Any]:
    """The card, with links instead of the house's own places; no link to audio where there is nothing to hear."""
    card = write_card(recording)
    if recording.media is not None:
        for place in OUR_PLACES:
            del card["media"][place]
    url = _url(card["id"], base_url)
    card["links"] = {"self": url, "media": url + "/media"} if recording.hearable else {"self": url}
    return card


def recording_url(recording: Recording, base_url: str) -> str:
    """Where the recording is."""
    return _url(write_uuid(recording.id), base_url)


def _url(core_id: str, base_url: str) -> str:
    return f"{base_url}{BASE}/recordings/{core_id}"


def page_object(page: RecordingSlice, base_url: str, *, after: str | None, url: str | None) -> dict[str, Any]:
    """A page.  ``after`` and ``url``: where the next one begins; None on the last."""
    document: dict[str, Any] = {"recordings": [recording_object(item, base_url) for item in page.items], "next": after}
    if page.total is not None:
        document["total"] = page.total
    document["links"] = {"next": url} if url is not None else {}
    return document


def link_object(url: str, expires_at: datetime) -> dict[str, Any]:
    """A signed link."""
    return {"url": url, "expires_at": iso_ms(expires_at)}


def account_object(actor: Actor) -> dict[str, Any]:
    """The account, and by what right it is spoken for."""
    account = actor.account
    document: dict[str, Any] = {
        "id": str(account.id),
        "serial": account.serial,
        "name": account.name,
        "created_at": iso_ms(account.created_at),
        "scopes": sorted(actor.scopes),
    }
    if actor.key_id is not None:
        document["key_id"] = actor.key_id
    if actor.user_id is not None:
        document["user_id"] = str(actor.user_id)
    return document


def ping_object(version: str) -> dict[str, Any]:
    """Who answers."""
    return {"service": "callvault", "version": version}
